//! DKIM signatures of a message (RFC 6376 §6.1), each judged over recorded keys. All of it is ours but the arithmetic, which is ring's;
//! `tests/it/referee` holds it against two other implementations.

use super::{body, fields, key, signature};
use crate::mail::headers::{Header, Headers};
use crate::model::{DkimFact, DkimResult, DnsRecords};
use time::OffsetDateTime;

/// Signatures that are judged; a message with more of them was made to cost time.
pub const MAX_SIGNATURES: usize = 16;
const FIELD: &str = "DKIM-Signature";

/// A message taken apart once for all its signatures.
pub struct Message<'a> {
    fields: &'a [Header<'a>],
    relaxed: Vec<u8>,
    simple: Vec<u8>,
    arrived_at: OffsetDateTime,
}

impl<'a> Message<'a> {
    /// Canonical bodies are made only where the message is signed.
    pub fn new(raw: &[u8], headers: &'a Headers<'a>, arrived_at: OffsetDateTime) -> Message<'a> {
        let content = match headers.first(FIELD) {
            Some(_) => raw.get(headers.body_at..).unwrap_or_default(),
            None => &[],
        };
        Message {
            relaxed: body::canonical(content, true),
            simple: body::canonical(content, false),
            fields: &headers.fields,
            arrived_at,
        }
    }

    /// Judges every signature, top to bottom. Names in `wanted` were not asked for yet.
    pub fn judge(&self, dns: &DnsRecords, wanted: &mut Vec<String>) -> Vec<DkimFact> {
        let all = (0..self.fields.len()).filter(|at| self.fields[*at].is(FIELD));
        let one = |(index, at): (usize, usize)| match index {
            0..MAX_SIGNATURES => self.judge_one(at, dns, wanted),
            _ => {
                let fact = signature::read(self.fields[at].raw).fact;
                verdict(
                    fact,
                    DkimResult::PermError,
                    "unsupported",
                    format!("more than {MAX_SIGNATURES} signatures: not judged"),
                )
            }
        };
        all.enumerate().map(one).collect()
    }

    fn judge_one(&self, at: usize, dns: &DnsRecords, wanted: &mut Vec<String>) -> DkimFact {
        let signature::Signature { mut fact, octets } = signature::read(self.fields[at].raw);
        let Some(octets) = octets else { return fact };
        let (head, body) = fact.canonicalization.split_once('/').unwrap_or_default();
        let relaxed = head == "relaxed";
        let content = if body == "relaxed" { &self.relaxed } else { &self.simple };
        fact.body_length = content.len() as u64;
        fact.body_hash_ok = Some(body::hash(content, fact.length).is_some_and(|hash| hash == octets.body_hash));
        let key = match key::find(dns, &fact.selector, &fact.domain, &fact.algorithm) {
            Ok(key) => key,
            Err(why) => return without_key(fact, why, wanted),
        };
        fact.bits = Some(key.bits);
        fact.key_flags = key.flags.clone();
        fact.key_records = key.records;
        if key.flags.iter().any(|flag| flag == "s") && !is_same_identity(&fact) {
            let detail = format!("the key allows i= of {} alone (t=s)", fact.domain);
            return verdict(fact, DkimResult::PermError, "identity", detail);
        }
        // With the body hash as it was signed, so that a change of the body is told from one of the fields.
        let signed = fields::signed(self.fields, at, &fact.signed_headers, relaxed);
        fact.headers_ok = Some(key.public.verifies(&signed, &octets.signature));
        conclude(fact, self.arrived_at)
    }
}

fn verdict(mut fact: DkimFact, result: DkimResult, reason: &str, detail: String) -> DkimFact {
    fact.result = result;
    fact.reason = reason.to_owned();
    fact.detail = detail;
    fact
}

fn without_key(mut fact: DkimFact, why: key::NoKey, wanted: &mut Vec<String>) -> DkimFact {
    match why {
        key::NoKey::NotAsked(name) => {
            let detail = format!("TXT {name} was not asked for");
            wanted.push(name);
            verdict(fact, DkimResult::TempError, "not-asked", detail)
        }
        key::NoKey::Dns(reason, detail) => verdict(fact, DkimResult::TempError, reason, detail),
        key::NoKey::Unusable(reason, detail, bits) => {
            fact.bits = bits;
            verdict(fact, DkimResult::PermError, reason, detail)
        }
    }
}

fn is_same_identity(fact: &DkimFact) -> bool {
    let identity = fact.identity.as_deref().map(signature::identity_domain);
    identity.is_none_or(|domain| signature::a_labels(domain) == fact.domain)
}

/// The verdict over a signature whose key is good.
fn conclude(fact: DkimFact, arrived_at: OffsetDateTime) -> DkimFact {
    let body_ok = fact.body_hash_ok == Some(true);
    if fact.headers_ok != Some(true) {
        let body = if body_ok {
            "the body hash matches"
        } else {
            "and the body hash does not match either"
        };
        let detail = format!(
            "b= does not verify: a signed field was changed, or it is another key's signature; {body}{}",
            key::beside(fact.key_records)
        );
        return verdict(fact, DkimResult::Fail, "signature", detail);
    }
    if !body_ok {
        let detail = match fact.length {
            Some(length) if length > fact.body_length => {
                format!(
                    "l= says {length} octets are signed, the canonical body has {}",
                    fact.body_length
                )
            }
            _ => "the body was changed after signing: bh= does not match, while b= verifies over the fields".to_owned(),
        };
        return verdict(fact, DkimResult::Fail, "body-hash", detail);
    }
    if let Some(expires) = fact.expires_at
        && expires <= arrived_at.unix_timestamp()
    {
        let late = arrived_at.unix_timestamp() - expires;
        return verdict(
            fact,
            DkimResult::Fail,
            "expired",
            format!("expired {late} s before the message arrived (x={expires})"),
        );
    }
    let mut detail = "verifies".to_owned();
    if let Some(length) = fact.length.filter(|length| *length < fact.body_length) {
        detail += &format!(
            "; l= covers {length} of {} octets of the body: anything may be appended",
            fact.body_length
        );
    }
    if fact.key_flags.iter().any(|flag| flag == "y") {
        detail += "; the key says testing (t=y)";
    }
    verdict(fact, DkimResult::Pass, "ok", detail)
}
