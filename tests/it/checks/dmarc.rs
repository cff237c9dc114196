//! `dmarc`: the record and what it makes of the message.

use super::post::post;
use super::scene::golden;
use inboxqa::checks::alignment_row;
use inboxqa::model::CheckId::Dmarc;
use inboxqa::model::{DmarcResult, DnsAnswer, DnsRecords, Verdict};

#[test]
fn passes_with_an_aligned_signature_or_spf() {
    let finding = post().scene().judged(Dmarc, Verdict::Pass, "ok");
    assert!(
        finding.observed.contains("_dmarc.brand.example: v=DMARC1; p=reject"),
        "{}",
        finding.observed
    );
    post()
        .own_return_path()
        .unsigned()
        .scene()
        .judged(Dmarc, Verdict::Pass, "ok");
}

#[test]
fn fails_only_if_neither_aligns() {
    let finding = post().unsigned().scene().judged(Dmarc, Verdict::Fail, "fail");
    assert!(finding.summary.contains("p=reject applies"), "{}", finding.summary);
    post().spf_fails().scene().judged(Dmarc, Verdict::Pass, "ok");
}

#[test]
fn without_a_usable_record_it_warns_unless_nothing_aligns() {
    let mut bare = post();
    bare.dns = DnsRecords::default();
    bare.scene().judged(Dmarc, Verdict::Warn, "no-record");
    let mut bare = post().unsigned();
    bare.dns = DnsRecords::default();
    bare.scene().judged(Dmarc, Verdict::Fail, "fail");
    let mut two = post();
    two.dns = DnsRecords::default();
    let records = vec!["v=DMARC1; p=none".to_owned(), "v=DMARC1; p=reject".to_owned()];
    two.answer("_dmarc.brand.example", DnsAnswer::Records(records))
        .scene()
        .judged(Dmarc, Verdict::Warn, "unusable-record");
}

#[test]
fn dns_that_failed_is_blind() {
    post().txt_fails().scene().judged(Dmarc, Verdict::Blind, "unknown");
    let mut record = post();
    record.dns = DnsRecords::default();
    let record = record.answer("_dmarc.brand.example", DnsAnswer::Timeout);
    record.scene().judged(Dmarc, Verdict::Blind, "unknown");
}

#[test]
fn where_the_readings_find_different_records_it_says_so() {
    let mut differ = post();
    differ.from = "a.news.brand.example".into();
    differ.txt("_dmarc.news.brand.example", "v=DMARC1; p=none; psd=n");
    let finding = differ
        .own_return_path()
        .scene()
        .judged(Dmarc, Verdict::Warn, "readings-differ");
    assert!(
        finding
            .observed
            .contains("RFC 7489 (public suffix list): pass, p=reject; _dmarc.brand.example"),
        "{}",
        finding.observed
    );
}

#[test]
fn without_one_from_address_there_is_nothing_to_pass() {
    post()
        .changed("From: Brand <", "From: a@other.test, Brand <")
        .scene()
        .judged(Dmarc, Verdict::Fail, "not-evaluable");
}

#[test]
fn without_a_message_it_is_skipped() {
    post().scene().absent().judged(Dmarc, Verdict::Skip, "not-observed");
}

#[test]
fn reports_get_the_same_answer_as_rows() {
    let row = |scene: super::scene::Scene| alignment_row(&scene.evidence, &scene.policy);
    let good = row(post().scene());
    assert_eq!(
        (good.dkim, good.spf, good.dmarc),
        (vec![true], Some(false), DmarcResult::Pass)
    );
    assert_eq!(row(post().unsigned().scene()).dmarc, DmarcResult::Fail);
    assert_eq!(row(post().txt_fails().scene()).dmarc, DmarcResult::TempError);
}

#[test]
fn words() {
    let mut bare = post();
    bare.dns = DnsRecords::default();
    let scenes = [
        ("passes", &post().scene()),
        ("fails", &post().unsigned().scene()),
        ("no record", &bare.scene()),
        ("DNS failed", &post().txt_fails().scene()),
    ];
    golden(Dmarc, &scenes);
}
