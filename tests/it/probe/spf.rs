//! SPF over recorded answers: the verdicts of RFC 7208, and what has to be looked up for them.

use inboxqa::model::{DnsAnswer, DnsRecords, RecordType, SpfFact, SpfResult};
use inboxqa::probe::auth::{AuthInput, verify};
use std::net::IpAddr;
use time::OffsetDateTime;

const RAW: &[u8] = b"From: a@brand.example\r\n\r\nhello\r\n";

fn records(dns: &mut DnsRecords, name: &str, kind: RecordType, records: &[&str]) {
    dns.record(
        name,
        kind,
        DnsAnswer::Records(records.iter().map(|record| (*record).to_owned()).collect()),
    );
}

fn zone(entries: &[(&str, RecordType, &str)]) -> DnsRecords {
    let mut dns = DnsRecords::default();
    for (name, kind, record) in entries {
        let all: Vec<&str> = entries
            .iter()
            .filter(|(n, k, _)| (n, k) == (name, kind))
            .map(|(.., record)| *record)
            .collect();
        if dns.get(name, *kind).is_none() {
            records(&mut dns, name, *kind, &all);
        }
        let _ = record;
    }
    dns
}

/// Judges until nothing is wanted; what the zone does not hold does not exist.
fn settle(client: &str, mail_from: &str, mut dns: DnsRecords) -> SpfFact {
    let client: IpAddr = client.parse().unwrap();
    for _ in 0..30 {
        let input = AuthInput {
            raw: RAW,
            client: Some((client, "received".into())),
            helo: Some("mta.esp.example".into()),
            mail_from: Some(mail_from.into()),
            arrived_at: OffsetDateTime::UNIX_EPOCH,
        };
        let verified = verify(&input, &dns);
        if verified.wanted.is_empty() {
            return verified.authentication.spf.unwrap();
        }
        for (name, kind) in verified.wanted {
            dns.record(&name, kind, DnsAnswer::NoName);
        }
    }
    panic!("never settles");
}

fn result(client: &str, entries: &[(&str, RecordType, &str)]) -> SpfResult {
    settle(client, "bounce@brand.example", zone(entries)).result
}

const TXT: RecordType = RecordType::Txt;

#[test]
fn addresses_and_qualifiers() {
    let record = |end: &str| format!("v=spf1 ip4:192.0.2.0/28 ip6:2001:db8::/32 {end}");
    for (client, end, expected) in [
        ("192.0.2.9", "-all", SpfResult::Pass),
        ("2001:db8::9", "-all", SpfResult::Pass),
        ("198.51.100.1", "-all", SpfResult::Fail),
        ("198.51.100.1", "~all", SpfResult::SoftFail),
        ("198.51.100.1", "?all", SpfResult::Neutral),
        ("198.51.100.1", "", SpfResult::Neutral),
        ("198.51.100.1", "ip4:192.0.2.300 -all", SpfResult::PermError),
        ("198.51.100.1", "ip4:192.0.2 -all", SpfResult::PermError),
        ("198.51.100.1", "ipv4:192.0.2.1 -all", SpfResult::PermError),
        ("198.51.100.1", "foo -all", SpfResult::PermError),
        ("198.51.100.1", "all:x -all", SpfResult::PermError),
        ("198.51.100.1", "ip4:192.0.2.0/33 -all", SpfResult::PermError),
        ("198.51.100.1", "unknown=%{i} -all", SpfResult::Fail),
        ("198.51.100.1", "a:%{x}.brand.example -all", SpfResult::PermError),
    ] {
        assert_eq!(
            result(client, &[("brand.example", TXT, &record(end))]),
            expected,
            "{client} {end}"
        );
    }
}

#[test]
fn the_fact_says_what_was_judged() {
    let fact = settle(
        "192.0.2.9",
        "bounce@Brand.Example",
        zone(&[("brand.example", TXT, "v=spf1 ip4:192.0.2.9 -all")]),
    );
    assert_eq!(fact.domain, "brand.example");
    assert_eq!(fact.client_source, "received");
    assert!(
        fact.detail.contains("192.0.2.9 is permitted") && fact.detail.contains("v=spf1 ip4:192.0.2.9 -all"),
        "{}",
        fact.detail
    );
}

#[test]
fn names_are_looked_up_through_what_was_recorded() {
    let entries = [
        (
            "brand.example",
            TXT,
            "v=spf1 a:out.brand.example mx include:esp.example -all",
        ),
        ("out.brand.example", RecordType::A, "192.0.2.1"),
        ("brand.example", RecordType::Mx, "10 mx.brand.example"),
        ("mx.brand.example", RecordType::A, "192.0.2.2"),
        ("esp.example", TXT, "v=spf1 ip4:203.0.113.0/24 ~all"),
    ];
    assert_eq!(result("192.0.2.1", &entries), SpfResult::Pass);
    assert_eq!(result("192.0.2.2", &entries), SpfResult::Pass);
    assert_eq!(result("203.0.113.7", &entries), SpfResult::Pass);
    assert_eq!(result("198.51.100.7", &entries), SpfResult::Fail);
}

