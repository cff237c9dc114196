//! JUnit as CI servers read it: parsed back by another library, and held against Jenkins' schema.

use super::fixture;
use inboxqa::model::{Finding, Report, Verdict};
use inboxqa::report::junit;
use inboxqa::report::redact::Redacted;
use quick_junit::{NonSuccessKind, TestCaseStatus};
use std::collections::BTreeSet;
use std::process::Command;

fn document(report: Report) -> String {
    junit::render(&Redacted::new(report, &[]))
}

fn parsed(report: Report) -> quick_junit::Report {
    quick_junit::Report::deserialize_from_str(&document(report)).unwrap()
}

fn identities(report: &quick_junit::Report) -> BTreeSet<(String, String, String)> {
    let suites = report.test_suites.iter();
    suites
        .flat_map(|suite| {
            suite.test_cases.iter().map(|case| {
                let class = case
                    .classname
                    .as_ref()
                    .map(|class| class.to_string())
                    .unwrap_or_default();
                (suite.name.to_string(), class, case.name.to_string())
            })
        })
        .collect()
}

#[test]
fn outcomes_become_the_elements_that_ci_servers_count() {
    let report = parsed(fixture::every_verdict());
    let status = |class: &str, name: &str| {
        let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        let found = cases.find(|case| {
            case.name.as_str() == name && case.classname.as_ref().is_some_and(|own| own.as_str() == class)
        });
        found.unwrap_or_else(|| panic!("{class} {name}")).clone()
    };
    let spam = status("launch.cio-marketing.yahoo-1", "spring-sale › placement");
    let TestCaseStatus::NonSuccess {
        kind: NonSuccessKind::Failure,
        ty,
        description,
        ..
    } = &spam.status
    else {
        panic!("{spam:?}")
    };
    assert_eq!(ty.as_ref().unwrap().as_str(), "placement.spam");
    let told = description.as_ref().unwrap().as_str();
    assert!(
        told.contains("expected: inbox") && told.contains("rerun: inboxqa run suites/launch.toml"),
        "{told}"
    );
    let blind = status("launch.postmark-tx.yahoo-1", "order-confirmation › arrival");
    assert!(matches!(
        blind.status,
        TestCaseStatus::NonSuccess {
            kind: NonSuccessKind::Error,
            ..
        }
    ));
    let skipped = status("launch.postmark-tx.yahoo-1", "order-confirmation › dkim-signature");
    assert!(matches!(skipped.status, TestCaseStatus::Skipped { .. }));
    let warned = status("launch.cio-marketing.gmail-1", "spring-sale › link-health");
    assert!(matches!(warned.status, TestCaseStatus::Success { .. }));
    assert!(warned.system_out.unwrap().as_str().contains("link-health.dead"));
    let late = status("launch.cio-marketing.yahoo-1", "spring-sale › arrival");
    assert_eq!(late.time.unwrap().as_millis(), 61_000);
}

/// Reads them by the words of Maven Surefire, as `cargo nextest` writes them.
#[test]
fn the_other_tries_of_a_delivery_stand_in_its_cases() {
    let report = parsed(fixture::retried());
    let arrival = |mailbox: &str| {
        let mut cases = report.test_suites.iter().flat_map(|suite| &suite.test_cases);
        let class = format!("launch.postmark-tx.{mailbox}");
        let own = |case: &&quick_junit::TestCase| {
            case.name.as_str() == "order-confirmation › arrival"
                && case.classname.as_ref().is_some_and(|own| own.as_str() == class)
        };
        cases.find(own).unwrap().status.clone()
    };
    let TestCaseStatus::Success { flaky_runs, .. } = arrival("gmail-1") else {
        panic!("a delivery that was well at the second try passes")
    };
    let [first] = flaky_runs.as_slice() else {
        panic!("{flaky_runs:?}")
    };
    assert_eq!(first.kind, NonSuccessKind::Failure);
    assert_eq!(first.ty.as_ref().unwrap().as_str(), "arrival.missing");
    assert!(
        first
            .message
            .as_ref()
            .unwrap()
            .as_str()
            .starts_with("1st of 2 tries: missing")
    );
    assert!(first.stack_trace.as_ref().unwrap().as_str().contains("observed: swept"));
    for (mailbox, other) in [
        ("yahoo-1", NonSuccessKind::Failure),
        ("outlook-1", NonSuccessKind::Error),
    ] {
        let TestCaseStatus::NonSuccess { kind, reruns, .. } = arrival(mailbox) else {
            panic!("{mailbox}: what was never well fails")
        };
        assert_eq!(kind, NonSuccessKind::Failure, "{mailbox}");
        assert_eq!(
            reruns.runs.iter().map(|run| run.kind).collect::<Vec<_>>(),
            [other],
            "{mailbox}"
        );
    }
    let all: usize = report.test_suites.iter().map(|suite| suite.test_cases.len()).sum();
    assert_eq!(
        all,
        identities(&report).len(),
        "a case a check, however often it was tried"
    );
}

#[test]
fn identity_does_not_depend_on_the_outcome() {
    let report = fixture::green();
    let mut red = report.clone();
    for judged in &mut red.deliveries {
        for finding in &mut judged.findings {
            *finding = Finding::new(finding.check, Verdict::Fail, "changed", "Another outcome").with("a", "b");
        }
    }
    assert_eq!(identities(&parsed(report)), identities(&parsed(red)));
}

#[test]
fn several_findings_of_a_check_are_one_case_and_the_worst_decides() {
    let mut report = fixture::green();
    let check = inboxqa::model::CheckId::LinkHealth;
    let findings = &mut report.deliveries[0].findings;
    let place = findings.iter().position(|finding| finding.check == check).unwrap();
    findings.insert(place + 1, Finding::new(check, Verdict::Fail, "dead", "second link"));
    findings.insert(
        place + 1,
        Finding::new(check, Verdict::Blind, "refused-us", "third link"),
    );
    let parsed = parsed(report);
    let failed: Vec<_> = parsed
        .test_suites
        .iter()
        .flat_map(|suite| &suite.test_cases)
        .filter(|case| {
            !matches!(
                case.status,
                TestCaseStatus::Success { .. } | TestCaseStatus::Skipped { .. }
            )
        })
        .collect();
    assert_eq!(failed.len(), 1);
    let TestCaseStatus::NonSuccess { ty, description, .. } = &failed[0].status else {
        panic!()
    };
    assert_eq!(ty.as_ref().unwrap().as_str(), "link-health.dead");
    assert!(description.as_ref().unwrap().as_str().contains("third link"));
}

/// The schema Jenkins' xUnit plugin checks with.
#[test]
fn jenkins_schema_accepts_it() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/report/jenkins-junit.xsd");
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: jenkins_schema_accepts_it needs xmllint (Debian: libxml2-utils)");
        return;
    }
    for report in [
        fixture::green(),
        fixture::every_verdict(),
        fixture::retried(),
        fixture::saved_message(),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("report.xml");
        std::fs::write(&file, document(report)).unwrap();
        let output = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema", schema])
            .arg(&file)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
