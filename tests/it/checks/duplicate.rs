//! `duplicate`: one copy, two copies, and not having looked.

use super::scene::{delivered, golden, sighting};
use inboxqa::model::CheckId::Duplicate;
use inboxqa::model::{FolderRole, Verdict};

#[test]
fn one_copy_after_a_full_look_passes() {
    let finding = delivered(b"").judged(Duplicate, Verdict::Pass, "ok");
    assert!(
        finding.observed.contains("2026-11-23 09:00:07Z at INBOX, Junk"),
        "{}",
        finding.observed
    );
}

#[test]
fn two_copies_fail_and_both_are_named() {
    let mut scene = delivered(b"");
    scene
        .arrival()
        .sightings
        .push(sighting("Junk", FolderRole::Junk, 4, 2_500, None));
    scene.arrival().copies = vec![0, 1];
    let finding = scene.judged(Duplicate, Verdict::Fail, "copies");
    assert!(
        finding.observed.contains("INBOX UID 11") && finding.observed.contains("Junk UID 4"),
        "{}",
        finding.observed
    );
}

#[test]
fn a_second_sighting_of_one_copy_is_no_duplicate() {
    let mut scene = delivered(b"");
    scene
        .arrival()
        .sightings
        .push(sighting("[Gmail]/All Mail", FolderRole::All, 90, 2_500, None));
    scene.judged(Duplicate, Verdict::Pass, "ok");
}

#[test]
fn without_a_full_look_it_is_skipped_but_seen_copies_still_fail() {
    let mut scene = delivered(b"");
    scene.arrival().quiet_look = None;
    scene.judged(Duplicate, Verdict::Skip, "not-watched");
    scene
        .arrival()
        .sightings
        .push(sighting("INBOX", FolderRole::Inbox, 12, 2_500, None));
    scene.arrival().copies = vec![0, 1];
    scene.judged(Duplicate, Verdict::Fail, "copies");
}

#[test]
fn what_was_not_seen_is_not_observed() {
    delivered(b"").absent().judged(Duplicate, Verdict::Skip, "not-observed");
    delivered(b"")
        .blind("imap-connect", "refused")
        .judged(Duplicate, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    let mut twice = delivered(b"");
    twice
        .arrival()
        .sightings
        .push(sighting("INBOX", FolderRole::Inbox, 12, 2_500, None));
    twice.arrival().copies = vec![0, 1];
    let mut unwatched = delivered(b"");
    unwatched.arrival().quiet_look = None;
    golden(
        Duplicate,
        &[
            ("once", &delivered(b"")),
            ("twice", &twice),
            ("not watched", &unwatched),
        ],
    );
}
