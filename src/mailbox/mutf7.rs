//! Folder names: modified UTF-7 (RFC 3501 §5.1.3) to text that people read. Names go back to the server as they came.

use base64::Engine;
use base64::alphabet::IMAP_MUTF7;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The name for people. What is not the one proper encoding of a text stays as it is, so two folders never look the same.
pub fn readable(raw: &str) -> String {
    match decoded(raw) {
        Some(text) if utf7_imap::encode_utf7_imap(text.clone()) == raw => text,
        _ => raw.to_owned(),
    }
}

fn decoded(raw: &str) -> Option<String> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, shifted)) = rest.split_once('&') {
        let (code, after) = shifted.split_once('-')?;
        text.push_str(plain);
        if code.is_empty() {
            text.push('&');
        } else {
            text.push_str(&utf16(code)?);
        }
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

fn utf16(code: &str) -> Option<String> {
    let bytes = ENGINE.decode(code).ok()?;
    let pairs = bytes.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let units = pairs.map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    char::decode_utf16(units).collect::<Result<String, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_in_the_wild() {
        for (raw, text) in [
            ("INBOX", "INBOX"),
            ("[Gmail]/Wszystkie", "[Gmail]/Wszystkie"),
            ("&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-", "Отправленные"),
            ("R&-D", "R&D"),
            ("Courrier ind&AOk-sirable", "Courrier indésirable"),
            ("&2D3eAA-", "\u{1F600}"),
        ] {
            assert_eq!(readable(raw), text);
        }
    }

    #[test]
    fn what_is_no_proper_encoding_stays() {
        for raw in [
            "R&D",
            "&AGE-",
            "&!!!-",
            "&2D0-",
            "&",
            "&-&",
            "a&AOk",
            "&AOkA-",
            "ünicode",
            "&AOkA6Q-&AOk-",
        ] {
            assert_eq!(readable(raw), raw);
        }
    }

    proptest! {
        #[test]
        fn reads_what_another_encoder_wrote(text in "\\PC{0,40}") {
            prop_assert_eq!(readable(&utf7_imap::encode_utf7_imap(text.clone())), text);
        }

        #[test]
        fn never_panics(raw in "[&,+/A-Za-z0-9é-]{0,40}") {
            readable(&raw);
        }
    }
}
