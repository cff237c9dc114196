//! `dkim-strength`: how much is a signature worth that verifies? Key, algorithm, and what it leaves open to change.

use super::check::{Check, Needs, Rule, Subject};
use super::{web, words};
use crate::mail::suffix;
use crate::model::{CheckId, DkimFact, DkimResult, Finding, Verdict};

const ID: CheckId = CheckId::DkimStrength;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "signatures of the brand are strong and cover what they should",
    explain: "Looks at the signatures of the contract's domains (without a contract: of the From domain's), whether they verify or not: RSA keys under 1024 bits and rsa-sha1 fail (RFC 8301 §3), 1024 bits \
warn; a body that is covered only in part (`l=`) fails where something lies behind the covered part and warns elsewhere (RFC 6376 §8.2); fields that the message has and that are not in `h=` warn, and fail for Subject \
(RFC 6376 §5.4.1); a key record in testing (`t=y`) warns; so does a signature that lives less than an hour. A 1024-bit key that the sending service alone can change (its selector has Postmark's form, or it signs \
for a domain of the service's own) is `esp-managed-1024`, which `--strict` does not make a failure. Of other domains' signatures nothing else is judged.\n\
Why it matters: what is not signed can be changed and the message sent again under your name; weak keys can be computed, and Gmail treats signatures by them as none.\n\
What to do: publish an RSA key of 2048 bits (or add Ed25519), sign the whole body and the fields readers see, and take `t=y` out once it works.",
    sources: &[
        "RFC 6376 §3.6.1, §5.4.1, §8.2",
        "RFC 8301 §3",
        "Google, Email sender guidelines (a key of 1024 bits at least, 2048 recommended)",
    ],
    reasons: &[
        ("ok", "strong, and it covers what it should"),
        ("weak-key", "an RSA key under 1024 bits"),
        ("short-key", "an RSA key of less than 2048 bits"),
        (
            "esp-managed-1024",
            "a 1024-bit key that only the sending service can change",
        ),
        ("sha1", "signed by rsa-sha1"),
        ("body-length", "`l=` leaves the end of the body open to change"),
        ("unsigned-headers", "fields of the message are not signed"),
        (
            "several-keys",
            "the selector has more than one key record, and receivers may take any of them",
        ),
        ("testing", "the key record says that it is a test (`t=y`)"),
        ("short-lived", "the signature expires within hours"),
        ("no-signature", "there is no signature of these domains"),
        ("key-unknown", "the key could not be looked up"),
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

/// Fields that say who, what and when (RFC 6376 §5.4.1); those for unsubscribing are `list-unsubscribe`'s.
const WORTH_SIGNING: &[&str] = &["Subject", "Date", "To", "Cc", "Reply-To"];
/// Seconds. Greylisting alone holds mail for half an hour; Mailgun's signatures live two hours, Postmark's two days.
const SHORT_LIFE: i64 = 3_600;
const LONG_KEY: &str = "an RSA key of 2048 bits (RFC 8301 §3.2)";
/// Characters shown of what `l=` leaves open.
const TAIL: usize = 80;

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let (facts, others) = judged(subject);
    if facts.is_empty() {
        let summary = "not judged: there is no signature of the brand's (see dkim-signature)";
        return vec![Finding::new(ID, Verdict::Skip, "no-signature", summary)];
    }
    let mut findings: Vec<Finding> = facts.iter().flat_map(|fact| of(subject, fact)).collect();
    if findings.is_empty() && facts.iter().any(|fact| fact.result == DkimResult::TempError) {
        let told = facts
            .iter()
            .map(|fact| format!("{}: {}", name(fact), fact.detail))
            .collect::<Vec<_>>();
        let finding = Finding::new(ID, Verdict::Blind, "key-unknown", "the key could not be looked up");
        return vec![
            finding
                .with("a key record that can be read", web::listed(&told))
                .help("Nothing is known of the key. Look at the domain's name servers, and run again."),
        ];
    }
    findings.extend(others.into_iter().filter(|fact| verifies(fact)).filter_map(foreign));
    if findings.is_empty() {
        let told: Vec<String> = facts.iter().map(|fact| praise(fact)).collect();
        findings.push(Finding::new(ID, Verdict::Pass, "ok", web::listed(&told)));
    }
    findings
}

