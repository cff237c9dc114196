//! `dkim-signature`: the contract's domains, and the provider that rebuilds bodies.

use super::post::post;
use super::scene::{Scene, golden};
use crate::probe::signing::Signer;
use inboxqa::model::CheckId::{DkimSignature, Dmarc, FromAlignment};
use inboxqa::model::{DkimResult, DnsAnswer, Verdict};

const KEY: &str = "k1._domainkey.brand.example";

fn esp_alone() -> Scene {
    let mut esp = post();
    esp.signers = vec![Signer::new("esp.example", "s9", 4)];
    esp.scene()
}

#[test]
fn every_domain_of_the_contract_must_verify() {
    let finding = post().scene().judged(DkimSignature, Verdict::Pass, "ok");
    assert!(
        finding
            .observed
            .contains("brand.example (s=k1, ed25519-sha256, 256 bits, c=relaxed/relaxed): verifies"),
        "{}",
        finding.observed
    );

    let finding = esp_alone().judged(DkimSignature, Verdict::Fail, "no-signature");
    assert!(
        finding
            .summary
            .contains("no signature by brand.example; signed by esp.example"),
        "{}",
        finding.summary
    );

    let mut both = post().scene();
    both.policy.contract.dkim.push("esp.example".into());
    both.judged(DkimSignature, Verdict::Fail, "no-signature");
}

#[test]
fn a_foreign_signature_does_no_harm_and_the_best_of_one_domain_counts() {
    let mut two = post();
    two.signers = vec![
        Signer::new("brand.example", "k1", 1),
        Signer::new("esp.example", "s9", 4),
    ];
    let mut anybody = two.answer("s9._domainkey.esp.example", DnsAnswer::NoName).scene();
    anybody.judged(DkimSignature, Verdict::Pass, "ok");
    // Where no contract says whose counts, each is told.
    anybody.policy.contract.dkim.clear();
    let finding = anybody.judged(DkimSignature, Verdict::Pass, "ok");
    assert_eq!(finding.summary, "signed, and 1 of 2 signatures verifies");
    assert!(finding.observed.contains("esp.example (s=s9"), "{}", finding.observed);

    let mut twice = post();
    twice.signers = vec![
        Signer::new("brand.example", "k1", 1),
        Signer::new("brand.example", "old", 2),
    ];
    let twice = twice.answer("old._domainkey.brand.example", DnsAnswer::NoName);
    twice.scene().judged(DkimSignature, Verdict::Pass, "ok");
}

#[test]
fn each_way_to_be_broken_has_its_reason() {
    post()
        .unsigned()
        .scene()
        .judged(DkimSignature, Verdict::Fail, "no-signature");
    post()
        .changed("Thank you", "Thanks")
        .scene()
        .judged(DkimSignature, Verdict::Fail, "body-hash");
    post()
        .changed("Order 17", "Order 18")
        .scene()
        .judged(DkimSignature, Verdict::Fail, "signature");
    post()
        .answer(KEY, DnsAnswer::NoName)
        .scene()
        .judged(DkimSignature, Verdict::Fail, "no-key");
    let revoked = DnsAnswer::Records(vec!["v=DKIM1; p=".into()]);
    post()
        .answer(KEY, revoked)
        .scene()
        .judged(DkimSignature, Verdict::Fail, "revoked");
    let mut expired = post();
    expired.tags = "t=1700000000; x=1700000100";
    expired.scene().judged(DkimSignature, Verdict::Fail, "expired");
}

/// What verifying found, under its own name: each is told as it is, and none counts.
#[test]
fn what_verifying_found_is_the_reason() {
    let found = |result, reason: &str| {
        let mut scene = post().scene();
        let fact = &mut scene.evidence.authentication.as_mut().unwrap().dkim[0];
        (fact.result, fact.reason, fact.detail) = (result, reason.into(), "in words".into());
        scene
    };
    for reason in [
        "bad-key",
        "weak-key",
        "malformed",
        "unsupported",
        "identity",
        "from-unsigned",
    ] {
        let finding = found(DkimResult::PermError, reason).judged(DkimSignature, Verdict::Fail, reason);
        assert!(
            finding.summary.ends_with("in words") && !finding.help.is_empty(),
            "{reason}: {finding:?}"
        );
    }
    found(DkimResult::TempError, "not-asked").judged(DkimSignature, Verdict::Blind, "not-asked");
}

