//! Small pieces of IMAP's grammar that the parser hands over as they came.

use async_imap::imap_proto::NameAttribute;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

/// A quoted string (RFC 9051 §4.3). The caller sees to it that there is no line break inside; the wire refuses one.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// An attribute of LIST, lower-case without backslash.
pub fn attribute(attribute: &NameAttribute<'_>) -> String {
    match attribute {
        NameAttribute::Extension(name) => name.trim_start_matches('\\').to_ascii_lowercase(),
        known => format!("{known:?}").to_ascii_lowercase(),
    }
}

/// The parser leaves the escapes of quoted strings in.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let escapes = character == '\\' && matches!(characters.peek(), Some('\\' | '"'));
        plain.push(if escapes {
            characters.next().unwrap_or(character)
        } else {
            character
        });
    }
    plain
}

const INTERNAL_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[day padding:none]-[month repr:short case_sensitive:false]-[year] [hour]:[minute]:[second] [offset_hour sign:mandatory][offset_minute]"
);

/// INTERNALDATE (RFC 9051 §9 `date-time`); days 1 to 9 come with a blank before them. `None` for anything else.
pub fn internal_date(text: &str) -> Option<OffsetDateTime> {
    let date = OffsetDateTime::parse(text.trim(), INTERNAL_DATE).ok()?;
    Some(date.to_offset(time::UtcOffset::UTC))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn internal_dates_of_every_shape() {
        assert_eq!(
            internal_date(" 7-Jul-2026 02:44:25 -0730"),
            Some(datetime!(2026-07-07 10:14:25 UTC))
        );
        assert_eq!(
            internal_date("17-NOV-2026 23:59:59 +0000"),
            Some(datetime!(2026-11-17 23:59:59 UTC))
        );
        assert_eq!(
            internal_date("07-Feb-2026 00:00:00 +1400"),
            Some(datetime!(2026-02-06 10:00:00 UTC))
        );
        for bad in [
            "",
            "17-Nov-2026",
            "99-Nov-2026 00:00:00 +0000",
            "17-Nov-99999999999 00:00:00 +0000",
        ] {
            assert_eq!(internal_date(bad), None, "{bad}");
        }
    }

    #[test]
    fn escapes_of_quoted_names_are_undone_and_redone() {
        for (escaped, plain) in [
            (r#"a\"b\\c"#, r#"a"b\c"#),
            ("plain", "plain"),
            (r"end\", r"end\"),
            (r"\x", r"\x"),
        ] {
            assert_eq!(unescaped(escaped), plain);
        }
        assert_eq!(
            unescaped(quoted(r#"q"\"#).trim_matches('"')),
            r#"q"\"#.trim_matches('"')
        );
    }
}
