//! Signals: partial reports are still written, the exit code says which signal it was.

use super::kit;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

/// Killed, a run can say nothing more: what it had begun and not judged is blind ever after, never gone.
#[test]
fn a_killed_run_is_not_remembered_as_a_good_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = kit::inboxqa(folder.path())
        .args(["run", kit::shipped("suites/quickstart.toml").to_str().unwrap(), "--lab"])
        .args([
            "--fault",
            "delay=300@mailbox=gmail-*",
            "-E",
            "case(order-*) & (mailbox(gmail-1) | mailbox(outlook-1))",
        ])
        .arg("--mailboxes")
        .arg(kit::shipped("mailboxes.example.toml"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // One of the two arrives at once and is judged; then the other has been sent as well.
    let history = || {
        let output = kit::inboxqa(folder.path()).arg("history").output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    while !history().contains("2 deliveries: 1 pass") {
        assert!(child.try_wait().unwrap().is_none(), "{}", history());
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let told = history();
    assert!(
        told.contains("blind 2 deliveries: 1 pass, 0 warn, 0 fail, 1 blind") && told.contains("(not finished)"),
        "{told}"
    );
    let output = kit::inboxqa(folder.path())
        .args(["recheck", "last", "--junit", "junit.xml"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(
        told.contains("arrival.unjudged") && told.contains("order-confirmation/postmark-tx/gmail-1"),
        "{told}"
    );
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).unwrap();
    assert!(junit.contains("<error"), "{junit}");
}

#[test]
fn an_interrupted_run_still_writes_its_reports() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = kit::inboxqa(folder.path())
        .args([
            "run",
            kit::shipped("suites/quickstart.toml").to_str().unwrap(),
            "--lab",
            "--fault",
            "delay=300",
        ])
        .arg("--mailboxes")
        .arg(kit::shipped("mailboxes.example.toml"))
        .args(["--json", "deep/er/report.json", "--junit", "deep/er/junit.xml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The journal's row is the sign that sending began.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().expect("the run says that it began").unwrap();
    // Twice, as a terminal and a wrapper pass on one Ctrl-C.
    for _ in 0..2 {
        let signalled = std::process::Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap();
        assert!(signalled.success());
    }
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{first}\n{}", rest.join("\n"));
    let report: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("deep/er/report.json")).unwrap()).unwrap();
    assert_eq!(report["run"]["interrupted"], true);
    assert_eq!(
        report["deliveries"].as_array().unwrap().len(),
        9,
        "every delivery is accounted for"
    );
    let states = report["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|delivery| delivery["placement"]["state"].clone());
    for state in states {
        assert_eq!(
            state, "pending",
            "an interrupted look proves nothing, neither of the message nor of the mailbox"
        );
    }
    assert!(folder.path().join("deep/er/junit.xml").exists());
}
