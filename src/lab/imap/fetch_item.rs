//! What a FETCH asks for (RFC 3501 §6.4.5, Gmail's X-GM-EXT-1, RFC 8474).

use super::cursor::{Cursor, Read};

/// One data item of a FETCH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// `UID`.
    Uid,
    /// `FLAGS`.
    Flags,
    /// `INTERNALDATE`.
    InternalDate,
    /// `RFC822.SIZE`.
    Size,
    /// `EMAILID` (RFC 8474).
    EmailId,
    /// `X-GM-MSGID`.
    GmailId,
    /// `X-GM-THRID`.
    GmailThread,
    /// `X-GM-LABELS`.
    GmailLabels,
    /// Bytes of the message.
    Bytes {
        /// How the answer names them (`BODY[HEADER]`, `RFC822`).
        label: String,
        /// Which bytes.
        section: Section,
        /// Leaves `\Seen` alone.
        peek: bool,
        /// `<first byte.count>`.
        partial: Option<(u32, u32)>,
    },
}

/// A section of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Section {
    /// All of it.
    Whole,
    /// The header with the empty line after it.
    Header,
    /// Some header fields (or all but some), with an empty line after them.
    Fields {
        /// All *but* these.
        not: bool,
        /// Field names as asked for.
        names: Vec<String>,
    },
    /// Everything after the header.
    Text,
}

/// Does it ask for bytes of the message?
pub fn is_bytes(item: &Item) -> bool {
    matches!(item, Item::Bytes { .. })
}

/// Reads one item or a list of them.
pub fn parse(cursor: &mut Cursor<'_>) -> Read<Vec<Item>> {
    if cursor.peek() == Some(b'(') {
        return cursor.list(false, item);
    }
    match cursor.coming().as_str() {
        "FAST" => cursor.atom().map(|_| vec![Item::Flags, Item::InternalDate, Item::Size]),
        _ => Ok(vec![item(cursor)?]),
    }
}

fn item(cursor: &mut Cursor<'_>) -> Read<Item> {
    let word = cursor.word(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))?;
    let whole = |section, peek| Item::Bytes {
        label: word.to_ascii_uppercase(),
        section,
        peek,
        partial: None,
    };
    Ok(match word.to_ascii_uppercase().as_str() {
        "UID" => Item::Uid,
        "FLAGS" => Item::Flags,
        "INTERNALDATE" => Item::InternalDate,
        "RFC822.SIZE" => Item::Size,
        "EMAILID" => Item::EmailId,
        "X-GM-MSGID" => Item::GmailId,
        "X-GM-THRID" => Item::GmailThread,
        "X-GM-LABELS" => Item::GmailLabels,
        "RFC822" => whole(Section::Whole, false),
        "RFC822.HEADER" => whole(Section::Header, true),
        "RFC822.TEXT" => whole(Section::Text, false),
        "BODY" if cursor.peek() == Some(b'[') => body(cursor, false)?,
        "BODY.PEEK" => body(cursor, true)?,
        _ => return Err(cursor.wrong("unknown data item")),
    })
}

fn body(cursor: &mut Cursor<'_>, peek: bool) -> Read<Item> {
    cursor.need(b'[')?;
    let word = cursor.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    let (section, label) = match word.to_ascii_uppercase().as_slice() {
        b"" => (Section::Whole, "BODY[]".to_owned()),
        b"HEADER" => (Section::Header, "BODY[HEADER]".to_owned()),
        b"TEXT" => (Section::Text, "BODY[TEXT]".to_owned()),
        b"HEADER.FIELDS" => fields(cursor, false)?,
        b"HEADER.FIELDS.NOT" => fields(cursor, true)?,
        _ => return Err(cursor.wrong("section not served")),
    };
    cursor.need(b']')?;
    let partial = partial(cursor)?;
    Ok(Item::Bytes {
        label,
        section,
        peek,
        partial,
    })
}

fn fields(cursor: &mut Cursor<'_>, not: bool) -> Read<(Section, String)> {
    cursor.space()?;
    let names: Vec<String> = cursor.list(false, |cursor| {
        let name = cursor.astring()?;
        let legal = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b':' | b'"' | b'(' | b')' | b'[' | b']');
        match name.iter().all(legal) && !name.is_empty() {
            true => Ok(String::from_utf8_lossy(&name).into_owned()),
            false => Err(cursor.wrong("bad field name")),
        }
    })?;
    let word = if not { "HEADER.FIELDS.NOT" } else { "HEADER.FIELDS" };
    let label = format!("BODY[{word} ({})]", names.join(" "));
    Ok((Section::Fields { not, names }, label))
}

fn partial(cursor: &mut Cursor<'_>) -> Read<Option<(u32, u32)>> {
    if !cursor.eat(b'<') {
        return Ok(None);
    }
    let first = cursor.number()?;
    cursor.need(b'.')?;
    let count = cursor.number()?;
    cursor.need(b'>')?;
    match count {
        0 => Err(cursor.wrong("a part of no bytes")),
        _ => Ok(Some((first, count))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Read<Vec<Item>> {
        let mut cursor = Cursor::new(text.as_bytes());
        let items = parse(&mut cursor)?;
        cursor.end().map(|()| items)
    }

    #[test]
    fn a_list_with_sections_and_parts() {
        let items = read("(UID body.peek[header.fields (X-Token \"To\")]<0.100> BODY[] X-GM-MSGID)").unwrap();
        let bytes = |label: &str, section, peek, partial| Item::Bytes {
            label: label.to_owned(),
            section,
            peek,
            partial,
        };
        let names = vec!["X-Token".to_owned(), "To".to_owned()];
        let fields = Section::Fields { not: false, names };
        assert_eq!(
            items,
            [
                Item::Uid,
                bytes("BODY[HEADER.FIELDS (X-Token To)]", fields, true, Some((0, 100))),
                bytes("BODY[]", Section::Whole, false, None),
                Item::GmailId,
            ]
        );
    }

    #[test]
    fn what_is_not_served_is_refused() {
        for text in [
            "()",
            "(FLAGS",
            "NOPE",
            "BODY",
            "BODY[",
            "BODY[7.MIME]",
            "BODY[]<0.0>",
            "BODY[HEADER.FIELDS (a:b)]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
