//! `event-latency`: only triggered messages count, what is lost never came, and what is not known blinds.

use super::scene::{ACCEPTED, Scene, delivered, over_run, run_golden};
use inboxqa::model::CheckId::EventLatency;
use inboxqa::model::{EspAnswer, EspStory, EspTrace, Gate, LogKind, SendOutcome, Severity, Verdict};
use time::Duration;

fn after(ms: u64) -> Scene {
    let mut scene = delivered(b"");
    scene.first().after_ms = ms;
    scene.first().absent_until_ms = Some(ms - 200);
    scene.policy.triggered = true;
    scene
}

fn made_after(mut scene: Scene, seconds: i64) -> Scene {
    let story = EspStory {
        id: Some("m1".into()),
        created_at: Some(ACCEPTED + Duration::seconds(seconds)),
        ..EspStory::default()
    };
    scene.evidence.esp = vec![EspTrace {
        log: LogKind::CustomerIo,
        asked_at: ACCEPTED,
        answer: EspAnswer::Told(story),
    }];
    scene
}

fn gate(event_ms: u64) -> Gate {
    Gate {
        event_ms: Some(event_ms),
        ..Gate::default()
    }
}

fn judged(scenes: &[Scene], gate: &Gate) -> (Verdict, String) {
    let finding = over_run(EventLatency, scenes, gate).remove(0);
    (finding.verdict, finding.reason)
}

fn reason(code: &str) -> String {
    format!("event-latency.{code}")
}

#[test]
fn without_a_gate_it_says_nothing_and_without_an_event_it_skips() {
    assert!(over_run(EventLatency, &[after(900)], &Gate::default()).is_empty());
    assert_eq!(
        judged(&[delivered(b"")], &gate(1_000)),
        (Verdict::Skip, reason("no-events"))
    );
}

#[test]
fn the_slowest_decides_and_the_resolution_is_no_failure() {
    assert_eq!(
        judged(&[after(900), after(1_000)], &gate(1_000)),
        (Verdict::Pass, reason("ok"))
    );
    assert_eq!(
        judged(&[after(900), after(1_100)], &gate(1_000)),
        (Verdict::Warn, reason("within-resolution"))
    );
    assert_eq!(
        judged(&[after(900), after(1_300)], &gate(1_000)),
        (Verdict::Fail, reason("late"))
    );
}

#[test]
fn what_is_lost_never_came_and_what_is_not_known_blinds() {
    assert_eq!(
        judged(&[after(900), after(900).absent()], &gate(1_000)),
        (Verdict::Fail, reason("never"))
    );
    let blind = after(900).blind("imap-connect", "refused");
    assert_eq!(
        judged(&[after(900), blind.clone()], &gate(1_000)),
        (Verdict::Blind, reason("unknown"))
    );
    assert_eq!(judged(&[after(9_000), blind], &gate(1_000)).0, Verdict::Fail);
    let refused = after(900).not_asked().outcome(SendOutcome::Suppressed("out".into()));
    assert_eq!(
        judged(std::slice::from_ref(&refused), &gate(1_000)),
        (Verdict::Fail, reason("never"))
    );
    // Who has opted out is not to get it: that nothing came is as it should be.
    let opted_out = refused.expects(&["suppressed"]);
    assert_eq!(
        judged(&[after(900), opted_out], &gate(1_000)),
        (Verdict::Pass, reason("ok"))
    );
}

#[test]
fn it_is_as_loud_as_the_suite_says() {
    let mut slow = after(9_000);
    slow.policy.severity.insert(EventLatency, Severity::Warn);
    assert_eq!(judged(&[slow], &gate(1_000)).0, Verdict::Warn);
}

#[test]
fn words() {
    let slow = [made_after(after(9_000), 7), after(900)];
    run_golden(
        EventLatency,
        &gate(1_000),
        &[("within", &[after(900)]), ("late", &slow)],
    );
}
