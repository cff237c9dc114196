//! `inboxqa doctor` through the binary: what it says of the lab, of a lab that misbehaves, and of secrets that are not there.

use super::kit;
use std::process::Output;

fn doctor(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    kit::inboxqa(folder.path())
        .arg("doctor")
        .arg(kit::shipped("suites/quickstart.toml"))
        .arg("--mailboxes")
        .arg(kit::shipped("mailboxes.example.toml"))
        .args(arguments)
        .output()
        .unwrap()
}

/// Level and area of every line that has them.
fn lines(output: &Output) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let levels = ["ok", "warn", "fail"];
    let of = |line: &str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.to_owned(), words.next()?.to_owned()))
    };
    let found = text.lines().filter(|line| line.starts_with("  ")).filter_map(of);
    found.filter(|(level, _)| levels.contains(&level.as_str())).collect()
}

#[test]
fn a_sound_lab_is_all_ok_and_every_area_is_looked_at() {
    let output = doctor(&["--lab"]);
    let lines = lines(&output);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    assert!(lines.iter().all(|(level, _)| level == "ok"), "{lines:?}");
    for (area, count) in [
        ("spf", 2),
        ("return-path", 2),
        ("dkim", 2),
        ("dmarc", 2),
        ("tracking", 3),
        ("smtp", 2),
        ("imap", 3),
        ("folders", 3),
    ] {
        assert_eq!(
            lines.iter().filter(|(_, found)| found == area).count(),
            count,
            "{area}: {lines:?}"
        );
    }
}

#[test]
fn json_tells_those_who_help_from_afar_more() {
    let output = doctor(&["--lab", "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["schema"], "inboxqa/doctor/1");
    let lines = report["lines"].as_array().unwrap();
    let of = |subject: &str, area: &str| {
        lines
            .iter()
            .find(|line| line["subject"] == subject && line["area"] == area)
            .unwrap()
    };
    let details = |subject, area| of(subject, area)["details"].to_string();
    assert!(
        details("gmail-1", "imap").contains("X-GM-EXT-1"),
        "{}",
        details("gmail-1", "imap")
    );
    assert!(
        details("gmail-1", "folders").contains("[Gmail]/Spam: Junk, by the server's SPECIAL-USE mark"),
        "{}",
        details("gmail-1", "folders")
    );
    assert!(
        details("outlook-1", "folders").contains("Junk: Junk, by the configured name"),
        "{}",
        details("outlook-1", "folders")
    );
    assert!(of("outlook-1", "imap")["text"].as_str().unwrap().contains("by xoauth2"));
    assert_eq!(of("gmail-1", "quota")["text"], "12 % of 16106 MB used");
}

#[test]
fn a_mailbox_that_refuses_the_login_fails_alone() {
    let output = doctor(&["--lab", "--fault", "imap-refuse-login@mailbox=yahoo-*"]);
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    let failed: Vec<_> = lines.iter().filter(|(level, _)| level == "fail").collect();
    assert_eq!(failed, [&("fail".to_owned(), "imap".to_owned())]);
}

#[test]
fn dns_that_fails_is_not_looked_at_rather_than_missing() {
    let output = doctor(&["--lab", "--fault", "dns-servfail=txt"]);
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    let lines = lines(&output);
    assert!(lines.iter().all(|(level, _)| level != "fail"), "{lines:?}");
    assert!(
        lines.iter().filter(|(level, _)| level == "warn").count() >= 6,
        "{lines:?}"
    );
}
