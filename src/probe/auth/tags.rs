//! Tag lists (RFC 6376 §3.2): `tag=value; tag=value`, the form of signatures and key records.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The tags in order. Folding white space around names and values is removed; a value keeps what is inside it.
/// Fails, in words, where a part has no `=` or a tag comes twice.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut tags: Vec<(String, String)> = Vec::new();
    for part in text.split(';') {
        if part.trim().is_empty() {
            continue;
        }
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| format!("`{}` is no tag", shorten(part.trim())))?;
        let name = name.trim();
        if tags.iter().any(|(known, _)| known == name) {
            return Err(format!("the tag {}= comes twice", shorten(name)));
        }
        tags.push((name.to_owned(), value.trim().to_owned()));
    }
    Ok(tags)
}

/// The value of a tag.
pub fn get<'a>(tags: &'a [(String, String)], name: &str) -> Option<&'a str> {
    tags.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// A value without any white space, for values that may be folded anywhere (base64, lists, domains).
pub fn packed(value: &str) -> String {
    value.chars().filter(|letter| !letter.is_ascii_whitespace()).collect()
}

/// Octets of a base64 value, which may be folded anywhere; padding may be missing.
pub fn base64(value: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    LENIENT.decode(packed(value)).ok()
}

fn shorten(text: &str) -> String {
    text.chars().take(40).collect()
}
