//! `duplicate`: one copy, two copies, and not having looked.

use super::scene::{Scene, delivered, golden, sighting};
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

/// Two copies with what they call themselves.
fn twice(ids: [&str; 2], authors: [&str; 2]) -> Scene {
    let mut scene = delivered(b"");
    scene
        .arrival()
        .sightings
        .push(sighting("INBOX", FolderRole::Inbox, 12, 2_500, None));
    scene.arrival().copies = vec![0, 1];
    for (index, sighting) in scene.arrival().sightings.iter_mut().enumerate() {
        sighting.message_id = Some(ids[index].to_owned());
        sighting.from = Some(authors[index].to_owned());
    }
    scene
}

const BRAND: [&str; 2] = ["sale@brand.example"; 2];

#[test]
fn message_ids_tell_a_doubled_delivery_from_a_doubled_sending() {
    let doubled = twice(["<1@brand.example>"; 2], BRAND).judged(Duplicate, Verdict::Fail, "copies");
    assert!(doubled.help.contains("made once"), "{}", doubled.help);
    let made_anew = twice(["<1@brand.example>", "<2@brand.example>"], BRAND).judged(Duplicate, Verdict::Fail, "copies");
    assert!(made_anew.help.contains("made more than once"), "{}", made_anew.help);
}

#[test]
fn a_message_of_somebody_else_with_our_token_is_no_copy_and_no_pass() {
    let answered = || {
        twice(
            ["<1@brand.example>", "<2@other.example>"],
            ["sale@brand.example", "me@other.example"],
        )
    };
    let finding = answered().judged(Duplicate, Verdict::Warn, "foreign");
    assert!(finding.summary.contains("me@other.example"), "{}", finding.summary);
    let mut both = answered();
    let mut third = both.arrival().sightings[0].clone();
    third.uid = 13;
    both.arrival().sightings.push(third);
    both.arrival().copies = vec![0, 1, 2];
    let finding = both.judged(Duplicate, Verdict::Fail, "copies");
    assert!(finding.summary.starts_with("2 copies"), "{}", finding.summary);
}

#[test]
fn words() {
    let mut unwatched = delivered(b"");
    unwatched.arrival().quiet_look = None;
    let other = ["sale@brand.example", "me@other.example"];
    golden(
        Duplicate,
        &[
            ("once", &delivered(b"")),
            ("twice", &twice(["<1@brand.example>"; 2], BRAND)),
            ("made twice", &twice(["<1@brand.example>", "<2@brand.example>"], BRAND)),
            ("quoted", &twice(["<1@brand.example>", "<2@other.example>"], other)),
            ("not watched", &unwatched),
        ],
    );
}
