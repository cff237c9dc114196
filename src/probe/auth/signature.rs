//! One DKIM-Signature field (RFC 6376 §3.5): its tags as facts, and the reasons for which it counts for nothing before any key is
//! asked for.

use super::tags;
use crate::model::{DkimFact, DkimResult};

/// A signature with everything that verification needs.
pub struct Signature {
    /// The facts so far; the verdict is `ok` or what is wrong with the field itself.
    pub fact: DkimFact,
    /// What it says as octets; `None` where the field is malformed or unsupported.
    pub octets: Option<Octets>,
}

/// The two values in base64.
pub struct Octets {
    /// `b=`.
    pub signature: Vec<u8>,
    /// `bh=`.
    pub body_hash: Vec<u8>,
}

/// Names signed at most; a longer `h=` is malformed.
const MAX_SIGNED: usize = 512;

/// Reads the field's value.
pub fn read(value: &[u8]) -> Signature {
    let text = String::from_utf8_lossy(value);
    let mut fact = empty();
    let octets = tags::parse(&text)
        .map_err(|why| ("malformed", why))
        .and_then(|tags| fill(&mut fact, &tags).and_then(|()| octets(&tags)));
    match octets {
        Ok(octets) => Signature {
            fact,
            octets: Some(octets),
        },
        Err((reason, detail)) => {
            fact.result = DkimResult::PermError;
            fact.reason = reason.to_owned();
            fact.detail = detail;
            Signature { fact, octets: None }
        }
    }
}

fn octets(tags: &[(String, String)]) -> Result<Octets, Wrong> {
    let one = |tag: &str| {
        let octets = tags::get(tags, tag).and_then(tags::base64);
        octets.ok_or_else(|| ("malformed", format!("{tag}= is no base64")))
    };
    Ok(Octets {
        signature: one("b")?,
        body_hash: one("bh")?,
    })
}

fn empty() -> DkimFact {
    DkimFact {
        domain: String::new(),
        selector: String::new(),
        algorithm: String::new(),
        canonicalization: "simple/simple".to_owned(),
        identity: None,
        signed_headers: Vec::new(),
        length: None,
        body_length: 0,
        signed_at: None,
        expires_at: None,
        bits: None,
        key_flags: Vec::new(),
        key_records: 0,
        result: DkimResult::Pass,
        reason: "ok".to_owned(),
        detail: String::new(),
        body_hash_ok: None,
        headers_ok: None,
    }
}

type Wrong = (&'static str, String);

fn fill(fact: &mut DkimFact, tags: &[(String, String)]) -> Result<(), Wrong> {
    let packed = |tag: &str| tags::get(tags, tag).map(tags::packed).unwrap_or_default();
    // In internationalised mail names may stand in any letters (RFC 8616 §5); keys are asked for, and names compared, as A-labels.
    fact.domain = a_labels(&packed("d"));
    fact.selector = a_labels(&packed("s"));
    fact.algorithm = packed("a").to_ascii_lowercase();
    fact.identity = tags::get(tags, "i").map(tags::packed);
    fact.signed_headers = packed("h")
        .split(':')
        .filter(|name| !name.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    fact.signed_at = number(tags, "t")?;
    fact.expires_at = number(tags, "x")?;
    fact.length = number(tags, "l")?.and_then(|length: i64| u64::try_from(length).ok());
    if let Some(canonicalization) = tags::get(tags, "c") {
        let packed = tags::packed(canonicalization).to_ascii_lowercase();
        fact.canonicalization = if packed.contains('/') {
            packed
        } else {
            format!("{packed}/simple")
        };
    }
    required(tags)?;
    supported(fact, tags)?;
    sound(fact)
}

fn number(tags: &[(String, String)], tag: &str) -> Result<Option<i64>, Wrong> {
    let Some(value) = tags::get(tags, tag) else {
        return Ok(None);
    };
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    match value.parse() {
        Ok(number) if digits => Ok(Some(number)),
        _ => Err(("malformed", format!("{tag}= is no number"))),
    }
}

fn required(tags: &[(String, String)]) -> Result<(), Wrong> {
    for tag in ["v", "a", "b", "bh", "d", "h", "s"] {
        if tags::get(tags, tag).is_none_or(|value| tags::packed(value).is_empty()) {
            return Err(("malformed", format!("{tag}= is missing")));
        }
    }
    match tags::get(tags, "v") {
        Some("1") => Ok(()),
        _ => Err(("malformed", "v= is not 1".to_owned())),
    }
}

fn supported(fact: &DkimFact, tags: &[(String, String)]) -> Result<(), Wrong> {
    match fact.algorithm.as_str() {
        "rsa-sha256" | "ed25519-sha256" => (),
        "rsa-sha1" => return Err(("unsupported", "a=rsa-sha1 counts for nothing since RFC 8301".to_owned())),
        other => return Err(("unsupported", format!("a={other} is not known"))),
    }
    let known = ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"];
    if !known.contains(&fact.canonicalization.as_str()) {
        return Err(("unsupported", format!("c={} is not known", fact.canonicalization)));
    }
    let methods = tags::get(tags, "q").map(tags::packed).unwrap_or("dns/txt".to_owned());
    if !methods.split(':').any(|method| method.eq_ignore_ascii_case("dns/txt")) {
        return Err(("unsupported", format!("q={methods} is not known")));
    }
    Ok(())
}

fn sound(fact: &DkimFact) -> Result<(), Wrong> {
    for (tag, name) in [("d", &fact.domain), ("s", &fact.selector)] {
        if !is_name(name) {
            return Err(("malformed", format!("{tag}= is no domain name")));
        }
    }
    if fact.signed_headers.len() > MAX_SIGNED {
        return Err(("malformed", format!("h= names more than {MAX_SIGNED} fields")));
    }
    if !fact.signed_headers.iter().any(|name| name == "from") {
        return Err(("from-unsigned", "From is not signed (h=)".to_owned()));
    }
    if let (Some(signed), Some(expires)) = (fact.signed_at, fact.expires_at)
        && expires <= signed
    {
        return Err(("malformed", "x= is not later than t=".to_owned()));
    }
    let domain = fact
        .identity
        .as_deref()
        .map(|identity| a_labels(identity_domain(identity)));
    let below = |domain: &String| *domain == fact.domain || domain.ends_with(&format!(".{}", fact.domain));
    match domain {
        Some(domain) if !below(&domain) => Err(("identity", format!("i= is not of {}", fact.domain))),
        _ => Ok(()),
    }
}

/// The domain of an `i=` value.
pub fn identity_domain(identity: &str) -> &str {
    identity.rsplit_once('@').map_or(identity, |(_, domain)| domain)
}

/// A name as it is asked for in DNS.
pub fn a_labels(name: &str) -> String {
    mail_auth::common::to_a_label(name).to_ascii_lowercase()
}

/// A name that can be asked for: A-labels, letters, digits, hyphens and underscores.
fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    name.len() <= 253 && name.split('.').all(label)
}
