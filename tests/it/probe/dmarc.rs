//! The DMARC record that applies, by tree walk and by suffix list.

use inboxqa::model::{DmarcFact, DmarcResult, DnsAnswer, DnsRecords, RecordType};
use inboxqa::probe::auth::{AuthInput, verify};
use time::OffsetDateTime;

fn settle(raw: &[u8], mut dns: DnsRecords) -> (DmarcFact, Vec<String>) {
    let mut asked = Vec::new();
    for _ in 0..10 {
        let input = AuthInput {
            raw,
            client: None,
            helo: None,
            mail_from: None,
            arrived_at: OffsetDateTime::UNIX_EPOCH,
        };
        let verified = verify(&input, &dns);
        if verified.wanted.is_empty() {
            return (verified.authentication.dmarc, asked);
        }
        for (name, kind) in verified.wanted {
            dns.record(&name, kind, DnsAnswer::NoName);
            asked.push(name);
        }
    }
    panic!("never settles");
}

fn find(from: &str, records: &[(&str, &str)]) -> DmarcFact {
    let mut dns = DnsRecords::default();
    for (domain, _) in records {
        let texts = records
            .iter()
            .filter(|(name, _)| name == domain)
            .map(|(_, text)| (*text).to_owned())
            .collect();
        dns.record(&format!("_dmarc.{domain}"), RecordType::Txt, DnsAnswer::Records(texts));
    }
    settle(format!("From: a@{from}\r\n\r\nhello\r\n").as_bytes(), dns).0
}

#[test]
fn the_domains_own_record_comes_first() {
    let fact = find(
        "mail.brand.example",
        &[
            ("mail.brand.example", "v=DMARC1; p=none; adkim=s"),
            ("brand.example", "v=DMARC1; p=reject"),
        ],
    );
    assert_eq!((fact.result, fact.policy.as_deref()), (DmarcResult::Pass, Some("none")));
    assert!(fact.strict_dkim && !fact.strict_spf);
    assert_eq!(fact.record_domain.as_deref(), Some("mail.brand.example"));
    assert_eq!(fact.org_domain_walk.as_deref(), Some("brand.example"));
}

#[test]
fn else_the_organisations_and_its_policy_for_subdomains() {
    let fact = find(
        "mail.brand.example",
        &[("brand.example", "v=DMARC1; p=reject; sp=quarantine")],
    );
    assert_eq!(fact.policy.as_deref(), Some("quarantine"));
    assert_eq!(fact.record_domain.as_deref(), Some("brand.example"));
    assert_eq!(fact.record_domain_psl.as_deref(), Some("brand.example"));
}

#[test]
fn the_readings_may_differ() {
    // A record in between is met by the walk alone.
    let fact = find(
        "a.news.brand.example",
        &[
            ("news.brand.example", "v=DMARC1; p=reject; psd=n"),
            ("brand.example", "v=DMARC1; p=none"),
        ],
    );
    assert_eq!(fact.record_domain.as_deref(), Some("news.brand.example"));
    assert_eq!(fact.record_domain_psl.as_deref(), Some("brand.example"));
    assert_eq!(fact.org_domain_walk.as_deref(), Some("news.brand.example"));
}

#[test]
fn a_public_suffix_says_where_organisations_begin() {
    let fact = find("a.brand.bank.example", &[("bank.example", "v=DMARC1; p=reject; psd=y")]);
    assert_eq!(fact.org_domain_walk.as_deref(), Some("brand.bank.example"));
    assert_eq!(fact.record_domain.as_deref(), Some("bank.example"));
}

#[test]
fn nothing_broken_and_several() {
    assert_eq!(find("brand.example", &[]).result, DmarcResult::None);
    assert_eq!(
        find("brand.example", &[("brand.example", "spf2.0/pra -all")]).result,
        DmarcResult::None
    );
    assert_eq!(
        find("brand.example", &[("brand.example", "v=dmarc1; p=none")]).result,
        DmarcResult::None
    );
    assert_eq!(
        find("brand.example", &[("brand.example", "v=DMARC1; p=nothing")]).result,
        DmarcResult::PermError
    );
    let two = [
        ("brand.example", "v=DMARC1; p=none"),
        ("brand.example", "v=DMARC1; p=reject"),
    ];
    let fact = find("brand.example", &two);
    assert_eq!(fact.result, DmarcResult::PermError);
    assert!(fact.detail.contains("2 DMARC records"), "{}", fact.detail);
    let reports = find(
        "brand.example",
        &[("brand.example", "v=DMARC1; rua=mailto:d@brand.example")],
    );
    assert_eq!(
        (reports.result, reports.policy.as_deref()),
        (DmarcResult::Pass, Some("none"))
    );
}

