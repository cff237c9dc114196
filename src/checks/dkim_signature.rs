//! `dkim-signature`: is it signed by every domain that the route's contract names?

use super::check::{Check, Needs, Rule, Subject};
use super::standing::{self, Standing};
use super::words;
use crate::model::{Authentication, CheckId, DkimFact, Finding, Verdict};

const ID: CheckId = CheckId::DkimSignature;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "carries a verifying signature of every domain of the contract",
    explain: "Every domain in the route's `contract.dkim` must have a signature that verifies (RFC 6376): fields and body unchanged, a usable key in DNS, \
not expired at the moment of arrival. Without a contract any one verifying signature is enough. Signatures of others (the ESP's own) do no harm and \
count for nothing; each is told.\n\
Microsoft rebuilds the MIME structure of stored mail, so a body hash proves nothing there. What is wrong apart from the body (no signature, no key, a \
revoked or weak one) is still our own fact; where only the body differs, the provider's own Authentication-Results decides, if it speaks of this \
signature (or says dmarc=pass while SPF does not align). Without it the check is blind; a seed at another provider answers the question.\n\
Why it matters: DMARC rests on it wherever mail is forwarded, Gmail, Yahoo and Microsoft ask bulk senders for it, and a reputation is learnt by the \
domain that signs.\n\
What to do: the reason tells where. `no-signature`, `no-key`: finish the domain's set-up at the sending service and publish its records. `body-hash`, \
`signature`: something behind the signer changes the message (a relay, a footer, a gateway).",
    sources: &[
        "RFC 6376 §6",
        "RFC 8301",
        "RFC 8463 (Ed25519)",
        "RFC 8616 (names in other letters)",
    ],
    reasons: &[
        ("ok", "every domain has a signature that verifies"),
        (
            "by-provider",
            "the stored copy was rebuilt; the provider verified the signature on the way in",
        ),
        (
            "provider-says-fail",
            "the stored copy was rebuilt; the provider says that the signature did not verify",
        ),
        (
            "blind",
            "the stored copy was rebuilt, and the provider says nothing of this signature",
        ),
        ("no-signature", "no signature of that domain"),
        ("body-hash", "the body was changed after signing"),
        (
            "signature",
            "a signed field was changed, or it is another key's signature",
        ),
        ("expired", "x= had passed when the message arrived"),
        ("no-key", "no key under the selector"),
        ("revoked", "the key is revoked (empty p=)"),
        ("bad-key", "the key can not be used"),
        ("weak-key", "an RSA key below 1024 bits (RFC 8301)"),
        ("malformed", "the field breaks the form"),
        (
            "unsupported",
            "an algorithm, canonicalisation or query method that counts for nothing",
        ),
        ("identity", "i= is not of d="),
        ("from-unsigned", "From is not among the signed fields"),
        ("dns-failed", "the key could not be looked up"),
        ("dns-timeout", "no answer for the key in time"),
        ("not-asked", "the message asks more of DNS than one message may"),
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

/// What one domain comes to.
struct Said {
    verdict: Verdict,
    code: String,
    words: String,
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(auth) = &subject.evidence.authentication else {
        return Vec::new();
    };
    let wanted = &subject.policy.contract.dkim;
    let said: Vec<Said> = match wanted.is_empty() {
        true => any(subject, auth),
        false => wanted
            .iter()
            .map(|domain| by(subject, auth, &domain.to_ascii_lowercase()))
            .collect(),
    };
    let expected = match wanted.is_empty() {
        true => "a signature that verifies".to_owned(),
        false => format!("a verifying signature by {}", wanted.join(" and by ")),
    };
    let observed: Vec<&str> = said.iter().map(|said| said.words.as_str()).collect();
    let worst = match wanted.is_empty() {
        true => said.first(),
        false => said.iter().rev().max_by_key(|said| rank(said.verdict)),
    };
    let Some(worst) = worst else { return Vec::new() };
    let good = said.iter().filter(|said| said.verdict == Verdict::Pass).count();
    let summary = match worst.code.as_str() {
        "ok" if good < said.len() => {
            let verify = if good == 1 { "verifies" } else { "verify" };
            format!("signed, and {good} of {} signatures {verify}", said.len())
        }
        _ => summary(worst),
    };
    vec![
        Finding::new(ID, worst.verdict, &worst.code, summary)
            .with(expected, observed.join("\n"))
            .help(help(worst)),
    ]
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 2,
        Verdict::Blind => 1,
        _ => 0,
    }
}

