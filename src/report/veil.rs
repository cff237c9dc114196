//! Finds secrets in text, in the shapes in which they travel, and puts `***` in their place.
//!
//! Covered: the value itself, percent-encoded (any subset of its characters, either case), form-encoded, escaped by
//! backslashes (several times over), quoted-printable-escaped; base64 and URL-safe base64 of the value alone or within a longer text, as in AUTH PLAIN
//! (RFC 4616), XOAUTH2 or `Authorization: Basic`.

use crate::model::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::BTreeSet;

/// What stands where a secret stood.
pub const MASK: &str = "***";

/// Values shorter than this are not looked for: they are in every text, and hiding them hides nothing.
pub const SHORTEST: usize = 4;

/// Backslashes in a row that are read as escapes of one character: three levels.
const MOST_SLASHES: usize = 8;

/// The known secrets, ready to be looked for.
pub struct Veil {
    plain: Vec<Vec<u8>>,
    encoded: Vec<Vec<u8>>,
    begins: [bool; 256],
}

impl Veil {
    /// Prepares the search.
    pub fn new(secrets: &[Secret]) -> Veil {
        let long = secrets
            .iter()
            .map(|secret| secret.expose().as_bytes().to_vec())
            .filter(|value| value.len() >= SHORTEST);
        let mut plain: Vec<Vec<u8>> = long.collect();
        plain.sort_by_key(|value| std::cmp::Reverse(value.len()));
        plain.dedup();
        let quoted = plain
            .iter()
            .map(|value| quoted(value))
            .filter(|value| !plain.contains(value));
        let within: Vec<Vec<u8>> = plain.iter().cloned().chain(quoted).collect();
        let encoded: Vec<Vec<u8>> = within.iter().flat_map(|value| base64_cores(value)).collect();
        let mut begins = [false; 256];
        for value in &plain {
            begins[usize::from(value[0])] = true;
        }
        for value in &encoded {
            begins[usize::from(value[0])] = true;
        }
        for introducer in *b"%=\\+" {
            begins[usize::from(introducer)] |= !plain.is_empty();
        }
        Veil { plain, encoded, begins }
    }

    /// The text without secrets; `None` where there was none to hide.
    pub fn hide(&self, text: &str) -> Option<String> {
        let bytes = text.as_bytes();
        let mut shown = Vec::new();
        let (mut at, mut kept) = (0, 0);
        while at < bytes.len() {
            match self.secret_at(bytes, at) {
                Some((from, to)) => {
                    let from = from.max(kept);
                    shown.extend_from_slice(&bytes[kept..from]);
                    shown.extend_from_slice(MASK.as_bytes());
                    (at, kept) = (to, to);
                }
                None => at += 1,
            }
        }
        if kept == 0 {
            return None;
        }
        shown.extend_from_slice(&bytes[kept..]);
        Some(String::from_utf8_lossy(&shown).into_owned())
    }

    /// The range to hide of a secret that is found at a position. Around a base64 form the whole word goes: it holds the rest.
    fn secret_at(&self, bytes: &[u8], at: usize) -> Option<(usize, usize)> {
        if !self.begins[usize::from(bytes[at])] {
            return None;
        }
        if let Some(length) = self.plain.iter().find_map(|value| spelled(&bytes[at..], value)) {
            return Some((at, at + length));
        }
        let core = self.encoded.iter().find(|core| bytes[at..].starts_with(core))?;
        let before = bytes[..at].iter().rev().take_while(|byte| in_base64(**byte)).count();
        let after = bytes[at + core.len()..]
            .iter()
            .take_while(|byte| in_base64(**byte))
            .count();
        Some((at - before, at + core.len() + after))
    }
}

/// As it stands in a quoted string (RFC 9051 §4.3), which somebody may encode as a whole.
fn quoted(value: &[u8]) -> Vec<u8> {
    let escape = |byte: &u8| match byte {
        b'"' | b'\\' => vec![b'\\', *byte],
        byte => vec![*byte],
    };
    value.iter().flat_map(escape).collect()
}

fn in_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+/-_=".contains(&byte)
}

/// How many bytes of the text spell the value, literally or with bytes escaped, once or several times over (a quoted string within
/// JSON); `None` where it is not spelled here.
fn spelled(text: &[u8], value: &[u8]) -> Option<usize> {
    if text.starts_with(value) {
        return Some(value.len());
    }
    let mut ends = BTreeSet::from([0]);
    for byte in value {
        ends = ends
            .into_iter()
            .flat_map(|at| {
                spellings(text.get(at..).unwrap_or_default(), *byte)
                    .into_iter()
                    .map(move |length| at + length)
            })
            .collect();
        if ends.is_empty() {
            return None;
        }
    }
    ends.last().copied()
}

/// The lengths of what may spell a byte here.
fn spellings(text: &[u8], byte: u8) -> Vec<usize> {
    let Some(first) = text.first() else { return Vec::new() };
    let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let mut found = Vec::new();
    if *first == byte || (*first == b'+' && byte == b' ') {
        found.push(1);
    }
    if matches!(first, b'%' | b'=') && text.get(1..3).and_then(hex) == Some(byte) {
        found.push(3);
    }
    let slashes = text
        .iter()
        .take(MOST_SLASHES)
        .take_while(|byte| **byte == b'\\')
        .count();
    if slashes > 0 {
        let rest = &text[slashes..];
        match byte {
            b'\\' => found.extend([2, 4, 8].into_iter().filter(|length| *length <= slashes)),
            b'"' | b'/' if rest.first() == Some(&byte) => found.push(slashes + 1),
            _ => {}
        }
        if rest.starts_with(b"u00") && rest.get(3..5).and_then(hex) == Some(byte) {
            found.push(slashes + 5);
        }
    }
    found
}

/// The characters of base64 that a value yields whatever stands before and after it: one form for each of the three alignments,
/// in both alphabets.
fn base64_cores(value: &[u8]) -> Vec<Vec<u8>> {
    let mut cores = Vec::new();
    for offset in 0..3 {
        let padded = [vec![0; offset], value.to_vec()].concat();
        let from = (offset * 8).div_ceil(6);
        let to = padded.len() * 8 / 6;
        for alphabet in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = alphabet.encode(&padded).into_bytes();
            cores.extend(
                text.get(from..to)
                    .filter(|core| core.len() >= SHORTEST)
                    .map(<[u8]>::to_vec),
            );
        }
    }
    cores.dedup();
    cores
}