#[test]
fn redirect_and_macros() {
    let entries = [
        ("brand.example", TXT, "v=spf1 redirect=_spf.esp.example"),
        ("_spf.esp.example", TXT, "v=spf1 exists:%{ir}.%{d}.allow.example -all"),
        ("7.113.0.203._spf.esp.example.allow.example", RecordType::A, "127.0.0.2"),
    ];
    assert_eq!(result("203.0.113.7", &entries), SpfResult::Pass);
    assert_eq!(result("203.0.113.8", &entries), SpfResult::Fail);
}

#[test]
fn exists_asks_for_ipv4_addresses_even_for_an_ipv6_client() {
    let entries = [
        (
            "brand.example",
            TXT,
            "v=spf1 -exists:blocked.example +exists:allowed.example -all",
        ),
        ("allowed.example", RecordType::A, "127.0.0.2"),
    ];
    assert_eq!(result("2001:db8::1", &entries), SpfResult::Pass);
    assert_eq!(result("192.0.2.1", &entries), SpfResult::Pass);
}

#[test]
fn ptr_is_verified_forward() {
    let entries = [
        ("brand.example", TXT, "v=spf1 ptr -all"),
        ("7.2.0.192.in-addr.arpa", RecordType::Ptr, "out.brand.example."),
        ("out.brand.example", RecordType::A, "192.0.2.7"),
    ];
    assert_eq!(result("192.0.2.7", &entries), SpfResult::Pass);
    assert_eq!(result("192.0.2.8", &entries), SpfResult::Fail);
}

#[test]
fn no_record_two_records_and_broken_includes() {
    assert_eq!(
        result("192.0.2.1", &[("brand.example", TXT, "google-site-verification=x")]),
        SpfResult::None
    );
    assert_eq!(result("192.0.2.1", &[]), SpfResult::None);
    let two = [
        ("brand.example", TXT, "v=spf1 +all"),
        ("brand.example", TXT, "v=spf1 -all"),
    ];
    assert_eq!(result("192.0.2.1", &two), SpfResult::PermError);
    assert_eq!(
        result(
            "192.0.2.1",
            &[("brand.example", TXT, "v=spf1 include:gone.example -all")]
        ),
        SpfResult::PermError
    );
    assert_eq!(
        result("192.0.2.1", &[("brand.example", TXT, "v=spf10 +all")]),
        SpfResult::None
    );
}

#[test]
fn more_than_ten_lookups_are_a_permanent_error() {
    let mut entries = vec![("brand.example".to_owned(), "v=spf1 include:i0.example -all".to_owned())];
    for step in 0..12 {
        entries.push((
            format!("i{step}.example"),
            format!("v=spf1 include:i{}.example -all", step + 1),
        ));
    }
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, record)| (name.as_str(), TXT, record.as_str()))
        .collect();
    assert_eq!(result("192.0.2.1", &entries), SpfResult::PermError);
}

#[test]
fn more_than_two_lookups_that_find_nothing_are_a_permanent_error() {
    let void = |count: usize| {
        let names: Vec<String> = (0..count).map(|step| format!("a:void{step}.example")).collect();
        format!("v=spf1 {} +all", names.join(" "))
    };
    assert_eq!(
        result("192.0.2.1", &[("brand.example", TXT, &void(2))]),
        SpfResult::Pass
    );
    assert_eq!(
        result("192.0.2.1", &[("brand.example", TXT, &void(3))]),
        SpfResult::PermError
    );
}

#[test]
fn dns_that_failed_is_a_temporary_error() {
    let mut txt = DnsRecords::default();
    txt.record("brand.example", TXT, DnsAnswer::Failed("SERVFAIL".into()));
    assert_eq!(
        settle("192.0.2.1", "bounce@brand.example", txt).result,
        SpfResult::TempError
    );

    let mut address = zone(&[("brand.example", TXT, "v=spf1 a:out.brand.example +all")]);
    address.record("out.brand.example", RecordType::A, DnsAnswer::Timeout);
    let fact = settle("192.0.2.1", "bounce@brand.example", address);
    assert_eq!(fact.result, SpfResult::TempError);
    assert!(fact.detail.contains("A out.brand.example"), "{}", fact.detail);

    let mut include = zone(&[("brand.example", TXT, "v=spf1 include:esp.example +all")]);
    include.record("esp.example", TXT, DnsAnswer::Timeout);
    assert_eq!(
        settle("192.0.2.1", "bounce@brand.example", include).result,
        SpfResult::TempError
    );
}

#[test]
fn a_bounce_is_judged_by_its_helo_name() {
    let fact = settle(
        "192.0.2.9",
        "",
        zone(&[("mta.esp.example", TXT, "v=spf1 ip4:192.0.2.9 -all")]),
    );
    assert_eq!(
        (fact.domain.as_str(), fact.result),
        ("mta.esp.example", SpfResult::Pass)
    );
}
