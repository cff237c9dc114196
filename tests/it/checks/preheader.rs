//! `preheader`: the words beside the subject.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::Preheader;
use inboxqa::model::Verdict;

fn html(body: &str) -> Scene {
    delivered(format!("Subject: Spring sale\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html><head><title>T</title></head><body>{body}</body></html>\r\n").as_bytes())
}

#[test]
fn a_sentence_of_its_own_passes() {
    html("<div style='display:none'>25% off until Sunday.</div><p>Hello</p>").judged(Preheader, Verdict::Pass, "ok");
    html("<p>Hello Ada, spring is here</p>").judged(Preheader, Verdict::Pass, "ok");
    delivered(b"Subject: x\r\n\r\nThank you for your order\r\n").judged(Preheader, Verdict::Pass, "ok");
}

#[test]
fn a_short_subject_begins_many_a_sentence() {
    let letter = |subject: &str, text: &str| delivered(format!("Subject: {subject}\r\n\r\n{text}\r\n").as_bytes());
    letter("Order", "Order 4711 leaves tomorrow").judged(Preheader, Verdict::Pass, "ok");
    letter("Spring sale in", "Spring sale inside: 25% off").judged(Preheader, Verdict::Pass, "ok");
    letter("Order", "Order").judged(Preheader, Verdict::Warn, "same-as-subject");
    letter("Order 4711 leaves", "Order 4711 leaves tomorrow").judged(Preheader, Verdict::Warn, "same-as-subject");
}

#[test]
fn what_says_nothing_warns() {
    html("<img src='https://cdn.brand.example/a.png'>").judged(Preheader, Verdict::Warn, "empty");
    html("<p>&zwnj;&nbsp;&#847;</p>").judged(Preheader, Verdict::Warn, "empty");
    html("<a href='https://x.example'>View in browser</a><p>Hello</p>").judged(Preheader, Verdict::Warn, "navigation");
    html("<a href='https://x.example'>Unsubscribe</a><p>Hello</p>").judged(Preheader, Verdict::Warn, "navigation");
    html("<p>https://shop.brand.example</p>").judged(Preheader, Verdict::Warn, "navigation");
    html("<p>Spring sale</p><p>Hello</p>").judged(Preheader, Verdict::Warn, "same-as-subject");
}

#[test]
fn nothing_to_read_is_skipped_and_what_can_not_be_read_is_blind() {
    html(&"<div>".repeat(100_000)).judged(Preheader, Verdict::Blind, "unreadable");
    delivered(b"Subject: x\r\nContent-Type: application/pdf\r\n\r\nx\r\n").judged(
        Preheader,
        Verdict::Skip,
        "no-content",
    );
    delivered(b"").absent().judged(Preheader, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        Preheader,
        &[
            ("own", &html("<p>25% off until Sunday.</p>")),
            ("navigation", &html("<p>View in browser</p>")),
            ("empty", &html("")),
        ],
    );
}
