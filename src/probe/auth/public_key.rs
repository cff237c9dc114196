//! Public keys out of a key record, and whether they verify. Ring judges; what ring can not say of an RSA key (its exact size, and that
//! something lies behind it) is read here.

use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// A key.
pub enum PublicKey {
    /// RSAPublicKey (RFC 8017 §A.1.1) in DER.
    Rsa(Vec<u8>),
    /// 32 octets (RFC 8463 §4).
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// An RSA key: SubjectPublicKeyInfo, as everybody publishes it, or RSAPublicKey, as RFC 6376 says. With its size in bits. What
    /// lies behind it is passed over, as OpenSSL does.
    pub fn rsa(der: &[u8]) -> Option<(PublicKey, u32)> {
        let (outer, _) = content(der, SEQUENCE)?;
        let key = match outer.first()? {
            &SEQUENCE => {
                let (_, rest) = content(outer, SEQUENCE)?;
                let (bits, _) = content(rest, BIT_STRING)?;
                bits.strip_prefix(&[0])?
            }
            _ => der,
        };
        let (numbers, rest) = content(key, SEQUENCE)?;
        let (modulus, _) = content(numbers, INTEGER)?;
        let modulus = &modulus[modulus.iter().position(|byte| *byte != 0)?..];
        let bits = u32::try_from(modulus.len()).ok()? * 8 - modulus[0].leading_zeros();
        Some((PublicKey::Rsa(key[..key.len() - rest.len()].to_vec()), bits))
    }

    /// An Ed25519 key.
    pub fn ed25519(octets: &[u8]) -> Option<PublicKey> {
        (octets.len() == 32).then(|| PublicKey::Ed25519(octets.to_vec()))
    }

    /// Is this the key's signature over the SHA-256 of `data`?
    pub fn verifies(&self, data: &[u8], signature: &[u8]) -> bool {
        let judged = match self {
            PublicKey::Rsa(key) => {
                UnparsedPublicKey::new(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, key).verify(data, signature)
            }
            // The digest is signed, not the data (RFC 8463 §3).
            PublicKey::Ed25519(key) => {
                UnparsedPublicKey::new(&ED25519, key).verify(digest(&SHA256, data).as_ref(), signature)
            }
        };
        judged.is_ok()
    }
}

/// The content of a DER value of this kind, and what lies behind the value.
fn content(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(*length), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    (*first == kind).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RSAPublicKey of 128 octets that begin with `first`.
    fn rsa(first: u8) -> Vec<u8> {
        let mut der = vec![0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00, first];
        der.extend([0x11; 127]);
        der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
        der
    }

    #[test]
    fn bits_are_counted_not_bytes() {
        assert_eq!(PublicKey::rsa(&rsa(0x80)).unwrap().1, 1024);
        assert_eq!(PublicKey::rsa(&rsa(0x7f)).unwrap().1, 1023);
    }

    #[test]
    fn what_lies_behind_a_key_is_passed_over_and_what_is_cut_short_is_none() {
        let key = |der: &[u8]| match PublicKey::rsa(der)?.0 {
            PublicKey::Rsa(key) => Some(key),
            PublicKey::Ed25519(_) => None,
        };
        let whole = rsa(0xc0);
        assert_eq!(key(&whole).as_ref(), Some(&whole));
        assert_eq!(key(&[&whole[..], &[0, 0]].concat()).as_ref(), Some(&whole));
        assert!((0..whole.len()).all(|end| key(&whole[..end]).is_none()));
        assert!(PublicKey::ed25519(&[1; 31]).is_none());
    }
}
