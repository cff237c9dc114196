//! DKIM keys of the lab. `keys/*.der` are PKCS#8 RSA-2048 keys made once for this project and public: test keys that
//! protect nothing (ring can not make RSA keys, and making one costs seconds).

use crate::lab::weak_key::WeakKey;
use crate::model::Why;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use std::sync::Arc;

/// A DKIM key.
pub enum Key {
    /// rsa-sha256, 2048 bits.
    Rsa(RsaKeyPair),
    /// rsa-sha256 with too few bits.
    Weak(WeakKey),
    /// ed25519-sha256 (RFC 8463).
    Ed25519(Ed25519KeyPair),
}

impl Key {
    /// `a=` of its signatures.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) | Key::Weak(_) => "rsa-sha256",
            Key::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The TXT record to publish (RFC 6376 §3.6.1).
    pub fn record(&self) -> String {
        match self {
            Key::Rsa(pair) => format!(
                "v=DKIM1; k=rsa; p={}",
                STANDARD.encode(spki(pair.public_key().as_ref()))
            ),
            Key::Weak(key) => format!("v=DKIM1; k=rsa; p={}", STANDARD.encode(spki(&key.public(der)))),
            Key::Ed25519(pair) => format!("v=DKIM1; k=ed25519; p={}", STANDARD.encode(pair.public_key())),
        }
    }

    /// The raw signature over the SHA-256 of `data` (ed25519: over the digest itself, RFC 8463 §3).
    /// `None` only where the system has no randomness.
    pub fn sign(&self, data: &[u8]) -> Option<Vec<u8>> {
        match self {
            Key::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Key::Weak(key) => Some(key.sign(data)),
            Key::Ed25519(pair) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, data);
                Some(pair.sign(digest.as_ref()).as_ref().to_vec())
            }
        }
    }
}

/// Wraps a PKCS#1 public key as SubjectPublicKeyInfo (RFC 8017 §A.1, RFC 5280 §4.1.2.7): what key records hold.
fn spki(pkcs1: &[u8]) -> Vec<u8> {
    const RSA_ENCRYPTION: &[u8] = &[
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ];
    let bits = der(0x03, &[&[0], pkcs1].concat());
    der(0x30, &[RSA_ENCRYPTION, &bits].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match content.len() {
        short @ 0..=127 => out.push(short as u8),
        long => {
            let bytes = long.to_be_bytes();
            let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
            out.push(0x80 | (bytes.len() - from) as u8);
            out.extend_from_slice(&bytes[from..]);
        }
    }
    out.extend_from_slice(content);
    out
}

/// The keys of one lab.
#[derive(Clone)]
pub struct Keyring {
    /// Every brand's RSA key.
    pub brand: Arc<Key>,
    /// Every brand's Ed25519 key, new for each lab.
    pub brand_modern: Arc<Key>,
    /// The sending services' own key.
    pub esp: Arc<Key>,
    /// A key nobody publishes.
    pub stray: Arc<Key>,
    /// Short keys of every brand: 512 and 1024 bits.
    pub weak: [(&'static str, Arc<Key>); 2],
}

impl Keyring {
    /// Reads the built-in keys and makes the Ed25519 key.
    ///
    /// # Errors
    /// `lab-keys`.
    pub fn new() -> Result<Keyring, Why> {
        let failed = |what: &str| Why::new("lab-keys", format!("the lab's DKIM key '{what}' can not be used"));
        let rsa = |name: &str, der: &[u8]| {
            let pair = RsaKeyPair::from_pkcs8(der).map_err(|_| failed(name))?;
            Ok::<_, Why>(Arc::new(Key::Rsa(pair)))
        };
        let weak = |text: &str| {
            let key = WeakKey::parse(text).ok_or_else(|| failed("weak"))?;
            Ok::<_, Why>(Arc::new(Key::Weak(key)))
        };
        let fresh = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| failed("ed25519"))?;
        let modern = Ed25519KeyPair::from_pkcs8(fresh.as_ref()).map_err(|_| failed("ed25519"))?;
        Ok(Keyring {
            brand: rsa("brand", include_bytes!("keys/brand.der"))?,
            brand_modern: Arc::new(Key::Ed25519(modern)),
            esp: rsa("esp", include_bytes!("keys/esp.der"))?,
            stray: rsa("stray", include_bytes!("keys/stray.der"))?,
            weak: [
                ("512", weak(include_str!("keys/weak512.txt"))?),
                ("1024", weak(include_str!("keys/weak1024.txt"))?),
            ],
        })
    }
}
