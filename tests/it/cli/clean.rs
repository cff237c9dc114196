//! `inboxqa clean` on a real Dovecot: it asks, it shows, it says what it did, and it leaves the rest alone.

use crate::real::dovecot::{Dovecot, PASSWORD};
use crate::run::kit;
use std::path::Path;

const USER: &str = "seed@mail.example";

fn clean(folder: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = kit::inboxqa(folder).arg("clean").args(more).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn it_asks_shows_and_removes_only_test_messages() {
    let Some(dovecot) = Dovecot::start("it_asks_shows_and_removes_only_test_messages") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca.pem"), &dovecot.authority_pem).unwrap();
    std::fs::write(folder.path().join("password"), PASSWORD).unwrap();
    let entry = format!(
        "[mailbox.own]\nprovider = \"imap\"\naddress = \"{USER}\"\nhost = \"localhost\"\nport = {}\nca = \"ca.pem\"\npassword = \"${{file:password}}\"\n",
        dovecot.port
    );
    std::fs::write(folder.path().join("mailboxes.toml"), entry).unwrap();
    let ours = b"From: a@b.example\r\nSubject: ours\r\nX-InboxQA-Token: 0123456789abcdef0123456789abcdef\r\n\r\nx\r\n";
    dovecot.deliver(USER, "INBOX", ours);
    dovecot.deliver(USER, "Junk", ours);
    dovecot.deliver(USER, "INBOX", b"From: a@b.example\r\nSubject: theirs\r\n\r\nx\r\n");
    let subjects = || dovecot.doveadm(&["fetch", "-u", USER, "hdr.subject", "all"]);

    let (code, text) = clean(folder.path(), &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("own: 0 test messages"),
        "what is younger than an hour is left: {text}"
    );
    let (code, text) = clean(folder.path(), &["--older-than", "0s"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("own: 2 test messages (1 in INBOX, 1 in Junk)"), "{text}");
    assert!(text.contains("Nothing was removed: say --yes"), "{text}");
    let (code, _) = clean(folder.path(), &["own", "--older-than", "0s", "--dry-run"]);
    assert_eq!((code, subjects().matches("ours").count()), (Some(0), 2));
    let (code, text) = clean(folder.path(), &["own", "--older-than", "0s", "--yes"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("own: 2 removed"), "{text}");
    let left = subjects();
    assert!(left.contains("theirs") && !left.contains("ours"), "{left}");
    let (code, text) = clean(folder.path(), &["owm"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("there are own"), "{text}");
}
