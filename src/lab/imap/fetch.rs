//! Answers to FETCH: data items of stored messages, byte for byte, with each provider's habits.

use super::fetch_item::{Item, Section};
use super::mailbox::Row;
use super::mutf7;
use super::reply::{literal, quoted, string};
use super::search_key::MONTHS;
use crate::model::profile::Dialect;
use time::{OffsetDateTime, UtcOffset};

/// What an answer needs to know besides the message.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// The provider's kind.
    pub dialect: Dialect,
    /// UIDs from here on are `\Recent` in this session.
    pub recent_from: u32,
    /// It was a UID command: the answer must tell the UID.
    pub tell_uid: bool,
    /// The command set `\Seen`: the answer must tell the flags.
    pub tell_flags: bool,
}

/// Items that only some dialects know.
pub fn is_served(item: &Item, dialect: Dialect) -> bool {
    match item {
        Item::GmailId | Item::GmailThread | Item::GmailLabels => dialect == Dialect::Gmail,
        Item::EmailId => dialect == Dialect::Yahoo,
        _ => true,
    }
}

/// Does this item set `\Seen` in a folder opened for writing?
pub fn marks_seen(item: &Item) -> bool {
    matches!(item, Item::Bytes { peek: false, .. })
}

/// One `* n FETCH (…)` line. `labels` are Gmail's.
pub fn line(number: usize, row: &Row, labels: &[String], items: &[Item], manner: Manner) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = items.iter().map(|item| value(item, row, labels, manner)).collect();
    if manner.tell_uid && !items.contains(&Item::Uid) {
        // Exchange tells it last, the others first.
        let place = if manner.dialect == Dialect::Outlook {
            parts.len()
        } else {
            0
        };
        parts.insert(place, value(&Item::Uid, row, labels, manner));
    }
    if manner.tell_flags && !items.contains(&Item::Flags) {
        parts.push(value(&Item::Flags, row, labels, manner));
    }
    let mut line = format!("* {number} FETCH (").into_bytes();
    line.extend(parts.join(&b' '));
    line.extend_from_slice(b")\r\n");
    line
}

fn value(item: &Item, row: &Row, labels: &[String], manner: Manner) -> Vec<u8> {
    let message = &row.message;
    match item {
        Item::Uid => format!("UID {}", row.uid).into_bytes(),
        Item::Flags => {
            let mut flags: Vec<&str> = message.flags.iter().map(String::as_str).collect();
            flags.extend((row.uid >= manner.recent_from).then_some("\\Recent"));
            format!("FLAGS ({})", flags.join(" ")).into_bytes()
        }
        Item::InternalDate => format!("INTERNALDATE \"{}\"", date(message.internal_date, manner.dialect)).into_bytes(),
        Item::Size => format!("RFC822.SIZE {}", size(&message.raw, manner.dialect)).into_bytes(),
        Item::EmailId => format!("EMAILID (Y{})", message.gmail_id).into_bytes(),
        Item::GmailId => format!("X-GM-MSGID {}", message.gmail_id).into_bytes(),
        Item::GmailThread => format!("X-GM-THRID {}", message.gmail_id).into_bytes(),
        Item::GmailLabels => {
            let labels: Vec<String> = labels.iter().map(|label| quoted(&mutf7::encode(label))).collect();
            format!("X-GM-LABELS ({})", labels.join(" ")).into_bytes()
        }
        Item::Bytes {
            label,
            section,
            partial,
            ..
        } => bytes(label, &select(&message.raw, section), *partial, manner.dialect),
    }
}

fn bytes(label: &str, selected: &[u8], partial: Option<(u32, u32)>, dialect: Dialect) -> Vec<u8> {
    let (label, selected) = match partial {
        Some((first, count)) => {
            let rest = selected.get(first as usize..).unwrap_or_default();
            let count = rest.len().min(count as usize);
            (format!("{label}<{first}> "), rest.get(..count).unwrap_or_default())
        }
        None => (format!("{label} "), selected),
    };
    // Yahoo writes short sections as quoted strings; clients that wait for a literal lose them.
    let text = match dialect {
        Dialect::Yahoo => string(selected),
        _ => literal(selected),
    };
    [label.as_bytes(), &text].concat()
}

/// Exchange tells the size of its own rendition, not of what BODY[] gives.
fn size(raw: &[u8], dialect: Dialect) -> usize {
    match dialect {
        Dialect::Outlook => raw.len() + raw.len() / 50 + 7,
        _ => raw.len(),
    }
}

