//! `inbox-rate`: the share, and what is not known.

use super::scene::{Scene, delivered, over_run, run_golden, sighting};
use inboxqa::model::CheckId::InboxRate;
use inboxqa::model::{FolderRole, Gate, SendOutcome, Verdict};

fn spam() -> Scene {
    let mut scene = delivered(b"");
    scene.arrival().sightings[0] = sighting("Junk", FolderRole::Junk, 3, 900, None);
    scene
}

fn tab() -> Scene {
    let mut scene = delivered(b"");
    scene.first().tab = Some("promotions".into());
    scene
}

fn unseen() -> Scene {
    delivered(b"").blind("imap-connect", "refused")
}

fn gate(rate: f64) -> Gate {
    Gate {
        inbox_rate: Some(rate),
        ..Gate::default()
    }
}

fn judged(scenes: &[Scene], rate: f64) -> (Verdict, String) {
    let finding = over_run(InboxRate, scenes, &gate(rate)).remove(0);
    (finding.verdict, finding.reason)
}

#[test]
fn without_a_gate_it_says_nothing() {
    assert!(over_run(InboxRate, &[delivered(b"")], &Gate::default()).is_empty());
}

#[test]
fn inbox_and_tabs_count_for_it_everything_else_against_it() {
    let scenes = [delivered(b""), tab(), delivered(b""), spam()];
    assert_eq!(judged(&scenes, 0.75), (Verdict::Pass, "inbox-rate.ok".into()));
    assert_eq!(judged(&scenes, 0.76), (Verdict::Fail, "inbox-rate.below".into()));
    assert_eq!(
        judged(&[delivered(b""), delivered(b"").absent()], 0.9),
        (Verdict::Fail, "inbox-rate.below".into())
    );
}

#[test]
fn what_is_not_known_blinds_only_where_it_matters() {
    let scenes = [delivered(b""), delivered(b""), delivered(b""), unseen()];
    assert_eq!(judged(&scenes, 0.75), (Verdict::Pass, "inbox-rate.ok".into()));
    assert_eq!(judged(&scenes, 0.9), (Verdict::Blind, "inbox-rate.unknown".into()));
    assert_eq!(
        judged(&[spam(), unseen()], 0.9),
        (Verdict::Fail, "inbox-rate.below".into())
    );
}

#[test]
fn what_is_not_to_arrive_is_no_part_of_it() {
    let suppressed = delivered(b"")
        .not_asked()
        .outcome(SendOutcome::Suppressed("inactive".into()))
        .expects(&["suppressed"]);
    assert_eq!(
        judged(&[delivered(b""), suppressed.clone()], 1.0),
        (Verdict::Pass, "inbox-rate.ok".into())
    );
    assert_eq!(
        judged(&[suppressed], 1.0),
        (Verdict::Skip, "inbox-rate.no-deliveries".into())
    );
}

#[test]
fn words() {
    let good = [delivered(b""), tab()];
    let bad = [delivered(b""), spam(), delivered(b"").absent()];
    let blind = [delivered(b""), unseen()];
    run_golden(
        InboxRate,
        &gate(0.98),
        &[("reached", &good), ("below", &bad), ("not known", &blind)],
    );
}
