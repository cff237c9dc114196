//! The header section of a message, in order, by one linear scan that never fails (RFC 5322 §2.2). Lines that are no header
//! are passed over, so a stray mbox line or a broken line hides nothing behind it.

use mail_parser::parsers::MessageStream;
use std::borrow::Cow;

/// Header fields read of one message; what comes after is not looked at.
pub const MAX_HEADERS: usize = 4096;
/// Bytes of the header section that are read.
pub const MAX_HEADER_BYTES: usize = 1024 * 1024;
/// Lines that are no field, kept to be told.
const MAX_STRAYS: usize = 100;
/// Bytes of one field that are decoded.
const MAX_DECODED: usize = 64 * 1024;

/// One header field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name as written, without the colon.
    pub name: &'a str,
    /// The value's bytes after the colon, folding and the final line break included.
    pub raw: &'a [u8],
    /// All of it: name, colon and value as they stand, blanks before the colon too.
    pub whole: &'a [u8],
}

impl<'a> Header<'a> {
    /// Is this the field of that name (RFC 5322 §1.2.2: names are case-insensitive)?
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value unfolded (RFC 5322 §2.2.3) and trimmed; bytes that are not UTF-8 become U+FFFD.
    pub fn unfolded(&self) -> String {
        let bytes = &self.raw[..self.raw.len().min(MAX_DECODED)];
        let line_break = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let text = match bytes.iter().any(line_break) {
            true => Cow::Owned(bytes.iter().filter(|byte| !line_break(byte)).copied().collect()),
            false => Cow::Borrowed(bytes),
        };
        String::from_utf8_lossy(&text).trim().to_owned()
    }

    /// The value unfolded with its encoded words decoded (RFC 2047).
    pub fn decoded(&self) -> String {
        let plain = self.unfolded();
        if !plain.contains("=?") {
            return plain;
        }
        let line = format!(" {plain}\r\n");
        let value = MessageStream::new(line.as_bytes()).parse_unstructured();
        value.as_text().map_or(plain, |text| text.trim().to_owned())
    }
}

/// Splits off the header section: every field, top to bottom, and where the body begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers<'a> {
    /// The fields in order.
    pub fields: Vec<Header<'a>>,
    /// Offset of the body (after the empty line); the message's length where there is none.
    pub body_at: usize,
    /// Did a cap stop the reading?
    pub truncated: bool,
    /// Lines (with their continuations) that are no field and were passed over, the `From ` line of a mailbox file aside.
    pub strays: Vec<&'a [u8]>,
}

impl<'a> Headers<'a> {
    /// Reads the header section of `raw`.
    pub fn of(raw: &'a [u8]) -> Headers<'a> {
        let mut headers = Headers::default();
        let mut at = 0;
        while at < raw.len() {
            let end = field_end(raw, at);
            if is_blank(&raw[at..end]) {
                headers.body_at = end;
                return headers;
            }
            if headers.fields.len() >= MAX_HEADERS || end > MAX_HEADER_BYTES {
                headers.truncated = true;
                headers.body_at = body_after(raw, at);
                return headers;
            }
            match field(&raw[at..end]) {
                Some(field) => headers.fields.push(field),
                None if at == 0 && is_mbox_line(raw) => {}
                None if headers.strays.len() >= MAX_STRAYS => {}
                None => headers.strays.push(&raw[at..end]),
            }
            at = end;
        }
        headers.body_at = raw.len();
        headers
    }

    /// All fields of a name, top to bottom.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Header<'a>> + 's {
        self.fields.iter().filter(move |header| header.is(name))
    }

    /// The topmost field of a name.
    pub fn first(&self, name: &str) -> Option<&Header<'a>> {
        self.fields.iter().find(|header| header.is(name))
    }
}

/// End of the line at `at`, line break included.
fn line_end(raw: &[u8], at: usize) -> usize {
    let rest = &raw[at.min(raw.len())..];
    rest.iter()
        .position(|byte| *byte == b'\n')
        .map_or(raw.len(), |found| at + found + 1)
}

/// End of the field at `at` with its continuation lines. A continuation that holds only white space ends nothing
/// (RFC 5322 §4.2 obsolete folding), only a truly empty line does.
fn field_end(raw: &[u8], at: usize) -> usize {
    let mut end = line_end(raw, at);
    if is_blank(&raw[at..end]) {
        return end;
    }
    while matches!(raw.get(end), Some(b' ' | b'\t')) {
        end = line_end(raw, end);
    }
    end
}

fn is_blank(line: &[u8]) -> bool {
    matches!(line, b"\n" | b"\r\n")
}

fn is_mbox_line(raw: &[u8]) -> bool {
    raw.starts_with(b"From ") || raw.starts_with(b">From ")
}

fn body_after(raw: &[u8], from: usize) -> usize {
    let mut at = from;
    while at < raw.len() {
        let end = line_end(raw, at);
        if is_blank(&raw[at..end]) {
            return end;
        }
        at = end;
    }
    raw.len()
}

fn field(bytes: &[u8]) -> Option<Header<'_>> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let name = std::str::from_utf8(&bytes[..colon]).ok()?.trim_end();
    let printable = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic());
    printable.then_some(Header {
        name,
        raw: &bytes[colon + 1..],
        whole: bytes,
    })
}
