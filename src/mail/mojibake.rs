//! Text that was read in the wrong charset: UTF-8 taken for Latin-1 or Windows-1252 (`Ã¼`, `â€™`), or letters that a charset too small
//! for them turned into `?` or U+FFFD. Told by comparing with what was written, never by looks alone.

use super::word_diff::is_invisible;

/// What Windows-1252 has at 0x80 to 0x9F; where it has nothing, Latin-1's control.
const HIGH: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];
/// Bytes that stand for white space or for nothing to be seen, in one charset or the other, and the byte that precedes them in UTF-8: they
/// come and go with the splitting into words.
const LOST: [u8; 4] = [0x85, 0xa0, 0xad, 0xc2];
const UNKNOWN: char = '\u{fffd}';

/// Is `found` what a wrong charset makes of `written`?
pub fn is_garbled(written: &str, found: &str) -> bool {
    if found == written || found.is_ascii() && written.is_ascii() {
        return false;
    }
    is_misread(written, found) || is_replaced(written, found)
}

/// Reads it back, twice at most: what is sent on by a server that makes the mistake is garbled again by the next.
fn is_misread(written: &str, found: &str) -> bool {
    let wanted = (kept(written.bytes()), visible(written));
    let mut text = found.to_owned();
    for _ in 0..2 {
        if text.is_ascii() {
            return false;
        }
        let Some(bytes) = text.chars().map(byte_of).collect::<Option<Vec<u8>>>() else {
            return false;
        };
        let read = String::from_utf8_lossy(&bytes).into_owned();
        if kept(bytes.into_iter()) == wanted.0 || visible(&read) == wanted.1 {
            return true;
        }
        text = read;
    }
    false
}

/// Everything in ASCII is there, and of the other letters some are `?` or U+FFFD.
fn is_replaced(written: &str, found: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|char| is_plain(*char)).collect::<String>();
    let marks = |text: &str| text.chars().filter(|char| matches!(char, '?' | &UNKNOWN)).count();
    let good = |text: &str| {
        text.chars()
            .filter(|char| !char.is_ascii() && written.contains(*char))
            .count()
    };
    plain(written) == plain(found) && marks(found) > marks(written) && good(found) < good(written)
}

fn is_plain(char: char) -> bool {
    char.is_ascii_graphic() && char != '?'
}

fn byte_of(char: char) -> Option<u8> {
    let high = || HIGH.iter().position(|one| *one == char).map(|at| at + 0x80);
    u8::try_from(u32::from(char))
        .ok()
        .or_else(|| u8::try_from(high()?).ok())
}

fn kept(bytes: impl Iterator<Item = u8>) -> Vec<u8> {
    bytes
        .filter(|byte| !byte.is_ascii_whitespace() && !LOST.contains(byte))
        .collect()
}

fn visible(text: &str) -> String {
    let hidden = |char: &char| char.is_whitespace() || is_invisible(*char) || *char == UNKNOWN;
    text.chars().filter(|char| !hidden(char)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_wrong_charset_makes_of_it() {
        for (written, found) in [
            ("Zoë", "ZoÃ«"),
            ("It’s", "Itâ€™s"),
            ("It’s", "It\u{e2}\u{80}\u{99}s"),
            ("à la carte", "Ã la carte"),
            ("Río", "RÃo"),
            ("Müller", "MÃƒÂ¼ller"),
            ("Müller", "M\u{fffd}ller"),
            ("Müller", "M??ller"),
            ("Größe?", "Gr??e?"),
            ("39", "39Â"),
            ("", "Â"),
            ("", "â€Œ"),
            ("Índice", "\u{c3}\u{fffd}ndice"),
        ] {
            assert!(is_garbled(written, found), "{written}: {found}");
        }
    }

    #[test]
    fn other_changes_are_none() {
        for (written, found) in [
            ("Zoë", "Zoë"),
            ("Müller", "Möller"),
            ("Müller", "Mueller"),
            ("Müller", "Müller?"),
            ("Yes", "Yes?"),
            ("39", "40"),
            ("", "Café"),
            ("Order", "Bestätigt"),
            ("Straße 1", ""),
        ] {
            assert!(!is_garbled(written, found), "{written}: {found}");
        }
    }
}
