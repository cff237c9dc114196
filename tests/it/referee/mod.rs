//! Agreement with implementations of DKIM that share nothing with ours: dkimpy (Python) and Mail::DKIM (Perl), and with a parser of HTML:
//! Lexbor (by selectolax, Python). They are handed the key records and ask no network. Where one of them is missing, the test says by name that it is skipped.

mod links;
mod matrix;
mod signed;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use globset::Glob;
use inboxqa::model::{DkimResult, DnsAnswer, DnsRecords, RecordType};
use inboxqa::probe::auth::{AuthInput, verify};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use time::OffsetDateTime;

/// A message with the key records it is judged by.
#[derive(Serialize, Deserialize)]
struct Message {
    name: String,
    /// Base64.
    raw: String,
    /// TXT records, each as its strings.
    dns: BTreeMap<String, Vec<Vec<String>>>,
    /// Signed as the RFC says, and not touched: the topmost signature verifies.
    #[serde(default)]
    intact: bool,
}

/// What a referee says of each signature, top to bottom.
#[derive(Deserialize)]
struct Verdicts {
    name: String,
    verdicts: Vec<bool>,
}

/// The Python in which dkimpy can be imported.
fn python(test: &str) -> Option<String> {
    let python = std::env::var("INBOXQA_DKIMPY").ok();
    if python.is_none() {
        eprintln!("skipped: {test} needs dkimpy (INBOXQA_DKIMPY names a Python that can import it)");
    }
    python
}

/// The Perl in which Mail::DKIM can be used.
fn perl(test: &str) -> Option<&'static str> {
    let there = Command::new("perl")
        .args(["-MMail::DKIM::Verifier", "-MJSON::PP", "-e", "1"])
        .stderr(Stdio::null())
        .status();
    if there.is_ok_and(|status| status.success()) {
        return Some("perl");
    }
    let required = std::env::var("INBOXQA_REAL").is_ok_and(|value| value == "required");
    assert!(!required, "{test} needs Mail::DKIM (Debian: libmail-dkim-perl)");
    eprintln!("skipped: {test} needs Mail::DKIM (Debian: libmail-dkim-perl)");
    None
}

/// Runs a script of this folder over lines.
fn run(program: &str, script: &str, arguments: &[&str], input: &str) -> String {
    let path = format!("{}/tests/it/referee/{script}", env!("CARGO_MANIFEST_DIR"));
    let mut child = Command::new(program)
        .arg(path)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = input.to_owned();
    // A script that only prints closes its input before it is written to.
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    let written = writer.join().unwrap();
    assert!(output.status.success(), "{script}: {}", output.status);
    written.unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn messages(lines: &str) -> Vec<Message> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What a referee says of the messages.
fn judged_by(program: &str, script: &str, arguments: &[&str], messages: &[Message]) -> Vec<Verdicts> {
    let lines: Vec<String> = messages
        .iter()
        .map(|message| serde_json::to_string(message).unwrap())
        .collect();
    let verdicts: Vec<Verdicts> = run(program, script, arguments, &(lines.join("\n") + "\n"))
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(verdicts.len(), messages.len());
    for (message, verdict) in messages.iter().zip(&verdicts) {
        assert_eq!(message.name, verdict.name);
    }
    verdicts
}

/// What we say of each signature of a message that arrives now, with the reason.
fn ours(message: &Message) -> Vec<(bool, String)> {
    let raw = BASE64.decode(&message.raw).unwrap();
    let mut dns = DnsRecords::default();
    for (name, records) in &message.dns {
        let texts = records.iter().map(|strings| strings.concat()).collect();
        dns.record(name, RecordType::Txt, DnsAnswer::Records(texts));
    }
    let input = AuthInput {
        raw: &raw,
        client: None,
        helo: None,
        mail_from: None,
        arrived_at: OffsetDateTime::now_utc(),
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

/// Disagreements that are told by name: `*` stands for anything.
struct Known {
    name: &'static str,
    why: &'static str,
}

impl Known {
    fn is(&self, name: &str) -> bool {
        Glob::new(self.name).unwrap().compile_matcher().is_match(name)
    }
}

/// Compares every message; both answers must occur often enough to mean something, and every known disagreement must still be one.
fn agree(referee: &str, messages: &[Message], theirs: &[Verdicts], known: &[Known], at_least: usize) {
    let (mut pass, mut fail, mut told, mut met) = (0, 0, Vec::new(), vec![0; known.len()]);
    for (message, theirs) in messages.iter().zip(theirs) {
        let ours = ours(message);
        let verdicts: Vec<bool> = ours.iter().map(|(verdict, _)| *verdict).collect();
        if verdicts == theirs.verdicts {
            pass += verdicts.iter().filter(|verdict| **verdict).count();
            fail += verdicts.iter().filter(|verdict| !**verdict).count();
            continue;
        }
        match known.iter().position(|known| known.is(&message.name)) {
            Some(index) => met[index] += 1,
            None => told.push(format!(
                "{}: {referee} {:?}, we {ours:?}",
                message.name, theirs.verdicts
            )),
        }
    }
    let count = messages.len();
    assert!(told.is_empty(), "{} of {count}:\n{}", told.len(), told.join("\n"));
    for (known, met) in known.iter().zip(&met) {
        assert!(*met > 0, "no disagreement any more: {} ({})", known.name, known.why);
    }
    assert!(
        pass >= at_least && fail >= at_least,
        "{pass} signatures verify, {fail} do not"
    );
    let explained: usize = met.iter().sum();
    eprintln!(
        "{referee} agrees on {count} messages but {explained} that are explained: {pass} signatures verify, {fail} do not"
    );
}