/// `date-time` of RFC 3501. Exchange pads the day with a blank, the others with a zero; a generic server tells local time.
fn date(at: OffsetDateTime, dialect: Dialect) -> String {
    let zone = match dialect {
        Dialect::Generic => UtcOffset::from_hms(1, 0, 0).unwrap_or(UtcOffset::UTC),
        _ => UtcOffset::UTC,
    };
    let at = at.to_offset(zone);
    let day = match dialect {
        Dialect::Outlook => format!("{:>2}", at.day()),
        _ => format!("{:02}", at.day()),
    };
    let month = MONTHS
        .get(usize::from(u8::from(at.month())) - 1)
        .copied()
        .unwrap_or("Jan");
    let (hour, minute, second) = (at.hour(), at.minute(), at.second());
    let offset = zone.whole_hours();
    format!(
        "{day}-{month}-{} {hour:02}:{minute:02}:{second:02} {offset:+03}00",
        at.year()
    )
}

fn select(raw: &[u8], section: &Section) -> Vec<u8> {
    let (header, text) = split(raw);
    match section {
        Section::Whole => raw.to_vec(),
        Section::Header => header.to_vec(),
        Section::Text => text.to_vec(),
        Section::Fields { not, names } => {
            let named = |name: &[u8]| names.iter().any(|wanted| wanted.as_bytes().eq_ignore_ascii_case(name));
            let wanted = fields(header).filter(|(name, _)| named(name) != *not);
            let mut found: Vec<u8> = wanted.flat_map(|(_, field)| field.iter().copied()).collect();
            found.extend_from_slice(b"\r\n");
            found
        }
    }
}

/// Header (with the empty line) and text. Without an empty line all is header.
pub fn split(raw: &[u8]) -> (&[u8], &[u8]) {
    if raw.starts_with(b"\r\n") {
        return raw.split_at(2);
    }
    match raw.windows(4).position(|four| four == b"\r\n\r\n") {
        Some(end) => raw.split_at(end + 4),
        None => (raw, &[]),
    }
}

/// Header fields in order: name, and the whole field with its folded lines and line breaks.
pub fn fields(header: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = header;
    std::iter::from_fn(move || {
        while !rest.is_empty() && !rest.starts_with(b"\r\n") {
            let (field, after) = rest.split_at(field_end(rest));
            rest = after;
            if let Some(colon) = field.iter().position(|byte| *byte == b':') {
                let name = field.get(..colon).unwrap_or_default().trim_ascii_end();
                return Some((name, field));
            }
        }
        None
    })
}

/// Length of the first field: up to a line break that no blank or tab follows.
fn field_end(header: &[u8]) -> usize {
    let mut at = 0;
    while let Some(length) = header
        .get(at..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'\n'))
    {
        at += length + 1;
        if !matches!(header.get(at), Some(b' ' | b'\t')) {
            return at;
        }
    }
    header.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const RAW: &[u8] = b"A: 1\r\nLong: two\r\n\tlines\r\nb: 3\r\n\r\ntext\r\n";

    #[test]
    fn header_fields_keep_their_folds() {
        let names = vec!["LONG".to_owned()];
        let long = select(
            RAW,
            &Section::Fields {
                not: false,
                names: names.clone(),
            },
        );
        assert_eq!(long, b"Long: two\r\n\tlines\r\n\r\n");
        let others = select(RAW, &Section::Fields { not: true, names });
        assert_eq!(others, b"A: 1\r\nb: 3\r\n\r\n");
        assert_eq!(select(RAW, &Section::Text), b"text\r\n");
    }

    #[test]
    fn header_and_text_are_the_whole() {
        for raw in [RAW, b"", b"\r\n", b"\r\ntext", b"no header end", b"a: b\r\n\r\n"] {
            let whole = [select(raw, &Section::Header), select(raw, &Section::Text)].concat();
            assert_eq!(whole, raw);
        }
    }

    #[test]
    fn dates_as_the_providers_pad_them() {
        let at = datetime!(2026-11-03 23:04:05 UTC);
        assert_eq!(date(at, Dialect::Gmail), "03-Nov-2026 23:04:05 +0000");
        assert_eq!(date(at, Dialect::Outlook), " 3-Nov-2026 23:04:05 +0000");
        assert_eq!(date(at, Dialect::Generic), "04-Nov-2026 00:04:05 +0100");
    }

    #[test]
    fn parts_beyond_the_end_are_empty() {
        assert_eq!(
            bytes("BODY[]", b"abc", Some((1, 9)), Dialect::Gmail),
            b"BODY[]<1> {2}\r\nbc"
        );
        assert_eq!(
            bytes("BODY[]", b"abc", Some((7, 9)), Dialect::Gmail),
            b"BODY[]<7> {0}\r\n"
        );
        assert_eq!(bytes("BODY[]", b"abc", None, Dialect::Yahoo), b"BODY[] \"abc\"");
    }
}
