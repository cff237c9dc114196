//! The words of a text, and where two lists of words differ.

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Words of one text that are compared; a longer text is not.
pub const MAX_WORDS: usize = 20_000;
/// Words told on either side of a difference.
const CONTEXT: usize = 3;

/// What takes no place on the screen: zero-width characters, soft hyphens, marks of direction, what pads preheaders.
pub(super) fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The words as a reader sees them: white space is what separates, invisible characters are left out.
/// `None` where there are more than [`MAX_WORDS`].
pub fn words(text: &str) -> Option<Vec<String>> {
    let visible = |word: &str| word.chars().filter(|char| !is_invisible(*char)).collect::<String>();
    let words = text.split_whitespace().map(visible).filter(|word| !word.is_empty());
    let words: Vec<String> = words.take(MAX_WORDS + 1).collect();
    (words.len() <= MAX_WORDS).then_some(words)
}

/// A run of words that is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'w> {
    /// What was there; nothing where words were added.
    pub old: &'w [String],
    /// What is there now; nothing where words were lost.
    pub new: &'w [String],
    /// A few words before it.
    pub before: &'w [String],
    /// A few words behind it.
    pub after: &'w [String],
    /// Is it the end of both texts?
    pub at_end: bool,
}

/// Every difference, in order. The work is bounded: where much differs, the differences found may not be the shortest.
pub fn changes<'w>(old: &'w [String], new: &'w [String]) -> Vec<Change<'w>> {
    let operations = capture_diff_slices(Algorithm::Myers, old, new);
    let differs = operations.iter().filter(|one| !matches!(one, DiffOp::Equal { .. }));
    let change = |one: &DiffOp| {
        let (from, to) = (one.old_range(), one.new_range());
        Change {
            before: &old[from.start.saturating_sub(CONTEXT)..from.start],
            after: &old[from.end..old.len().min(from.end + CONTEXT)],
            at_end: from.end == old.len() && to.end == new.len(),
            old: &old[from],
            new: &new[to],
        }
    };
    differs.map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        words(text).unwrap()
    }

    fn told(old: &str, new: &str) -> Vec<(String, String, bool)> {
        let (old, new) = (of(old), of(new));
        let changes = changes(&old, &new);
        let told = changes
            .iter()
            .map(|one| (one.old.join(" "), one.new.join(" "), one.at_end));
        told.collect()
    }

    #[test]
    fn words_are_what_is_seen() {
        assert_eq!(
            of("one\u{a0}two\r\n thr\u{ad}ee \u{200c}\u{feff}"),
            ["one", "two", "three"]
        );
        assert_eq!(words(&"a ".repeat(MAX_WORDS)).map(|words| words.len()), Some(MAX_WORDS));
        assert_eq!(words(&"a ".repeat(MAX_WORDS + 1)), None);
    }

    #[test]
    fn each_difference_with_its_place() {
        assert_eq!(told("a b c", "a b c"), []);
        assert_eq!(told("a b c", "a x c"), [("b".into(), "x".into(), false)]);
        assert_eq!(told("a b c a b", "a b"), [("c a b".into(), "".into(), true)]);
        assert_eq!(told("a b", "a b a b"), [("".into(), "a b".into(), true)]);
        assert_eq!(told("", "a"), [("".into(), "a".into(), true)]);
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_compared_in_bounded_time() {
        let words = |seed: u64| {
            let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            let numbers = std::iter::successors(Some(seed), next);
            numbers
                .map(|state| ((state >> 33) % 50).to_string())
                .take(MAX_WORDS)
                .collect::<Vec<_>>()
        };
        assert!(!changes(&words(1), &words(99)).is_empty());
    }
}
