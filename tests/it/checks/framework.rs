//! The framework: needs decide skip and blind, severity decides loudness, the order is the catalogue's.

use super::scene::{delivered, documented};
use inboxqa::checks::{self, CHECKS, Needs, Rule};
use inboxqa::model::{CheckId, Evidence, RawMessage, Severity, Subject, Verdict};

#[test]
fn every_check_of_a_delivery_answers_in_catalogue_order_and_always_the_same() {
    let scene = delivered(b"From: a@brand.example\r\n\r\nhello\r\n");
    let found = checks::judge(&scene.evidence, &scene.policy);
    documented(&found);
    assert!(found.is_sorted_by_key(|finding| finding.check));
    for check in CHECKS.iter().filter(|check| matches!(check.run, Rule::Each(_))) {
        assert!(
            found.iter().any(|finding| finding.check == check.id),
            "{} said nothing",
            check.id
        );
    }
    assert_eq!(found, checks::judge(&scene.evidence, &scene.policy));
}

#[test]
fn a_message_that_was_not_seen_is_judged_by_arrival_and_placement_alone() {
    for scene in [
        delivered(b"").absent(),
        delivered(b"").blind("imap-connect", "refused"),
        delivered(b"").not_asked(),
    ] {
        for finding in checks::judge(&scene.evidence, &scene.policy) {
            // The route of this scene has no log.
            let asked = [CheckId::UnsubscribeDrill, CheckId::Suppression];
            if ![CheckId::Arrival, CheckId::Placement, CheckId::EspEvents].contains(&finding.check)
                && !asked.contains(&finding.check)
            {
                assert_eq!(
                    (finding.verdict, finding.reason),
                    (Verdict::Skip, format!("{}.not-observed", finding.check))
                );
            }
        }
    }
}

#[test]
fn a_saved_file_has_no_arrival() {
    let mut scene = delivered(b"").not_asked();
    scene.evidence.subject = Subject::File("saved.eml".into());
    scene.evidence.submission = None;
    scene.evidence.file = Some(RawMessage(b"From: a@brand.example\r\n\r\nhello\r\n".to_vec()));
    for finding in checks::judge(&scene.evidence, &scene.policy) {
        let needs = checks::explain(finding.check).needs;
        let sent = [Needs::Delivery, Needs::Log, Needs::Sighting].contains(&needs);
        assert_eq!(finding.reason.ends_with(".not-a-delivery"), sent, "{finding:?}");
        assert!(!finding.reason.ends_with(".not-observed"), "{finding:?}");
    }
}

#[test]
fn severity_turns_off_and_softens_but_never_hides_blindness() {
    let mut scene = delivered(b"").absent();
    scene.policy.severity.insert(CheckId::Arrival, Severity::Warn);
    scene.policy.severity.insert(CheckId::Placement, Severity::Off);
    scene.judged(CheckId::Arrival, Verdict::Warn, "missing");
    scene.judged(CheckId::Placement, Verdict::Skip, "turned-off");
    scene
        .blind("imap-connect", "refused")
        .judged(CheckId::Arrival, Verdict::Blind, "mailbox-error");
}

#[test]
fn stored_evidence_of_an_arrival_without_a_sighting_is_not_read_back() {
    let mut scene = delivered(b"");
    let stored = serde_json::to_string(&scene.evidence).unwrap();
    assert_eq!(serde_json::from_str::<Evidence>(&stored).unwrap(), scene.evidence);
    scene.arrival().sightings.clear();
    let stored = serde_json::to_string(&scene.evidence).unwrap();
    assert!(serde_json::from_str::<Evidence>(&stored).is_err());
}
