//! `link-destination`: the URL behind the wrappers against the composed one.

use super::letters::{chain, clicks, hop, sent, unreadable};
use super::scene::{Scene, golden};
use inboxqa::model::CheckId::LinkDestination;
use inboxqa::model::suite::LinkExpectation;
use inboxqa::model::{HopEnd, Verdict};

const ORDER: &str = "https://shop.brand.example/orders/A-1042?key=k7&view=status&lang=en";
const HELP: &str = "https://www.brand.example/help?topic=orders&ref=A-1042";
const RETURNS: &str = "https://www.brand.example/returns#how";

fn scene(name: &str) -> Scene {
    sent(LinkDestination, name)
}

/// Opaque links, each followed to the page given.
fn followed(pages: [&str; 5]) -> Scene {
    let mut scene = scene("opaque");
    scene.policy.contract.clicks = clicks("click.brand.example");
    for (number, page) in (1..).zip(pages) {
        let url = format!("https://click.brand.example/c/0a1b2c3d/{number}");
        let hops = vec![
            hop(&url, 302),
            hop(page, 302),
            hop("https://www.brand.example/final", 200),
        ];
        scene.evidence.urls.push(chain(&url, hops, HopEnd::Answered));
    }
    scene
}

#[test]
fn decodable_wrappers_are_compared_without_a_request() {
    let finding = scene("delivered").judged(LinkDestination, Verdict::Pass, "ok");
    assert_eq!(finding.summary, "6 links lead where they were composed to lead");
}

#[test]
fn opaque_wrappers_are_compared_by_the_first_page_they_lead_to() {
    followed([ORDER, HELP, RETURNS, ORDER, HELP]).judged(LinkDestination, Verdict::Pass, "ok");
    followed([
        ORDER,
        "https://www.brand.example/help?topic=orders",
        RETURNS,
        ORDER,
        HELP,
    ])
    .judged(LinkDestination, Verdict::Fail, "lost-parameter");
}

#[test]
fn what_is_hardly_seen_in_a_url_is_told_too() {
    let page = |first: &str, third: &str| followed([first, HELP, third, ORDER, HELP]);
    let changed = |code, scene: Scene| scene.judged(LinkDestination, Verdict::Fail, code);
    changed("scheme", page(&ORDER.replace("https:", "http:"), RETURNS));
    changed("changed-parameter", page(&ORDER.replace("lang=en", "lang=de"), RETURNS));
    changed("fragment", page(ORDER, &RETURNS.replace("#how", "#where")));
}

#[test]
fn where_the_click_server_sent_us_outranks_what_its_link_promises() {
    let mut scene = scene("delivered");
    let url = inboxqa::mail::reading::Reading::new(scene.evidence.raw().unwrap()).links()[0]
        .url
        .clone();
    let elsewhere = "https://shop.brand.example/another-page";
    let hops = vec![hop(&url, 302), hop(elsewhere, 200)];
    scene.evidence.urls.push(chain(&url, hops, HopEnd::Answered));
    scene.judged(LinkDestination, Verdict::Fail, "other-destination");
}

#[test]
fn a_chain_that_stays_on_the_tracking_host_is_not_reached() {
    let mut scene = scene("opaque");
    scene.policy.contract.clicks = clicks("click.brand.example");
    let first = "https://click.brand.example/c/0a1b2c3d/1";
    let private = HopEnd::Fenced("https://169.254.169.254/: link-local".into());
    scene.evidence.urls.push(chain(first, vec![hop(first, 302)], private));
    let finding = scene.judged(LinkDestination, Verdict::Pass, "ok");
    // The unsubscribe link is not wrapped and can be compared; the five opaque ones can not.
    assert!(finding.summary.ends_with("5 were not reached"), "{}", finding.summary);
}

#[test]
fn nothing_reached_at_all_is_skipped() {
    let mut scene = scene("opaque");
    scene.policy.contract.clicks = clicks("click.brand.example");
    let raw = "Content-Type: text/html\r\n\r\n<a href='https://click.brand.example/c/1'>View your order</a>";
    scene.arrival().raw.0 = raw.into();
    scene.evidence.original.as_mut().unwrap().0 =
        format!("Content-Type: text/html\r\n\r\n<a href='{ORDER}'>View your order</a>").into();
    scene.judged(LinkDestination, Verdict::Skip, "unreached");
}

#[test]
fn each_change_fails_by_its_own_name() {
    for (name, code, words) in [
        (
            "other-destination",
            "other-destination",
            "'View your order': leads to https://shop.brand.example/somewhere-else",
        ),
        ("lost-query", "lost-parameter", "lost key=k7"),
        ("ampersand", "ampersand", "& became &amp;, so lang is now amp;lang"),
        ("appended", "added-parameter", "added utm_source=receipt"),
        ("missing", "missing-link", "'Our help pages'"),
    ] {
        let finding = scene(name).judged(LinkDestination, Verdict::Fail, code);
        assert!(finding.observed.contains(words), "{name}: {}", finding.observed);
    }
}

#[test]
fn what_the_contract_lets_be_appended_passes() {
    let mut scene = scene("appended");
    scene.policy.contract.may_append = vec!["utm_*".into()];
    scene.judged(LinkDestination, Verdict::Pass, "ok");
}

#[test]
fn another_order_of_parameters_warns() {
    let pages = [
        "https://shop.brand.example/orders/A-1042?view=status&key=k7&lang=en",
        HELP,
        RETURNS,
        ORDER,
        HELP,
    ];
    followed(pages).judged(LinkDestination, Verdict::Warn, "reordered");
}

#[test]
fn links_that_the_case_states_must_be_there() {
    let stated = |text: &str, to: &str| {
        let mut scene = scene("delivered");
        scene.evidence.original = None;
        scene.policy.links.expected = vec![LinkExpectation {
            text: text.into(),
            to: to.into(),
        }];
        scene
    };
    stated("View your order", "https://shop.brand.example/orders/*").judged(LinkDestination, Verdict::Pass, "ok");
    stated("View your order", "https://other.example/*").judged(LinkDestination, Verdict::Fail, "other-destination");
    stated("Track it", "https://shop.brand.example/*").judged(LinkDestination, Verdict::Fail, "missing-link");
}

#[test]
fn what_is_not_known_is_skipped_and_what_is_not_seen_is_blind() {
    let mut scene = scene("delivered");
    scene.evidence.original.as_mut().unwrap().0 = b"Subject: x\r\n\r\nno links\r\n".to_vec();
    scene.judged(LinkDestination, Verdict::Skip, "no-links");
    scene.evidence.original = None;
    scene.judged(LinkDestination, Verdict::Skip, "no-original");
    let mut deep = self::scene("delivered");
    deep.arrival().raw.0 = unreadable();
    deep.judged(LinkDestination, Verdict::Blind, "unreadable");
}

#[test]
fn the_words() {
    let all = [
        "delivered",
        "other-destination",
        "lost-query",
        "ampersand",
        "appended",
        "missing",
    ]
    .map(|name| (name, scene(name)));
    let rows: Vec<(&str, &Scene)> = all.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(LinkDestination, &rows);
}
