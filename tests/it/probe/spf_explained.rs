//! SPF told term by term: what decided, what it cost, where it went; and the two evaluators held equal over many zones.

use inboxqa::model::{DnsAnswer, DnsRecords, RecordType, SpfFact, SpfResult};
use inboxqa::probe::auth::{AuthInput, verify};
use time::OffsetDateTime;

/// Records as lines: `name TYPE data`; `!` for DNS that fails. What is not there does not exist.
fn zone(lines: &str) -> DnsRecords {
    let mut dns = DnsRecords::default();
    let split: Vec<Vec<&str>> = lines
        .lines()
        .map(|line| line.trim().splitn(3, ' ').collect())
        .filter(|parts: &Vec<&str>| parts.len() == 3)
        .collect();
    for parts in &split {
        let kind = match parts[1] {
            "TXT" => RecordType::Txt,
            "A" => RecordType::A,
            "AAAA" => RecordType::Aaaa,
            "MX" => RecordType::Mx,
            "PTR" => RecordType::Ptr,
            other => panic!("{other}"),
        };
        let same = split.iter().filter(|other| other[..2] == parts[..2]);
        let records: Vec<String> = same.map(|other| other[2].to_owned()).collect();
        let answer = match parts[2] {
            "!" => DnsAnswer::Failed("SERVFAIL".into()),
            _ => DnsAnswer::Records(records),
        };
        dns.record(parts[0], kind, answer);
    }
    dns
}

