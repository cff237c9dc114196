//! `arrival`: in time, late, within the resolution; and the ways not to arrive.

use super::scene::{delivered, golden, reply};
use inboxqa::checks::arrival;
use inboxqa::model::CheckId::Arrival;
use inboxqa::model::report::{RunFinding, Unjudged};
use inboxqa::model::{SendOutcome, Subject, Verdict};

#[test]
fn seen_within_the_budget_passes_and_tells_its_resolution() {
    let finding = delivered(b"").judged(Arrival, Verdict::Pass, "ok");
    assert!(
        finding.observed.contains("INBOX 1.20 s after acceptance"),
        "{}",
        finding.observed
    );
    assert!(finding.observed.contains("resolution 200 ms"), "{}", finding.observed);
    assert!(finding.expected.contains("30 s"), "{}", finding.expected);
}

#[test]
fn a_saved_message_that_can_not_be_read_is_blind() {
    let mut saved = delivered(b"").blind("empty", "there is nothing in it");
    saved.evidence.subject = Subject::File("empty.eml".into());
    saved.judged(Arrival, Verdict::Blind, "unreadable");
}

#[test]
fn late_only_if_the_look_before_was_past_the_budget() {
    let mut scene = delivered(b"");
    scene.first().after_ms = 31_000;
    scene.first().absent_until_ms = Some(30_500);
    let finding = scene.judged(Arrival, Verdict::Fail, "late");
    assert!(
        finding.summary.contains("31 s") && finding.summary.contains("30 s"),
        "{}",
        finding.summary
    );

    scene.first().absent_until_ms = Some(29_000);
    scene.judged(Arrival, Verdict::Warn, "within-resolution");

    scene.first().absent_until_ms = None;
    scene.judged(Arrival, Verdict::Warn, "within-resolution");
}

#[test]
fn where_the_looks_straddle_the_budget_the_providers_stamp_decides() {
    let stamped = |second: u32, skew: Option<i64>| {
        let raw = format!(
            "Received: from mta.esp.example (mta.esp.example [203.0.113.9]) by mx.google.example with ESMTPS id 1; Mon, 23 Nov 2026 09:00:{second:02} +0000\r\n\
             From: a@brand.example\r\n\r\nhello\r\n"
        );
        let mut scene = delivered(raw.as_bytes());
        scene.first().after_ms = 36_000;
        scene.first().absent_until_ms = Some(28_000);
        scene.evidence.watch.clock_skew_ms = skew;
        scene
    };
    stamped(29, Some(0)).judged(Arrival, Verdict::Pass, "ok");
    let late = stamped(32, Some(0)).judged(Arrival, Verdict::Fail, "late");
    assert!(
        late.observed
            .contains("Received by mx.google.example +32 s after acceptance"),
        "{}",
        late.observed
    );
    // A provider whose clock runs five seconds ahead took it in earlier than its stamp says.
    stamped(32, Some(5_000)).judged(Arrival, Verdict::Pass, "ok");
    // A stamp is cut to the second: 30 may be 30.9.
    stamped(30, Some(0)).judged(Arrival, Verdict::Warn, "within-resolution");
    stamped(29, None).judged(Arrival, Verdict::Warn, "within-resolution");
    let mut foreign = stamped(29, Some(0));
    foreign.policy.provider.received_by = vec!["provider.example".into()];
    foreign.judged(Arrival, Verdict::Warn, "within-resolution");
}

#[test]
fn missing_quotes_the_folders_swept_and_when() {
    let finding = delivered(b"").absent().judged(Arrival, Verdict::Fail, "missing");
    for word in [
        "INBOX (nothing new)",
        "Junk (UID 4 to 5)",
        "2026-11-23 09:10:00Z",
        "250 queued as 4F1B",
    ] {
        assert!(finding.observed.contains(word), "{word}: {}", finding.observed);
    }
}

