//! DMARC, a table: who wrote, what DNS holds, what verified, and the verdict and policy by each of the two standards.

use crate::checks::scene::delivered;
use inboxqa::checks::dmarc_readings;
use inboxqa::mail::alignment::align;
use inboxqa::model::{DkimFact, DkimResult, DmarcResult, DnsAnswer, DnsRecords, RecordType, SpfFact, SpfResult};
use inboxqa::probe::auth::{AuthInput, verify};
use time::OffsetDateTime;

/// From domain; records (`domain` for its `_dmarc`, `A domain` for an address; `!` for DNS that fails); domains that sign, `-` before
/// one whose signature does not verify; SPF's domain, `-` before one that does not pass, empty for none; RFC 7489; RFC 9989.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
    &'static str,
    &'static str,
    &'static str,
);

const REJECT: &str = "v=DMARC1; p=reject";
const SP: &str = "v=DMARC1; p=reject; sp=quarantine";
const NP: &str = "v=DMARC1; p=none; sp=quarantine; np=reject";
const RUA: &str = "v=DMARC1; rua=mailto:d@brand.example";

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Who aligns.
    ("brand.example", &[("brand.example", REJECT)], &["brand.example"], "", "pass reject", "pass reject"),
    ("brand.example", &[("brand.example", REJECT)], &[], "brand.example", "pass reject", "pass reject"),
    ("brand.example", &[("brand.example", REJECT)], &["-brand.example"], "-brand.example", "fail reject", "fail reject"),
    ("brand.example", &[("brand.example", REJECT)], &["-brand.example", "brand.example"], "", "pass reject", "pass reject"),
    ("brand.example", &[("brand.example", REJECT)], &["esp.example"], "esp.example", "fail reject", "fail reject"),
    ("brand.example", &[("brand.example", REJECT)], &["mail.brand.example"], "", "pass reject", "pass reject"),
    ("brand.example", &[("brand.example", REJECT)], &[], "bounces.brand.example", "pass reject", "pass reject"),
    ("brand.example", &[("brand.example", REJECT)], &["notbrand.example"], "brand.example.evil.test", "fail reject", "fail reject"),
    ("mail.brand.example", &[("brand.example", REJECT)], &["brand.example"], "", "pass reject", "pass reject"),
    ("mail.brand.example", &[("brand.example", REJECT)], &["news.brand.example"], "", "pass reject", "pass reject"),
    // A public suffix speaks for nobody.
    ("brand.co.uk", &[("brand.co.uk", REJECT)], &["co.uk"], "uk", "fail reject", "fail reject"),
    ("brand.co.uk", &[("brand.co.uk", REJECT)], &["other.co.uk"], "", "fail reject", "fail reject"),
    ("brand.co.uk", &[("co.uk", REJECT)], &["co.uk"], "", "none", "fail reject"),
    ("brand.com", &[("brand.com", REJECT)], &["com"], "", "fail reject", "fail reject"),
    // Modes.
    ("mail.brand.example", &[("brand.example", "v=DMARC1; p=reject; adkim=s")], &["brand.example"], "", "fail reject", "fail reject"),
    ("mail.brand.example", &[("brand.example", "v=DMARC1; p=reject; adkim=s")], &["brand.example"], "b.brand.example", "pass reject", "pass reject"),
    ("mail.brand.example", &[("brand.example", "v=DMARC1; p=reject; aspf=s")], &[], "b.brand.example", "fail reject", "fail reject"),
    ("mail.brand.example", &[("brand.example", "v=DMARC1; p=reject; aspf=s")], &[], "mail.brand.example", "pass reject", "pass reject"),
    ("mail.brand.example", &[("brand.example", "v=DMARC1; p=reject; adkim=x")], &["brand.example"], "", "pass reject", "pass reject"),
    ("a.news.brand.example", &[("news.brand.example", "v=DMARC1; p=none; psd=n; adkim=s"), ("brand.example", REJECT)], &["news.brand.example"], "", "pass reject", "fail none"),
    ("a.news.brand.example", &[("news.brand.example", "v=DMARC1; p=none; psd=n"), ("brand.example", "v=DMARC1; p=reject; adkim=s")], &["news.brand.example"], "", "fail reject", "pass none"),
    // Which record, and which of its policies.
    ("brand.example", &[("brand.example", SP)], &[], "", "fail reject", "fail reject"),
    ("mail.brand.example", &[("brand.example", SP)], &[], "", "fail quarantine", "fail quarantine"),
    ("mail.brand.example", &[("mail.brand.example", "v=DMARC1; p=none"), ("brand.example", SP)], &[], "", "fail none", "fail none"),
    ("mail.brand.example", &[("mail.brand.example", "v=DMARC1; p=none; sp=reject"), ("brand.example", SP)], &["brand.example"], "", "pass none", "pass none"),
    ("a.mail.brand.example", &[("mail.brand.example", "v=DMARC1; p=none"), ("brand.example", REJECT)], &[], "", "fail reject", "fail reject"),
    ("a.mail.brand.example", &[("mail.brand.example", "v=DMARC1; p=none")], &["mail.brand.example"], "", "none", "pass none"),
    ("a.mail.brand.example", &[("mail.brand.example", "v=DMARC1; p=quarantine")], &["brand.example"], "", "none", "fail quarantine"),
    // Subdomains that do not exist: RFC 9989 alone.
    ("brand.example", &[("brand.example", NP)], &[], "", "fail none", "fail none"),
    ("gone.brand.example", &[("brand.example", NP)], &[], "", "fail quarantine", "fail reject"),
    ("mail.brand.example", &[("brand.example", NP), ("A mail.brand.example", "192.0.2.1")], &[], "", "fail quarantine", "fail quarantine"),
    ("mail.brand.example", &[("brand.example", NP), ("A mail.brand.example", "!")], &[], "", "fail quarantine", "fail quarantine"),
    ("gone.brand.example", &[("brand.example", "v=DMARC1; p=none; np=reject")], &["brand.example"], "", "pass none", "pass reject"),
    ("gone.brand.example", &[("brand.example", "v=DMARC1; p=none; sp=reject")], &[], "", "fail reject", "fail reject"),
    ("gone.brand.example", &[("gone.brand.example", NP)], &[], "", "fail none", "fail none"),
    // Records that say it wrong.
    ("brand.example", &[("brand.example", "v=DMARC1")], &["brand.example"], "", "permerror", "permerror"),
    ("brand.example", &[("brand.example", RUA)], &[], "", "fail none", "fail none"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=rejct; rua=mailto:d@brand.example")], &[], "", "fail none", "fail none"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=rejct")], &[], "", "permerror", "permerror"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=rejct; rua=nonsense")], &[], "", "permerror", "permerror"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=reject; sp=rejct; rua=mailto:d@brand.example")], &[], "", "fail none", "fail none"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=reject; sp=rejct")], &["brand.example"], "", "permerror", "permerror"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=reject; np=rejct; rua=mailto:d@brand.example")], &[], "", "fail reject", "fail none"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=reject; np=rejct")], &["brand.example"], "", "pass reject", "permerror"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=REJECT; what=ever")], &[], "", "fail reject", "fail reject"),
    ("brand.example", &[("brand.example", "v=dmarc1; p=reject")], &["brand.example"], "", "none", "none"),
    ("brand.example", &[("brand.example", "p=reject; v=DMARC1")], &["brand.example"], "", "none", "none"),
    ("brand.example", &[("brand.example", REJECT), ("brand.example", "v=spf1 -all")], &[], "", "fail reject", "fail reject"),
    ("brand.example", &[("brand.example", REJECT), ("brand.example", RUA)], &["brand.example"], "", "permerror", "permerror"),
    // Several records end the search by the list; the walk passes over them.
    ("mail.brand.example", &[("mail.brand.example", REJECT), ("mail.brand.example", RUA), ("brand.example", SP)], &["brand.example"], "", "permerror", "pass quarantine"),
    // Public suffixes that say so.
    ("brand.bank.example", &[("bank.example", "v=DMARC1; p=reject; psd=y")], &["mail.brand.bank.example"], "", "pass reject", "pass reject"),
    ("a.brand.bank.example", &[("bank.example", "v=DMARC1; p=none; sp=reject; psd=y")], &["other.bank.example"], "", "pass reject", "fail reject"),
    ("a.brand.bank.example", &[("brand.bank.example", "v=DMARC1; p=none"), ("bank.example", "v=DMARC1; p=reject; psd=y")], &["b.brand.bank.example"], "", "pass reject", "pass none"),
    ("gone.bank.example", &[("bank.example", "v=DMARC1; p=none; np=reject; psd=y")], &["bank.example"], "", "pass none", "fail reject"),
    ("bank.example", &[("bank.example", "v=DMARC1; p=reject; psd=y")], &["bank.example"], "", "pass reject", "pass reject"),
    ("brand.co.uk", &[("co.uk", "v=DMARC1; p=reject; psd=y")], &["brand.co.uk"], "", "none", "pass reject"),
    // `psd=n` makes an organisation of its own.
    ("a.news.brand.example", &[("news.brand.example", "v=DMARC1; p=none; psd=n"), ("brand.example", REJECT)], &["brand.example"], "", "pass reject", "fail none"),
    ("news.brand.example", &[("news.brand.example", "v=DMARC1; p=quarantine; psd=n"), ("brand.example", REJECT)], &[], "b.brand.example", "pass quarantine", "fail quarantine"),
    // A test, and a part.
    ("brand.example", &[("brand.example", "v=DMARC1; p=reject; t=y")], &[], "", "fail reject", "fail reject"),
    ("brand.example", &[("brand.example", "v=DMARC1; p=reject; pct=20")], &[], "", "fail reject", "fail reject"),
    // No record, and DNS that fails.
    ("brand.example", &[], &["brand.example"], "", "none", "none"),
    ("brand.example", &[("brand.example", "!")], &["brand.example"], "", "temperror", "temperror"),
    ("a.b.brand.example", &[("a.b.brand.example", REJECT), ("b.brand.example", "!")], &["a.b.brand.example"], "", "pass reject", "temperror"),
    // The walk jumps over the labels between the eighth and the domain itself; the list never looks there.
    ("a.b.c.d.e.f.g.h.brand.example", &[("brand.example", REJECT)], &["brand.example"], "", "pass reject", "pass reject"),
    ("a.b.c.d.e.f.g.h.brand.example", &[("b.c.d.e.f.g.h.brand.example", REJECT)], &["brand.example"], "", "none", "none"),
];