fn judged(client: &str, mail_from: &str, lines: &str) -> SpfFact {
    let mut dns = zone(lines);
    for _ in 0..40 {
        let input = AuthInput {
            raw: b"From: a@brand.example\r\n\r\nhello\r\n",
            client: Some((client.parse().unwrap(), "received".into())),
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

const FOUR: &str = "192.0.2.7";
const SIX: &str = "2001:db8::7";

/// Scenarios after RFC 7208 and its published test suite, in words of our own. Client, zone, result.
#[rustfmt::skip]
const SCENARIOS: &[(&str, &str, SpfResult)] = &[
    // Records.
    (FOUR, "", SpfResult::None),
    (FOUR, "brand.example TXT v=spf1", SpfResult::Neutral),
    (FOUR, "brand.example TXT v=spf10 -all", SpfResult::None),
    (FOUR, "brand.example TXT V=SPF1 -ALL", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 -all\nbrand.example TXT v=spf1 +all", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1   ip4:192.0.2.0/24   -all  ", SpfResult::Pass),
    (FOUR, "brand.example TXT !", SpfResult::TempError),
    // Addresses.
    (FOUR, "brand.example TXT v=spf1 ip4:192.0.2.7 -all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 ip4:192.0.2.8/31 -all", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 ip4:0.0.0.0/0 -all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 ip6:::/0 ~all", SpfResult::SoftFail),
    (SIX, "brand.example TXT v=spf1 ip6:2001:db8::/64 -all", SpfResult::Pass),
    (SIX, "brand.example TXT v=spf1 ip4:192.0.2.0/24 -all", SpfResult::Fail),
    (SIX, "brand.example TXT v=spf1 ip4:0.0.0.0/0 -all", SpfResult::Fail),
    ("::ffff:192.0.2.7", "brand.example TXT v=spf1 ip4:192.0.2.7 -all", SpfResult::Pass),
    ("::ffff:192.0.2.7", "brand.example TXT v=spf1 a -all\nbrand.example A 192.0.2.7", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 ip4:192.0.2.0/33 -all", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 ip4: -all", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 ip6:192.0.2.1 -all", SpfResult::PermError),
    // Qualifiers and order: the first match decides.
    (FOUR, "brand.example TXT v=spf1 -ip4:192.0.2.7 ip4:192.0.2.0/24 -all", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 ?all -all", SpfResult::Neutral),
    (FOUR, "brand.example TXT v=spf1 +all foo", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 moo=cow -all", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 all/8 -all", SpfResult::PermError),
    // a and mx.
    (FOUR, "brand.example TXT v=spf1 a -all\nbrand.example A 192.0.2.7", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 a/24 -all\nbrand.example A 192.0.2.200", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 a//64 -all\nbrand.example A 192.0.2.200", SpfResult::Fail),
    (SIX, "brand.example TXT v=spf1 a/8//64 -all\nbrand.example AAAA 2001:db8::1", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 a:out.brand.example -all\nout.brand.example A !", SpfResult::TempError),
    (FOUR, "brand.example TXT v=spf1 a:gone.example -all", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 mx -all\nbrand.example MX 10 mx.brand.example\nmx.brand.example A 192.0.2.7", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 mx:other.example/24 -all\nother.example MX 10 mx.brand.example\nmx.brand.example A 192.0.2.9", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 mx -all\nbrand.example MX !", SpfResult::TempError),
    // include.
    (FOUR, "brand.example TXT v=spf1 include:esp.example -all\nesp.example TXT v=spf1 ip4:192.0.2.7 -all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 include:esp.example ~all\nesp.example TXT v=spf1 -all", SpfResult::SoftFail),
    (FOUR, "brand.example TXT v=spf1 -include:esp.example +all\nesp.example TXT v=spf1 +all", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 include:esp.example +all\nesp.example TXT v=spf1 ?all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 include:esp.example +all", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 include:esp.example +all\nesp.example TXT v=spf1 foo", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 include:esp.example +all\nesp.example TXT !", SpfResult::TempError),
    (FOUR, "brand.example TXT v=spf1 ip4:192.0.2.7 include:gone.example -all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 include:brand.example -all", SpfResult::PermError),
    // redirect.
    (FOUR, "brand.example TXT v=spf1 redirect=esp.example\nesp.example TXT v=spf1 ip4:192.0.2.7 -all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 redirect=esp.example\nesp.example TXT v=spf1 ~all", SpfResult::SoftFail),
    (FOUR, "brand.example TXT v=spf1 redirect=esp.example -all\nesp.example TXT v=spf1 +all", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 redirect=gone.example", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 redirect=brand.example", SpfResult::PermError),
    // exists and macros.
    (FOUR, "brand.example TXT v=spf1 exists:%{ir}.allow.example -all\n7.2.0.192.allow.example A 127.0.0.2", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 exists:%{l}.%{o}.allow.example -all\nbounce.brand.example.allow.example A 127.0.0.2", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 exists:%{h}.allow.example -all\nmta.esp.example.allow.example A 127.0.0.2", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 exists:%{d2}.%{v}.allow.example -all\nbrand.example.in-addr.allow.example A 127.0.0.2", SpfResult::Pass),
    (SIX, "brand.example TXT v=spf1 exists:allow.example -all\nallow.example A 127.0.0.2", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 include:%{d1r}.esp.example -all\nbrand.esp.example TXT v=spf1 +all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 exists:%{x}.allow.example -all", SpfResult::PermError),
    // ptr.
    (FOUR, "brand.example TXT v=spf1 ptr -all\n7.2.0.192.in-addr.arpa PTR out.brand.example.\nout.brand.example A 192.0.2.7", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 ptr -all\n7.2.0.192.in-addr.arpa PTR out.brand.example.\nout.brand.example A 192.0.2.8", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 ptr:other.example -all\n7.2.0.192.in-addr.arpa PTR out.brand.example.\nout.brand.example A 192.0.2.7", SpfResult::Fail),
    (FOUR, "brand.example TXT v=spf1 ptr -all\n7.2.0.192.in-addr.arpa PTR !", SpfResult::Fail),
    // Limits.
    (FOUR, "brand.example TXT v=spf1 a:v1.example a:v2.example +all", SpfResult::Pass),
    (FOUR, "brand.example TXT v=spf1 a:v1.example a:v2.example a:v3.example +all", SpfResult::PermError),
    (FOUR, "brand.example TXT v=spf1 exists:v1.example mx:v2.example a:v3.example +all", SpfResult::PermError),
];

#[test]
fn two_evaluators_come_to_the_same() {
    let mut wrong = Vec::new();
    for (client, lines, expected) in SCENARIOS {
        let fact = judged(client, "bounce@brand.example", lines);
        let ours = fact.trace.unwrap().read.result;
        if (fact.result, ours) != (*expected, *expected) {
            wrong.push(format!(
                "{lines}\n  expected {expected:?}, mail-auth {:?}, ours {ours:?}",
                fact.result
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn ten_terms_may_ask_and_eleven_may_not() {
    for (count, expected) in [(10, SpfResult::Pass), (11, SpfResult::PermError)] {
        let mut lines: String = (1..=count)
            .map(|number| format!("s{number}.example TXT v=spf1 ip4:198.51.100.{number} -all\n"))
            .collect();
        let includes: Vec<String> = (1..=count).map(|number| format!("include:s{number}.example")).collect();
        lines += &format!("brand.example TXT v=spf1 {} +all", includes.join(" "));
        let fact = judged(FOUR, "bounce@brand.example", &lines);
        let trace = fact.trace.unwrap();
        assert_eq!((fact.result, trace.read.result), (expected, expected), "{count}");
        assert_eq!(trace.lookups, count);
    }
}

#[test]
fn the_term_that_decided_is_named_with_its_record() {
    let lines = "brand.example TXT v=spf1 include:gone.example.test include:esp.example -all\n\
                 gone.example.test TXT v=spf1 -all\nesp.example TXT v=spf1 ip4:192.0.2.0/24 ~all";
    let trace = judged(FOUR, "bounce@brand.example", lines).trace.unwrap();
    assert_eq!(trace.decided.as_deref(), Some("ip4:192.0.2.0/24 of esp.example"));
    assert_eq!((trace.lookups, trace.voids), (2, 0));
    let trace = judged("198.51.100.1", "bounce@brand.example", lines).trace.unwrap();
    assert_eq!(trace.decided.as_deref(), Some("-all of brand.example"));
    let terms: Vec<&str> = trace.read.terms.iter().map(|term| term.term.as_str()).collect();
    assert_eq!(terms, ["include:gone.example.test", "include:esp.example", "-all"]);
    let inner = trace.read.terms[1].read.as_ref().unwrap();
    assert_eq!(
        (inner.domain.as_str(), inner.result),
        ("esp.example", SpfResult::SoftFail)
    );
}

#[test]
fn macros_are_shown_as_what_they_came_to() {
    let lines = "brand.example TXT v=spf1 exists:%{ir}.allow.example -all";
    let trace = judged(FOUR, "bounce@brand.example", lines).trace.unwrap();
    assert_eq!(trace.read.terms[0].asked.as_deref(), Some("7.2.0.192.allow.example"));
    assert_eq!(trace.voids, 1);
}

#[test]
fn an_error_says_where_it_stands() {
    let lines = "brand.example TXT v=spf1 include:esp.example -all\nesp.example TXT v=spf1 inlcude:x.example -all";
    let trace = judged(FOUR, "bounce@brand.example", lines).trace.unwrap();
    let words = "`inlcude:x.example` is no valid term (esp.example)";
    assert_eq!(trace.decided.as_deref(), Some(words));
}
