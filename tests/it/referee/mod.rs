//! Agreement with dkimpy, an independent implementation: on what it signed, on what the lab signed, and on what was broken on the way.
//! Needs a Python with dkimpy (`INBOXQA_DKIMPY`, which `ci/test` sets); without one it says what it skips.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inboxqa::lab::dkim::{Signer, Validity};
use inboxqa::lab::keys::Keyring;
use inboxqa::lab::letter::Letter;
use inboxqa::model::{DkimResult, DnsAnswer, DnsRecords, RecordType};
use inboxqa::probe::auth::{AuthInput, verify};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;
use time::OffsetDateTime;

/// A message with the key records it is judged by.
#[derive(Serialize, Deserialize)]
struct Message {
    name: String,
    /// Base64.
    raw: String,
    dns: BTreeMap<String, String>,
}

/// What dkimpy says of each signature, top to bottom.
#[derive(Deserialize)]
struct Verdicts {
    name: String,
    verdicts: Vec<bool>,
}

/// The interpreter, or what is skipped without it.
fn python(test: &str) -> Option<String> {
    let python = std::env::var("INBOXQA_DKIMPY").ok();
    if python.is_none() {
        eprintln!("skipped: {test} needs dkimpy (INBOXQA_DKIMPY names a Python that can import it)");
    }
    python
}

fn dkimpy(python: &str, mode: &str, input: &str) -> String {
    let script = format!("{}/tests/it/referee/dkimpy.py", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(python)
        .args([&script, mode])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "dkimpy.py {mode}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// What we say of each signature, with the reason.
fn ours(message: &Message) -> Vec<(bool, String)> {
    let raw = BASE64.decode(&message.raw).unwrap();
    let mut dns = DnsRecords::default();
    for (name, text) in &message.dns {
        dns.record(name, RecordType::Txt, DnsAnswer::Records(vec![text.clone()]));
    }
    let input = AuthInput {
        raw: &raw,
        client: None,
        helo: None,
        mail_from: None,
        arrived_at: OffsetDateTime::UNIX_EPOCH,
    };
    for _ in 0..10 {
        let found = verify(&input, &dns);
        if found.wanted.is_empty() {
            let said = found.authentication.dkim.into_iter();
            return said
                .map(|fact| (fact.result == DkimResult::Pass, fact.reason))
                .collect();
        }
        for (name, kind) in found.wanted {
            dns.record(&name, kind, DnsAnswer::NoName);
        }
    }
    panic!("never settles");
}

/// Compares every message; both answers must occur often enough to mean something.
fn agree(python: &str, messages: &[Message], at_least: usize) {
    let lines: Vec<String> = messages
        .iter()
        .map(|message| serde_json::to_string(message).unwrap())
        .collect();
    let theirs: Vec<Verdicts> = dkimpy(python, "verify", &(lines.join("\n") + "\n"))
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(theirs.len(), messages.len());
    let (mut pass, mut fail, mut disagreements) = (0, 0, Vec::new());
    for (message, theirs) in messages.iter().zip(&theirs) {
        assert_eq!(message.name, theirs.name);
        let ours = ours(message);
        let ours_alone: Vec<bool> = ours.iter().map(|(verdict, _)| *verdict).collect();
        if ours_alone != theirs.verdicts {
            disagreements.push(format!("{}: dkimpy {:?}, we {ours:?}", message.name, theirs.verdicts));
        }
        pass += theirs.verdicts.iter().filter(|verdict| **verdict).count();
        fail += theirs.verdicts.iter().filter(|verdict| !**verdict).count();
    }
    assert!(
        disagreements.is_empty(),
        "{} of {}:\n{}",
        disagreements.len(),
        messages.len(),
        disagreements.join("\n")
    );
    assert!(
        pass >= at_least && fail >= at_least,
        "{pass} signatures verify, {fail} do not"
    );
    eprintln!(
        "dkimpy agrees on {} messages: {pass} signatures verify, {fail} do not",
        messages.len()
    );
}

#[test]
fn on_what_dkimpy_signed() {
    let Some(python) = python("referee::on_what_dkimpy_signed") else {
        return;
    };
    let signed = dkimpy(&python, "sign", "");
    let messages: Vec<Message> = signed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(messages.len() >= 100, "{} messages", messages.len());
    agree(&python, &messages, 50);
}

const BODIES: &[(&str, &[u8])] = &[
    ("plain", b"Hello there\r\n"),
    ("empty", b""),
    ("trailing empty lines", b"Hello\r\n\r\n\r\n"),
    ("trailing blank lines", b"Hello\r\n \r\n\t\r\n"),
    ("blank lines alone", b" \r\n\t\r\n"),
    ("no final line break", b"Hello"),
    ("runs of blanks", b" lead  and \t run \t\r\n\r\n end  \r\n"),
    ("eight bit", "Grüße\r\n".as_bytes()),
];

#[test]
fn on_what_the_lab_signed() {
    let Some(python) = python("referee::on_what_the_lab_signed") else {
        return;
    };
    let keys = Keyring::new().unwrap();
    let signer = |selector: &str, key: &Arc<_>| Signer {
        domain: "brand.example".to_owned(),
        selector: selector.to_owned(),
        key: Arc::clone(key),
    };
    let (rsa, modern) = (signer("rsa", &keys.brand), signer("ed", &keys.brand_modern));
    let dns = BTreeMap::from([
        ("rsa._domainkey.brand.example".to_owned(), keys.brand.record()),
        ("ed._domainkey.brand.example".to_owned(), keys.brand_modern.record()),
    ]);
    let mut messages = Vec::new();
    for (name, body) in BODIES {
        let head = "From: Brand <a@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order  17\r\n  is\tconfirmed\r\nMIME-Version: 1.0\r\n\r\n";
        let raw = [head.as_bytes(), body].concat();
        let once = sign(&rsa, &raw);
        let twice = sign(&modern, &once);
        let stray = sign(&signer("rsa", &keys.stray), &raw);
        let appended = [&twice[..], b"appended\r\n"].concat();
        let retitled = String::from_utf8(twice.clone())
            .unwrap()
            .replace("Order", "Ardor")
            .into_bytes();
        for (what, raw) in [
            ("once", once),
            ("twice", twice),
            ("stray key", stray),
            ("appended", appended),
            ("retitled", retitled),
        ] {
            messages.push(Message {
                name: format!("{name}, {what}"),
                raw: BASE64.encode(raw),
                dns: dns.clone(),
            });
        }
    }
    agree(&python, &messages, 20);
}

fn sign(signer: &Signer, raw: &[u8]) -> Vec<u8> {
    let validity = Validity {
        signed: 1_700_000_000,
        expires: None,
    };
    let value = signer
        .sign(&Letter::parse(raw), validity, inboxqa::lab::dkim::Manner::default())
        .unwrap();
    [format!("DKIM-Signature: {value}\r\n").as_bytes(), raw].concat()
}
