//! A message as bytes: never re-encoded, stored as base64 inside JSON.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// An RFC 5322 message, byte for byte.
#[derive(Clone, PartialEq, Eq)]
pub struct RawMessage(pub Vec<u8>);

impl std::fmt::Debug for RawMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RawMessage({} bytes)", self.0.len())
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Serialize for RawMessage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len().div_ceil(3) * 4);
        for chunk in self.0.chunks(3) {
            let word = chunk.iter().fold(0u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
            for index in 0..=chunk.len() {
                text.push(ALPHABET[(word >> (18 - 6 * index)) as usize & 63] as char);
            }
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for RawMessage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        for chunk in text.trim_end_matches('=').as_bytes().chunks(4) {
            let mut word = 0u32;
            for byte in chunk {
                let value = ALPHABET
                    .iter()
                    .position(|letter| letter == byte)
                    .ok_or_else(|| D::Error::custom("not base64"))?;
                word = (word << 6) | value as u32;
            }
            word <<= 6 * (4 - chunk.len());
            bytes.extend_from_slice(&word.to_be_bytes()[1..chunk.len()]);
        }
        Ok(RawMessage(bytes))
    }
}

/// Bytes that are no message, stored in the same way: `#[serde(with = "raw::bytes")]`.
pub mod bytes {
    use super::RawMessage;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// As base64.
    pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        RawMessage(bytes.to_vec()).serialize(serializer)
    }

    /// From base64.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        RawMessage::deserialize(deserializer).map(|raw| raw.0)
    }
}
