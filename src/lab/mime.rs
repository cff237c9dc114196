//! Finds the text parts of a message, hands them out decoded, and puts changed ones back without touching anything else.

use crate::lab::letter::Letter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What a text part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextKind {
    /// `text/html`.
    Html,
    /// `text/plain`.
    Plain,
}

/// Multiparts nested deeper than this are left alone.
const DEEPEST: usize = 10;

/// Given a decoded text part, returns what it becomes; `None` where it stays.
pub type Change<'a> = dyn FnMut(TextKind, &[u8]) -> Option<Vec<u8>> + 'a;

/// Calls `change` with each decoded text part that is no attachment, in order; what it returns replaces the part.
pub fn change_texts(letter: &mut Letter, change: &mut Change<'_>) {
    walk(letter, DEEPEST, &mut |part, kind| {
        let encoding = part
            .get("Content-Transfer-Encoding")
            .unwrap_or_default()
            .to_ascii_lowercase();
        if let Some(fresh) = change(kind, &decode(&encoding, &part.body)) {
            let (encoding, body) = match encoding.as_str() {
                "base64" => ("base64", base64_lines(&fresh)),
                _ => ("quoted-printable", quoted_printable(&fresh)),
            };
            part.set("Content-Transfer-Encoding", encoding);
            part.put_body(body);
        }
    });
}

/// Leaves the HTML part alone of a message that has one.
pub fn keep_html_alone(letter: &mut Letter) {
    let mut html = None;
    change_texts(letter, &mut |kind, text| {
        if kind == TextKind::Html {
            html = Some(text.to_vec());
        }
        None
    });
    if let Some(html) = html {
        letter.set("Content-Type", "text/html; charset=utf-8");
        letter.set("Content-Transfer-Encoding", "quoted-printable");
        letter.put_body(quoted_printable(&html));
    }
}

/// Rebuilds a multipart message as Exchange does: the same content, not the same bytes. Returns whether anything changed.
pub fn rebuild(letter: &mut Letter) -> bool {
    let before = letter.body.clone();
    if boundary_of(letter).is_some() {
        walk(letter, DEEPEST, &mut |part, _| part.body.extend_from_slice(b"\r\n"));
    }
    before != letter.body
}

/// Writes every quoted-printable part anew, as a gateway does that takes messages apart: what is read stays the same.
pub fn rewrite(letter: &mut Letter) {
    walk(letter, DEEPEST, &mut |part, _| {
        let encoding = part.get("Content-Transfer-Encoding").unwrap_or_default();
        if let (true, Some(text)) = (
            encoding.eq_ignore_ascii_case("quoted-printable"),
            part.body.strip_suffix(b"\r\n"),
        ) {
            part.body = [text, b"=0D=0A=\r\n"].concat();
        }
    });
}

fn walk(letter: &mut Letter, depth: usize, visit: &mut dyn FnMut(&mut Letter, TextKind)) {
    if let Some(boundary) = boundary_of(letter) {
        if depth == 0 {
            return;
        }
        letter.body = map_parts(&letter.body, &boundary, |raw| {
            let mut part = Letter::parse(raw);
            walk(&mut part, depth - 1, visit);
            part.bytes()
        });
    } else if let Some(kind) = kind_of(letter) {
        visit(letter, kind);
    }
}

fn kind_of(part: &Letter) -> Option<TextKind> {
    let disposition = part.get("Content-Disposition").unwrap_or_default().to_ascii_lowercase();
    if disposition.starts_with("attachment") {
        return None;
    }
    let media = part.get("Content-Type").map(|value| value.to_ascii_lowercase());
    match media
        .as_deref()
        .map(|value| value.split(';').next().unwrap_or("").trim())
    {
        Some("text/html") => Some(TextKind::Html),
        Some("text/plain") | None => Some(TextKind::Plain),
        Some(_) => None,
    }
}

