//! `arrival-percentile`: nearest rank, losses, and what is not known.

use super::scene::{Scene, delivered, over_run, run_golden};
use inboxqa::model::CheckId::ArrivalPercentile;
use inboxqa::model::{Gate, SendOutcome, Severity, Subject, Verdict};

fn after(ms: u64) -> Scene {
    let mut scene = delivered(b"");
    scene.first().after_ms = ms;
    scene
}

fn gate(p50: Option<u64>, p95: Option<u64>) -> Gate {
    Gate {
        p50_ms: p50,
        p95_ms: p95,
        ..Gate::default()
    }
}

fn judged(scenes: &[Scene], gate: &Gate) -> (Verdict, String) {
    let finding = over_run(ArrivalPercentile, scenes, gate).remove(0);
    (finding.verdict, finding.reason)
}

fn twenty() -> Vec<Scene> {
    (1..=20).map(|second| after(second * 1_000)).collect()
}

fn reason(code: &str) -> String {
    format!("arrival-percentile.{code}")
}

/// As the retry of what stands before it.
fn again(mut scene: Scene) -> Scene {
    if let Subject::Delivery(delivery) = &mut scene.evidence.subject {
        delivery.attempt += 1;
        delivery.retry = true;
    }
    scene
}

#[test]
fn a_retry_makes_no_run_faster() {
    let late = [after(61_000), again(after(1_000))];
    assert_eq!(judged(&late, &gate(None, Some(60_000))), (Verdict::Fail, reason("p95")));
    assert_eq!(judged(&late, &gate(None, Some(61_000))), (Verdict::Pass, reason("ok")));
    let lost = [after(1).absent(), again(after(1_000))];
    assert_eq!(judged(&lost, &gate(None, Some(60_000))), (Verdict::Fail, reason("p95")));
    // What its route did not take was not under way: nobody waited for it.
    let waiting = after(1).not_asked().outcome(SendOutcome::NotSent {
        code: "connect".into(),
        text: "no answer".into(),
    });
    let taken = [waiting, again(after(1_000))];
    assert_eq!(judged(&taken, &gate(None, Some(60_000))), (Verdict::Pass, reason("ok")));
}

#[test]
fn without_a_gate_it_says_nothing() {
    assert!(over_run(ArrivalPercentile, &twenty(), &Gate::default()).is_empty());
}

#[test]
fn percentiles_are_by_nearest_rank() {
    // Of twenty, the median is the tenth and the p95 the nineteenth.
    assert_eq!(
        judged(&twenty(), &gate(Some(10_000), Some(19_000))),
        (Verdict::Pass, reason("ok"))
    );
    assert_eq!(
        judged(&twenty(), &gate(Some(9_999), None)),
        (Verdict::Fail, reason("p50"))
    );
    assert_eq!(
        judged(&twenty(), &gate(None, Some(18_999))),
        (Verdict::Fail, reason("p95"))
    );
    assert_eq!(
        judged(&[after(5_000)], &gate(None, Some(5_000))),
        (Verdict::Pass, reason("ok"))
    );
}

#[test]
fn the_finding_states_n() {
    let finding = over_run(ArrivalPercentile, &twenty(), &gate(Some(10_000), Some(19_000))).remove(0);
    assert_eq!(finding.observed, "p50 10 s, p95 19 s (nearest rank, n = 20, 0 unknown)");
}

#[test]
fn the_lost_are_infinitely_late() {
    let mut scenes = twenty();
    scenes[0] = after(1).absent();
    scenes[1] = after(1).absent();
    let finding = over_run(ArrivalPercentile, &scenes, &gate(None, Some(60_000))).remove(0);
    assert_eq!(finding.verdict, Verdict::Fail);
    assert!(finding.observed.contains("p95 never"), "{}", finding.observed);
}

#[test]
fn what_is_not_known_blinds_only_where_it_matters() {
    let mut scenes = twenty();
    scenes[0] = after(1).blind("imap-connect", "refused");
    scenes[1] = after(1).blind("imap-connect", "refused");
    assert_eq!(
        judged(&scenes, &gate(None, Some(20_000))),
        (Verdict::Blind, reason("unknown"))
    );
    assert_eq!(
        judged(&scenes, &gate(Some(12_000), None)),
        (Verdict::Pass, reason("ok"))
    );
    assert_eq!(
        judged(&scenes, &gate(None, Some(5_000))),
        (Verdict::Fail, reason("p95"))
    );
}

#[test]
fn what_is_not_to_arrive_is_no_part_of_it() {
    let suppressed = after(1)
        .not_asked()
        .outcome(SendOutcome::Suppressed("inactive".into()))
        .expects(&["suppressed"]);
    assert_eq!(
        judged(&[after(1_000), suppressed.clone()], &gate(None, Some(1_000))),
        (Verdict::Pass, reason("ok"))
    );
    assert_eq!(
        judged(&[suppressed], &gate(None, Some(1_000))),
        (Verdict::Skip, reason("no-deliveries"))
    );
}

#[test]
fn it_is_as_loud_as_the_suite_says() {
    let mut slow = after(9_000);
    slow.policy.severity.insert(ArrivalPercentile, Severity::Warn);
    assert_eq!(judged(&[slow.clone()], &gate(None, Some(1_000))).0, Verdict::Warn);
    slow.policy.severity.insert(ArrivalPercentile, Severity::Off);
    assert_eq!(
        judged(&[slow], &gate(None, Some(1_000))),
        (Verdict::Skip, reason("turned-off"))
    );
}

#[test]
fn words() {
    let mut lost = twenty();
    lost[3] = after(1).absent();
    lost[4] = after(1).absent();
    let gate = gate(Some(10_000), Some(19_000));
    run_golden(ArrivalPercentile, &gate, &[("within", &twenty()), ("over", &lost)]);
}
