//! Signatures of a sending service: the brand's for each domain of the contract, and its own; with every way to get them
//! wrong. What comes out beside the header fields is what the receiving side needs to know: how each signature will verify.

use crate::lab::dkim::{Manner, Signer, Validity};
use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::html;
use crate::lab::keys::{Key, Keyring};
use crate::lab::letter::Letter;
use crate::lab::mime::{TextKind, change_texts};
use crate::lab::plan::{Brand, RoutePlan, Vendor};
use std::sync::Arc;

/// Seconds in a day.
const DAY: i64 = 86_400;

/// How a signature verifies at the receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does.
    Pass,
    /// The body was changed.
    BodyHash,
    /// The key is not published.
    NoKey,
    /// The published key is another one.
    BadSignature,
    /// `x=` is past.
    Expired,
}

/// One signature of a message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// `d=`.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// The first letters of `b=` (Gmail's `header.b`).
    pub start: String,
    /// How it verifies.
    pub verdict: Verdict,
}

/// Signs the letter; the service's own signature ends up on top.
pub fn sign(letter: &mut Letter, plan: &RoutePlan, keys: &Keyring, active: &Active<'_>, now: i64) -> Vec<Stamp> {
    let mut stamps = Vec::new();
    if active.has(FaultKind::StripSignature) {
        return stamps;
    }
    let mut base = letter.clone();
    if active.has(FaultKind::UnsignedListUnsubscribe) {
        // What is not there when it is signed is not in `h=`.
        base.remove(|name| name.starts_with("list-unsubscribe"));
    }
    let manner = Manner {
        half_body: active.has(FaultKind::BodyLengthTag),
        few_fields: active.has(FaultKind::UnsignedHeaders),
    };
    let mut add = |signer: Signer, validity: Validity, verdict: Verdict| {
        let Some(value) = signer.sign(&base, validity, manner) else {
            return;
        };
        let start: String = value.rsplit("b=").next().unwrap_or_default().chars().take(8).collect();
        letter.prepend("DKIM-Signature", &value);
        let Signer { domain, selector, .. } = signer;
        stamps.insert(
            0,
            Stamp {
                domain,
                selector,
                start,
                verdict,
            },
        );
    };
    if !active.has(FaultKind::EspSignatureOnly) {
        let (validity, expired) = match active.has(FaultKind::ExpiredSignature) {
            true => (
                Validity {
                    signed: now - 2 * DAY,
                    expires: Some(now - DAY),
                },
                true,
            ),
            false => (
                Validity {
                    signed: now,
                    expires: Some(now + 2 * DAY),
                },
                false,
            ),
        };
        for brand in &plan.brands {
            for (signer, verdict) in brand_signers(plan, brand, keys, active) {
                let verdict = if expired && verdict == Verdict::Pass {
                    Verdict::Expired
                } else {
                    verdict
                };
                add(signer, validity, verdict);
            }
        }
    }
    let own = Signer {
        domain: plan.signs_as(active.has(FaultKind::WrongStream)),
        selector: plan.esp_selector.clone(),
        key: keys.esp.clone(),
    };
    add(
        own,
        Validity {
            signed: now,
            expires: Some(now + DAY),
        },
        Verdict::Pass,
    );
    if active.has(FaultKind::BreakBody) {
        break_body(letter);
        for stamp in stamps.iter_mut().filter(|stamp| stamp.verdict == Verdict::Pass) {
            stamp.verdict = Verdict::BodyHash;
        }
    }
    stamps
}

/// The brand's signers: RSA, and at services other than Postmark an Ed25519 one besides (RFC 8463 §3).
fn brand_signers(plan: &RoutePlan, brand: &Brand, keys: &Keyring, active: &Active<'_>) -> Vec<(Signer, Verdict)> {
    let signer = |selector: String, key: &Arc<Key>| Signer {
        domain: brand.domain.clone(),
        selector,
        key: key.clone(),
    };
    if active.has(FaultKind::WrongKey) {
        return vec![(signer(brand.wrong_selector(), &keys.stray), Verdict::BadSignature)];
    }
    if let Some(fault) = active.get(FaultKind::WeakKey) {
        let bits = fault.word();
        let key = keys.weak.iter().find(|(known, _)| *known == bits);
        let verdict = if bits == "512" {
            Verdict::BadSignature
        } else {
            Verdict::Pass
        };
        let signer = |(_, key): &(&str, Arc<Key>)| signer(brand.weak_selector(bits), key);
        return key
            .map(signer)
            .map(|signer| vec![(signer, verdict)])
            .unwrap_or_default();
    }
    if active.has(FaultKind::MissingKey) {
        return vec![(signer(brand.missing_selector(), &keys.brand), Verdict::NoKey)];
    }
    let classic = (signer(brand.selector.clone(), &keys.brand), Verdict::Pass);
    let modern = (signer(brand.modern_selector(), &keys.brand_modern), Verdict::Pass);
    match plan.transport {
        Vendor::Postmark => vec![classic],
        Vendor::CustomerIo | Vendor::Generic => vec![modern, classic],
    }
}

/// Adds an HTML comment (a line, where there is no HTML).
fn break_body(letter: &mut Letter) {
    let before = letter.body.clone();
    change_texts(letter, &mut |kind, text| {
        (kind == TextKind::Html).then(|| html::before_body_end(text, "<!-- scanned -->"))
    });
    if letter.body == before {
        letter.body.extend_from_slice(b"scanned\r\n");
    }
}
