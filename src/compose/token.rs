//! Tokens: the unguessable correlation id of one attempt.

use crate::model::Token;
use std::fmt::Write;

/// The token of 16 random bytes: 32 hex digits, 128 bits.
pub fn mint(random: [u8; 16]) -> Token {
    Token::parse(&hex(&random)).expect("16 bytes are 32 lower-case hex digits")
}

/// Bytes as lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String can not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::mint;

    #[test]
    fn every_byte_is_kept() {
        let mut random = [0; 16];
        random[0] = 0x0a;
        random[15] = 0xff;
        assert_eq!(mint(random).as_str(), "0a0000000000000000000000000000ff");
    }
}
