//! What our own verification of DKIM, SPF and DMARC came to. Computed by `probe::auth` from the bytes and the recorded DNS,
//! never from a provider's word.

use serde::{Deserialize, Serialize};

/// Our verdicts over one message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Authentication {
    /// Domain of the single From address (RFC 7489 §6.6.1); `None` where there is not exactly one.
    pub from_domain: Option<String>,
    /// One entry a DKIM-Signature field, top to bottom.
    pub dkim: Vec<DkimFact>,
    /// SPF of the envelope sender; `None` where the client address or envelope is not known.
    pub spf: Option<SpfFact>,
    /// DMARC policy found, both readings.
    pub dmarc: DmarcFact,
    /// DNS was not asked, on purpose: signatures are listed with what their bytes say, and nothing is verified.
    #[serde(default)]
    pub offline: bool,
}

/// RFC 8601 §2.7.1 result names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DkimResult {
    /// Signature and body hash verify.
    Pass,
    /// Signature or body hash do not verify.
    Fail,
    /// No verdict is possible and trying again does not help: no key, revoked, malformed, weak.
    PermError,
    /// No verdict now: DNS failed.
    TempError,
}

/// One DKIM signature (RFC 6376) and what we found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DkimFact {
    /// `d=`, lower-case.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// `a=`, e.g. `rsa-sha256`.
    pub algorithm: String,
    /// `c=`, e.g. `relaxed/simple`.
    pub canonicalization: String,
    /// `i=` where given.
    pub identity: Option<String>,
    /// `h=`, lower-case, in order.
    pub signed_headers: Vec<String>,
    /// `l=` where given: octets of the canonical body that are signed.
    pub length: Option<u64>,
    /// Octets of the canonical body in all.
    pub body_length: u64,
    /// `t=`, Unix seconds.
    pub signed_at: Option<i64>,
    /// `x=`, Unix seconds. Judged at the arrival of the message, not now.
    pub expires_at: Option<i64>,
    /// Key size in bits, where a key was found.
    pub bits: Option<u32>,
    /// Flags of the key record (`t=`): `y` testing, `s` strict identity.
    pub key_flags: Vec<String>,
    /// Key records under the selector: one, where all is well (RFC 6376 §3.6.2.2); 0 where none was found or asked for.
    #[serde(default)]
    pub key_records: usize,
    /// The verdict.
    pub result: DkimResult,
    /// Stable code: `ok`, `body-hash`, `signature`, `expired`, `no-key`, `revoked`, `bad-key`, `weak-key`, `dns-failed`,
    /// `dns-timeout`, `not-asked`, `malformed`, `unsupported`, `identity`, `from-unsigned`.
    pub reason: String,
    /// The same in words, with the numbers.
    pub detail: String,
    /// Does the body hash (`bh=`) match? `None` where the algorithm is unknown.
    pub body_hash_ok: Option<bool>,
    /// Does `b=` verify over the headers *with the body hash as it was signed*? Tells "only the body changed" from the rest.
    /// `None` where no usable key was found.
    pub headers_ok: Option<bool>,
}

/// RFC 7208 §2.6 results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are RFC 7208's")]
pub enum SpfResult {
    Pass,
    Fail,
    SoftFail,
    Neutral,
    None,
    TempError,
    PermError,
}

/// SPF evaluated for the envelope sender (RFC 7208).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfFact {
    /// Domain checked: of MAIL FROM, or of HELO when MAIL FROM was empty.
    pub domain: String,
    /// The connecting client's address.
    pub client: std::net::IpAddr,
    /// Where the client address was read: `received` (trusted Received line) or `received-spf`.
    pub client_source: String,
    /// The verdict.
    pub result: SpfResult,
    /// In words: the record, or what failed.
    pub detail: String,
    /// How it came about, term by term; `None` in evidence of before it was kept.
    #[serde(default)]
    pub trace: Option<SpfTrace>,
}

/// An evaluation of SPF as it went (RFC 7208 §4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfTrace {
    /// Terms that asked DNS; ten are allowed (§4.6.4).
    pub lookups: u32,
    /// Lookups that found nothing; two are allowed (§4.6.4).
    pub voids: u32,
    /// The term that decided and whose it is, or the error that ended it; `None` where no term matched.
    pub decided: Option<String>,
    /// The record that was read first.
    pub read: SpfRecordRead,
}

/// One record that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfRecordRead {
    /// Whose.
    pub domain: String,
    /// Its text; `None` where there is not exactly one.
    pub record: Option<String>,
    /// What it came to.
    pub result: SpfResult,
    /// Why, where it is an error; else empty.
    pub why: String,
    /// The terms that were tried, in order.
    pub terms: Vec<SpfTerm>,
}

/// One term that was tried.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpfTerm {
    /// As written.
    pub term: String,
    /// The name that its macros came to.
    pub asked: Option<String>,
    /// Did it match?
    pub matched: bool,
    /// The record it led to (`include`, `redirect`).
    pub read: Option<Box<SpfRecordRead>>,
}

/// RFC 7489 §11.2 results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are RFC 7489's")]
pub enum DmarcResult {
    Pass,
    Fail,
    #[default]
    None,
    TempError,
    PermError,
}

/// What one reading of DMARC finds for the From domain.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcReading {
    /// Lookup verdict: `Pass` means a usable record was found.
    pub result: DmarcResult,
    /// Domain of the record that applies.
    pub record_domain: Option<String>,
    /// Policy that applies to the From domain: `none`, `quarantine`, `reject`.
    pub policy: Option<String>,
    /// `adkim=s`.
    pub strict_dkim: bool,
    /// `aspf=s`.
    pub strict_spf: bool,
    /// Organisational domain of the From domain.
    pub org_domain: Option<String>,
    /// What happened, in words.
    pub detail: String,
}

/// The DMARC record that applies, as RFC 9989 finds it; the reading of RFC 7489 stands in `list`. Alignment itself is judged by
/// `mail::alignment`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DmarcFact {
    /// Lookup verdict: `Pass` means a usable record was found.
    pub result: DmarcResult,
    /// Domain of the record found by RFC 9989's tree walk.
    pub record_domain: Option<String>,
    /// Domain of the record found by RFC 7489's procedure (From domain, then organisational domain by the public suffix list).
    pub record_domain_psl: Option<String>,
    /// The record text.
    pub record: Option<String>,
    /// Policy that applies to the From domain: `none`, `quarantine`, `reject`.
    pub policy: Option<String>,
    /// `adkim=s`.
    pub strict_dkim: bool,
    /// `aspf=s`.
    pub strict_spf: bool,
    /// Organisational domain of the From domain by RFC 9989's tree walk.
    pub org_domain_walk: Option<String>,
    /// What happened, in words.
    pub detail: String,
    /// The reading of RFC 7489, with the public suffix list; `None` in evidence of before it was kept.
    #[serde(default)]
    pub list: Option<DmarcReading>,
}
