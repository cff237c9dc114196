//! RSA keys that are too short for ring: PKCS#1 v1.5 signatures by plain arithmetic (RFC 8017 §8.2.1), good for nothing but to be refused.

use num_bigint::BigUint;

/// DER of DigestInfo for SHA-256, before the digest (RFC 8017 §9.2, note 1).
const DIGEST_INFO: &[u8] = &[
    0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
];
/// The public exponent of all of them.
const EXPONENT: [u8; 3] = [1, 0, 1];

/// A short RSA key.
pub struct WeakKey {
    modulus: BigUint,
    exponent: BigUint,
}

impl WeakKey {
    /// From two lines of hexadecimal digits: modulus and private exponent.
    pub fn parse(text: &str) -> Option<WeakKey> {
        let mut numbers = text
            .lines()
            .map(|line| BigUint::parse_bytes(line.trim().as_bytes(), 16));
        Some(WeakKey {
            modulus: numbers.next()??,
            exponent: numbers.next()??,
        })
    }

    /// The signature over the SHA-256 of `data`.
    pub fn sign(&self, data: &[u8]) -> Vec<u8> {
        let size = self.size();
        let digest = ring::digest::digest(&ring::digest::SHA256, data);
        let info = [DIGEST_INFO, digest.as_ref()].concat();
        let mut block = vec![0x00, 0x01];
        block.resize(size - info.len() - 1, 0xff);
        block.push(0x00);
        block.extend_from_slice(&info);
        let signed = BigUint::from_bytes_be(&block)
            .modpow(&self.exponent, &self.modulus)
            .to_bytes_be();
        let mut out = vec![0; size - signed.len()];
        out.extend_from_slice(&signed);
        out
    }

    /// PKCS#1 RSAPublicKey, whose parts `der` wraps.
    pub fn public(&self, der: impl Fn(u8, &[u8]) -> Vec<u8>) -> Vec<u8> {
        // The modulus begins with a set bit, so a zero byte keeps it positive.
        let modulus = [&[0][..], &self.modulus.to_bytes_be()].concat();
        der(0x30, &[der(0x02, &modulus), der(0x02, &EXPONENT)].concat())
    }

    fn size(&self) -> usize {
        self.modulus.to_bytes_be().len()
    }
}