fn boundary_of(part: &Letter) -> Option<String> {
    let value = part.get("Content-Type")?;
    let lower = value.to_ascii_lowercase();
    if !lower.starts_with("multipart/") {
        return None;
    }
    let rest = value[lower.find("boundary=")? + "boundary=".len()..].trim_start();
    let boundary = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split([';', ' ', '\t']).next()?,
    };
    (!boundary.is_empty()).then(|| boundary.to_owned())
}

/// Applies `change` to the bytes of each part; the delimiters, the preamble and the epilogue stay as they are.
fn map_parts(body: &[u8], boundary: &str, mut change: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let delimiters = delimiters(body, boundary);
    let mut out = Vec::with_capacity(body.len() + 1024);
    let mut copied = 0;
    for pair in delimiters.windows(2) {
        let (open, next) = (&pair[0], &pair[1]);
        if open.closes || open.end > next.start {
            continue;
        }
        out.extend_from_slice(&body[copied..open.end]);
        let part = change(&body[open.end..next.start]);
        let shared = body[next.start..].starts_with(b"--");
        // Two delimiters in a row share one line break; a part between them needs its own.
        let line_break: &[u8] = if shared && !part.is_empty() { b"\r\n" } else { b"" };
        out.extend(part);
        out.extend_from_slice(line_break);
        copied = next.start;
    }
    out.extend_from_slice(&body[copied..]);
    out
}

/// A delimiter line with the line break before it (RFC 2046 §5.1.1: that break belongs to it).
struct Delimiter {
    start: usize,
    end: usize,
    closes: bool,
}

fn delimiters(body: &[u8], boundary: &str) -> Vec<Delimiter> {
    let mark = format!("--{boundary}").into_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let rest = line.strip_prefix(mark.as_slice()).map(|rest| rest.trim_ascii_end());
        if let Some(rest @ (b"" | b"--")) = rest {
            let before = &body[..at];
            let line_break = if before.ends_with(b"\r\n") {
                2
            } else {
                usize::from(before.ends_with(b"\n"))
            };
            let taken = found.last().map_or(0, |last: &Delimiter| last.end);
            found.push(Delimiter {
                start: (at - line_break).max(taken),
                end: at + line.len(),
                closes: !rest.is_empty(),
            });
        }
        at += line.len();
    }
    found
}

fn decode(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding {
        "base64" => {
            let packed: Vec<u8> = body
                .iter()
                .copied()
                .filter(|byte| !byte.is_ascii_whitespace())
                .collect();
            STANDARD.decode(packed).unwrap_or_else(|_| body.to_vec())
        }
        "quoted-printable" => unquote(body),
        _ => body.to_vec(),
    }
}

/// Decodes quoted-printable (RFC 2045 §6.7); what is no escape stays as it is.
fn unquote(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut at = 0;
    while at < body.len() {
        let rest = &body[at..];
        let hex = |index: usize| rest.get(index).and_then(|byte| (*byte as char).to_digit(16));
        match (rest[0], hex(1), hex(2)) {
            (b'=', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (b'=', ..) if rest[1..].starts_with(b"\r\n") => at += 3,
            (b'=', ..) if rest[1..].starts_with(b"\n") => at += 2,
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Encodes as quoted-printable in lines of at most 76 characters; line breaks of the text stay line breaks.
pub fn quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + text.len() / 8);
    let ends_with_break = text.ends_with(b"\n");
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
    if ends_with_break {
        lines.pop();
    }
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.iter().enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut width = 0;
        for (column, byte) in line.iter().enumerate() {
            let at_end = column + 1 == line.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || (matches!(byte, b' ' | b'\t') && !at_end);
            let size = if plain { 1 } else { 3 };
            if width + size > 75 {
                out.extend_from_slice(b"=\r\n");
                width = 0;
            }
            match plain {
                true => out.push(*byte),
                false => out.extend(format!("={byte:02X}").bytes()),
            }
            width += size;
        }
        if index != last || ends_with_break {
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}

fn base64_lines(text: &[u8]) -> Vec<u8> {
    let packed = STANDARD.encode(text);
    packed
        .as_bytes()
        .chunks(76)
        .flat_map(|line| [line, b"\r\n"].concat())
        .collect()
}
