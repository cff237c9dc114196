//! `unsubscribe-link`: a campaign shows a way out, and one that leads somewhere.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::UnsubscribeLink;
use inboxqa::model::{Category, Verdict};

fn html(body: &str) -> Scene {
    campaign(&format!(
        "Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"
    ))
}

fn campaign(raw: &str) -> Scene {
    let mut scene = delivered(raw.as_bytes());
    scene.policy.category = Category::Marketing;
    scene
}

fn alternative(text: &str, html: &str) -> Scene {
    campaign(&format!(
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\
         --b\r\nContent-Type: text/html\r\n\r\n{html}\r\n--b--\r\n"
    ))
}

const LINK: &str = "<a href='https://news.brand.example/unsubscribe/8f3a91c2d4e5f60718293a4b'>Unsubscribe</a>";

#[test]
fn a_link_passes_in_every_part_and_language() {
    html(LINK).judged(UnsubscribeLink, Verdict::Pass, "ok");
    html("<a href='https://news.brand.example/l/9'>Vom Newsletter abmelden</a>").judged(
        UnsubscribeLink,
        Verdict::Pass,
        "ok",
    );
    campaign("Subject: x\r\n\r\nUnsubscribe: https://news.brand.example/unsubscribe/1\r\n").judged(
        UnsubscribeLink,
        Verdict::Pass,
        "ok",
    );
    alternative("Unsubscribe: https://news.brand.example/unsubscribe/1", LINK).judged(
        UnsubscribeLink,
        Verdict::Pass,
        "ok",
    );
}

#[test]
fn none_fails_and_one_that_leads_nowhere_as_well() {
    html("<a href='https://shop.brand.example/'>Shop</a>").judged(UnsubscribeLink, Verdict::Fail, "missing");
    let hidden = alternative("Unsubscribe: https://news.brand.example/unsubscribe/1", "<p>Sale!</p>");
    hidden.judged(UnsubscribeLink, Verdict::Fail, "missing");
    for href in ["", "#", "https://", "http://"] {
        html(&format!("<a href='{href}'>Unsubscribe</a>")).judged(UnsubscribeLink, Verdict::Fail, "empty");
    }
    html(&format!("{LINK} <a href=''>Unsubscribe</a>")).judged(UnsubscribeLink, Verdict::Fail, "empty");
    html("<a href='https://news.brand.example/unsubscribe/1'></a>").judged(UnsubscribeLink, Verdict::Fail, "wordless");
}

#[test]
fn a_link_that_is_hidden_is_none_unless_another_is_seen() {
    for around in [
        "<p hidden>",
        "<div style='display: none'><p>",
        "<p style='font-size:0'>",
        "<table><tr><td style='opacity:0'>",
    ] {
        html(&format!("<p>Sale!</p>{around}{LINK}")).judged(UnsubscribeLink, Verdict::Fail, "hidden");
    }
    html(&format!("<p hidden>{LINK}</p><p>{LINK}</p>")).judged(UnsubscribeLink, Verdict::Pass, "ok");
    // MJML takes the gaps away by a size of 0 around everything, and says one where the text is; so may a style sheet.
    for inside in [
        "<div style='font-family:Arial;font-size:13px'>",
        "<p style='font:13px Arial'>",
        "<p class='footer'>",
        "<font size=1>",
    ] {
        let mjml =
            format!("<p>Sale!</p><table><tr><td style='direction:ltr;font-size:0px;padding:20px 0'>{inside}{LINK}");
        html(&mjml).judged(UnsubscribeLink, Verdict::Pass, "ok");
    }
}

#[test]
fn plain_http_and_a_text_part_without_one_warn() {
    html(&LINK.replace("https", "http")).judged(UnsubscribeLink, Verdict::Warn, "not-https");
    alternative("Hello", LINK).judged(UnsubscribeLink, Verdict::Warn, "not-in-text");
}

#[test]
fn order_mail_needs_none_and_what_can_not_be_read_is_blind() {
    delivered(b"Subject: x\r\n\r\nThank you\r\n").judged(UnsubscribeLink, Verdict::Pass, "not-needed");
    html(&"<div>".repeat(100_000)).judged(UnsubscribeLink, Verdict::Blind, "unreadable");
    let mut nowhere = delivered(b"").absent();
    nowhere.policy.category = Category::Marketing;
    nowhere.judged(UnsubscribeLink, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        UnsubscribeLink,
        &[
            ("there", &html(LINK)),
            ("missing", &html("<p>Sale!</p>")),
            ("empty", &html("<a href=''>Unsubscribe</a>")),
            ("http", &html(&LINK.replace("https", "http"))),
        ],
    );
}
