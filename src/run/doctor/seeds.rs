//! A seed mailbox as a patient: login, folders and how each is known, quota, what earlier runs left, and whether it still is a stranger.

use super::line::{Line, Lines, line};
use super::patient::MailboxToExamine;
use crate::checks::words::count;
use crate::mailbox::{self, LoginReport, TestMail, TestMessage};
use crate::model::{FolderRole, Level};
use crate::net::Net;
use std::collections::BTreeSet;

/// From this share on a mailbox is about to refuse mail, in percent.
const NEARLY_FULL: u64 = 90;
/// Seconds between composing and stamping that no way of a message explains: stamps are whole seconds.
const CLOCK_BEHIND: i64 = -2;
/// From so many on a fast message would have told, had the clocks agreed.
const CLOCK_AHEAD: i64 = 60;
/// From so many on, test messages of earlier runs are worth a word.
const MANY: usize = 1_000;

/// Logs in and tells what is there; nothing is changed.
pub async fn examine(patient: &MailboxToExamine, net: &Net) -> Lines {
    let account = match &patient.account {
        Ok(account) => account,
        Err(why) => {
            return vec![line(Level::Fail, "imap", why.clone()).fix("Set the secret, or correct its reference.")];
        }
    };
    let profile = &account.seed.profile;
    let place = format!("{}:{}", profile.host, profile.port);
    match mailbox::examine_login(account, net).await {
        Ok(report) => {
            let mut lines = vec![login(&place, &report), folders(&report)];
            let warnings = report.warnings.iter();
            lines.extend(warnings.map(|warning| line(Level::Warn, "folders", warning.clone())));
            lines.extend(report.quota.map(quota));
            lines.extend(tests(&report.tests, &patient.name));
            lines.push(clock(&report.tests));
            lines.extend(contaminated(&report.tests));
            lines
        }
        Err(why) => {
            let text = format!("{place}: {}: {}", why.code, why.detail);
            vec![line(Level::Fail, "imap", text).fix("Without a login every delivery to this mailbox is blind.")]
        }
    }
}

fn login(place: &str, report: &LoginReport) -> Line {
    let idle = match report.capabilities.iter().any(|word| word == "IDLE") {
        true => "IDLE",
        false => "no IDLE: polled",
    };
    let text = format!(
        "{place}: {}, login accepted by {}, {idle}",
        report.tls.version, report.method
    );
    line(Level::Ok, "imap", text).detailed(vec![format!("capabilities: {}", report.capabilities.join(" "))])
}

fn folders(report: &LoginReport) -> Line {
    let folders = &report.folders;
    let junk: Vec<String> = folders
        .iter()
        .filter(|folder| folder.role == FolderRole::Junk)
        .map(|folder| format!("{} ({})", folder.name, folder.found_by))
        .collect();
    let found = match junk.is_empty() {
        true => line(
            Level::Warn,
            "folders",
            format!(
                "{}, none of them known as junk",
                count(folders.len(), "folder", "folders")
            ),
        )
        .fix("Name it with `junk` of the mailbox, or mail in it counts as `other`, not as `spam`."),
        false => line(
            Level::Ok,
            "folders",
            format!(
                "{}; junk: {}",
                count(folders.len(), "folder", "folders"),
                junk.join(", ")
            ),
        ),
    };
    let map = folders
        .iter()
        .map(|folder| format!("{}: {:?}, {}", folder.name, folder.role, folder.found_by));
    found.detailed(map.collect())
}

fn quota((used, allowed): (u64, u64)) -> Line {
    let percent = used.saturating_mul(100) / allowed.max(1);
    let text = format!("{percent} % of {} MB used", allowed / 1_000_000);
    match percent >= NEARLY_FULL {
        true => line(Level::Warn, "quota", text)
            .fix("A full mailbox refuses mail: `inboxqa clean` removes old test messages."),
        false => line(Level::Ok, "quota", text),
    }
}

