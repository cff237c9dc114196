//! DKIM signatures of a message (RFC 6376 §6.1), each judged over recorded keys. mail-auth judges `b=` with the key; the body, the
//! time and every reason are ours.

use super::{body, key, signature};
use crate::mail::headers::Headers;
use crate::model::{DkimFact, DkimResult, DnsRecords};
use mail_auth::AuthenticatedMessage;
use time::OffsetDateTime;

/// Signatures that are judged; a message with more of them was made to cost time.
pub const MAX_SIGNATURES: usize = 16;

/// A message taken apart once for all its signatures.
pub struct Message<'a> {
    fields: AuthenticatedMessage<'a>,
    signatures: Vec<(&'a [u8], &'a [u8])>,
    relaxed: Vec<u8>,
    simple: Vec<u8>,
    arrived_at: OffsetDateTime,
}

impl<'a> Message<'a> {
    /// Splits the message; canonical bodies are made only where it is signed.
    pub fn new(raw: &'a [u8], headers: &Headers<'a>, arrived_at: OffsetDateTime) -> Message<'a> {
        let mut fields = AuthenticatedMessage {
            raw_message: raw,
            ..Default::default()
        };
        fields.headers = headers
            .fields
            .iter()
            .map(|header| (header.name.as_bytes(), header.raw))
            .collect();
        let signatures: Vec<_> = headers
            .all("DKIM-Signature")
            .map(|header| (header.name.as_bytes(), header.raw))
            .collect();
        let content = raw.get(headers.body_at..).unwrap_or_default();
        let canonical = |relaxed| {
            if signatures.is_empty() {
                Vec::new()
            } else {
                body::canonical(content, relaxed)
            }
        };
        Message {
            relaxed: canonical(true),
            simple: canonical(false),
            fields,
            signatures,
            arrived_at,
        }
    }

    /// Judges every signature, top to bottom. Names in `wanted` were not asked for yet.
    pub fn judge(&self, dns: &DnsRecords, wanted: &mut Vec<String>) -> Vec<DkimFact> {
        let one = |(index, (name, value)): (usize, &(&[u8], &[u8]))| match index {
            0..MAX_SIGNATURES => self.judge_one(name, value, dns, wanted),
            _ => {
                let fact = signature::read(value).fact;
                verdict(
                    fact,
                    DkimResult::PermError,
                    "unsupported",
                    format!("more than {MAX_SIGNATURES} signatures: not judged"),
                )
            }
        };
        self.signatures.iter().enumerate().map(one).collect()
    }

    fn judge_one(&self, name: &[u8], value: &[u8], dns: &DnsRecords, wanted: &mut Vec<String>) -> DkimFact {
        let signature::Signature { mut fact, parsed } = signature::read(value);
        let Some(parsed) = parsed else { return fact };
        let content = if fact.canonicalization.ends_with("/relaxed") {
            &self.relaxed
        } else {
            &self.simple
        };
        fact.body_length = content.len() as u64;
        fact.body_hash_ok = Some(body::hash(content, fact.length).is_some_and(|hash| hash == parsed.bh));
        let key = match key::find(dns, &fact.selector, &fact.domain, &fact.algorithm) {
            Ok(key) => key,
            Err(why) => return without_key(fact, why, wanted),
        };
        fact.bits = Some(key.bits);
        fact.key_flags = key.flags.clone();
        if key.flags.iter().any(|flag| flag == "s") && !is_same_identity(&fact) {
            let detail = format!("the key allows i= of {} alone (t=s)", fact.domain);
            return verdict(fact, DkimResult::PermError, "identity", detail);
        }
        fact.headers_ok = Some(self.headers_verify(name, value, &parsed, &key));
        conclude(fact, self.arrived_at)
    }

    /// Does `b=` verify over the signed fields and the field itself, with the body hash as it was signed?
    fn headers_verify(&self, name: &[u8], value: &[u8], parsed: &mail_auth::dkim::Signature, key: &key::Key) -> bool {
        let unsigned = without_signature(value);
        let mut signed = self.fields.signed_headers(&parsed.h, name, &unsigned);
        key.domain_key
            .p
            .verify(&mut signed, &parsed.b, parsed.ch, parsed.a)
            .is_ok()
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
    identity.is_none_or(|domain| domain.eq_ignore_ascii_case(&fact.domain))
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
        let detail =
            format!("b= does not verify: a signed field was changed, or it is another key's signature; {body}");
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

/// The field's value with the value of `b=` taken out and without its final line break (RFC 6376 §3.7).
fn without_signature(value: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(value.len());
    for (index, part) in value.split(|byte| *byte == b';').enumerate() {
        if index > 0 {
            out.push(b';');
        }
        let equals = part.iter().position(|byte| *byte == b'=');
        match equals {
            Some(equals) if part[..equals].trim_ascii() == b"b" => out.extend_from_slice(&part[..=equals]),
            _ => out.extend_from_slice(part),
        }
    }
    let end = value.len()
        - value
            .strip_suffix(b"\n")
            .map_or(value.len(), |rest| rest.strip_suffix(b"\r").unwrap_or(rest).len());
    if end > 0 && out.ends_with(&value[value.len() - end..]) {
        out.truncate(out.len() - end);
    }
    out
}