#[test]
fn dns_that_failed_is_blind() {
    post().answer(KEY, DnsAnswer::Failed("SERVFAIL".into())).scene().judged(
        DkimSignature,
        Verdict::Blind,
        "dns-failed",
    );
    post()
        .answer(KEY, DnsAnswer::Timeout)
        .scene()
        .judged(DkimSignature, Verdict::Blind, "dns-timeout");
}

#[test]
fn without_a_contract_any_signature_is_enough() {
    let mut esp = esp_alone();
    esp.policy.contract.dkim.clear();
    esp.judged(DkimSignature, Verdict::Pass, "ok");
    let mut unsigned = post().unsigned().scene();
    unsigned.policy.contract.dkim.clear();
    unsigned.judged(DkimSignature, Verdict::Fail, "no-signature");
}

const PASS: &str = "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=bounces.esp.example; dkim=pass (signature was verified) header.d=brand.example;dmarc=pass action=none header.from=mail.brand.example;compauth=pass reason=100\r\n";
const FAIL: &str = "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=bounces.esp.example; dkim=fail (body hash did not verify) header.d=brand.example;dmarc=fail action=oreject header.from=mail.brand.example;compauth=fail reason=000\r\n";
const ESP: &str = "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=bounces.esp.example; dkim=pass (signature was verified) header.d=esp.example;dmarc=pass action=none header.from=mail.brand.example;compauth=pass reason=100\r\n";

#[test]
fn where_the_body_was_rebuilt_the_providers_word_decides() {
    let pass = post().at_outlook(PASS);
    let finding = pass.judged(DkimSignature, Verdict::Pass, "by-provider");
    assert!(
        finding
            .observed
            .contains("outlook says dkim=pass (signature was verified)"),
        "{}",
        finding.observed
    );
    pass.judged(FromAlignment, Verdict::Pass, "ok");
    pass.judged(Dmarc, Verdict::Pass, "ok");

    let fail = post().at_outlook(FAIL);
    fail.judged(DkimSignature, Verdict::Fail, "provider-says-fail");
    fail.judged(FromAlignment, Verdict::Fail, "not-aligned");
    fail.judged(Dmarc, Verdict::Fail, "fail");
}

#[test]
fn a_word_about_another_signature_decides_only_through_dmarc() {
    // SPF does not align, so dmarc=pass can only come from the aligned signature.
    post()
        .at_outlook(ESP)
        .judged(DkimSignature, Verdict::Pass, "by-provider");
    // Under an aligned return path dmarc=pass says nothing of the signature.
    let own = ESP.replace("bounces.esp.example", "bounces.brand.example");
    post()
        .own_return_path()
        .at_outlook(&own)
        .judged(DkimSignature, Verdict::Blind, "blind");
}

#[test]
fn without_the_providers_word_it_is_blind() {
    let silent = post().at_outlook("");
    silent.judged(DkimSignature, Verdict::Blind, "blind");
    silent.judged(FromAlignment, Verdict::Blind, "unknown");
    // Somebody else's word is no word.
    let forged = post().changed(
        "From: Brand",
        "Authentication-Results: mx.google.example; dkim=pass header.d=brand.example\r\nFrom: Brand",
    );
    let forged = forged.changed("Thank you", "Thanks").at_outlook("");
    forged.judged(DkimSignature, Verdict::Blind, "blind");
}

#[test]
fn what_is_wrong_apart_from_the_body_is_our_own_fact_there_too() {
    post()
        .unsigned()
        .at_outlook(PASS)
        .judged(DkimSignature, Verdict::Fail, "no-signature");
    post()
        .answer(KEY, DnsAnswer::NoName)
        .at_outlook(PASS)
        .judged(DkimSignature, Verdict::Fail, "no-key");
    // The body is as it was signed, so nothing was rebuilt and the signature is simply wrong.
    post()
        .changed("Order 17", "Order 18")
        .at_outlook(PASS)
        .judged(DkimSignature, Verdict::Fail, "signature");
}

#[test]
fn without_a_message_it_is_skipped() {
    post()
        .scene()
        .absent()
        .judged(DkimSignature, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        DkimSignature,
        &[
            ("verifies", &post().scene()),
            ("body changed", &post().changed("Thank you", "Thanks").scene()),
            ("ESP's signature alone", &esp_alone()),
            ("key missing", &post().answer(KEY, DnsAnswer::NoName).scene()),
            (
                "DNS failed",
                &post().answer(KEY, DnsAnswer::Failed("SERVFAIL".into())).scene(),
            ),
            ("rebuilt, provider says pass", &post().at_outlook(PASS)),
            ("rebuilt, provider says fail", &post().at_outlook(FAIL)),
            ("rebuilt, provider silent", &post().at_outlook("")),
        ],
    );
}
