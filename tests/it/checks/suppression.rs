//! `suppression`: the next message is held back, provably, and the receipt is not.

use super::scene::{ACCEPTED, Scene, delivered, golden};
use super::unsubscribe_drill::{absent, answered, drill, seen};
use inboxqa::model::CheckId::Suppression;
use inboxqa::model::*;

fn sent(mut scene: Scene, events: &[(EspEventKind, &str)]) -> Followed {
    let event = |(kind, detail): &(EspEventKind, &str)| EspEvent {
        kind: *kind,
        at: Some(ACCEPTED),
        detail: (*detail).to_owned(),
        certain: false,
    };
    scene.evidence.esp = vec![EspTrace {
        log: LogKind::Postmark,
        asked_at: ACCEPTED,
        answer: EspAnswer::Told(EspStory {
            id: Some("8fda00ab".into()),
            events: events.iter().map(event).collect(),
            ..EspStory::default()
        }),
    }];
    Followed::Sent(Box::new(scene.evidence))
}

fn arrived() -> Followed {
    sent(
        delivered(b"hello"),
        &[(EspEventKind::Delivered, "Delivered smtp;250 OK")],
    )
}

fn held_back() -> Followed {
    sent(
        delivered(b"").absent(),
        &[(EspEventKind::Dropped, "SMTPApiError: inactive recipient")],
    )
}

fn lost() -> Followed {
    sent(
        delivered(b"").absent(),
        &[(EspEventKind::Delivered, "Delivered smtp;250 OK")],
    )
}

fn after(again: Followed, receipt: Followed, reactivation: Reactivation) -> Scene {
    let mut found = drill(Press::Answered(answered(200)), seen());
    (found.again, found.receipt, found.reactivation) = (again, receipt, reactivation);
    let mut scene = delivered(b"hello");
    scene.evidence.drill = Some(found);
    scene
}

fn done(again: Followed, receipt: Followed) -> Scene {
    after(again, receipt, Reactivation::Done)
}

fn not_sent() -> Followed {
    Followed::NotSent(Reason::new("interrupted", "the run was stopped"))
}

fn refused() -> Scene {
    let stuck = Reactivation::Refused("SpamComplaint, by Recipient is an entry that the drill did not make".into());
    after(held_back(), arrived(), stuck)
}

#[test]
fn held_back_and_arrived_pass_and_everything_else_says_what_it_is() {
    let said = |scene: Scene, verdict, code: &str| drop(scene.judged(Suppression, verdict, code));
    said(done(held_back(), arrived()), Verdict::Pass, "ok");
    said(done(arrived(), arrived()), Verdict::Fail, "still-sent");
    said(done(held_back(), held_back()), Verdict::Fail, "receipt-suppressed");
    said(done(held_back(), lost()), Verdict::Fail, "receipt-lost");
    said(refused(), Verdict::Warn, "left-suppressed");
    // Absence alone proves nothing, and what was not sent less.
    said(done(lost(), arrived()), Verdict::Blind, "unproven");
    said(done(not_sent(), arrived()), Verdict::Blind, "not-tried");
    let blind = sent(delivered(b"").blind("imap-connect", "refused"), &[]);
    said(done(held_back(), blind), Verdict::Blind, "receipt-unknown");
}

#[test]
fn without_an_unsubscribe_there_is_nothing_to_hold_back() {
    delivered(b"hello").judged(Suppression, Verdict::Skip, "not-asked");
    let mut scene = delivered(b"hello");
    scene.evidence.drill = Some(drill(Press::Answered(answered(302)), absent()));
    scene.judged(Suppression, Verdict::Skip, "not-unsubscribed");
}

#[test]
fn stored_evidence_without_a_drill_is_read_back_and_with_one_too() {
    let scene = done(held_back(), arrived());
    let stored = serde_json::to_string(&scene.evidence).unwrap();
    assert_eq!(serde_json::from_str::<Evidence>(&stored).unwrap(), scene.evidence);
    let old = serde_json::to_string(&delivered(b"hello").evidence).unwrap();
    assert!(!old.contains("\"drill\""));
    assert_eq!(serde_json::from_str::<Evidence>(&old).unwrap().drill, None);
}

#[test]
fn words() {
    golden(
        Suppression,
        &[
            ("holds", &done(held_back(), arrived())),
            ("still sent", &done(arrived(), arrived())),
            ("receipt held back", &done(held_back(), held_back())),
            ("receipt lost", &done(held_back(), lost())),
            ("unproven", &done(lost(), arrived())),
            ("not tried", &done(not_sent(), arrived())),
            ("left", &refused()),
        ],
    );
}
