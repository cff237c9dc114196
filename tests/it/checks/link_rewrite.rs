//! `link-rewrite`: which links go through the agreed host.

use super::letters::{chain, clicks, hop, sent, unreadable};
use super::scene::{Scene, golden};
use inboxqa::model::CheckId::LinkRewrite;
use inboxqa::model::route::Tracking;
use inboxqa::model::{HopEnd, Verdict};

fn scene(name: &str) -> Scene {
    sent(LinkRewrite, name)
}

fn by(name: &str, host: &str) -> Scene {
    let mut scene = scene(name);
    scene.policy.contract.clicks = clicks(host);
    scene
}

#[test]
fn every_link_through_the_agreed_host_passes() {
    scene("delivered").judged(LinkRewrite, Verdict::Pass, "ok");
    by("opaque", "click.brand.example").judged(LinkRewrite, Verdict::Pass, "ok");
}

#[test]
fn the_agreed_host_may_be_any_layer_of_the_chain() {
    by("double", "click.pstmrk.it").judged(LinkRewrite, Verdict::Pass, "ok");
    let mut inner = by("double", "e.news.brand.example");
    let Tracking::Host { parts, .. } = &mut inner.policy.contract.clicks else {
        panic!("no host");
    };
    *parts = vec!["html".into()];
    inner.judged(LinkRewrite, Verdict::Pass, "ok");
}

#[test]
fn the_agreed_host_may_show_only_when_followed() {
    let mut scene = by("opaque", "track.brand.example");
    let failed = scene.judged(LinkRewrite, Verdict::Fail, "not-rewritten");
    assert!(failed.summary.starts_with("5 of 6 links"), "{}", failed.summary);
    for number in 1..=5 {
        let url = format!("https://click.brand.example/c/0a1b2c3d/{number}");
        let hops = vec![hop(&url, 302), hop("https://track.brand.example/x", 302)];
        scene.evidence.urls.push(chain(&url, hops, HopEnd::Answered));
    }
    scene.judged(LinkRewrite, Verdict::Pass, "ok");
}

#[test]
fn links_that_were_not_rewritten_fail() {
    let finding = scene("not-rewritten").judged(LinkRewrite, Verdict::Fail, "not-rewritten");
    assert!(
        finding
            .observed
            .contains("'View your order' → https://shop.brand.example/"),
        "{}",
        finding.observed
    );
}

#[test]
fn a_part_that_is_not_agreed_is_not_judged() {
    let mut scene = scene("not-rewritten");
    let Tracking::Host { parts, .. } = &mut scene.policy.contract.clicks else {
        panic!("no host");
    };
    *parts = Vec::from(["amp".to_owned()]);
    scene.judged(LinkRewrite, Verdict::Skip, "no-links");
}

#[test]
fn links_wrapped_by_a_strange_host_fail_as_such() {
    let finding = scene("wrong-host").judged(LinkRewrite, Verdict::Fail, "wrong-host");
    assert!(finding.summary.starts_with("3 of 6 links"), "{}", finding.summary);
}

#[test]
fn an_excepted_link_that_was_wrapped_warns() {
    scene("excepted-rewritten").judged(LinkRewrite, Verdict::Warn, "excepted-rewritten");
}

#[test]
fn an_exception_may_be_a_glob() {
    let mut scene = scene("not-rewritten");
    let Tracking::Host { except, .. } = &mut scene.policy.contract.clicks else {
        panic!("no host");
    };
    *except = vec!["https://*.brand.example/*".into()];
    scene.judged(LinkRewrite, Verdict::Skip, "no-links");
}

#[test]
fn clicks_that_are_off_stay_off() {
    for (name, verdict, code) in [
        ("not-rewritten", Verdict::Pass, "off"),
        ("delivered", Verdict::Fail, "unexpected"),
    ] {
        let mut scene = scene(name);
        scene.policy.contract.clicks = Tracking::Off;
        scene.judged(LinkRewrite, verdict, code);
    }
}

#[test]
fn without_an_agreement_it_is_skipped_and_without_sight_blind() {
    let mut scene = scene("delivered");
    scene.policy.contract.clicks = Tracking::Unstated;
    scene.judged(LinkRewrite, Verdict::Skip, "not-stated");
    scene.policy.contract.clicks = clicks("click.pstmrk.it");
    scene.arrival().raw.0 = unreadable();
    scene.judged(LinkRewrite, Verdict::Blind, "unreadable");
}

#[test]
fn without_the_composed_message_every_delivered_link_is_looked_at() {
    let mut scene = scene("not-rewritten");
    scene.evidence.original = None;
    scene.judged(LinkRewrite, Verdict::Fail, "not-rewritten");
}

#[test]
fn the_words() {
    let all = ["delivered", "not-rewritten", "wrong-host", "excepted-rewritten"].map(|name| (name, scene(name)));
    let rows: Vec<(&str, &Scene)> = all.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(LinkRewrite, &rows);
}
