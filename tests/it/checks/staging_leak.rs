//! `staging-leak`: hosts, words and subjects of test environments and drafts.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::StagingLeak;
use inboxqa::model::{RawMessage, Verdict};

fn letter(subject: &str, body: &str) -> Scene {
    delivered(format!("Subject: {subject}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n").as_bytes())
}

fn link(url: &str) -> Scene {
    letter("Order 17", &format!("<a href='{url}'>Track</a>"))
}

#[test]
fn hosts_of_test_environments_fail_also_inside_a_wrapper_and_in_pictures() {
    for url in [
        "http://localhost:3000/orders/17",
        "https://127.0.0.1/x",
        "https://10.1.2.3/x",
        "https://[::1]/x",
        "https://shop.local/x",
        "https://shop.test/x",
        "https://staging.brand.com/x",
        "https://shop-staging2.brand.com/x",
        "https://www.example.com/x",
        "https://abc.ngrok-free.app/x",
        "https://click.pstmrk.it/3s/staging.brand.com%2Fx/xYb2/k9TcAQ/AQ/0f6e7f4a-5d1c-4b8e-9a57-3c2d1e0b9f88/1/r4TkPq8ZxA",
    ] {
        link(url).judged(StagingLeak, Verdict::Fail, "host");
    }
    letter("x", "<img src='https://dev.cdn.brand.com/a.png'>").judged(StagingLeak, Verdict::Fail, "host");
}

/// A button that Outlook alone shows is written by hand beside the other, and forgotten.
#[test]
fn what_outlook_alone_shows_is_searched_too() {
    let button = |condition: &str| {
        format!(
            "<!--[if {condition}]><v:roundrect href='https://staging.brand.example/o'><center>Track</center></v:roundrect><![endif]--><a href='https://www.brand.example/o'>Track</a>"
        )
    };
    letter("Order 17", &button("mso")).judged(StagingLeak, Verdict::Fail, "host");
    letter("Order 17", &button("(gte mso 9)|(IE)")).judged(StagingLeak, Verdict::Fail, "host");
    letter("Order 17", &button("!mso")).judged(StagingLeak, Verdict::Pass, "ok");
    letter("Order 17", &button("mso").replace("[if mso]>", "")).judged(StagingLeak, Verdict::Pass, "ok");
}

/// A tracking link may tell nothing of where it leads, and what was composed does.
#[test]
fn what_was_composed_is_searched_too() {
    let mut scene = link("https://click.track.example/c/opaque");
    scene.judged(StagingLeak, Verdict::Pass, "ok");
    scene.evidence.original = link("http://localhost:3000/orders")
        .evidence
        .raw()
        .map(|raw| RawMessage(raw.to_vec()));
    scene.judged(StagingLeak, Verdict::Fail, "host");
}

#[test]
fn names_that_may_be_real_warn_and_real_ones_pass() {
    link("https://qa.brand.com/x").judged(StagingLeak, Verdict::Warn, "maybe-host");
    link("https://preview.brand.com/x").judged(StagingLeak, Verdict::Warn, "maybe-host");
    for url in [
        "https://shop.brand.example/x",
        "https://www.test.de/x",
        "https://www.stage.co.uk/x",
        "https://developer.brand.com/x",
        "https://backstage.brand.com/x",
        "https://dev.azure.com/brand/shop",
    ] {
        link(url).judged(StagingLeak, Verdict::Pass, "ok");
    }
}

#[test]
fn drafts_fail() {
    letter("x", "<p>Lorem ipsum dolor</p>").judged(StagingLeak, Verdict::Fail, "placeholder");
    letter("x", "<p>[TODO write this]</p>").judged(StagingLeak, Verdict::Fail, "placeholder");
    for subject in ["[TEST] Order 17", "Copy of Spring sale", "DRAFT: sale"] {
        letter(subject, "<p>Hello</p>").judged(StagingLeak, Verdict::Fail, "subject");
    }
    let spanish = letter(
        "Test: how well do you sleep?",
        "<p>Rebajas en todo: 50 %. Tarjeta xxxxxxxxxxxx1234</p>",
    );
    spanish.judged(StagingLeak, Verdict::Pass, "ok");
    for subject in [
        "Testing season is here",
        "TEST DRIVE the new one",
        "[TestFlight] Shop 4.2 is ready to test",
        "Copy of your signed agreement",
    ] {
        letter(subject, "<p>Hello</p>").judged(StagingLeak, Verdict::Pass, "ok");
    }
    letter("TEST Order 17", "<p>Hello</p>").judged(StagingLeak, Verdict::Fail, "subject");
    // A list puts its own name before every subject.
    let listed =
        "Subject: [Dev] How do I parse this?\r\nList-Id: Developers <dev.lists.brand.example>\r\n\r\nHello\r\n";
    delivered(listed.as_bytes()).judged(StagingLeak, Verdict::Pass, "ok");
    delivered(listed.replace("List-Id", "X-Id").as_bytes()).judged(StagingLeak, Verdict::Fail, "subject");
}

#[test]
fn what_can_not_be_searched_is_blind_and_what_was_not_seen_is_skipped() {
    letter("x", &"<div>".repeat(100_000)).judged(StagingLeak, Verdict::Blind, "unreadable");
    delivered(b"")
        .absent()
        .judged(StagingLeak, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        StagingLeak,
        &[
            ("clean", &link("https://shop.brand.example/x")),
            ("staging", &link("https://staging.brand.com/x")),
            ("draft", &letter("[TEST] x", "<p>Lorem ipsum</p>")),
        ],
    );
}
