//! Spam engines that others wrote: rspamd and SpamAssassin, each asked by `inboxqa check`.

use super::daemon::{Daemon, can_run, free_port};
use crate::cli::check::{self, Checked};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// What every engine calls spam (GTUBE, spamassassin.apache.org/gtube).
const GTUBE: &str = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

fn message(text: &str) -> String {
    format!(
        "Received: from out.esp.example (out.esp.example [203.0.113.9])\r\n by mx.seeds.example with ESMTPS; Mon, 23 Nov 2026 10:00:02 +0000\r\n\
         From: Brand <receipts@brand.example>\r\nTo: Seed <seed@seeds.example>\r\nSubject: Your order\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@brand.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\r\nThank you for your order.\r\n\r\n{text}\r\n"
    )
}

/// Runs without DNS: its resolver is a port where nobody listens.
fn rspamd(dir: &Path) -> (Daemon, String) {
    let port = free_port();
    let shown = dir.display();
    let configuration = format!(
        "options {{ pidfile = \"{shown}/rspamd.pid\"; dns {{ nameserver = [\"127.0.0.1:{}\"]; timeout = 0.1s; retransmits = 1; }} }}\n\
         logging {{ type = \"file\"; filename = \"{shown}/engine.log\"; level = \"info\"; }}\n\
         worker \"normal\" {{ bind_socket = \"127.0.0.1:{port}\"; count = 1; }}\n\
         .include \"$CONFDIR/common.conf\"\n",
        free_port()
    );
    let file = dir.join("rspamd.conf");
    fs::write(&file, configuration).unwrap();
    let folders = ["DBDIR", "RUNDIR", "LOGDIR"].map(|name| format!("--var={name}={shown}"));
    let mut arguments = vec!["-f", "-i", "-c", file.to_str().unwrap()];
    arguments.extend(folders.iter().map(String::as_str));
    let mut daemon = Daemon::start("rspamd", dir, "rspamd", &arguments).with_log(dir.join("engine.log"));
    daemon.wait_for_port(port);
    (daemon, format!("http://127.0.0.1:{port}"))
}

fn spamd(dir: &Path) -> (Daemon, String) {
    let port = free_port();
    let number = port.to_string();
    let pid = dir.join("spamd.pid");
    let arguments = [
        "-4",
        "-i",
        "127.0.0.1",
        "-p",
        &number,
        "--local",
        "-m",
        "1",
        "-u",
        "nobody",
        "-x",
        "-s",
        "stderr",
        "-r",
        pid.to_str().unwrap(),
    ];
    let mut daemon = Daemon::start("spamd", dir, "spamd", &arguments);
    daemon.wait_for_port(port);
    (daemon, format!("127.0.0.1:{port}"))
}

fn folder() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    dir
}

fn score(checked: &Checked) -> (String, String) {
    let findings = checked.rows()[0]["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|finding| finding["check"] == "spam-score")
        .unwrap();
    let text = |key: &str| found[key].as_str().unwrap().to_owned();
    (text("reason"), format!("{}: {}", text("summary"), text("observed")))
}

fn asked(dir: &Path, message: &str, engine: [&str; 2]) -> Checked {
    fs::write(dir.join("message.eml"), message).unwrap();
    check::check(dir, &["message.eml", "--offline", engine[0], engine[1]], b"")
}

#[test]
fn rspamd_is_asked_and_its_symbols_are_told() {
    if !can_run("rspamd_is_asked_and_its_symbols_are_told", &["rspamd"]) {
        return;
    }
    let dir = folder();
    let (engine, url) = rspamd(dir.path());
    let (reason, told) = score(&asked(dir.path(), &message("It is on its way."), ["--rspamd", &url]));
    assert!(
        ["spam-score.ok", "spam-score.deferred"].contains(&reason.as_str()),
        "{reason}: {told}"
    );
    assert!(told.contains("of 15.0") && told.contains("MIME_GOOD"), "{told}");
    let (reason, told) = score(&asked(dir.path(), &message(GTUBE), ["--rspamd", &url]));
    assert_eq!(reason, "spam-score.spam", "{told}");
    drop(engine);
    let (reason, told) = score(&asked(dir.path(), &message(GTUBE), ["--rspamd", &url]));
    assert_eq!(reason, "spam-score.no-answer", "{told}");
}

#[test]
fn spamassassin_is_asked_and_its_rules_are_told() {
    if !can_run("spamassassin_is_asked_and_its_rules_are_told", &["spamd"]) {
        return;
    }
    let dir = folder();
    let (engine, address) = spamd(dir.path());
    let (reason, told) = score(&asked(
        dir.path(),
        &message("It is on its way."),
        ["--spamassassin", &address],
    ));
    assert_eq!(reason, "spam-score.ok", "{told}");
    assert!(told.contains("of 5.0"), "{told}");
    let (reason, told) = score(&asked(dir.path(), &message(GTUBE), ["--spamassassin", &address]));
    assert_eq!(reason, "spam-score.spam", "{told}");
    assert!(
        told.contains("GTUBE +1000.0 (BODY: Generic Test for Unsolicited Bulk Email)"),
        "{told}"
    );
    drop(engine);
    let (reason, told) = score(&asked(dir.path(), &message(GTUBE), ["--spamassassin", &address]));
    assert_eq!(reason, "spam-score.no-answer", "{told}");
}

#[test]
fn an_address_that_can_not_be_one_is_refused() {
    let dir = folder();
    fs::write(dir.path().join("message.eml"), message("")).unwrap();
    for engine in [
        ["--rspamd", "127.0.0.1:11333"],
        ["--rspamd", "http://user:secret@127.0.0.1"],
        ["--spamassassin", "127.0.0.1"],
    ] {
        let checked = check::check(dir.path(), &["message.eml", "--offline", engine[0], engine[1]], b"");
        assert_eq!(checked.code, Some(2), "{engine:?}: {}", checked.stderr);
        assert!(
            checked.stderr.contains("expected") || checked.stderr.contains("login"),
            "{}",
            checked.stderr
        );
        assert!(
            !checked.stderr.contains("secret@") || checked.stderr.contains("invalid value"),
            "{}",
            checked.stderr
        );
    }
}
