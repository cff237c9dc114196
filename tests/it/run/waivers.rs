//! A failure that is accepted for a while: told in every report, counted in none.

use super::kit::{self, Ran};
use serde_json::Value;
use std::path::Path;
use time::{Duration, OffsetDateTime};

const REPORTS: [&str; 3] = ["junit.xml", "page.html", "page.md"];

/// The quickstart with waivers, one of its deliveries sent to a lab that files it as junk.
fn run(folder: &Path, waive: &str, more: &[&str]) -> Ran {
    kit::copy_suites(folder);
    std::fs::copy(kit::shipped("mailboxes.example.toml"), folder.join("mailboxes.toml")).unwrap();
    let suite = std::fs::read_to_string(folder.join("quickstart.toml")).unwrap();
    let waived = suite.replacen("[suite]\n", &format!("[suite]\nwaive = [{waive}]\n"), 1);
    assert_ne!(suite, waived);
    std::fs::write(folder.join("quickstart.toml"), waived).unwrap();
    let mut arguments = vec![
        "run",
        "quickstart.toml",
        "--lab",
        "-E",
        "case(shipping-*) & mailbox(yahoo-1)",
    ];
    arguments.extend(more);
    for (option, file) in ["--junit", "--html", "--markdown"].into_iter().zip(REPORTS) {
        arguments.extend([option, file]);
    }
    kit::run_json(folder, &arguments)
}

fn in_days(days: i64) -> String {
    let day = OffsetDateTime::now_utc().date() + Duration::days(days);
    day.to_string()
}

fn placement(ran: &Ran) -> &Value {
    let findings = ran.deliveries()[0]["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["check"] == "placement").unwrap()
}

#[test]
fn what_is_waived_is_told_everywhere_and_fails_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let until = in_days(20);
    let waive = format!(
        r#"{{ check = "placement", until = "{until}", why = "new address, warming up", case = "shipping-*", reason = "placement.spam" }},
           {{ check = "inbox-rate", until = "{until}", why = "the same" }}"#
    );
    let ran = run(folder.path(), &waive, &["--fault", "junk", "--strict"]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    let told = placement(&ran);
    assert_eq!(
        (&told["verdict"], &told["reason"]),
        (&"warn".into(), &"placement.spam".into())
    );
    assert_eq!(told["waived"]["verdict"], "fail");
    assert_eq!(told["waived"]["until"], until.as_str());
    assert_eq!(ran.json["waivers"][0]["waived"], 1);
    assert_eq!(ran.json["waivers"][0]["idle"], false);
    let mut reports = vec![ran.stdout.clone()];
    reports.extend(REPORTS.map(|file| std::fs::read_to_string(folder.path().join(file)).unwrap()));
    for report in &reports {
        assert!(report.contains("new address, warming up"), "{report}");
        assert!(report.contains(&until), "{report}");
    }
    assert!(ran.stdout.contains(", 2 waived"), "{}", ran.stdout);
    let of_run = ran.json["run_findings"].as_array().unwrap();
    let rate = of_run.iter().find(|found| found["check"] == "inbox-rate").unwrap();
    assert_eq!(rate["waived"]["why"], "the same", "what is said of the run too");
    assert!(
        reports[1].contains("failures=\"0\"") && reports[1].contains("<skipped type=\"placement.spam\""),
        "{}",
        reports[1]
    );

    let again = kit::run_json(folder.path(), &["recheck", "last", "--strict"]);
    assert_eq!(again.code, Some(0), "the waivers of the run hold for its recheck");
    assert_eq!(
        (&ran.json["deliveries"], &ran.json["waivers"]),
        (&again.json["deliveries"], &again.json["waivers"])
    );
}

#[test]
fn another_reason_or_case_is_not_waived() {
    let folder = tempfile::tempdir().unwrap();
    let until = in_days(20);
    let waive = format!(
        r#"{{ check = "placement", until = "{until}", why = "x", reason = "placement.other" }},
           {{ check = "placement", until = "{until}", why = "x", case = "order-*" }}"#
    );
    let ran = run(folder.path(), &waive, &["--fault", "junk"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert_eq!(placement(&ran)["verdict"], "fail");
    assert!(placement(&ran)["waived"].is_null());
}

#[test]
fn a_waiver_that_nothing_needs_is_told_and_one_that_holds_for_very_long_too() {
    let folder = tempfile::tempdir().unwrap();
    let (soon, late) = (in_days(0), in_days(400));
    let waive = format!(
        r#"{{ check = "images", until = "{soon}", why = "cdn moves" }},
           {{ check = "dmarc", until = "{late}", why = "for ever" }},
           {{ check = "dmarc", until = "{soon}", why = "x", case = "order-*" }}"#
    );
    let ran = run(folder.path(), &waive, &[]);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    for line in [
        "images (quickstart.toml:",
        "waives nothing any more: delete it",
        "the waiver of dmarc holds for 400 days",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
    let idle = ran.json["waivers"].as_array().unwrap().iter();
    let idle: Vec<bool> = idle.map(|waiver| waiver["idle"] == true).collect();
    assert_eq!(idle, [true, true], "of a case that was not sent nothing is known");
}

#[test]
fn a_reason_that_the_check_never_gives_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    let suite = std::fs::read_to_string(folder.path().join("quickstart.toml")).unwrap();
    let waive = format!(
        r#"waive = [{{ check = "images", until = "{}", why = "x", reason = "images.brokn" }}]"#,
        in_days(1)
    );
    std::fs::write(
        folder.path().join("quickstart.toml"),
        suite.replacen("[suite]\n", &format!("[suite]\n{waive}\n"), 1),
    )
    .unwrap();
    let output = kit::inboxqa(folder.path())
        .args(["lint", "quickstart.toml", "--mailboxes"])
        .arg(kit::shipped("mailboxes.example.toml"))
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("quickstart.toml:") && text.contains("did you mean `images.broken`?"),
        "{text}"
    );
}
