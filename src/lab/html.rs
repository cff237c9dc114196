//! The lab's own scanner for what a sending service rewrites: `href`s of `<a>` in HTML, bare URLs in text.
//! Works on bytes, so any ASCII-compatible charset survives.

use std::ops::Range;

/// An `<a href=…>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Bytes of the attribute's value, quotes excluded.
    pub href: Range<usize>,
    /// The start tag without its brackets.
    pub tag: String,
    /// What stands between `<a>` and `</a>`, tags included.
    pub inner: String,
}

/// Every anchor with a quoted or bare `href`, in order; comments are skipped.
pub fn anchors(html: &[u8]) -> Vec<Anchor> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = position(html, at, b"<") {
        if html[open..].starts_with(b"<!--") {
            at = position(html, open, b"-->").map_or(html.len(), |end| end + 3);
            continue;
        }
        let end = tag_end(html, open);
        let tag = &html[open + 1..end];
        let is_anchor = tag.first().is_some_and(|byte| byte.eq_ignore_ascii_case(&b'a'))
            && tag.get(1).is_some_and(u8::is_ascii_whitespace);
        if is_anchor && let Some(value) = attribute(tag, b"href") {
            let close = closing(html, end);
            found.push(Anchor {
                href: open + 1 + value.start..open + 1 + value.end,
                tag: String::from_utf8_lossy(tag).into_owned(),
                inner: String::from_utf8_lossy(&html[end.min(close)..close]).into_owned(),
            });
        }
        at = end.max(open + 1);
    }
    found
}

/// Where a tag that begins at `open` ends (its `>`), quotes respected.
fn tag_end(html: &[u8], open: usize) -> usize {
    let mut quote = None;
    for (index, byte) in html.iter().enumerate().skip(open) {
        match (quote, byte) {
            (None, b'>') => return index,
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    html.len()
}

fn closing(html: &[u8], from: usize) -> usize {
    let window = &html[from..html.len().min(from + 4096)];
    let lower: Vec<u8> = window.iter().map(u8::to_ascii_lowercase).collect();
    from + position(&lower, 0, b"</a").unwrap_or(window.len())
}

/// The range of an attribute's value within a start tag.
fn attribute(tag: &[u8], name: &[u8]) -> Option<Range<usize>> {
    let mut at = tag.iter().position(u8::is_ascii_whitespace)?;
    while at < tag.len() {
        at += tag[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_whitespace() || **byte == b'/')
            .count();
        let key = at;
        at += tag[at..]
            .iter()
            .take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'=')
            .count();
        let named = tag[key..at].eq_ignore_ascii_case(name);
        let blanks = tag[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        if tag.get(at + blanks) != Some(&b'=') {
            at += blanks.max(usize::from(at == key));
            continue;
        }
        at += blanks + 1;
        at += tag[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let value = match tag.get(at) {
            Some(quote @ (b'"' | b'\'')) => {
                let length = tag[at + 1..].iter().take_while(|byte| *byte != quote).count();
                at + 1..at + 1 + length
            }
            _ => at..at + tag[at..].iter().take_while(|byte| !byte.is_ascii_whitespace()).count(),
        };
        at = (value.end + 1).min(tag.len());
        if named {
            return Some(value);
        }
    }
    None
}

/// Bare `http(s)` URLs of a text, in order; closing punctuation of the sentence is not part of them.
pub fn urls(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if !(rest.starts_with(b"https://") || rest.starts_with(b"http://")) {
            at += 1;
            continue;
        }
        let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'<' | b'>' | b'"');
        let mut end = at + rest.iter().position(ends).unwrap_or(rest.len());
        while matches!(
            text[end - 1],
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'\''
        ) {
            end -= 1;
        }
        found.push(at..end);
        at = end;
    }
    found
}

/// Puts `replacements` (in order, not overlapping) into `source`.
pub fn splice(source: &[u8], replacements: &[(Range<usize>, String)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(source.len() + 256 * replacements.len());
    let mut copied = 0;
    for (range, text) in replacements {
        out.extend_from_slice(&source[copied..range.start]);
        out.extend_from_slice(text.as_bytes());
        copied = range.end;
    }
    out.extend_from_slice(&source[copied..]);
    out
}

/// Inserts `text` before `</body>`, or at the end.
pub fn before_body_end(html: &[u8], text: &str) -> Vec<u8> {
    let lower: Vec<u8> = html.iter().map(u8::to_ascii_lowercase).collect();
    let at = lower
        .windows(7)
        .rposition(|window| window == b"</body>")
        .unwrap_or(html.len());
    splice(html, &[(at..at, text.to_owned())])
}

/// Decodes the character references that occur in URLs.
pub fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let reference = rest.find(';').filter(|end| *end <= 8).map(|end| &rest[1..end]);
        match reference.and_then(|name| Some((name, character(name)?))) {
            Some((name, letter)) => {
                out.push(letter);
                rest = &rest[name.len() + 2..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let digits = name.strip_prefix('#')?;
            let code = match digits.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => digits.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

/// Writes a URL as an attribute's value.
pub fn escape(url: &str) -> String {
    url.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn position(haystack: &[u8], from: usize, needle: &[u8]) -> Option<usize> {
    let rest = haystack.get(from..)?;
    rest.windows(needle.len())
        .position(|window| window == needle)
        .map(|at| from + at)
}
