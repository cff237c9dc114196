//! `client-support`: what mail clients lose of a message.

use super::scene::{Scene, delivered, golden};
use inboxqa::mail::markup;
use inboxqa::model::CheckId::ClientSupport;
use inboxqa::model::Verdict;
use inboxqa::model::mail_clients::{Support, mail_clients};

fn html(body: &str) -> Scene {
    delivered(format!("Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<!doctype html><html><head><title>T</title></head><body>{body}</body></html>\r\n").as_bytes())
}

fn held_to(body: &str, clients: &[&str], may_lose: &[&str]) -> Scene {
    let mut scene = html(body);
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    scene.policy.contract.clients = owned(clients);
    scene.policy.contract.may_lose = owned(may_lose);
    scene
}

const ROUND: &str = "<p style='border-radius:4px'>Hello</p>";

#[test]
fn what_all_clients_show_passes() {
    html("<table><tr><td><p style='color:#333'>Hello</p></td></tr></table>").judged(ClientSupport, Verdict::Pass, "ok");
}

#[test]
fn without_a_contract_it_is_told_and_with_one_it_fails() {
    html(ROUND).judged(ClientSupport, Verdict::Pass, "told");
    held_to(ROUND, &["outlook/windows"], &[]).judged(ClientSupport, Verdict::Fail, "lost");
    held_to(ROUND, &["apple-mail"], &[]).judged(ClientSupport, Verdict::Pass, "ok");
    held_to(ROUND, &["outlook/windows"], &["css-border-radius"]).judged(ClientSupport, Verdict::Pass, "ok");
    held_to(
        "<div style='position:absolute'>x</div>",
        &["gmail"],
        &["css-border-radius"],
    )
    .judged(ClientSupport, Verdict::Fail, "lost");
}

#[test]
fn a_client_that_is_named_twice_is_told_once() {
    let finding = held_to(ROUND, &["outlook", "outlook/windows"], &[]).judged(ClientSupport, Verdict::Fail, "lost");
    assert_eq!(
        finding.observed.matches("Outlook (Windows),").count(),
        1,
        "{}",
        finding.observed
    );
}

#[test]
fn support_in_part_never_fails() {
    let display = mail_clients()
        .features
        .iter()
        .find(|feature| feature.slug == "css-display")
        .unwrap();
    let gmail = display.support("gmail");
    assert!(
        gmail.iter().any(|(_, support, _)| *support == Support::Partly),
        "{gmail:?}"
    );
    held_to("<p style='display:inline-block'>Hello</p>", &["gmail"], &[]).judged(ClientSupport, Verdict::Pass, "ok");
}

#[test]
fn nothing_to_look_at_is_skipped_and_what_can_not_be_read_is_blind() {
    delivered(b"Subject: x\r\n\r\nHello\r\n").judged(ClientSupport, Verdict::Skip, "no-html");
    html(&"<div>".repeat(100_000)).judged(ClientSupport, Verdict::Blind, "unreadable");
    delivered(b"")
        .absent()
        .judged(ClientSupport, Verdict::Skip, "not-observed");
}

#[test]
fn every_feature_of_the_data_is_read_and_the_usual_clients_are_in_it() {
    let clients = mail_clients();
    let lines = include_str!("../../../src/model/caniemail/facts.jsonl").lines().count();
    assert_eq!(clients.features.len(), lines - 1);
    assert_eq!(clients.date.len(), "2025-09-09".len());
    for name in [
        "gmail",
        "outlook/windows",
        "outlook/outlook-com",
        "yahoo/ios",
        "apple-mail",
    ] {
        assert!(clients.names().contains(&name.to_owned()), "{name}");
    }
}

/// One document uses it all: what is not found by its mark would never be told.
#[test]
fn every_feature_that_is_looked_for_can_be_found() {
    let everything = include_str!("../../data/checks/client-support/everything.html");
    let marks = markup::read(everything).unwrap();
    let unseen: Vec<&str> = mail_clients()
        .features
        .iter()
        .map(|feature| feature.slug.as_str())
        .filter(|slug| {
            let looked_for = inboxqa::checks::client_marks::of(slug);
            !looked_for.is_empty() && !looked_for.iter().any(|mark| marks.get(mark).is_some())
        })
        .collect();
    assert!(unseen.is_empty(), "not found: {unseen:?}");
}

#[test]
fn what_is_used_is_read_as_css_is() {
    let used = |html: &str, mark: &str| markup::read(html).unwrap().get(mark).map(|used| used.times);
    let style = |css: &str| format!("<style>{css}</style>");
    assert_eq!(used("<p style='COLOR:RED;Margin:1REM 2rem'>x</p>", "unit:rem"), Some(2));
    assert_eq!(used(&style("/* gap:1px */ p{}"), "property:gap"), None);
    assert_eq!(used(&style("p{content:'gap:1px'}"), "property:gap"), None);
    assert_eq!(
        used(&style("p{width:calc(1vw + min(2px,3%))}"), "function:min"),
        Some(1)
    );
    assert_eq!(
        used(
            &style("@media (min-width:1px){@supports (gap:1px){p:hover{color:red}}}"),
            "pseudo-class:hover"
        ),
        Some(1)
    );
    assert_eq!(used(&style("a:before{} b::after{}"), "pseudo-element:before"), Some(1));
    assert_eq!(used(&style("p{color:red;a:hover{color:blue}}"), "nesting"), Some(1));
    assert_eq!(used(&style("@media screen{p{color:red}}"), "nesting"), None);
    assert_eq!(
        used(&style("a b{} c>d{} .e.f{} g , h{}"), "selector:descendant"),
        Some(1)
    );
    assert_eq!(used(&style(".e.f{} p.g{}"), "selector:chained"), Some(2));
    assert_eq!(
        used(
            &style("p{background:url(a.webp)} q{background:url('b.svg?x=1')}"),
            "image:svg"
        ),
        Some(1)
    );
    assert_eq!(used("<img src='data:image/png;base64,AA=='>", "image:data"), Some(1));
    assert_eq!(
        used(
            "<!--[if mso]><v:rect style='gap:1px'></v:rect><![endif]--><p>x</p>",
            "property:gap"
        ),
        None
    );
    assert_eq!(used(&style(&"a{".repeat(50_000)), "property:gap"), None);
    assert_eq!(
        used(
            &format!("<p style='width:{}'>x</p>", "calc(".repeat(50_000)),
            "property:gap"
        ),
        None
    );
}

#[test]
fn words() {
    golden(
        ClientSupport,
        &[
            ("told", &html(ROUND)),
            (
                "lost",
                &held_to(
                    "<p style='border-radius:4px;border-radius:5px;display:flex;gap:1rem'>x</p>",
                    &["outlook/windows", "gmail"],
                    &["css-gap"],
                ),
            ),
            ("shown", &held_to("<p>x</p>", &["gmail"], &[])),
        ],
    );
}
