//! `inboxqa check` over many messages: results come while there is more to read, and what is in memory does not grow with them.

use crate::run::kit;
use inboxqa::model::Zone;
use inboxqa::run::inspect::{Dns, Setup, Source, Stated, inspect};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio_util::sync::CancellationToken;

/// A message of an mbox, with about so many bytes in its header section, which reports show.
fn message(number: usize, header: usize) -> Vec<u8> {
    let mut text = format!(
        "From x Mon Nov 23 10:00:00 2026\nFrom: Brand <sale@brand.example>\nTo: seed@mailbox.example\nSubject: Sale {number}\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\nMessage-ID: <{number}@brand.example>\nContent-Type: text/html; charset=utf-8\n"
    );
    while text.len() < header {
        text.push_str(&format!("X-Trace-{number}: {}\n", "y".repeat(200)));
    }
    text.push_str("\n<p>Hello, <a href='https://shop.brand.example/sale'>the sale</a> is on.</p>\n\n");
    text.into_bytes()
}

/// Hands out messages, and refuses to be read further ahead of the results than so many.
struct Reluctant {
    left: usize,
    given: usize,
    ahead: usize,
    now: Vec<u8>,
    judged: Arc<AtomicUsize>,
}

impl Read for Reluctant {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if self.now.is_empty() && self.left > 0 {
            let in_flight = self.given - self.judged.load(Ordering::SeqCst);
            if in_flight >= self.ahead {
                return Err(std::io::Error::other(format!("{in_flight} messages are in flight")));
            }
            (self.left, self.given) = (self.left - 1, self.given + 1);
            // Longer than a reader's buffer, so that what is read was asked for.
            self.now = message(self.given, 40_000);
        }
        let length = into.len().min(self.now.len());
        into[..length].copy_from_slice(&self.now[..length]);
        self.now.drain(..length);
        Ok(length)
    }
}

#[test]
fn no_more_messages_are_read_than_are_judged_at_once() {
    const MESSAGES: usize = 200;
    let judged = Arc::new(AtomicUsize::new(0));
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let reader = Reluctant {
        left: MESSAGES,
        given: 0,
        // Judged or waiting for those before: one a core and one more. Besides: one handed over, one waiting for room, one being read.
        ahead: cores + 1 + 4,
        now: Vec::new(),
        judged: judged.clone(),
    };
    let setup = Setup {
        dns: Dns::Recorded(Zone::default()),
        net: None,
        probe: false,
        stated: Stated::default(),
    };
    let source = Source::Stream("in".to_owned(), Box::new(reader));
    let mut names = Vec::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(inspect(setup, vec![source], CancellationToken::new(), |found| {
        let found = found.judged;
        judged.fetch_add(1, Ordering::SeqCst);
        assert!(found.evidence.file.is_none(), "the bytes are let go");
        if let inboxqa::model::Subject::File(name) = &found.evidence.subject {
            let unread = found
                .findings
                .iter()
                .find(|finding| finding.reason == "arrival.unreadable");
            assert!(unread.is_none(), "{name}: {unread:?}");
            names.push(name.clone());
        }
    }));
    let expected: Vec<String> = (1..=MESSAGES).map(|number| format!("in#{number}")).collect();
    assert_eq!(names, expected, "in the order of the input");
}

/// The peak of a running process's memory, KiB.
#[cfg(target_os = "linux")]
fn peak(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// What is held of every message would be found here: 60 KiB of header section each.
#[cfg(target_os = "linux")]
#[test]
fn results_come_while_more_is_read_and_memory_does_not_grow_with_them() {
    const FEW: usize = 50;
    const MANY: usize = 500;
    let folder = tempfile::tempdir().unwrap();
    let files = [
        "--json",
        "r.json",
        "--junit",
        "r.xml",
        "--html",
        "r.html",
        "--markdown",
        "r.md",
    ];
    let mut command: Command = kit::inboxqa(folder.path());
    let mut child = command
        .args(["check", "-", "--offline"])
        .args(files)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let (mut written, mut seen) = (0, 0);
    let mut peaks = Vec::new();
    for count in [FEW, MANY] {
        while written < count {
            written += 1;
            stdin.write_all(&message(written, 60 * 1024)).unwrap();
            // The last one in is not known to have ended.
            while seen + 20 < written {
                seen += usize::from(lines.next().unwrap().contains("-#"));
            }
        }
        while seen + 1 < written {
            seen += usize::from(lines.next().unwrap().contains("-#"));
        }
        peaks.push(peak(child.id()));
    }
    drop(stdin);
    let rest: Vec<String> = lines.collect();
    assert!(rest.last().unwrap().contains(&format!("{MANY} deliveries")), "{rest:?}");
    assert!(child.wait().unwrap().code().is_some());
    let grown = peaks[1] - peaks[0];
    assert!(
        grown < 8 * 1024,
        "{grown} KiB more for {} messages: {peaks:?}",
        MANY - FEW
    );
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("r.json")).unwrap()).unwrap();
    assert_eq!(json["deliveries"].as_array().unwrap().len(), MANY);
    assert_eq!(json["totals"]["deliveries"], MANY);
    let junit = std::fs::read_to_string(folder.path().join("r.xml")).unwrap();
    let cases = junit.matches("<testcase ").count();
    assert!(
        junit.contains(&format!("<testsuites tests=\"{cases}\"")),
        "{}",
        &junit[..400]
    );
    let page = std::fs::read_to_string(folder.path().join("r.html")).unwrap();
    assert_eq!(page.matches("<details class=\"delivery").count(), MANY);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .filter(|name| name.to_string_lossy().starts_with('.'))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}
