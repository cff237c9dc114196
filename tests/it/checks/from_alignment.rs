//! `from-alignment`: DKIM or SPF, by list and by walk, and not knowing.

use super::post::post;
use super::scene::golden;
use crate::probe::signing::Signer;
use inboxqa::model::CheckId::FromAlignment;
use inboxqa::model::Verdict;

#[test]
fn an_aligned_signature_is_enough_and_is_told_in_words() {
    let finding = post().scene().judged(FromAlignment, Verdict::Pass, "ok");
    let words = "From mail.brand.example, signed by brand.example: relaxed pass, strict fail, policy adkim=r";
    assert!(finding.observed.contains(words), "{}", finding.observed);
    assert!(
        finding.observed.contains("sent for bounces.esp.example: relaxed fail"),
        "{}",
        finding.observed
    );
}

#[test]
fn aligned_spf_is_enough() {
    post()
        .own_return_path()
        .unsigned()
        .scene()
        .judged(FromAlignment, Verdict::Pass, "ok");
}

#[test]
fn neither_fails() {
    post()
        .unsigned()
        .scene()
        .judged(FromAlignment, Verdict::Fail, "not-aligned");
    post()
        .own_return_path()
        .unsigned()
        .spf_fails()
        .scene()
        .judged(FromAlignment, Verdict::Fail, "not-aligned");
    let broken = post()
        .changed("Thank you", "Thanks")
        .scene()
        .judged(FromAlignment, Verdict::Fail, "not-aligned");
    // It is signed with the brand's own domain: that is not what is missing.
    let help = "The signature of brand.example would align, and it does not verify";
    assert!(broken.help.starts_with(help), "{}", broken.help);
}

#[test]
fn spf_that_fails_matters_not_while_a_signature_aligns() {
    post().spf_fails().scene().judged(FromAlignment, Verdict::Pass, "ok");
}

#[test]
fn a_signature_of_somebody_else_does_not_align() {
    let mut other = post();
    other.signers = vec![Signer::new("esp.example", "s9", 4)];
    other.scene().judged(FromAlignment, Verdict::Fail, "not-aligned");
}

#[test]
fn a_changed_from_domain_is_no_longer_spoken_for() {
    let mut other = post();
    other.from = "other.test".into();
    other.scene().judged(FromAlignment, Verdict::Fail, "not-aligned");
}

#[test]
fn strict_mode_wants_equal_domains() {
    let mut strict = post();
    strict.txt("_dmarc.mail.brand.example", "v=DMARC1; p=none; adkim=s");
    let finding = strict.scene().judged(FromAlignment, Verdict::Fail, "not-aligned");
    assert!(
        finding.observed.contains("relaxed pass, strict fail, policy adkim=s"),
        "{}",
        finding.observed
    );
}

#[test]
fn readings_that_differ_are_a_warning() {
    let mut differ = post();
    differ.txt("_dmarc.mail.brand.example", "v=DMARC1; p=none; psd=n");
    let finding = differ.scene().judged(FromAlignment, Verdict::Warn, "readings-differ");
    assert!(
        finding
            .observed
            .contains("by the public suffix list but fail by the tree walk"),
        "{}",
        finding.observed
    );
}

#[test]
fn dns_that_failed_is_blind() {
    post()
        .txt_fails()
        .scene()
        .judged(FromAlignment, Verdict::Blind, "unknown");
    post()
        .own_return_path()
        .txt_fails()
        .scene()
        .judged(FromAlignment, Verdict::Blind, "unknown");
}

#[test]
fn several_from_addresses_can_not_be_judged() {
    let finding = post()
        .changed("From: Brand <", "From: a@other.test, Brand <")
        .scene()
        .judged(FromAlignment, Verdict::Fail, "not-evaluable");
    assert!(finding.observed.contains("a@other.test"), "{}", finding.observed);
}

#[test]
fn without_a_message_or_dns_it_is_skipped() {
    post()
        .scene()
        .absent()
        .judged(FromAlignment, Verdict::Skip, "not-observed");
    let mut offline = post().scene();
    offline.evidence.authentication = None;
    offline.judged(FromAlignment, Verdict::Skip, "not-verified");
}

#[test]
fn words() {
    let mut differ = post();
    differ.txt("_dmarc.mail.brand.example", "v=DMARC1; p=none; psd=n");
    golden(
        FromAlignment,
        &[
            ("aligned by DKIM", &post().scene()),
            ("aligned by both", &post().own_return_path().scene()),
            ("not signed", &post().unsigned().scene()),
            ("readings differ", &differ.scene()),
            ("DNS failed", &post().txt_fails().scene()),
        ],
    );
}
