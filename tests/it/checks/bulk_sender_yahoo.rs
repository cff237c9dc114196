//! `bulk-sender-yahoo`: where Yahoo asks for other things than Gmail.

use super::bulk_sender_gmail::{HEAD, TWO_ADDRESSES, campaign, line, marketing};
use super::post::gmail;
use super::scene::golden;
use crate::probe::signing::Signer;
use inboxqa::model::CheckId::BulkSenderYahoo;
use inboxqa::model::{DnsAnswer, DnsRecords, RecordType, Verdict};

const MAILTO: &str = "Content-Type: text/html; charset=utf-8\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@mail.brand.example>\r\nList-Unsubscribe: <mailto:u@brand.example>\r\n";

#[test]
fn a_sound_message_passes() {
    marketing(campaign()).judged(BulkSenderYahoo, Verdict::Pass, "ok");
    campaign().scene().judged(BulkSenderYahoo, Verdict::Pass, "ok");
}

#[test]
fn authentication_is_asked_for_and_tls_is_not() {
    marketing(campaign().spf_fails()).judged(BulkSenderYahoo, Verdict::Fail, "spf");
    let finding = marketing(campaign().unsigned()).judged(BulkSenderYahoo, Verdict::Fail, "dkim");
    assert!(finding.summary.contains("554 5.7.9"), "{}", finding.summary);
    let mut plain = campaign();
    plain.stamps = gmail("ESMTP", "");
    let finding = marketing(plain).judged(BulkSenderYahoo, Verdict::Pass, "ok");
    assert!(!finding.observed.contains("TLS"), "{}", finding.observed);
}

#[test]
fn unsubscribing_by_mailto_is_accepted_and_flagged() {
    let mut bare = campaign();
    bare.fields = HEAD;
    marketing(bare).judged(BulkSenderYahoo, Verdict::Fail, "list-unsubscribe");
    let mut mailto = campaign();
    mailto.fields = MAILTO;
    let finding = marketing(mailto).judged(BulkSenderYahoo, Verdict::Warn, "list-unsubscribe");
    assert!(
        line(&finding, "List-Unsubscribe").ends_with("one-click is advised"),
        "{}",
        finding.observed
    );
}

#[test]
fn dates_out_of_range_and_fields_that_can_not_be_decoded_fail() {
    let dated = |day: &'static str| {
        let mut post = campaign();
        post.fields = campaign().fields.replace("Mon, 23 Nov 2026", day).leak();
        marketing(post)
    };
    dated("Mon, 23 Nov 2026").judged(BulkSenderYahoo, Verdict::Pass, "ok");
    dated("Thu, 1 Jan 1970").judged(BulkSenderYahoo, Verdict::Fail, "form");
    dated("Tue, 24 Nov 2026").judged(BulkSenderYahoo, Verdict::Fail, "form");
    let mut coded = campaign();
    coded.fields = format!("Cc: =?utf-9?Q?x?= <c@brand.example>\r\n{}", campaign().fields).leak();
    marketing(coded).judged(BulkSenderYahoo, Verdict::Fail, "form");
    let mut nameless = campaign();
    nameless.fields = campaign().fields.replace("Message-ID", "X-Was").leak();
    marketing(nameless).judged(BulkSenderYahoo, Verdict::Pass, "ok");
}

#[test]
fn what_gmail_asks_too_fails_here_by_its_own_name() {
    let mut undeclared = campaign();
    undeclared.dns = DnsRecords::default();
    marketing(undeclared).judged(BulkSenderYahoo, Verdict::Fail, "dmarc-record");
    let mut several = campaign();
    several.from = TWO_ADDRESSES.into();
    marketing(several).judged(BulkSenderYahoo, Verdict::Fail, "from");
    let mut bare = campaign();
    bare.body = "<p>Sale</p>";
    marketing(bare).judged(BulkSenderYahoo, Verdict::Fail, "body-link");
    let mut nameless = marketing(campaign());
    let dns = &mut nameless.evidence.dns;
    dns.record("9.113.0.203.in-addr.arpa", RecordType::Ptr, DnsAnswer::NoName);
    nameless.judged(BulkSenderYahoo, Verdict::Fail, "reverse-dns");
    let mut foreign = campaign();
    foreign.signers = vec![Signer::new("esp.example", "s9", 4)];
    foreign.envelope = "bounces.esp.example".into();
    let finding = marketing(foreign).judged(BulkSenderYahoo, Verdict::Fail, "alignment");
    assert!(line(&finding, "alignment").starts_with("fail"), "{}", finding.observed);
}

#[test]
fn blind_and_skipped() {
    marketing(campaign().txt_fails()).judged(BulkSenderYahoo, Verdict::Blind, "unknown");
    campaign()
        .scene()
        .absent()
        .judged(BulkSenderYahoo, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    let mut mailto = campaign();
    mailto.fields = MAILTO;
    let scenes = [
        ("sound campaign", &marketing(campaign())),
        ("unsubscribed by mail", &marketing(mailto)),
        ("unauthenticated", &marketing(campaign().unsigned().spf_fails())),
    ];
    golden(BulkSenderYahoo, &scenes);
}

#[test]
fn a_bounce_is_no_bulk_mail() {
    let mut bounce = campaign();
    bounce.stamps.push_str("Auto-Submitted: auto-replied\r\n");
    bounce
        .unsigned()
        .scene()
        .judged(BulkSenderYahoo, Verdict::Skip, "no-bulk");
}
