//! What Python's imaplib makes of the server.

use super::host::{Host, LIMIT, MAILBOX, PASSWORD, USER};
use inboxqa::model::profile::Dialect::{Generic, Gmail, Outlook, Yahoo};
use std::io::Write;
use tokio::process::Command;
use tokio::time::timeout;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/lab/imap_client.py");
const RAW: &[u8] = b"From: a@brand.example\r\nSubject: s\r\n\r\nbody )\r\n";

#[tokio::test]
async fn imaplib_reads_every_dialect_and_changes_nothing() {
    for (dialect, junk) in [
        (Gmail, "[Gmail]/Spam"),
        (Yahoo, "Bulk"),
        (Outlook, "Junk"),
        (Generic, "Junk"),
    ] {
        let host = Host::start(dialect).await;
        let uid = host.deliver(RAW);
        let before = host.store.flags(MAILBOX).unwrap();
        let mut ca = tempfile::NamedTempFile::new().unwrap();
        ca.write_all(host.ca_pem.as_bytes()).unwrap();
        let port = host.port.to_string();
        let path = ca.path().to_str().unwrap();
        let run = Command::new("python3")
            .args([SCRIPT, &port, path, USER, PASSWORD, junk])
            .kill_on_drop(true)
            .output();
        let output = match timeout(LIMIT, run).await.expect("an end in time") {
            Ok(output) => output,
            Err(error) => {
                eprintln!("skipped: imaplib reads every dialect (python3: {error})");
                return;
            }
        };
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{dialect:?}: {errors}");
        let seen: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(seen["examine"], "6", "{seen:#}");
        assert_eq!(seen["uidnext"], (uid + 1).to_string());
        assert_eq!(seen["all"].as_array().unwrap().last().unwrap(), &uid.to_string());
        assert_eq!(seen["raw"].as_str().unwrap().as_bytes(), RAW);
        assert_eq!(seen["date"], true);
        assert_eq!((&seen["id"], &seen["junk"]), (&"OK".into(), &"OK".into()), "{seen:#}");
        assert_ne!(seen["store"], "OK");
        assert_eq!(seen["missing"], "NO");
        assert_eq!(host.store.flags(MAILBOX).unwrap(), before);
    }
}