/// The best of a domain's signatures.
fn by(subject: &Subject<'_>, auth: &Authentication, domain: &str) -> Said {
    let facts: Vec<&DkimFact> = auth.dkim.iter().filter(|fact| fact.domain == domain).collect();
    best(subject, &facts).unwrap_or_else(|| {
        let others: Vec<String> = auth.dkim.iter().map(|fact| fact.domain.clone()).collect();
        let others = if others.is_empty() {
            "not signed at all".to_owned()
        } else {
            format!("signed by {}", words::both(&others))
        };
        Said {
            verdict: Verdict::Fail,
            code: "no-signature".to_owned(),
            words: format!("no signature by {domain}; {others}"),
        }
    })
}

/// The best signature of all, and below it what is to be said of the others.
fn any(subject: &Subject<'_>, auth: &Authentication) -> Vec<Said> {
    let mut said: Vec<Said> = auth
        .dkim
        .iter()
        .map(|fact| say(fact, standing::of(fact, subject)))
        .collect();
    said.sort_by_key(|said| rank(said.verdict));
    if said.is_empty() {
        said.push(Said {
            verdict: Verdict::Fail,
            code: "no-signature".to_owned(),
            words: "not signed at all".to_owned(),
        });
    }
    said
}

fn best(subject: &Subject<'_>, facts: &[&DkimFact]) -> Option<Said> {
    let said = facts.iter().map(|fact| say(fact, standing::of(fact, subject)));
    said.min_by_key(|said| rank(said.verdict))
}

fn say(fact: &DkimFact, standing: Standing) -> Said {
    let (verdict, code) = match &standing {
        Standing::Verified(_) => (Verdict::Pass, "ok"),
        Standing::ByProvider(_) => (Verdict::Pass, "by-provider"),
        Standing::ProviderFails(_) => (Verdict::Fail, "provider-says-fail"),
        Standing::Broken(_) => (Verdict::Fail, fact.reason.as_str()),
        Standing::Unknown(code, _) => (Verdict::Blind, code.as_str()),
    };
    let key = match fact.bits {
        Some(bits) => format!("{}, {bits} bits", fact.algorithm),
        None => fact.algorithm.clone(),
    };
    let words = format!(
        "{} (s={}, {key}, c={}): {}",
        fact.domain,
        fact.selector,
        fact.canonicalization,
        standing.words()
    );
    Said {
        verdict,
        code: code.to_owned(),
        words,
    }
}

fn summary(said: &Said) -> String {
    match (said.verdict, said.code.as_str()) {
        (Verdict::Pass, "by-provider") => "signed; verified by the provider, which rebuilt the stored copy".to_owned(),
        (Verdict::Pass, _) => "signed, and it verifies".to_owned(),
        _ => said.words.clone(),
    }
}

fn help(said: &Said) -> &'static str {
    match said.code.as_str() {
        "ok" | "by-provider" => "",
        "no-signature" => {
            "Set up the sending domain at the ESP, and check that this route (stream, workspace) uses it."
        }
        "body-hash" | "provider-says-fail" => {
            "Something changes the message after it was signed: a footer, a rewriting relay, a mailing list."
        }
        "signature" => {
            "The key in DNS is not the one that signs (a rotated selector?), or a relay changes a signed field."
        }
        "expired" => {
            "The signature lives shorter than the delivery took: a queue, greylisting, or x= is set too tight."
        }
        "no-key" | "revoked" | "bad-key" => {
            "Publish the key that the ESP shows for this selector, exactly as it shows it."
        }
        "weak-key" => "Replace it by an RSA key of 2048 bits.",
        "dns-failed" | "dns-timeout" => {
            "Nothing is known of the signature, neither good nor bad. Look at the domain's name servers, and run again."
        }
        "blind" => "A seed at a provider that keeps the message as it came answers the question.",
        _ => "Look at the signing settings of the ESP: receivers treat the message as unsigned.",
    }
}
