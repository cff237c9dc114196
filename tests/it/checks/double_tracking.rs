//! `double-tracking`: two services in one link, or pixels of two.

use super::scene::{Scene, delivered, golden};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use inboxqa::model::CheckId::DoubleTracking;
use inboxqa::model::Verdict;

fn html(body: &str) -> Scene {
    delivered(format!("Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n").as_bytes())
}

fn customerio(to: &str) -> String {
    let facts = format!("{{\"email_id\":\"dgTs\",\"href\":\"{to}\",\"internal\":\"01\",\"link_id\":1}}");
    format!(
        "https://e.news.brand.example/e/c/{}/{}",
        URL_SAFE_NO_PAD.encode(facts),
        "0".repeat(64)
    )
}

fn postmark(to: &str) -> String {
    let bare = to
        .trim_start_matches("https://")
        .replace('/', "%2F")
        .replace('?', "%3F");
    format!("https://click.pstmrk.it/3s/{bare}/xYb2/k9TcAQ/AQ/0f6e7f4a-5d1c-4b8e-9a57-3c2d1e0b9f88/1/r4TkPq8ZxA")
}

fn link(url: &str) -> String {
    format!("<a href=\"{url}\">Shop</a>")
}

const SHOP: &str = "https://shop.brand.example/sale";
const POSTMARK_PIXEL: &str = "<img src=\"https://ea.pstmrk.it/open?m=v3_1.aa.bb\" width=1 height=1>";

fn customerio_pixel() -> String {
    format!(
        "<img src=\"https://e.news.brand.example/e/o/{}\" style=\"display:none\">",
        STANDARD.encode("{\"email_id\":\"dgTs\"}")
    )
}

fn both_pixels() -> Scene {
    html(&format!("{}{POSTMARK_PIXEL}", customerio_pixel()))
}

#[test]
fn one_service_passes() {
    html(&link(&customerio(SHOP))).judged(DoubleTracking, Verdict::Pass, "ok");
    html(&format!("{}{POSTMARK_PIXEL}", link(&postmark(SHOP)))).judged(DoubleTracking, Verdict::Pass, "ok");
    html(&link(SHOP)).judged(DoubleTracking, Verdict::Pass, "none");
}

#[test]
fn two_services_fail_by_link_and_by_pixel() {
    let finding = html(&link(&postmark(&customerio(SHOP)))).judged(DoubleTracking, Verdict::Fail, "links");
    assert!(
        finding
            .observed
            .contains("postmark (click.pstmrk.it) around customerio (e.news.brand.example)"),
        "{}",
        finding.observed
    );
    both_pixels().judged(DoubleTracking, Verdict::Fail, "pixels");
}

#[test]
fn what_the_receiving_side_wraps_and_pictures_without_a_form_do_not_count() {
    let wrapped: String = url::form_urlencoded::byte_serialize(customerio(SHOP).as_bytes()).collect();
    let safe = format!("https://eur01.safelinks.protection.outlook.com/?url={wrapped}&amp;data=1");
    html(&link(&safe)).judged(DoubleTracking, Verdict::Pass, "ok");
    let other = "<img src='https://www.brand.example/s.gif' width=1 height=1>";
    html(&format!("{POSTMARK_PIXEL}{other}")).judged(DoubleTracking, Verdict::Pass, "ok");
}

#[test]
fn what_can_not_be_read_is_blind_and_what_was_not_seen_is_skipped() {
    html(&"<div>".repeat(100_000)).judged(DoubleTracking, Verdict::Blind, "unreadable");
    delivered(b"")
        .absent()
        .judged(DoubleTracking, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        DoubleTracking,
        &[
            ("one", &html(&link(&customerio(SHOP)))),
            ("links", &html(&link(&postmark(&customerio(SHOP))))),
            ("pixels", &both_pixels()),
        ],
    );
}
