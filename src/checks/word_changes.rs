//! What kind of difference it is when words differ, and how it is told.

use super::merge_tags::find_tags;
use crate::mail::mojibake::is_garbled;
use crate::mail::word_diff::{self, Change};
use crate::model::Token;

/// Words quoted of one side of a difference.
const MAX_QUOTED: usize = 12;
/// Characters quoted of one word.
const MAX_WORD: usize = 40;
/// Words that may stand beside a tag in the same difference: the punctuation before and behind it.
const MAX_BESIDE: usize = 2;
/// Stands for every address of the web in a text part.
const LINK: &str = "‹link›";

/// The kinds, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    PartLost,
    Truncated,
    Garbled,
    Lost,
    Changed,
    Added,
}

/// A place of the message and its words: as sent, and as found.
pub(super) struct Place {
    pub name: &'static str,
    pub sent: Vec<String>,
    pub found: Vec<String>,
}

/// One difference in words.
pub(super) struct Told {
    pub place: &'static str,
    /// How many words differ.
    pub words: usize,
    pub old: String,
    pub new: String,
    /// The whole difference in a line.
    pub line: String,
}

/// The differences of one place.
pub(super) struct Sorted {
    pub told: Vec<(Kind, Told)>,
    /// Words of a footer that is allowed.
    pub footer: usize,
}

impl Told {
    /// A part that is not there.
    pub(super) fn gone(place: &'static str) -> Told {
        Told {
            place,
            words: 0,
            old: String::new(),
            new: String::new(),
            line: format!("{place}: none"),
        }
    }

    fn of(place: &'static str, change: &Change<'_>) -> Told {
        let (old, new) = (quoted(change.old), quoted(change.new));
        let marked = |open: &str, text: &str, close: &str| match text.is_empty() {
            true => String::new(),
            false => format!("{open}{text}{close}"),
        };
        let (gone, come) = (marked("[-", &old, "-]"), marked("{+", &new, "+}"));
        let around = [quoted(change.before), format!("{gone}{come}"), quoted(change.after)];
        let around: Vec<String> = around.into_iter().filter(|part| !part.is_empty()).collect();
        Told {
            place,
            words: change.old.len().max(change.new.len()),
            line: format!("{place}: {}", around.join(" ")),
            old,
            new,
        }
    }
}

/// The words of a text part, without its addresses (tracking rewrites them) and our token.
pub(super) fn text_words(text: &str) -> Option<Vec<String>> {
    let is_token = |word: &str| word.strip_prefix("inboxqa:").and_then(Token::parse).is_some();
    let words = word_diff::words(text)?.into_iter().filter(|word| !is_token(word));
    Some(words.map(without_address).collect())
}

fn without_address(word: String) -> String {
    let lower = word.to_ascii_lowercase();
    let starts = ["https://", "http://"]
        .into_iter()
        .filter_map(|scheme| lower.find(scheme));
    match starts.min() {
        Some(at) => format!("{}{LINK}", &word[..at]),
        None => word,
    }
}

/// Every difference of a place with its kind.
pub(super) fn sort(place: &Place, footer_allowed: bool) -> Sorted {
    let mut sorted = Sorted {
        told: Vec::new(),
        footer: 0,
    };
    for change in word_diff::changes(&place.sent, &place.found) {
        let (old, new) = (change.old.join(" "), change.new.join(" "));
        let kind = match kind(&change, &old, &new) {
            Kind::Added if change.at_end && footer_allowed => {
                sorted.footer += change.new.len();
                continue;
            }
            _ if is_left_to_fill(&old) => continue,
            kind => kind,
        };
        sorted.told.push((kind, Told::of(place.name, &change)));
    }
    sorted
}

fn kind(change: &Change<'_>, old: &str, new: &str) -> Kind {
    let pairs = || change.old.iter().zip(change.new);
    let one_by_one = change.old.len() == change.new.len() && pairs().any(|(old, new)| is_garbled(old, new));
    let some_left = !change.before.is_empty() || !change.new.is_empty();
    if is_garbled(old, new) || one_by_one {
        Kind::Garbled
    } else if change.at_end && some_left && is_cut(old, new) {
        Kind::Truncated
    } else if change.new.is_empty() {
        Kind::Lost
    } else if change.old.is_empty() {
        Kind::Added
    } else {
        Kind::Changed
    }
}

/// A tag, with hardly a word beside it, that the service was to fill; that it did not is what `merge-tags` looks for.
fn is_left_to_fill(old: &str) -> bool {
    let tags = find_tags(old);
    let rest = tags
        .iter()
        .fold(old.to_owned(), |rest, tag| rest.replacen(tag.as_str(), " ", 1));
    !tags.is_empty() && rest.split_whitespace().count() <= MAX_BESIDE
}

/// Is it the beginning of what was there? An entity that was cut in two is left out of account.
fn is_cut(old: &str, new: &str) -> bool {
    let whole = new.rfind('&').map_or(new, |at| &new[..at]);
    old.len() > new.len() && old.starts_with(whole)
}

fn quoted(words: &[String]) -> String {
    let short = |word: &String| match word.char_indices().nth(MAX_WORD) {
        Some((end, _)) => format!("{}…", &word[..end]),
        None => word.clone(),
    };
    let told: Vec<String> = words.iter().take(MAX_QUOTED).map(short).collect();
    let more = if words.len() > MAX_QUOTED { " …" } else { "" };
    format!("{}{more}", told.join(" "))
}