/// The signatures that speak for the brand, and the others.
fn judged<'s>(subject: &Subject<'s>) -> (Vec<&'s DkimFact>, Vec<&'s DkimFact>) {
    let Some(auth) = &subject.evidence.authentication else {
        return (Vec::new(), Vec::new());
    };
    let wanted = &subject.policy.contract.dkim;
    let from = auth.from_domain.as_deref().unwrap_or_default();
    let speaks = |fact: &&DkimFact| match wanted.is_empty() {
        true => suffix::organisation(&fact.domain).is_some_and(|one| Some(one) == suffix::organisation(from)),
        false => wanted.iter().any(|domain| domain.eq_ignore_ascii_case(&fact.domain)),
    };
    auth.dkim.iter().partition(speaks)
}

/// `b=` verifies; a body that was rebuilt on the way says nothing of the key.
fn verifies(fact: &DkimFact) -> bool {
    fact.headers_ok == Some(true)
}

fn of(subject: &Subject<'_>, fact: &DkimFact) -> Vec<Finding> {
    [
        algorithm(fact),
        key(fact),
        length(subject, fact),
        unsigned(subject, fact),
        several_keys(fact),
        testing(fact),
        life(fact),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn algorithm(fact: &DkimFact) -> Option<Finding> {
    fact.algorithm.eq_ignore_ascii_case("rsa-sha1").then(|| {
        found(Verdict::Fail, "sha1", format!("{} signs by rsa-sha1", fact.domain))
            .with("rsa-sha256 or ed25519-sha256 (RFC 8301 §3.1)", name(fact))
            .help("Receivers count the message as not signed. Switch the signer to rsa-sha256.")
    })
}

fn key(fact: &DkimFact) -> Option<Finding> {
    let bits = fact.bits.filter(|_| fact.algorithm.starts_with("rsa"))?;
    let expected = LONG_KEY;
    let observed = format!("{}: {bits} bits", name(fact));
    let summary = format!("the key of {} has {bits} bits", fact.domain);
    match bits {
        ..1024 => Some(
            found(Verdict::Fail, "weak-key", summary)
                .with(expected, observed)
                .help("It can be computed: anybody can sign in your name, and receivers count its signatures as none. Replace it."),
        ),
        1024..2048 if managed(fact) => Some(not_yours(fact, bits)),
        1024..2048 => Some(
            found(Verdict::Warn, "short-key", summary)
                .with(expected, observed)
                .help("1024 bits are the least that receivers take. Publish a key of 2048 bits under a new selector, and sign with it."),
        ),
        _ => None,
    }
}

/// Another domain's signature: its key is not the brand's to change.
fn foreign(fact: &DkimFact) -> Option<Finding> {
    let bits = fact.bits.filter(|_| fact.algorithm.starts_with("rsa"))?;
    (1024..2048).contains(&bits).then(|| not_yours(fact, bits))
}

fn not_yours(fact: &DkimFact, bits: u32) -> Finding {
    found(Verdict::Warn, "esp-managed-1024", format!("the key of {} has {bits} bits", fact.domain))
        .with(LONG_KEY, format!("{}: {bits} bits", name(fact)))
        .help("The sending service makes this key: nothing to be done but to ask it for 2048 bits. --strict does not count this warning.")
}

/// Postmark's selectors: the moment the key was made, and `pm`.
fn managed(fact: &DkimFact) -> bool {
    let digits = fact.selector.strip_suffix("pm").unwrap_or_default();
    digits.len() == 14 && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn length(subject: &Subject<'_>, fact: &DkimFact) -> Option<Finding> {
    let signed = fact.length?;
    let expected = "no l= tag (RFC 6376 §8.2)";
    let help = "Whoever gets the message can add to it and send it on with your signature. Switch body length limits off at the signer.";
    let open = fact.body_length.saturating_sub(signed);
    if open == 0 {
        let summary = format!("{} signs {signed} bytes of the body: more can be added", fact.domain);
        return Some(
            found(Verdict::Warn, "body-length", summary)
                .with(expected, format!("{}: l={signed}", name(fact)))
                .help(help),
        );
    }
    let summary = format!(
        "{} leaves {open} of {} bytes of the body unsigned",
        fact.domain, fact.body_length
    );
    let observed = format!("{}: l={signed}; the end, unsigned: {}", name(fact), tail(subject, open));
    Some(
        found(Verdict::Fail, "body-length", summary)
            .with(expected, observed)
            .help(help),
    )
}

/// The end of the message as it lies there, or the last of it: canonical bytes are never more than those of the message.
fn tail(subject: &Subject<'_>, bytes: u64) -> String {
    // A canonical body ends in one line break, which is left out here with whatever blanks follow it.
    let raw = subject.evidence.raw().unwrap_or_default().trim_ascii_end();
    let from = raw
        .len()
        .saturating_sub(usize::try_from(bytes.saturating_sub(2)).unwrap_or(usize::MAX));
    let text = String::from_utf8_lossy(&raw[from..]);
    let shown: Vec<&str> = text.split_whitespace().collect();
    let shown = shown.join(" ");
    match shown.char_indices().nth(TAIL) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

fn unsigned(subject: &Subject<'_>, fact: &DkimFact) -> Option<Finding> {
    let there = |field: &&&str| subject.reading.header(field).is_some();
    let signed = |field: &str| fact.signed_headers.iter().any(|name| name.eq_ignore_ascii_case(field));
    let open: Vec<String> = WORTH_SIGNING
        .iter()
        .filter(there)
        .filter(|field| !signed(field))
        .map(|field| (*field).to_owned())
        .collect();
    if open.is_empty() {
        return None;
    }
    let verdict = if open.iter().any(|field| field == "Subject") {
        Verdict::Fail
    } else {
        Verdict::Warn
    };
    let summary = format!(
        "{} does not sign {}",
        fact.domain,
        words::either(&open).replace(" or ", " and ")
    );
    Some(
        found(verdict, "unsigned-headers", summary)
            .with(format!("all of these that the message has: {} (RFC 6376 §5.4.1)", WORTH_SIGNING.join(", ")), format!("{}: h={}", name(fact), fact.signed_headers.join(":")))
            .help("What is not signed can be changed, and the message sent again under your name. Add the fields to what is signed."),
    )
}

fn several_keys(fact: &DkimFact) -> Option<Finding> {
    (fact.key_records > 1).then(|| {
        let summary = format!("the selector {} of {} has {} key records", fact.selector, fact.domain, fact.key_records);
        found(Verdict::Warn, "several-keys", summary)
            .with(
                "one key record under a selector (RFC 6376 §3.6.2.2)",
                format!("{} at {}._domainkey.{}", fact.key_records, fact.selector, fact.domain),
            )
            .help(
                "What receivers do with several is not defined: some take the first that comes, and the order changes from answer to answer. \
Leave the record of the key that signs, and give the other one a selector of its own.",
            )
    })
}

fn testing(fact: &DkimFact) -> Option<Finding> {
    fact.key_flags.iter().any(|flag| flag == "y").then(|| {
        found(
            Verdict::Warn,
            "testing",
            format!("the key of {} says that it is a test", fact.domain),
        )
        .with("a key record without t=y (RFC 6376 §3.6.1)", name(fact))
        .help("Receivers may treat the message as not signed. Take t=y out of the record.")
    })
}

fn life(fact: &DkimFact) -> Option<Finding> {
    let life = fact.expires_at? - fact.signed_at?;
    (life < SHORT_LIFE).then(|| {
        let hours = format!("{}.{} h", life / 3_600, life.rem_euclid(3_600) * 10 / 3_600);
        found(
            Verdict::Warn,
            "short-lived",
            format!("the signature of {} lives {hours}", fact.domain),
        )
        .with("at least 12 h between t= and x=", format!("{}: {hours}", name(fact)))
        .help("A message that waits in a queue arrives unsigned. Set x= to some days.")
    })
}

fn praise(fact: &DkimFact) -> String {
    let from = fact
        .signed_headers
        .iter()
        .filter(|name| name.eq_ignore_ascii_case("from"))
        .count();
    // One From more than there is can not be added afterwards (RFC 6376 §8.15).
    let oversigned = if from > 1 { ", From oversigned" } else { "" };
    let bits = fact.bits.map(|bits| format!(", {bits} bits")).unwrap_or_default();
    let strict = fact.key_flags.iter().any(|flag| flag == "s");
    // i= of a subdomain is no valid signature then, which `dkim-signature` tells (RFC 6376 §3.6.1).
    let strict = if strict { ", for its own domain alone (t=s)" } else { "" };
    format!(
        "{}{bits}, {} fields{oversigned}{strict}",
        name(fact),
        fact.signed_headers.len()
    )
}

fn name(fact: &DkimFact) -> String {
    format!("{} (s={}, {})", fact.domain, fact.selector, fact.algorithm)
}

fn found(verdict: Verdict, code: &str, summary: String) -> Finding {
    Finding::new(ID, verdict, code, summary)
}
