//! What a SEARCH asks for (RFC 3501 §6.4.4, Gmail's X-GM-EXT-1).

use super::cursor::{Cursor, Malformed, Read};
use super::sequence::SequenceSet;
use time::{Date, Month};

/// A search key.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    /// Every message.
    All,
    /// By UID.
    Uid(SequenceSet),
    /// By message number.
    Sequence(SequenceSet),
    /// A flag is set (as written in FLAGS), or is not.
    Flag(&'static str, bool),
    /// A keyword is set, or is not.
    Keyword(String, bool),
    /// A header field holds a text.
    Header(String, String),
    /// The text after the header holds a text.
    Body(String),
    /// Header or text holds a text.
    Text(String),
    /// INTERNALDATE before this day.
    Before(Date),
    /// INTERNALDATE on this day.
    On(Date),
    /// INTERNALDATE on this day or later.
    Since(Date),
    /// More bytes than this.
    Larger(u32),
    /// Fewer bytes than this.
    Smaller(u32),
    /// Gmail's own search language.
    GmailRaw(String),
    /// Gmail's message id.
    GmailId(u64),
    /// Not this.
    Not(Box<Key>),
    /// Either.
    Or(Box<(Key, Key)>),
    /// All of them.
    And(Vec<Key>),
}

/// Keys within keys deeper than this are refused.
const MAX_DEPTH: usize = 16;

/// Reads all keys of a SEARCH; a charset other than ASCII and UTF-8 is refused.
pub fn parse(cursor: &mut Cursor<'_>) -> Read<Key> {
    if cursor.coming() == "CHARSET" {
        cursor.atom()?;
        cursor.space()?;
        let charset = cursor.astring()?.to_ascii_uppercase();
        if !matches!(charset.as_slice(), b"UTF-8" | b"US-ASCII") {
            return Err(cursor.wrong("charset not served"));
        }
        cursor.space()?;
    }
    let mut keys = vec![key(cursor, 0)?];
    while cursor.eat(b' ') {
        keys.push(key(cursor, 0)?);
    }
    Ok(Key::And(keys))
}

fn key(cursor: &mut Cursor<'_>, depth: usize) -> Read<Key> {
    if depth > MAX_DEPTH {
        return Err(cursor.wrong("keys nested too deep"));
    }
    match cursor.peek() {
        Some(b'(') => return Ok(Key::And(cursor.list(false, |cursor| key(cursor, depth + 1))?)),
        Some(b'0'..=b'9' | b'*') => return Ok(Key::Sequence(SequenceSet::parse(cursor)?)),
        _ => {}
    }
    let word = cursor.atom()?.to_ascii_uppercase();
    if let Some(key) = plain(&word) {
        return Ok(key);
    }
    cursor.space()?;
    with_argument(cursor, &word, depth)
}

fn plain(word: &str) -> Option<Key> {
    let flag = |name, set| Some(Key::Flag(name, set));
    match word {
        "ALL" => Some(Key::All),
        "SEEN" => flag("\\Seen", true),
        "UNSEEN" => flag("\\Seen", false),
        "ANSWERED" => flag("\\Answered", true),
        "UNANSWERED" => flag("\\Answered", false),
        "FLAGGED" => flag("\\Flagged", true),
        "UNFLAGGED" => flag("\\Flagged", false),
        "DELETED" => flag("\\Deleted", true),
        "UNDELETED" => flag("\\Deleted", false),
        "DRAFT" => flag("\\Draft", true),
        "UNDRAFT" => flag("\\Draft", false),
        _ => None,
    }
}

fn with_argument(cursor: &mut Cursor<'_>, word: &str, depth: usize) -> Read<Key> {
    Ok(match word {
        "UID" => Key::Uid(SequenceSet::parse(cursor)?),
        "KEYWORD" => Key::Keyword(cursor.atom()?.to_owned(), true),
        "UNKEYWORD" => Key::Keyword(cursor.atom()?.to_owned(), false),
        "FROM" | "TO" | "CC" | "BCC" | "SUBJECT" => Key::Header(word.to_owned(), text(cursor)?),
        "HEADER" => {
            let name = text(cursor)?;
            cursor.space()?;
            Key::Header(name, text(cursor)?)
        }
        "BODY" => Key::Body(text(cursor)?),
        "TEXT" => Key::Text(text(cursor)?),
        "BEFORE" => Key::Before(date(cursor)?),
        "ON" => Key::On(date(cursor)?),
        "SINCE" => Key::Since(date(cursor)?),
        "LARGER" => Key::Larger(cursor.number()?),
        "SMALLER" => Key::Smaller(cursor.number()?),
        "X-GM-RAW" => Key::GmailRaw(text(cursor)?),
        "X-GM-MSGID" => {
            let digits = cursor.atom()?;
            Key::GmailId(digits.parse().map_err(|_| cursor.wrong("expected a message id"))?)
        }
        "NOT" => Key::Not(Box::new(key(cursor, depth + 1)?)),
        "OR" => {
            let one = key(cursor, depth + 1)?;
            cursor.space()?;
            Key::Or(Box::new((one, key(cursor, depth + 1)?)))
        }
        _ => return Err(cursor.wrong("unknown search key")),
    })
}

fn text(cursor: &mut Cursor<'_>) -> Read<String> {
    let bytes = cursor.astring()?;
    String::from_utf8(bytes).map_err(|_| cursor.wrong("expected UTF-8"))
}

/// `date`: `1-Nov-2026`, perhaps quoted.
fn date(cursor: &mut Cursor<'_>) -> Read<Date> {
    let text = text(cursor)?;
    read_date(&text).ok_or_else(|| Malformed(format!("'{}' is no date", text.escape_default())))
}

fn read_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let day: u8 = parts.next()?.trim().parse().ok()?;
    let name = parts.next()?.to_ascii_lowercase();
    let year: i32 = parts.next()?.parse().ok()?;
    let month = MONTHS.iter().position(|month| month.to_ascii_lowercase() == name)?;
    let month = Month::try_from(u8::try_from(month).ok()? + 1).ok()?;
    Date::from_calendar_date(year, month, day).ok()
}

/// Month names of RFC 3501's dates.
pub const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn read(text: &str) -> Read<Key> {
        let mut cursor = Cursor::new(text.as_bytes());
        let key = parse(&mut cursor)?;
        cursor.end().map(|()| key)
    }

    #[test]
    fn keys_combine() {
        let key = read("CHARSET UTF-8 UNSEEN OR (SINCE 1-Nov-2026) NOT HEADER X-Token {2}\r\nab").unwrap();
        let header = Key::Header("X-Token".into(), "ab".into());
        let since = Key::And(vec![Key::Since(date!(2026 - 11 - 01))]);
        let or = Key::Or(Box::new((since, Key::Not(Box::new(header)))));
        assert_eq!(key, Key::And(vec![Key::Flag("\\Seen", false), or]));
    }

    #[test]
    fn bad_keys_are_refused() {
        let deep = format!("{}ALL{}", "(".repeat(500), ")".repeat(500));
        let not = format!("{}ALL", "NOT ".repeat(500));
        for text in [
            "",
            "NOPE",
            "SINCE 31-Feb-2026",
            "HEADER x",
            "CHARSET latin1 ALL",
            "ALL  ALL",
            &deep,
            &not,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