#[test]
fn dns_that_failed_is_a_temporary_error() {
    let mut dns = DnsRecords::default();
    dns.record(
        "_dmarc.brand.example",
        RecordType::Txt,
        DnsAnswer::Failed("SERVFAIL".into()),
    );
    let (fact, _) = settle(b"From: a@brand.example\r\n\r\nhello\r\n", dns);
    assert_eq!(fact.result, DmarcResult::TempError);
    assert!(fact.detail.contains("SERVFAIL"), "{}", fact.detail);
}

#[test]
fn the_walk_asks_at_most_eight_questions() {
    let (_, asked) = settle(
        b"From: a@a.b.c.d.e.f.g.h.i.brand.example\r\n\r\nhello\r\n",
        DnsRecords::default(),
    );
    assert!(
        asked.contains(&"_dmarc.a.b.c.d.e.f.g.h.i.brand.example".to_owned()),
        "{asked:?}"
    );
    assert!(
        asked.contains(&"_dmarc.e.f.g.h.i.brand.example".to_owned()),
        "{asked:?}"
    );
    assert!(
        !asked.contains(&"_dmarc.d.e.f.g.h.i.brand.example".to_owned()),
        "{asked:?}"
    );
    assert_eq!(asked.len(), 8, "{asked:?}");
}

#[test]
fn only_one_from_address_can_be_judged() {
    for raw in [
        "To: x@y.example\r\n\r\nhello\r\n",
        "From: a@brand.example\r\nFrom: b@brand.example\r\n\r\nhello\r\n",
        "From: a@brand.example, b@brand.example\r\n\r\nhello\r\n",
        "From: undisclosed:;\r\n\r\nhello\r\n",
        "From: nobody\r\n\r\nhello\r\n",
    ] {
        let input = AuthInput {
            raw: raw.as_bytes(),
            client: None,
            helo: None,
            mail_from: None,
            arrived_at: OffsetDateTime::UNIX_EPOCH,
        };
        let verified = verify(&input, &DnsRecords::default());
        assert_eq!(verified.authentication.from_domain, None, "{raw}");
        assert_eq!(verified.authentication.dmarc.result, DmarcResult::None);
    }
}

#[test]
fn a_mistyped_policy_for_subdomains_spoils_the_whole_record() {
    let reports = "rua=mailto:dmarc@brand.example";
    for tag in ["sp=rejct", "np=all"] {
        let asks = format!("v=DMARC1; p=reject; {tag}; {reports}");
        let fact = find("brand.example", &[("brand.example", &asks)]);
        assert_eq!(fact.policy.as_deref(), Some("none"), "{tag}");
        assert!(
            fact.detail.contains(&format!("{tag}, which is no policy")),
            "{}",
            fact.detail
        );
        let silent = format!("v=DMARC1; p=reject; {tag}");
        let fact = find("brand.example", &[("brand.example", &silent)]);
        assert_eq!(fact.result, DmarcResult::PermError, "{tag}");
        assert!(fact.detail.contains(tag), "{}", fact.detail);
    }
}

#[test]
fn a_policy_for_names_that_do_not_exist_is_told_where_it_could_apply() {
    let record = "v=DMARC1; p=none; sp=quarantine; np=reject";
    // Nothing but `_dmarc.brand.example` exists here.
    let fact = find("news.brand.example", &[("brand.example", record)]);
    assert_eq!(fact.policy.as_deref(), Some("reject"));
    assert!(fact.detail.contains("np= is for news.brand.example"), "{}", fact.detail);
    assert_eq!(fact.list.unwrap().policy.as_deref(), Some("quarantine"));
    let own = find("brand.example", &[("brand.example", record)]);
    assert_eq!(own.policy.as_deref(), Some("none"));
}
