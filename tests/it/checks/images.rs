//! `images`: written right, and loading.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::Images;
use inboxqa::model::{Hop, HopEnd, Purpose, UrlProbe, Verdict};

const URL: &str = "https://cdn.brand.example/logo.png";

fn html(body: &str) -> Scene {
    delivered(format!("Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n").as_bytes())
}

fn image(src: &str) -> Scene {
    html(&format!("<img src='{src}' alt='Brand' width=80>"))
}

/// The one picture, requested.
fn answered(status: u16, kind: &str, bytes: u64) -> Scene {
    let mut scene = image(URL);
    let hop = Hop {
        url: URL.into(),
        status: Some(status),
        location: None,
        peer: None,
        tls: None,
        hsts: None,
        content_type: Some(kind.into()),
        body_bytes: bytes,
        body_head: String::new(),
        elapsed_ms: 9,
    };
    scene.evidence.urls = vec![UrlProbe {
        url: URL.into(),
        purpose: Purpose::Image,
        hops: vec![hop],
        end: HopEnd::Answered,
    }];
    scene
}

#[test]
fn sound_pictures_pass_and_pixels_are_none() {
    image(URL).judged(Images, Verdict::Pass, "ok");
    answered(200, "image/png", 900).judged(Images, Verdict::Pass, "ok");
    html("<img src='https://cdn.brand.example/line.png' alt=''>").judged(Images, Verdict::Pass, "ok");
    html("<p>Hello</p><img src='https://ea.pstmrk.it/open?m=v3_1.a.b' width=1 height=1>").judged(
        Images,
        Verdict::Pass,
        "none",
    );
}

#[test]
fn a_picture_in_the_message_is_found_however_its_field_is_written() {
    for field in [
        "Content-ID: <Logo@brand>",
        "Content-Id:<logo@brand>",
        "content-id:\r\n <logo@brand>",
    ] {
        let raw = format!(
            "Subject: x\r\nContent-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: text/html\r\n\r\n<img src='cid:logo%40brand' alt='Brand'>\r\n\
             --r\r\nContent-Type: image/png\r\n{field}\r\n\r\nx\r\n--r--\r\n"
        );
        let finding = delivered(raw.as_bytes()).judged(Images, Verdict::Pass, "ok");
        assert_eq!(finding.summary, "1 picture in the message, not requested", "{field}");
    }
}

#[test]
fn how_they_are_written_is_judged_without_a_request() {
    for src in ["/logo.png", "logo.png", "", "cid:logo@brand", "file:///C:/logo.png"] {
        image(src).judged(Images, Verdict::Fail, "broken-reference");
    }
    image("http://cdn.brand.example/logo.png").judged(Images, Verdict::Warn, "not-https");
    image("data:image/png;base64,AAAA").judged(Images, Verdict::Warn, "data-uri");
    html("<img src='https://cdn.brand.example/logo.png'>").judged(Images, Verdict::Warn, "no-alt");
    let inline = "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
        <img src='cid:logo@brand' alt='Brand'>\r\n--b\r\nContent-Type: image/png\r\nContent-ID: <logo@brand>\r\n\r\nx\r\n--b--\r\n";
    delivered(inline.as_bytes()).judged(Images, Verdict::Pass, "ok");
}

#[test]
fn what_does_not_load_fails_and_what_is_not_known_is_blind() {
    answered(404, "text/html", 90).judged(Images, Verdict::Fail, "broken");
    answered(200, "text/html", 90).judged(Images, Verdict::Fail, "broken");
    answered(429, "text/html", 90).judged(Images, Verdict::Blind, "unknown");
    answered(200, "image/png", 3 << 20).judged(Images, Verdict::Warn, "heavy");
    html(&"<div>".repeat(100_000)).judged(Images, Verdict::Blind, "unreadable");
    delivered(b"").absent().judged(Images, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        Images,
        &[
            ("sound", &answered(200, "image/png", 900)),
            ("gone", &answered(404, "text/html", 90)),
            ("relative", &image("/logo.png")),
            ("silent", &html("<img src='https://cdn.brand.example/logo.png'>")),
        ],
    );
}
