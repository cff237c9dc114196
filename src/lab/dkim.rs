//! The lab's DKIM signer (RFC 6376, RFC 8463), relaxed/relaxed, with From signed once more than it occurs, so that a second
//! From can not be added (RFC 6376 §8.15). Apart from the product's verifier on purpose.

use crate::lab::keys::Key;
use crate::lab::letter::Letter;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::sync::Arc;

/// Header fields worth signing, where they occur (RFC 6376 §5.4.1, plus what RFC 8058 §4 asks for).
const SIGNED: &[&str] = &[
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "To",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "Feedback-ID",
];

/// Who signs, with what.
#[derive(Clone)]
pub struct Signer {
    /// `d=`.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// The key.
    pub key: Arc<Key>,
}

/// When a signature was made and when it ends, Unix seconds.
#[derive(Debug, Clone, Copy)]
pub struct Validity {
    /// `t=`.
    pub signed: i64,
    /// `x=`.
    pub expires: Option<i64>,
}

/// Bad habits of a signer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner {
    /// `l=`: only the first half of the body is covered.
    pub half_body: bool,
    /// From and To alone are signed.
    pub few_fields: bool,
}

impl Signer {
    /// The value of the DKIM-Signature field for `letter`, folded; `None` only where the system has no randomness.
    pub fn sign(&self, letter: &Letter, validity: Validity, manner: Manner) -> Option<String> {
        let mut names = signed_names(letter);
        if manner.few_fields {
            names.retain(|name| ["From", "To"].contains(name));
        }
        let mut body = relaxed_body(&letter.body);
        let mut length = String::new();
        if manner.half_body {
            body.truncate(body.len() / 2);
            length = format!(" l={};", body.len());
        }
        let body_hash = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, &body));
        let expires = validity.expires.map(|at| format!(" x={at};")).unwrap_or_default();
        let bare = format!(
            "v=1; a={}; c=relaxed/relaxed; d={}; s={};{length}\r\n\tt={};{expires}\r\n\th={};\r\n\tbh={body_hash};\r\n\tb=",
            self.key.algorithm(),
            self.domain,
            self.selector,
            validity.signed,
            names.join(":\r\n\t "),
        );
        let mut data = Vec::new();
        let mut used = vec![false; letter.fields.len()];
        for name in &names {
            // Fields of one name are taken from the bottom up (RFC 6376 §5.4.2); one more than there are adds nothing.
            let found = (0..letter.fields.len())
                .rev()
                .find(|index| !used[*index] && letter.fields[*index].name.eq_ignore_ascii_case(name));
            if let Some(index) = found {
                used[index] = true;
                data.extend(relaxed_field(&letter.fields[index].raw));
            }
        }
        let own = relaxed_field(format!("DKIM-Signature: {bare}\r\n").as_bytes());
        data.extend_from_slice(own.strip_suffix(b"\r\n").unwrap_or(&own));
        let signature = STANDARD.encode(self.key.sign(&data)?);
        Some(format!("{bare}{}", fold(&signature)))
    }
}

fn signed_names(letter: &Letter) -> Vec<&'static str> {
    let mut names = vec!["From"];
    for name in SIGNED {
        let times = letter
            .fields
            .iter()
            .filter(|field| field.name.eq_ignore_ascii_case(name))
            .count();
        names.extend(std::iter::repeat_n(*name, times));
    }
    names
}

fn fold(base64: &str) -> String {
    let lines: Vec<&str> = base64
        .as_bytes()
        .chunks(72)
        .filter_map(|line| std::str::from_utf8(line).ok())
        .collect();
    lines.join("\r\n\t ")
}

/// RFC 6376 §3.4.2: lower-case name, unfolded, white space runs to one blank, none around the colon and at the end.
fn relaxed_field(raw: &[u8]) -> Vec<u8> {
    let colon = raw.iter().position(|byte| *byte == b':').unwrap_or(raw.len());
    let mut out: Vec<u8> = raw[..colon].iter().map(u8::to_ascii_lowercase).collect();
    while out.last().is_some_and(|byte| is_blank(*byte)) {
        out.pop();
    }
    out.push(b':');
    let unfolded: Vec<u8> = raw
        .get(colon + 1..)
        .unwrap_or_default()
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\r' | b'\n'))
        .collect();
    let value = squeeze(&unfolded);
    out.extend_from_slice(value.strip_prefix(b" ").unwrap_or(&value));
    out.extend_from_slice(b"\r\n");
    out
}

/// RFC 6376 §3.4.4: white space runs to one blank, none at line ends, no empty lines at the end.
fn relaxed_body(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 2);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        out.extend_from_slice(&squeeze(text));
        out.extend_from_slice(b"\r\n");
    }
    while out.ends_with(b"\r\n\r\n") {
        out.truncate(out.len() - 2);
    }
    if out == b"\r\n" {
        out.clear();
    }
    out
}

/// White space runs to one blank, none at the end.
fn squeeze(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    for byte in line {
        match is_blank(*byte) {
            true if out.last() == Some(&b' ') => {}
            true => out.push(b' '),
            false => out.push(*byte),
        }
    }
    if out.last() == Some(&b' ') {
        out.pop();
    }
    out
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}
