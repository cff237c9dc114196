//! `spf`: the verdict for the envelope domain, and the contract's return path.

use super::post::{Post, post};
use super::scene::golden;
use inboxqa::model::CheckId::Spf;
use inboxqa::model::{DnsAnswer, Verdict};

fn record(text: &str) -> Post {
    post().answer("bounces.esp.example", DnsAnswer::Records(vec![text.to_owned()]))
}

#[test]
fn passes_for_the_esps_own_return_path_whether_it_aligns_or_not() {
    let finding = post().scene().judged(Spf, Verdict::Pass, "ok");
    assert!(
        finding.observed.contains("v=spf1 ip4:203.0.113.9 -all"),
        "{}",
        finding.observed
    );
    assert!(
        finding.observed.contains("client address from received"),
        "{}",
        finding.observed
    );
    post().own_return_path().scene().judged(Spf, Verdict::Pass, "ok");
}

#[test]
fn each_verdict_has_its_reason() {
    record("v=spf1 -all").scene().judged(Spf, Verdict::Fail, "fail");
    record("v=spf1 ~all").scene().judged(Spf, Verdict::Fail, "softfail");
    record("v=spf1 ?all").scene().judged(Spf, Verdict::Fail, "neutral");
    record("hello").scene().judged(Spf, Verdict::Fail, "none");
    record("v=spf1 ip4:nowhere -all")
        .scene()
        .judged(Spf, Verdict::Fail, "permerror");
    post()
        .answer("bounces.esp.example", DnsAnswer::Timeout)
        .scene()
        .judged(Spf, Verdict::Blind, "dns-failed");
    post().txt_fails().scene().judged(Spf, Verdict::Blind, "dns-failed");
}

#[test]
fn the_contract_names_the_return_path() {
    let mut scene = post().scene();
    scene.policy.contract.return_path = Some("bounces.brand.example".into());
    let finding = scene.judged(Spf, Verdict::Fail, "return-path");
    assert!(finding.summary.contains("bounces.esp.example"), "{}", finding.summary);
    scene.policy.contract.return_path = Some("b@Bounces.ESP.example".into());
    scene.judged(Spf, Verdict::Pass, "ok");
}

#[test]
fn without_the_client_it_is_skipped_not_passed() {
    let mut blind = post();
    blind.stamps.clear();
    blind.scene().judged(Spf, Verdict::Skip, "not-evaluated");
    post().scene().absent().judged(Spf, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    let mut path = post().scene();
    path.policy.contract.return_path = Some("bounces.brand.example".into());
    let scenes = [
        ("permitted", &post().scene()),
        ("not permitted", &post().spf_fails().scene()),
        ("another return path", &path),
        ("DNS failed", &post().txt_fails().scene()),
    ];
    golden(Spf, &scenes);
}