fn zone(records: &[(&str, &str)]) -> DnsRecords {
    let mut dns = DnsRecords::default();
    for (at, text) in records {
        if *text == "!" {
            let failed = DnsAnswer::Failed("SERVFAIL".into());
            match at.strip_prefix("A ") {
                Some(name) => dns.record(name, RecordType::A, failed),
                None => dns.record(&format!("_dmarc.{at}"), RecordType::Txt, failed),
            }
        } else if let Some(name) = at.strip_prefix("A ") {
            dns.record(name, RecordType::A, DnsAnswer::Records(vec![(*text).to_owned()]));
        } else {
            let there = records.iter().filter(|(name, _)| name == at);
            let texts = there.map(|(_, text)| (*text).to_owned()).collect();
            dns.record(&format!("_dmarc.{at}"), RecordType::Txt, DnsAnswer::Records(texts));
        }
    }
    dns
}

fn signature(text: &str) -> DkimFact {
    let domain = text.trim_start_matches('-');
    let passes = domain == text;
    DkimFact {
        domain: domain.into(),
        selector: "k1".into(),
        algorithm: "rsa-sha256".into(),
        canonicalization: "relaxed/relaxed".into(),
        identity: None,
        signed_headers: vec!["from".into()],
        length: None,
        body_length: 7,
        signed_at: None,
        expires_at: None,
        bits: Some(2048),
        key_records: 1,
        key_flags: Vec::new(),
        result: if passes { DkimResult::Pass } else { DkimResult::Fail },
        reason: if passes { "ok" } else { "signature" }.into(),
        detail: String::new(),
        body_hash_ok: Some(true),
        headers_ok: Some(passes),
    }
}

