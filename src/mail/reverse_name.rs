//! Has the sending server a name, and does that name lead back to its address? (Forward-confirmed reverse DNS; RFC 8601 §2.7.3 calls it iprev.)

use crate::model::{DnsRecords, RecordType};
use std::net::IpAddr;

/// Names of one address that are looked at.
const MAX_NAMES: usize = 3;

/// What the recorded answers come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReverseName {
    /// This name leads back to the address.
    Confirmed(String),
    /// There is no name.
    Missing,
    /// There are names, and none of them leads back.
    NotConfirmed(Vec<String>),
    /// DNS failed.
    Unknown,
    /// Nobody asked.
    NotAsked,
}

/// `2.0.0.192.in-addr.arpa` (RFC 1035 §3.5), `….ip6.arpa` (RFC 3596 §2.5).
pub fn question(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let nibbles = address
                .octets()
                .into_iter()
                .rev()
                .flat_map(|octet| [octet & 15, octet >> 4]);
            let labels: Vec<String> = nibbles.map(|nibble| format!("{nibble:x}")).collect();
            format!("{}.ip6.arpa", labels.join("."))
        }
    }
}

/// What is to be asked, as far as it is known: first for the names, then for their addresses.
pub fn wanted(dns: &DnsRecords, address: IpAddr) -> Vec<(String, RecordType)> {
    let reverse = (question(address), RecordType::Ptr);
    let forward = names(dns, address).into_iter().map(|name| (name, forward(address)));
    std::iter::once(reverse).chain(forward).collect()
}

/// Reads the answer off what is recorded.
pub fn of(dns: &DnsRecords, address: IpAddr) -> ReverseName {
    match dns
        .get(&question(address), RecordType::Ptr)
        .map(|answer| answer.known())
    {
        None => return ReverseName::NotAsked,
        Some(None) => return ReverseName::Unknown,
        Some(Some([])) => return ReverseName::Missing,
        Some(Some(_)) => {}
    }
    let names = names(dns, address);
    let mut unknown = false;
    for name in &names {
        match dns.get(name, forward(address)).and_then(|answer| answer.known()) {
            Some(found) if found.iter().any(|found| found.parse() == Ok(address)) => {
                return ReverseName::Confirmed(name.clone());
            }
            found => unknown |= found.is_none(),
        }
    }
    match unknown {
        true => ReverseName::Unknown,
        false => ReverseName::NotConfirmed(names),
    }
}

fn names(dns: &DnsRecords, address: IpAddr) -> Vec<String> {
    let answer = dns.get(&question(address), RecordType::Ptr);
    let names = answer.and_then(|answer| answer.known()).unwrap_or_default();
    let plain = |name: &String| name.trim_end_matches('.').to_ascii_lowercase();
    names.iter().take(MAX_NAMES).map(plain).collect()
}

fn forward(address: IpAddr) -> RecordType {
    match address {
        IpAddr::V4(_) => RecordType::A,
        IpAddr::V6(_) => RecordType::Aaaa,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DnsAnswer;

    const CLIENT: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

    fn records(values: &[&str]) -> DnsAnswer {
        DnsAnswer::Records(values.iter().map(|value| (*value).to_owned()).collect())
    }

    fn zone(reverse: DnsAnswer, forward: &[(&str, DnsAnswer)]) -> DnsRecords {
        let mut dns = DnsRecords::default();
        dns.record("9.113.0.203.in-addr.arpa", RecordType::Ptr, reverse);
        for (name, answer) in forward {
            dns.record(name, RecordType::A, answer.clone());
        }
        dns
    }

    #[test]
    fn each_outcome() {
        let two = || records(&["A.esp.example.", "b.esp.example"]);
        for (dns, expected) in [
            (DnsRecords::default(), ReverseName::NotAsked),
            (zone(DnsAnswer::Timeout, &[]), ReverseName::Unknown),
            (zone(DnsAnswer::NoName, &[]), ReverseName::Missing),
            (
                zone(
                    two(),
                    &[
                        ("a.esp.example", DnsAnswer::NoName),
                        ("b.esp.example", records(&["203.0.113.9"])),
                    ],
                ),
                ReverseName::Confirmed("b.esp.example".into()),
            ),
            (
                zone(
                    two(),
                    &[
                        ("a.esp.example", DnsAnswer::NoName),
                        ("b.esp.example", records(&["203.0.113.8"])),
                    ],
                ),
                ReverseName::NotConfirmed(vec!["a.esp.example".into(), "b.esp.example".into()]),
            ),
            (
                zone(
                    two(),
                    &[
                        ("a.esp.example", DnsAnswer::NoName),
                        ("b.esp.example", DnsAnswer::Timeout),
                    ],
                ),
                ReverseName::Unknown,
            ),
        ] {
            assert_eq!(of(&dns, CLIENT), expected);
        }
    }

    #[test]
    fn what_is_asked_next() {
        assert_eq!(
            wanted(&DnsRecords::default(), CLIENT),
            [("9.113.0.203.in-addr.arpa".to_owned(), RecordType::Ptr)]
        );
        let named = zone(records(&["a.esp.example."]), &[]);
        assert_eq!(wanted(&named, CLIENT)[1], ("a.esp.example".to_owned(), RecordType::A));
        let six = question("2001:db8::1".parse().unwrap());
        assert!(
            six.starts_with("1.0.0.0.") && six.ends_with("8.b.d.0.1.0.0.2.ip6.arpa"),
            "{six}"
        );
    }
}
