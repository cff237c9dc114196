//! Modified UTF-7, the encoding of mailbox names on the wire (RFC 3501 §5.1.3). Written here and not borrowed, so that
//! client and server can not agree on the same mistake.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::IMAP_MUTF7,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// A name as it goes over the wire.
pub fn encode(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut shifted: Vec<u8> = Vec::new();
    for letter in name.chars() {
        if matches!(letter, ' '..='~') {
            shift_out(&mut out, &mut shifted);
            match letter {
                '&' => out.push_str("&-"),
                _ => out.push(letter),
            }
        } else {
            let mut units = [0; 2];
            let units = letter.encode_utf16(&mut units);
            shifted.extend(units.iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    shift_out(&mut out, &mut shifted);
    out
}

fn shift_out(out: &mut String, shifted: &mut Vec<u8>) {
    if !shifted.is_empty() {
        out.push('&');
        out.push_str(&BASE64.encode(&*shifted));
        out.push('-');
        shifted.clear();
    }
}

/// The name that a wire form stands for; `None` where it is not modified UTF-7.
pub fn decode(wire: &str) -> Option<String> {
    let mut out = String::with_capacity(wire.len());
    let mut rest = wire;
    while let Some(first) = rest.chars().next() {
        match (first, rest.strip_prefix("&-")) {
            (_, Some(after)) => {
                out.push('&');
                rest = after;
            }
            ('&', None) => {
                let (coded, after) = rest.get(1..)?.split_once('-')?;
                let bytes = BASE64.decode(coded).ok()?;
                if bytes.len() % 2 != 0 {
                    return None;
                }
                let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
                let letters: Result<String, _> = char::decode_utf16(units).collect();
                out.push_str(&letters.ok()?);
                rest = after;
            }
            (' '..='~', None) => {
                out.push(first);
                rest = rest.get(1..)?;
            }
            _ => return None,
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_rfc_and_of_providers() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("Black & White", "Black &- White"),
            ("Отправленные", "&BB4EQgQ,BEAEMAQyBDsENQQ9BD0ESwQ1-"),
        ] {
            assert_eq!(encode(name), wire);
            assert_eq!(decode(wire).as_deref(), Some(name));
        }
    }

    #[test]
    fn what_is_no_modified_utf7_has_no_name() {
        for wire in ["&", "&AA", "&A-", "&2D0-", "&!-", "Entwürfe", "a\tb"] {
            assert_eq!(decode(wire), None, "{wire}");
        }
    }

    proptest::proptest! {
        #[test]
        fn every_name_comes_back(name: String) {
            let wire = encode(&name);
            proptest::prop_assert!(wire.is_ascii());
            proptest::prop_assert_eq!(decode(&wire), Some(name));
        }

        #[test]
        fn any_text_is_decoded_or_refused(wire: String) {
            let _ = decode(&wire);
        }
    }
}
