//! Structures without end: parts, headers, encodings, HTML.

use super::{blind, judged, of};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inboxqa::model::{CheckId, JudgedDelivery, Verdict};

const HEAD: &str = "From: Brand <a@brand.example>\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

/// Was the message judged as a message, its header read?
#[track_caller]
fn survived(judged: &JudgedDelivery) {
    assert_eq!(judged.digest.from.as_deref(), Some("Brand <a@brand.example>"));
    let arrival = of(judged, CheckId::Arrival);
    assert_eq!(arrival[0].reason, "arrival.not-a-delivery", "{arrival:?}");
}

fn multiparts(depth: usize, kind: &str) -> String {
    let level = |index: usize| format!("Content-Type: multipart/{kind}; boundary=b{index}\r\n\r\n--b{index}\r\n");
    format!(
        "{HEAD}{}Content-Type: text/plain\r\n\r\nhello\r\n",
        (0..depth).map(level).collect::<String>()
    )
}

#[test]
fn multiparts_nested_twenty_thousand_deep() {
    for kind in ["mixed", "alternative", "digest"] {
        survived(&judged(multiparts(20_000, kind).as_bytes()));
    }
}

#[test]
fn messages_inside_messages_twenty_thousand_deep() {
    for word in ["message/rfc822", "Message/\r\n GLOBAL", "message/(a comment)rfc822"] {
        let level = format!("From: Brand <a@brand.example>\r\nContent-Type: {word}\r\n\r\n");
        survived(&judged(level.repeat(20_000).as_bytes()));
    }
}

#[test]
fn messages_inside_an_encoded_message_are_not_opened() {
    let inner = format!("{HEAD}Content-Type: message/rfc822\r\n\r\n").repeat(20_000);
    let encoded = BASE64
        .encode(inner)
        .as_bytes()
        .chunks(76)
        .fold(String::new(), |lines, line| {
            lines + &String::from_utf8_lossy(line) + "\r\n"
        });
    for field in ["Content-Type: message/rfc822", "content-type : message/rfc822"] {
        let raw = format!("{HEAD}{field}\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}");
        survived(&judged(raw.as_bytes()));
    }
}

#[test]
fn base64_inside_base64_thirty_times() {
    let mut raw = "Subject: innermost\r\n\r\nhello\r\n".to_owned();
    for _ in 0..30 {
        raw = format!(
            "{HEAD}Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
            BASE64.encode(raw)
        );
    }
    survived(&judged(raw.as_bytes()));
}

#[test]
fn two_hundred_thousand_parts() {
    let raw = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n{}--b--\r\n",
        "--b\r\n\r\nx\r\n".repeat(200_000)
    );
    survived(&judged(raw.as_bytes()));
}

#[test]
fn two_hundred_thousand_headers_are_cut_and_what_hangs_on_them_is_blind() {
    let raw = format!("{HEAD}{}\r\nhello\r\n", "X-A: b\r\n".repeat(200_000));
    let judged = judged(raw.as_bytes());
    survived(&judged);
    for id in [CheckId::DkimSignature, CheckId::FromAlignment, CheckId::Dmarc] {
        blind(&judged, id, "headers-cut");
    }
}

#[test]
fn fields_without_end() {
    for field in [
        format!("X-A: {}", "b".repeat(20_000_000)),
        format!("X-A: b{}", "\r\n c".repeat(1_000_000)),
        format!("To: {}", "g: (".repeat(200_000)),
        format!("Subject: {}", "=?utf-8?b?AA==?= ".repeat(100_000)),
        format!("Subject: {}", "=?".repeat(200_000)),
        format!("List-Unsubscribe: {}", "<https://a.example/>,".repeat(50_000)),
        format!("Content-Type: text/plain{}", "; a*1*=b".repeat(100_000)),
    ] {
        let raw = format!("From: Brand <a@brand.example>\r\n{field}\r\n\r\nhello\r\n");
        survived(&judged(raw.as_bytes()));
    }
}

#[test]
fn html_nested_without_end_is_blind_and_not_without_links() {
    for unit in [
        "<div>",
        "<b><p>",
        "<a href=https://shop.brand.example/>",
        "<svg><g>",
        "<select><option>",
        "<table><tr><td>",
    ] {
        let raw = format!("{HEAD}Content-Type: text/html\r\n\r\n{}", unit.repeat(60_000));
        let judged = judged(raw.as_bytes());
        survived(&judged);
        blind(&judged, CheckId::LinkHealth, "unreadable");
        blind(&judged, CheckId::MergeTags, "unreadable");
    }
}

#[test]
fn tags_with_a_hundred_thousand_attributes() {
    let attributes = |quote: &str| {
        (0..100_000)
            .map(|n| format!("a{n}={quote}1{quote} "))
            .collect::<String>()
    };
    for html in [
        format!("<a {}>x</a>", attributes("")),
        format!("<p>x</p {}>", attributes("'")),
        format!("<svg><style><a {}>x", attributes("\"")),
    ] {
        let judged = judged(format!("{HEAD}Content-Type: text/html\r\n\r\n{html}").as_bytes());
        survived(&judged);
        blind(&judged, CheckId::LinkHealth, "unreadable");
    }
}

#[test]
fn html_beyond_the_cap_is_blind() {
    let filler = "<p>word</p>".repeat(100_000);
    let judged = judged(format!("{HEAD}Content-Type: text/html\r\n\r\n{filler}").as_bytes());
    survived(&judged);
    blind(&judged, CheckId::LinkHealth, "unreadable");
}

#[test]
fn a_message_beyond_the_cap_is_not_judged_in_part() {
    let mut raw = format!("{HEAD}\r\n").into_bytes();
    raw.resize(inboxqa::mail::reading::MAX_MESSAGE + 1, b'a');
    let judged = judged(&raw);
    blind(&judged, CheckId::Arrival, "unreadable");
    let rest = judged
        .findings
        .iter()
        .filter(|finding| finding.check != CheckId::Arrival);
    for finding in rest {
        assert_eq!(finding.verdict, Verdict::Skip, "{finding:?}");
    }
}

#[test]
fn dates_that_are_missing_doubled_or_nonsense() {
    for dates in [
        "",
        "Date: yesterday\r\n",
        "Date: Mon, 99 Foo 99999 99:99:99 +9999\r\n",
        "Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nDate: Tue, 1 Jan 1970 00:00:00 +0000\r\n",
        "Received: by mx.company.example; Fri, 31 Dec 9999 23:59:59 -2359\r\n",
    ] {
        survived(&judged(format!("{dates}{HEAD}\r\nhello\r\n").as_bytes()));
    }
}

#[test]
fn charsets_that_lie() {
    for (charset, body) in [
        ("utf-7", "+ADw-a href+AD0-x+AD4-".repeat(1000)),
        (
            "no-such-charset",
            "\u{fffd}<a href='https://shop.brand.example/'>x</a>".to_owned(),
        ),
        ("utf-16", "<p>x</p>".repeat(1000)),
        ("iso-2022-jp", "\u{1b}$B<a href=x>".repeat(1000)),
    ] {
        let raw = format!("{HEAD}Content-Type: text/html; charset={charset}\r\n\r\n{body}");
        survived(&judged(raw.as_bytes()));
    }
    let bytes = [
        HEAD.as_bytes(),
        b"Content-Type: text/html\r\n\r\n",
        &b"\xff\xfe<a href='\xc3'>\xed\xa0\x80".repeat(1000),
    ]
    .concat();
    survived(&judged(&bytes));
}
