//! DKIM keys as they stand in DNS (RFC 6376 §3.6.1, RFC 8301, RFC 8463).

use super::public_key::PublicKey;
use super::tags;
use crate::model::{DnsAnswer, DnsRecords, RecordType};

/// Bits below which an RSA key counts for nothing (RFC 8301 §3.2).
const WEAK: u32 = 1024;
/// Bits above which nobody verifies.
const MOST: u32 = 8192;

/// Why there is no key to verify with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoKey {
    /// The name was not asked for yet.
    NotAsked(String),
    /// DNS failed: `dns-failed` or `dns-timeout`, and the words.
    Dns(&'static str, String),
    /// A permanent reason (`no-key`, `revoked`, `bad-key`, `weak-key`), the words, and the bits where there is a key.
    Unusable(&'static str, String, Option<u32>),
}

/// A usable key.
pub struct Key {
    /// The key itself.
    pub public: PublicKey,
    /// Size; 256 for Ed25519.
    pub bits: u32,
    /// `t=`.
    pub flags: Vec<String>,
    /// Key records under this name; more than one is a mistake.
    pub records: usize,
}

/// The name of a key.
pub fn name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// Finds the key for a signature over recorded answers. `algorithm` is the signature's `a=`.
pub fn find(dns: &DnsRecords, selector: &str, domain: &str, algorithm: &str) -> Result<Key, NoKey> {
    let name = name(selector, domain);
    let texts = match dns.get(&name, RecordType::Txt) {
        None => return Err(NoKey::NotAsked(name)),
        Some(DnsAnswer::Failed(why)) => return Err(NoKey::Dns("dns-failed", format!("TXT {name}: {why}"))),
        Some(DnsAnswer::Timeout) => return Err(NoKey::Dns("dns-timeout", format!("TXT {name}: no answer in time"))),
        Some(DnsAnswer::NoName) => return Err(unusable("no-key", format!("TXT {name}: no such name"))),
        Some(DnsAnswer::NoData) => return Err(unusable("no-key", format!("TXT {name}: no record"))),
        Some(DnsAnswer::Records(texts)) => texts,
    };
    let mut keys = texts.iter().filter(|text| looks_like_a_key(text));
    let Some(text) = keys.next() else {
        return Err(unusable(
            "no-key",
            format!("TXT {name}: {} records, none of them a key", texts.len()),
        ));
    };
    let records = 1 + keys.count();
    match read(text, algorithm) {
        Ok(key) => Ok(Key { records, ..key }),
        Err((code, why, bits)) => Err(NoKey::Unusable(
            code,
            format!("{why} (TXT {name}{})", beside(records)),
            bits,
        )),
    }
}

/// What is to be said where one name has several keys: which of them a receiver takes is not defined (RFC 6376 §3.6.2.2).
pub fn beside(records: usize) -> String {
    match records {
        0 | 1 => String::new(),
        more => format!("; the first of {more} key records, and receivers may take another"),
    }
}

fn unusable(code: &'static str, words: String) -> NoKey {
    NoKey::Unusable(code, words, None)
}

fn looks_like_a_key(text: &str) -> bool {
    text.split(';')
        .any(|part| part.split_once('=').is_some_and(|(tag, _)| tag.trim() == "p"))
}

fn read(text: &str, algorithm: &str) -> Result<Key, (&'static str, String, Option<u32>)> {
    let bad = |why: String| ("bad-key", why, None);
    let tags = tags::parse(text).map_err(bad)?;
    let list = |tag: &str| -> Option<Vec<String>> {
        let value = tags::packed(tags::get(&tags, tag)?);
        Some(value.split(':').map(str::to_ascii_lowercase).collect())
    };
    if tags::get(&tags, "v").is_some_and(|version| version != "DKIM1") {
        return Err(bad("the key record's version is not DKIM1".to_owned()));
    }
    if tags::get(&tags, "p").is_none_or(|key| tags::packed(key).is_empty()) {
        return Err(("revoked", "the key is revoked (empty p=)".to_owned(), None));
    }
    let (wanted, hash) = algorithm.split_once('-').unwrap_or((algorithm, ""));
    let kind = tags::get(&tags, "k").unwrap_or("rsa");
    if !kind.eq_ignore_ascii_case(wanted) {
        return Err(bad(format!("the key is for {kind}, the signature says a={algorithm}")));
    }
    if list("h").is_some_and(|hashes| !hashes.iter().any(|known| known == hash)) {
        return Err(bad(format!("the key does not allow {hash} (h=)")));
    }
    if list("s").is_some_and(|services| !services.iter().any(|service| service == "*" || service == "email")) {
        return Err(bad("the key is not for mail (s=)".to_owned()));
    }
    let (public, bits) = public_key(wanted, tags::get(&tags, "p").unwrap_or_default()).ok_or_else(|| {
        let kind = if wanted == "rsa" { "RSA" } else { "Ed25519" };
        bad(format!("p= is no {kind} public key"))
    })?;
    match bits {
        ..WEAK if wanted == "rsa" => Err((
            "weak-key",
            format!("the key has {bits} bits, below {WEAK} (RFC 8301)"),
            Some(bits),
        )),
        _ if bits > MOST => Err(("bad-key", format!("the key has {bits} bits, above {MOST}"), Some(bits))),
        _ => Ok(Key {
            public,
            bits,
            flags: list("t").unwrap_or_default(),
            records: 1,
        }),
    }
}

fn public_key(kind: &str, p: &str) -> Option<(PublicKey, u32)> {
    let octets = tags::base64(p)?;
    match kind {
        "rsa" => PublicKey::rsa(&octets),
        _ => PublicKey::ed25519(&octets).map(|key| (key, 256)),
    }
}
