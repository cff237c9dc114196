//! `bulk-sender-microsoft`: SPF and DKIM both, and both aligned if nothing is to be flagged.

use super::bulk_sender_gmail::{HEAD, TWO_ADDRESSES, campaign, line, marketing};
use super::scene::golden;
use inboxqa::model::CheckId::BulkSenderMicrosoft;
use inboxqa::model::{DnsRecords, Verdict};

#[test]
fn two_aligned_voices_pass() {
    let finding = marketing(campaign()).judged(BulkSenderMicrosoft, Verdict::Pass, "ok");
    assert_eq!(
        line(&finding, "alignment"),
        "pass, DKIM and SPF with mail.brand.example"
    );
    campaign().scene().judged(BulkSenderMicrosoft, Verdict::Pass, "ok");
}

#[test]
fn one_alone_is_flagged() {
    let mut by_dkim = campaign();
    by_dkim.envelope = "bounces.esp.example".into();
    let finding = marketing(by_dkim).judged(BulkSenderMicrosoft, Verdict::Warn, "alignment");
    assert_eq!(
        line(&finding, "alignment"),
        "flagged, DKIM with mail.brand.example alone; one is enough, both are preferred"
    );
}

#[test]
fn a_voice_that_is_not_known_is_not_held_against_the_other() {
    let mut scene = marketing(campaign());
    scene.evidence.authentication.as_mut().unwrap().spf = None;
    let finding = scene.judged(BulkSenderMicrosoft, Verdict::Pass, "ok");
    assert!(
        line(&finding, "SPF").starts_with("not visible from here, "),
        "{}",
        finding.observed
    );
    assert_eq!(
        line(&finding, "alignment"),
        "pass, DKIM with mail.brand.example; the other is not known"
    );
}

#[test]
fn spf_and_dkim_must_both_pass() {
    let mut several = campaign();
    several.from = TWO_ADDRESSES.into();
    for (scene, code) in [
        (marketing(campaign().spf_fails()), "spf"),
        (marketing(campaign().unsigned()), "dkim"),
        (marketing(several), "from"),
    ] {
        let finding = scene.judged(BulkSenderMicrosoft, Verdict::Fail, code);
        assert!(
            code == "from" || finding.summary.contains("550 5.7.515"),
            "{}",
            finding.summary
        );
    }
    let mut bare = campaign();
    bare.dns = DnsRecords::default();
    marketing(bare).judged(BulkSenderMicrosoft, Verdict::Fail, "dmarc-record");
}

#[test]
fn a_way_to_unsubscribe_is_recommended() {
    let mut bare = campaign();
    bare.body = "<p>Sale</p>";
    marketing(bare).judged(BulkSenderMicrosoft, Verdict::Pass, "ok");
    let mut none = campaign();
    none.body = "<p>Sale</p>";
    none.fields = HEAD;
    marketing(none).judged(BulkSenderMicrosoft, Verdict::Warn, "unsubscribe");
}

#[test]
fn blind_and_skipped() {
    marketing(campaign().txt_fails()).judged(BulkSenderMicrosoft, Verdict::Blind, "unknown");
    campaign()
        .scene()
        .absent()
        .judged(BulkSenderMicrosoft, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    let mut by_dkim = campaign();
    by_dkim.envelope = "bounces.esp.example".into();
    let scenes = [
        ("both aligned", &marketing(campaign())),
        ("DKIM alone", &marketing(by_dkim)),
        ("unauthenticated", &marketing(campaign().unsigned().spf_fails())),
    ];
    golden(BulkSenderMicrosoft, &scenes);
}

#[test]
fn a_bounce_is_no_bulk_mail() {
    let mut bounce = campaign();
    bounce.stamps.push_str("Auto-Submitted: auto-replied\r\n");
    bounce
        .unsigned()
        .scene()
        .judged(BulkSenderMicrosoft, Verdict::Skip, "no-bulk");
}