fn tests(tests: &TestMail, mailbox: &str) -> Option<Line> {
    let count = tests.messages.len();
    let oldest = tests.messages.iter().filter_map(|message| message.arrived_at).min();
    let since = oldest
        .map(|oldest| format!(", the oldest of {}", oldest.date()))
        .unwrap_or_default();
    let text = format!("{count} test messages of earlier runs among the newest of each folder{since}");
    match count {
        0 => None,
        _ if count >= MANY => {
            Some(line(Level::Warn, "tests", text).fix(format!("`inboxqa clean {mailbox}` removes them.")))
        }
        _ => Some(line(Level::Ok, "tests", text).detailed(tests.unseen.clone())),
    }
}

/// IMAP names no clock. What earlier test messages tell: each was composed by our clock and stamped later by the provider's, so their
/// smallest distance (to 1 s) bounds how far the provider's clock is behind; how far it is ahead can not be told from slow mail.
fn clock(tests: &TestMail) -> Line {
    let distance = |message: &TestMessage| Some((message.arrived_at? - message.dated?).whole_seconds());
    let Some(least) = tests.messages.iter().filter_map(distance).min() else {
        let text = "not known before a test message has come: IMAP names no clock, a run measures it";
        return line(Level::Ok, "clock", text);
    };
    match least {
        ..=CLOCK_BEHIND => line(
            Level::Warn,
            "clock",
            format!("at least {} s behind ours: a test message was stamped before it was composed", -least - 1),
        )
        .fix("Arrival is measured by our clock alone. Look whether this machine's clock is right."),
        CLOCK_AHEAD.. => line(
            Level::Warn,
            "clock",
            format!("every test message was stamped {least} s or more after it was composed: its clock is ahead, or mail took that long"),
        )
        .fix("A run tells which: it shows the skew beside the arrival."),
        _ => line(
            Level::Ok,
            "clock",
            format!("not behind ours: test messages were stamped {least} s or more after they were composed"),
        ),
    }
}

/// A provider that was told to trust the sender says nothing about strangers' inboxes any more.
fn contaminated(tests: &TestMail) -> Option<Line> {
    let reasons: BTreeSet<&str> = tests
        .messages
        .iter()
        .filter_map(|message| message.user_override.as_deref())
        .collect();
    if reasons.is_empty() {
        return None;
    }
    let reasons = Vec::from_iter(reasons).join(", ");
    let text = format!(
        "settings of this account decided where earlier test messages went ({reasons}): what it shows is not what a stranger sees"
    );
    Some(
        line(Level::Warn, "seed", text)
            .fix("Take the sender out of the safe senders, contacts and rules of this account, or use a fresh one."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DoctorLine;
    use time::macros::datetime;

    /// What is said of messages that were stamped so many seconds after they were composed.
    fn said(distances: &[i64]) -> DoctorLine {
        let composed = datetime!(2026-11-23 09:00:00 UTC);
        let message = |seconds: &i64| TestMessage {
            folder: "INBOX".to_owned(),
            uid: 1,
            arrived_at: Some(composed + time::Duration::seconds(*seconds)),
            dated: Some(composed),
            delivery: None,
            user_override: None,
        };
        let messages = distances.iter().map(message).collect();
        let tests = TestMail {
            messages,
            unseen: Vec::new(),
        };
        clock(&tests).of("gmail-1")
    }

    #[test]
    fn earlier_test_messages_bound_the_providers_clock() {
        assert!(said(&[]).text.starts_with("not known before"));
        assert_eq!(said(&[]).level, Level::Ok);
        assert!(
            said(&[3, 700])
                .text
                .starts_with("not behind ours: test messages were stamped 3 s")
        );
        assert_eq!(said(&[-1]).level, Level::Ok, "stamps are whole seconds");
        let behind = said(&[5, -41]);
        assert_eq!(behind.level, Level::Warn);
        assert!(behind.text.starts_with("at least 40 s behind ours"), "{}", behind.text);
        let ahead = said(&[400, 95]);
        assert_eq!(ahead.level, Level::Warn);
        assert!(ahead.text.contains("95 s or more"), "{}", ahead.text);
    }
}
