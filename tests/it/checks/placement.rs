//! `placement`: the place it rests against the places the case allows.

use super::scene::{delivered, golden, reply, sighting};
use inboxqa::model::CheckId::Placement;
use inboxqa::model::{FolderRole, SendOutcome, Verdict};

#[test]
fn inbox_passes() {
    let finding = delivered(b"").judged(Placement, Verdict::Pass, "ok");
    assert!(finding.observed.contains("INBOX UID 11"), "{}", finding.observed);
}

#[test]
fn spam_fails_unless_allowed() {
    let mut scene = delivered(b"");
    scene.arrival().sightings[0] = sighting("Bulk", FolderRole::Junk, 3, 900, None);
    let finding = scene.judged(Placement, Verdict::Fail, "spam");
    assert_eq!(finding.summary, "spam (Bulk), expected inbox");
    scene.expects(&["inbox", "spam"]).judged(Placement, Verdict::Pass, "ok");
}

#[test]
fn another_folder_fails_unless_allowed() {
    let mut scene = delivered(b"");
    scene.arrival().sightings[0] = sighting("Receipts", FolderRole::Other, 3, 900, None);
    scene.judged(Placement, Verdict::Fail, "other");
    scene.expects(&["other"]).judged(Placement, Verdict::Pass, "ok");
}

#[test]
fn a_tab_is_not_the_inbox_unless_named() {
    let mut scene = delivered(b"");
    scene.first().tab = Some("promotions".into());
    scene.judged(Placement, Verdict::Fail, "tab");
    scene
        .clone()
        .expects(&["inbox", "tab:updates"])
        .judged(Placement, Verdict::Fail, "tab");
    scene
        .clone()
        .expects(&["tab:promotions"])
        .judged(Placement, Verdict::Pass, "ok");
    scene.expects(&["tab"]).judged(Placement, Verdict::Pass, "ok");
}

#[test]
fn the_primary_tab_is_the_inbox() {
    let mut scene = delivered(b"");
    scene.first().tab = Some("primary".into());
    scene.judged(Placement, Verdict::Pass, "ok");
}

#[test]
fn the_last_place_counts_and_the_way_is_told() {
    let mut scene = delivered(b"");
    scene
        .arrival()
        .sightings
        .push(sighting("Junk", FolderRole::Junk, 4, 3_000, Some(2_000)));
    scene.arrival().copies = vec![1];
    let finding = scene.judged(Placement, Verdict::Fail, "spam");
    assert!(
        finding.observed.contains("INBOX UID 11 at 1.20 s, Junk UID 4 at 3 s"),
        "{}",
        finding.observed
    );
}

#[test]
fn not_arriving_fails_here_too_unless_expected() {
    let missing = delivered(b"").absent();
    let finding = missing.judged(Placement, Verdict::Fail, "missing");
    assert!(
        finding.observed.contains("swept from 2026-11-23 09:10:00Z"),
        "{}",
        finding.observed
    );
    missing.expects(&["missing"]).judged(Placement, Verdict::Pass, "ok");

    let rejected = delivered(b"")
        .not_asked()
        .outcome(SendOutcome::Refused(reply(550, None, "no")));
    rejected.judged(Placement, Verdict::Fail, "rejected");
    rejected.expects(&["rejected"]).judged(Placement, Verdict::Pass, "ok");

    let suppressed = delivered(b"")
        .not_asked()
        .outcome(SendOutcome::Suppressed("inactive".into()));
    suppressed.judged(Placement, Verdict::Fail, "suppressed");
}

#[test]
fn seen_where_nothing_was_expected_fails() {
    delivered(b"")
        .expects(&["suppressed"])
        .judged(Placement, Verdict::Fail, "inbox");
}

#[test]
fn undecided_is_blind() {
    let lost = SendOutcome::Unknown("connection lost after DATA".into());
    delivered(b"")
        .absent()
        .outcome(lost)
        .judged(Placement, Verdict::Blind, "pending");
    delivered(b"")
        .blind("imap-dropped", "connection reset")
        .judged(Placement, Verdict::Blind, "mailbox-error");
}

/// All Mail holds what the inbox holds: alone it says nothing, until all folders were looked at once more.
#[test]
fn all_mail_alone_is_no_place_unless_the_others_were_looked_at() {
    let mut scene = delivered(b"");
    scene.arrival().sightings[0] = sighting("[Gmail]/All Mail", FolderRole::All, 45, 7_300, None);
    scene.judged(Placement, Verdict::Fail, "other");
    scene.arrival().quiet_look = None;
    let finding = scene.judged(Placement, Verdict::Blind, "pending");
    assert!(
        finding.observed.contains("[Gmail]/All Mail UID 45"),
        "{}",
        finding.observed
    );
}

#[test]
fn words() {
    let mut spam = delivered(b"");
    spam.arrival().sightings[0] = sighting("Bulk", FolderRole::Junk, 3, 900, None);
    let mut tab = delivered(b"").expects(&["inbox", "tab:updates"]);
    tab.first().tab = Some("promotions".into());
    let scenes = [
        ("inbox", &delivered(b"")),
        ("spam", &spam),
        ("tab", &tab),
        ("missing", &delivered(b"").absent()),
    ];
    golden(Placement, &scenes);
}

#[test]
fn the_providers_own_note_explains_and_decides_nothing() {
    let raw =
        b"X-Microsoft-Antispam-Mailbox-Delivery: ucf:0;dest:J;OFR:TrustedSenderList;\r\nFrom: a@b.example\r\n\r\nx\r\n";
    let finding = delivered(raw).judged(Placement, Verdict::Pass, "ok");
    assert!(
        finding.observed.contains("noted at delivery: junk"),
        "{}",
        finding.observed
    );
    assert!(finding.observed.contains("TrustedSenderList"), "{}", finding.observed);
}
