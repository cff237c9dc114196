//! The chain of ARC (RFC 8617) as the fields say it: who sealed, and what each found of the chain before. Its signatures are not
//! verified here and it makes no verdict better: it shows through whose hands a message went.

use super::reading::Reading;
use std::collections::BTreeMap;

/// The three fields of one instance.
const FIELDS: [&str; 3] = ["ARC-Seal", "ARC-Message-Signature", "ARC-Authentication-Results"];
/// Instances a chain may have (RFC 8617 §4.2.1).
const MOST: u32 = 50;

/// One set of the chain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Instance {
    /// How often each of the three fields is there: seal, message signature, authentication results.
    pub fields: [u32; 3],
    /// `d=` of the seal.
    pub sealer: Option<String>,
    /// `cv=` of the seal: what it found of the chain before it.
    pub chain: Option<String>,
    /// What the sealer says it had verified.
    pub results: Option<String>,
}

/// The chain by instance number; a field without a usable `i=` stands at 0.
pub fn chain(reading: &Reading<'_>) -> BTreeMap<u32, Instance> {
    let mut chain: BTreeMap<u32, Instance> = BTreeMap::new();
    for (at, name) in FIELDS.iter().enumerate() {
        for field in reading.headers().all(name) {
            let text = field.unfolded();
            let number = tag(&text, "i").and_then(|number| number.parse().ok()).unwrap_or(0);
            let instance = chain.entry(number).or_default();
            instance.fields[at] += 1;
            if at == 0 {
                instance.sealer = tag(&text, "d").map(|domain| domain.to_ascii_lowercase());
                instance.chain = tag(&text, "cv").map(|word| word.to_ascii_lowercase());
            }
            if at == 2 {
                instance.results = text.split_once(';').map(|(_, rest)| rest.trim().to_owned());
            }
        }
    }
    chain
}

fn tag(text: &str, wanted: &str) -> Option<String> {
    let mut pairs = text.split(';').filter_map(|part| part.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == wanted)?;
    Some(value.trim().to_owned())
}

/// What breaks the chain by its form (RFC 8617 §5.2), in words; `None` for a whole one.
pub fn broken(chain: &BTreeMap<u32, Instance>) -> Option<String> {
    let last = chain.keys().last().copied().unwrap_or(0);
    if last > MOST {
        return Some(format!("it has more than {MOST} instances"));
    }
    if chain.contains_key(&0) {
        return Some("a field has no instance number".to_owned());
    }
    for number in 1..=last {
        let Some(instance) = chain.get(&number) else {
            return Some(format!("i={number} is missing"));
        };
        if let Some(at) = instance.fields.iter().position(|count| *count != 1) {
            return Some(format!("i={number} has {} {} fields", instance.fields[at], FIELDS[at]));
        }
        let wanted = if number == 1 { "none" } else { "pass" };
        let found = instance.chain.as_deref().unwrap_or("nothing");
        if found != wanted {
            return Some(format!("i={number} says cv={found} where only cv={wanted} can stand"));
        }
    }
    None
}

/// In words; `None` for a message without ARC.
pub fn told(reading: &Reading<'_>) -> Option<String> {
    let chain = chain(reading);
    if chain.is_empty() {
        return None;
    }
    let one = |(number, instance): (&u32, &Instance)| {
        let sealer = instance.sealer.as_deref().unwrap_or("nobody");
        let found = instance.chain.as_deref().unwrap_or("nothing");
        format!("i={number} sealed by {sealer}, cv={found}")
    };
    let instances: Vec<String> = chain.iter().map(one).collect();
    let state = match broken(&chain) {
        Some(why) => format!("the chain is broken: {why}"),
        None => "the chain is whole by its fields".to_owned(),
    };
    Some(format!(
        "ARC: {}; {state}; the seals were not verified, and ARC changes no verdict here",
        instances.join("; ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(number: u32, sealer: &str, chain: &str) -> String {
        format!(
            "ARC-Seal: i={number}; a=rsa-sha256; t=1; cv={chain};\r\n d={sealer}; s=k; b=AAAA\r\n\
             ARC-Message-Signature: i={number}; a=rsa-sha256; d={sealer}; s=k; bh=AA; b=AA\r\n\
             ARC-Authentication-Results: i={number}; mx.{sealer}; dkim=pass header.d=brand.example\r\n"
        )
    }

    fn words(head: &str) -> Option<String> {
        told(&Reading::new(
            format!("{head}From: a@brand.example\r\n\r\nhello\r\n").as_bytes(),
        ))
    }

    #[test]
    fn a_chain_says_who_sealed() {
        assert_eq!(words(""), None);
        let whole = words(&(set(2, "esp.example", "pass") + &set(1, "list.example", "none"))).unwrap();
        let start = "ARC: i=1 sealed by list.example, cv=none; i=2 sealed by esp.example, cv=pass; the chain is whole";
        assert!(whole.starts_with(start), "{whole}");
    }

    #[test]
    fn what_breaks_it_is_told() {
        for (head, why) in [
            (set(2, "esp.example", "pass"), "i=1 is missing"),
            (set(1, "esp.example", "pass"), "i=1 says cv=pass where only cv=none"),
            (
                set(1, "a.example", "none") + &set(2, "esp.example", "fail"),
                "i=2 says cv=fail",
            ),
            (
                set(1, "a.example", "none") + &set(1, "b.example", "none"),
                "i=1 has 2 ARC-Seal fields",
            ),
            ("ARC-Seal: d=esp.example\r\n".to_owned(), "no instance number"),
            (
                "ARC-Seal: i=1; cv=none; d=esp.example\r\n".to_owned(),
                "0 ARC-Message-Signature fields",
            ),
            (
                "ARC-Seal: i=4000000000; cv=none\r\n".to_owned(),
                "more than 50 instances",
            ),
        ] {
            let told = words(&head).unwrap();
            assert!(told.contains("the chain is broken: ") && told.contains(why), "{told}");
        }
    }
}