#[test]
fn rejected_quotes_the_reply() {
    let refused = SendOutcome::Refused(reply(550, Some("5.7.26"), "unauthenticated mail"));
    let scene = delivered(b"").not_asked().outcome(refused);
    let finding = scene.judged(Arrival, Verdict::Fail, "rejected");
    assert!(
        finding.observed.contains("550 5.7.26 unauthenticated mail (at dot)"),
        "{}",
        finding.observed
    );
    scene
        .expects(&["rejected"])
        .judged(Arrival, Verdict::Pass, "as-expected");
}

#[test]
fn suppressed_fails_unless_expected() {
    let scene = delivered(b"")
        .not_asked()
        .outcome(SendOutcome::Suppressed("406 inactive recipient".into()));
    scene.judged(Arrival, Verdict::Fail, "suppressed");
    scene
        .expects(&["suppressed"])
        .judged(Arrival, Verdict::Pass, "as-expected");
}

#[test]
fn what_was_not_to_arrive_and_did_fails() {
    delivered(b"")
        .expects(&["suppressed", "rejected"])
        .judged(Arrival, Verdict::Fail, "unexpected");
    delivered(b"")
        .expects(&["suppressed", "inbox"])
        .judged(Arrival, Verdict::Pass, "ok");
}

#[test]
fn an_unknown_fate_is_blind_not_missing() {
    let lost = SendOutcome::Unknown("connection lost after DATA".into());
    let finding = delivered(b"")
        .absent()
        .outcome(lost)
        .judged(Arrival, Verdict::Blind, "pending");
    assert!(
        finding.observed.contains("connection lost after DATA"),
        "{}",
        finding.observed
    );
    let later = SendOutcome::Deferred(reply(450, Some("4.7.1"), "greylisted"));
    delivered(b"")
        .not_asked()
        .outcome(later)
        .judged(Arrival, Verdict::Blind, "pending");
}

#[test]
fn what_was_never_sent_is_blind() {
    let failed = SendOutcome::NotSent {
        code: "auth".into(),
        text: "535 bad credentials".into(),
    };
    let finding = delivered(b"")
        .not_asked()
        .outcome(failed)
        .judged(Arrival, Verdict::Blind, "not-sent");
    assert!(finding.observed.contains("535 bad credentials"), "{}", finding.observed);
}

#[test]
fn a_mailbox_that_cannot_be_looked_into_is_blind() {
    let finding = delivered(b"")
        .blind("imap-login-refused", "NO [AUTHENTICATIONFAILED] no")
        .judged(Arrival, Verdict::Blind, "mailbox-error");
    assert!(
        finding.observed.contains("AUTHENTICATIONFAILED"),
        "{}",
        finding.observed
    );
}

#[test]
fn what_a_killed_run_left_behind_is_blind() {
    let begun = Unjudged {
        delivery: "launch/sale/cio/gmail-1".to_owned(),
        attempt: 1,
        state: "accepted".to_owned(),
    };
    let RunFinding { group, finding } = arrival::unjudged(&begun);
    assert_eq!(
        (finding.verdict, finding.reason.as_str()),
        (Verdict::Blind, "arrival.unjudged")
    );
    assert_eq!(group, begun.delivery);
    assert!(
        finding.observed.ends_with("attempt 1: accepted"),
        "{}",
        finding.observed
    );
}

#[test]
fn words() {
    let mut late = delivered(b"");
    late.first().after_ms = 31_000;
    late.first().absent_until_ms = Some(30_500);
    let refused = SendOutcome::Refused(reply(550, Some("5.7.26"), "unauthenticated mail"));
    golden(
        Arrival,
        &[
            ("in time", &delivered(b"")),
            ("late", &late),
            ("missing", &delivered(b"").absent()),
            ("rejected", &delivered(b"").not_asked().outcome(refused)),
            (
                "mailbox blind",
                &delivered(b"").blind("imap-dropped", "connection reset by peer"),
            ),
        ],
    );
}
