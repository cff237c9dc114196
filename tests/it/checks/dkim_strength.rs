//! `dkim-strength`: what a signature leaves open, told of the brand's signatures alone.

use super::post::post;
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::DkimStrength;
use inboxqa::model::{DkimFact, Verdict};

/// A message whose one signature is changed as a fact.
fn with(change: impl Fn(&mut DkimFact)) -> Scene {
    let mut scene = post().scene();
    change(&mut scene.evidence.authentication.as_mut().unwrap().dkim[0]);
    scene
}

fn rsa(bits: u32) -> Scene {
    with(|fact| {
        fact.algorithm = "rsa-sha256".into();
        fact.bits = Some(bits);
    })
}

#[test]
fn strong_signatures_pass() {
    post().scene().judged(DkimStrength, Verdict::Pass, "ok");
    rsa(2048).judged(DkimStrength, Verdict::Pass, "ok");
}

#[test]
fn each_weakness_has_its_reason() {
    rsa(768).judged(DkimStrength, Verdict::Fail, "weak-key");
    rsa(1024).judged(DkimStrength, Verdict::Warn, "short-key");
    let postmark = with(|fact| {
        fact.algorithm = "rsa-sha256".into();
        fact.bits = Some(1024);
        fact.selector = "20260102030405pm".into();
    });
    postmark.judged(DkimStrength, Verdict::Warn, "esp-managed-1024");
    let sha1 = with(|fact| (fact.algorithm, fact.bits) = ("rsa-sha1".into(), Some(2048)));
    sha1.judged(DkimStrength, Verdict::Fail, "sha1");
    with(|fact| fact.key_flags = vec!["y".into()]).judged(DkimStrength, Verdict::Warn, "testing");
    with(|fact| fact.key_records = 2).judged(DkimStrength, Verdict::Warn, "several-keys");
    let short = with(|fact| (fact.signed_at, fact.expires_at) = (Some(1_000), Some(1_000 + 1_800)));
    short.judged(DkimStrength, Verdict::Warn, "short-lived");
}

#[test]
fn a_body_covered_in_part_fails_with_what_lies_behind_and_one_that_can_be_added_to_warns() {
    let half = with(|fact| (fact.length, fact.body_length) = (Some(5), 18));
    let finding = half.judged(DkimStrength, Verdict::Fail, "body-length");
    assert!(finding.observed.contains("ank you</p>"), "{}", finding.observed);
    with(|fact| (fact.length, fact.body_length) = (Some(18), 18)).judged(DkimStrength, Verdict::Warn, "body-length");
}

#[test]
fn a_short_key_of_the_services_own_is_told_without_counting_and_nothing_else_of_it_is() {
    let mut scene = rsa(2048);
    let dkim = &mut scene.evidence.authentication.as_mut().unwrap().dkim;
    let mut own = dkim[0].clone();
    (own.domain, own.bits, own.length) = ("esp.example".into(), Some(1024), Some(5));
    own.signed_headers.truncate(1);
    dkim.push(own);
    let finding = scene.judged(DkimStrength, Verdict::Warn, "esp-managed-1024");
    assert!(
        finding.is_advisory() && finding.summary.contains("esp.example"),
        "{finding:?}"
    );
    // One that does not verify is nobody's.
    scene.evidence.authentication.as_mut().unwrap().dkim[1].headers_ok = Some(false);
    scene.judged(DkimStrength, Verdict::Pass, "ok");
}

#[test]
fn what_is_good_is_told_with_a_pass() {
    let strict = with(|fact| fact.key_flags = vec!["s".into()]);
    let finding = strict.judged(DkimStrength, Verdict::Pass, "ok");
    assert!(finding.summary.contains("t=s"), "{}", finding.summary);
    let twice = with(|fact| fact.signed_headers.push("from".into()));
    let finding = twice.judged(DkimStrength, Verdict::Pass, "ok");
    assert!(finding.summary.contains("From oversigned"), "{}", finding.summary);
}

#[test]
fn fields_that_are_there_and_not_signed_are_told() {
    let drop = |name: &'static str| with(move |fact| fact.signed_headers.retain(|field| field != name));
    drop("to").judged(DkimStrength, Verdict::Warn, "unsigned-headers");
    let finding = drop("subject").judged(DkimStrength, Verdict::Fail, "unsigned-headers");
    assert!(
        !finding.summary.contains("Reply-To"),
        "what is not there need not be signed: {}",
        finding.summary
    );
}

#[test]
fn without_a_signature_it_is_skipped_without_dns_blind_or_not_verified() {
    post()
        .unsigned()
        .scene()
        .judged(DkimStrength, Verdict::Skip, "no-signature");
    let mut others = post().scene();
    others.policy.contract.dkim = vec!["other.example".into()];
    others.judged(DkimStrength, Verdict::Skip, "no-signature");
    post()
        .txt_fails()
        .scene()
        .judged(DkimStrength, Verdict::Blind, "key-unknown");
    let mut offline = post().scene();
    offline.evidence.authentication.as_mut().unwrap().offline = true;
    offline.judged(DkimStrength, Verdict::Skip, "not-verified");
    delivered(b"")
        .absent()
        .judged(DkimStrength, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        DkimStrength,
        &[
            ("strong", &rsa(2048)),
            ("short", &rsa(1024)),
            ("weak", &rsa(512)),
            (
                "half of the body",
                &with(|fact| (fact.length, fact.body_length) = (Some(5), 18)),
            ),
            (
                "subject open",
                &with(|fact| fact.signed_headers.retain(|field| field != "subject")),
            ),
            ("two keys", &with(|fact| fact.key_records = 2)),
            ("testing", &with(|fact| fact.key_flags = vec!["y".into()])),
        ],
    );
}