fn spf(text: &str) -> SpfFact {
    let domain = text.trim_start_matches('-');
    SpfFact {
        result: if domain == text {
            SpfResult::Pass
        } else {
            SpfResult::Fail
        },
        domain: domain.into(),
        client: "192.0.2.1".parse().unwrap(),
        client_source: "received".into(),
        detail: String::new(),
        trace: None,
    }
}

/// The two verdicts, each with its policy.
fn judged((from, records, signers, envelope, ..): &Row) -> (String, String) {
    let raw = format!("From: a@{from}\r\n\r\nhello\r\n");
    let mut dns = zone(records);
    let input = AuthInput {
        raw: raw.as_bytes(),
        client: None,
        helo: None,
        mail_from: None,
        arrived_at: OffsetDateTime::UNIX_EPOCH,
    };
    let mut auth = loop {
        let verified = verify(&input, &dns);
        if verified.wanted.is_empty() {
            break verified.authentication;
        }
        for (name, kind) in verified.wanted {
            dns.record(&name, kind, DnsAnswer::NoName);
        }
    };
    auth.dkim = signers.iter().map(|text| signature(text)).collect();
    auth.spf = (!envelope.is_empty()).then(|| spf(envelope));
    let voices: Vec<String> = auth.dkim.iter().map(|fact| fact.domain.clone()).collect();
    for domain in voices.iter().chain(auth.spf.iter().map(|fact| &fact.domain)) {
        while let Err(questions) = align(&dns, from, domain) {
            questions
                .iter()
                .for_each(|(name, kind)| dns.record(name, *kind, DnsAnswer::NoName));
        }
    }
    if auth.spf.is_none() {
        auth.spf = Some(spf("-nobody.test"));
    }
    let mut scene = delivered(raw.as_bytes());
    scene.evidence.dns = dns;
    scene.evidence.authentication = Some(auth);
    let made = dmarc_readings(&scene.evidence, &scene.policy).unwrap();
    let words = |result: DmarcResult, policy: Option<String>| {
        let words = format!("{result:?} {}", policy.unwrap_or_default()).to_lowercase();
        words.trim().to_owned()
    };
    (
        words(made.list.result, made.list.policy),
        words(made.walk.result, made.walk.policy),
    )
}

#[test]
fn each_standard_comes_to_its_own_verdict() {
    assert!(ROWS.len() >= 40);
    let mut wrong = Vec::new();
    for row in ROWS {
        let (list, walk) = judged(row);
        if (list.as_str(), walk.as_str()) != (row.4, row.5) {
            wrong.push(format!("{row:?}\n  RFC 7489: {list}\n  RFC 9989: {walk}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
