//! Judged deliveries go in and come out the same.

use super::{delivery, marks, run_row, store_with_run};
use inboxqa::model::finding::{Finding, Verdict};
use inboxqa::model::policy::ProviderFacts;
use inboxqa::model::profile::{AuthresTrust, FolderRole};
use inboxqa::model::watch::{Arrival, MatchedBy, Sighting, WatchLog};
use inboxqa::model::{
    Category, CheckId, Contract, Digest, DnsAnswer, DnsRecords, Evidence, JudgedDelivery, LinkPolicy, Policy, Probe,
    RawMessage, RecordType, Report, RunFinding, Subject,
};
use inboxqa::store::StoreError;
use std::collections::BTreeMap;
use tempfile::tempdir;
use time::OffsetDateTime;
use time::macros::datetime;

/// Bytes of every value, so that nothing on the way can take them for text.
fn raw() -> RawMessage {
    RawMessage((0..=255).cycle().take(1001).collect())
}

fn arrival() -> Arrival {
    Arrival {
        sightings: vec![Sighting {
            folder: "INBOX".into(),
            role: FolderRole::Inbox,
            uid_validity: 7,
            uid: 42,
            at: datetime!(2026-03-01 10:00:01.123456789 UTC),
            after_ms: 1123,
            absent_until_ms: Some(900),
            internal_date: Some(datetime!(2026-03-01 10:00:01 UTC)),
            size: 1001,
            gmail_id: None,
            tab: None,
            matched_by: MatchedBy::Header,
            message_id: None,
            from: None,
        }],
        copies: vec![0],
        quiet_look: None,
        raw: raw(),
    }
}

fn policy() -> Policy {
    Policy {
        category: Category::Transactional,
        within_ms: 60_000,
        give_up_ms: 600_000,
        quiet_ms: 5_000,
        placement: vec!["inbox".into()],
        contract: Contract::default(),
        provider: ProviderFacts {
            provider: "gmail".into(),
            byte_exact: true,
            authres: AuthresTrust::Nobody,
            received_by: Vec::new(),
        },
        severity: BTreeMap::new(),
        links: LinkPolicy::default(),
        allowed_tags: Vec::new(),
        triggered: false,
        waivers: Vec::new(),
        spam: Default::default(),
    }
}

fn judged(case: &str, verdict: Verdict) -> JudgedDelivery {
    let mut dns = DnsRecords::default();
    dns.record(
        "brand.example",
        RecordType::Txt,
        DnsAnswer::Records(vec!["v=spf1 -all".into()]),
    );
    dns.record("gone.example", RecordType::A, DnsAnswer::Timeout);
    JudgedDelivery {
        evidence: Evidence {
            subject: Subject::Delivery(delivery(case, 9)),
            original: Some(raw()),
            submission: None,
            arrival: Probe::Seen(arrival()),
            file: None,
            watch: WatchLog {
                baseline: marks(),
                ..WatchLog::default()
            },
            dns,
            authentication: None,
            urls: Vec::new(),
            esp: Vec::new(),
            spam: Vec::new(),
            drill: None,
            faults: Vec::new(),
        },
        policy: policy(),
        findings: vec![Finding::new(
            CheckId::Arrival,
            verdict,
            "seen",
            "quotes ' and \u{1b}[31m and NUL \0 stay",
        )],
        digest: Digest::default(),
    }
}

fn report(id: &str, started_at: OffsetDateTime, deliveries: Vec<JudgedDelivery>) -> Report {
    Report {
        id: id.into(),
        suite: "launch".into(),
        files: vec!["suites/launch.toml".into()],
        mailboxes_file: None,
        world: "lab".into(),
        started_at,
        finished_at: started_at + time::Duration::seconds(9),
        interrupted: false,
        gates: Default::default(),
        notices: vec!["fence open for staging.brand.example".into()],
        deliveries,
        run_findings: vec![RunFinding {
            group: "postmark-tx".into(),
            finding: Finding::new(CheckId::InboxRate, Verdict::Warn, "low", "97 %"),
        }],
        waivers: vec![],
        unjudged: Vec::new(),
    }
}

#[tokio::test]
async fn a_finished_run_comes_back_equal_in_plan_order() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("runs.sqlite");
    let store = store_with_run(&path, "20260301-a").await;
    let whole = report(
        "20260301-a",
        datetime!(2026-03-01 10:00:00.5 UTC),
        vec![judged("sale", Verdict::Pass), judged("order", Verdict::Pass)],
    );
    for delivery in whole.deliveries.iter().rev() {
        store.save("20260301-a", delivery).await.unwrap();
    }
    store.finish(&whole).await.unwrap();
    drop(store);
    let store = inboxqa::store::Store::open(&path).await.unwrap();
    assert_eq!(store.load("20260301-a").await.unwrap(), whole);
}

#[tokio::test]
async fn a_run_that_was_killed_comes_back_as_interrupted_with_what_it_had_found() {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "r1").await;
    store.save("r1", &judged("order", Verdict::Blind)).await.unwrap();
    store.save("r1", &judged("order", Verdict::Fail)).await.unwrap();
    let half = store.load("last").await.unwrap();
    assert!(half.interrupted);
    assert_eq!(
        half.deliveries,
        [judged("order", Verdict::Fail)],
        "the later judgement replaces the earlier one"
    );
    let history = store.history(5).await.unwrap();
    assert_eq!((history[0].finished_at, history[0].worst), (None, Verdict::Fail));
    assert_eq!((history[0].totals.deliveries, history[0].totals.fail), (1, 1));
}

#[tokio::test]
async fn runs_are_found_by_id_by_beginning_and_as_the_last() {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "20250101-000000-zzzz").await;
    for (id, hour) in [
        ("20260301-100000-aaaa", 10),
        ("20260301-110000-bbbb", 11),
        ("20260301", 9),
    ] {
        let at = datetime!(2027-03-01 00:00 UTC) + time::Duration::hours(hour);
        store
            .finish(&report(id, at, vec![judged("order", Verdict::Pass)]))
            .await
            .unwrap();
    }
    let found = async |asked: &str| store.load(asked).await.map(|report| report.id);
    assert_eq!(found("last").await.unwrap(), "20260301-110000-bbbb");
    assert_eq!(found("20260301-1000").await.unwrap(), "20260301-100000-aaaa");
    assert_eq!(
        found("20260301").await.unwrap(),
        "20260301",
        "a whole id wins over beginnings"
    );
    assert!(matches!(found("2026").await.unwrap_err(), StoreError::AmbiguousRun { found, .. } if found.len() == 3));
    assert!(matches!(found("2026%").await.unwrap_err(), StoreError::NoRun(_)));
    let history = store.history(2).await.unwrap();
    assert_eq!(
        history.iter().map(|run| run.id.as_str()).collect::<Vec<_>>(),
        ["20260301-110000-bbbb", "20260301-100000-aaaa"]
    );
    assert_eq!(
        (history[0].worst, history[0].totals.pass),
        (Verdict::Warn, 1),
        "run-level findings count"
    );
}

#[tokio::test]
async fn a_run_id_is_begun_once() {
    let dir = tempdir().unwrap();
    let store = store_with_run(&dir.path().join("runs.sqlite"), "r1").await;
    assert_eq!(
        store.begin_run(&run_row("r1")).await.unwrap_err().why().code,
        "store-failed"
    );
}
