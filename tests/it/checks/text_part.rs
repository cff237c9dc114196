//! `text-part`: there, first, in words, and of the same message.

use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::TextPart;
use inboxqa::model::{RawMessage, Verdict};

const WORDS: &str = "Thank you for your order number seventeen, we are packing three lovely articles and will write again once \
    everything leaves our warehouse in Berlin tomorrow morning around eleven";

fn part(kind: &str, content: &str) -> String {
    format!("--b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{content}\r\n")
}

fn alternative(parts: &[String]) -> String {
    format!(
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{}--b--\r\n",
        parts.concat()
    )
}

fn both(text: &str) -> Scene {
    delivered(alternative(&[part("plain", text), part("html", &format!("<p>{WORDS}</p>"))]).as_bytes())
}

fn html_alone() -> Scene {
    delivered(format!("Subject: x\r\nContent-Type: text/html\r\n\r\n<p>{WORDS}</p>\r\n").as_bytes())
}

#[test]
fn both_parts_or_text_alone_pass() {
    both(WORDS).judged(TextPart, Verdict::Pass, "ok");
    both("Thank you for your order, everything leaves tomorrow: https://shop.brand.example/o/1").judged(
        TextPart,
        Verdict::Pass,
        "ok",
    );
    delivered(b"Subject: x\r\n\r\nHello\r\n").judged(TextPart, Verdict::Pass, "text-only");
}

#[test]
fn each_flaw_has_its_reason() {
    html_alone().judged(TextPart, Verdict::Warn, "missing");
    let mut lost = html_alone();
    lost.evidence.original = Some(RawMessage(both(WORDS).evidence.raw().unwrap().to_vec()));
    lost.judged(TextPart, Verdict::Fail, "lost");
    both(" - \r\n--").judged(TextPart, Verdict::Fail, "empty");
    for nothing in [
        "",
        "<html><body><table></table></body></html>",
        "<p>\u{a0}\u{200c}&#847;&shy;</p>",
    ] {
        let parts = alternative(&[part("plain", WORDS), part("html", nothing)]);
        delivered(parts.as_bytes()).judged(TextPart, Verdict::Fail, "html-empty");
    }
    let emoji = alternative(&[part("plain", WORDS), part("html", "<p>\u{1f389}</p>")]);
    let said = delivered(emoji.as_bytes()).say(TextPart);
    assert!(
        said.iter().all(|finding| finding.reason != "text-part.html-empty"),
        "{said:?}"
    );
    let picture = alternative(&[
        part("plain", WORDS),
        part("html", "<img src='https://a.example/b.png' width=600>"),
    ]);
    let said = delivered(picture.as_bytes()).say(TextPart);
    assert!(
        said.iter().all(|finding| finding.reason != "text-part.html-empty"),
        "{said:?}"
    );
    both(&format!("<p>{WORDS}</p>")).judged(TextPart, Verdict::Fail, "html-in-text");
    both("This newsletter needs another program, please install something completely different").judged(
        TextPart,
        Verdict::Warn,
        "diverges",
    );
    let reversed = alternative(&[part("html", &format!("<p>{WORDS}</p>")), part("plain", WORDS)]);
    delivered(reversed.as_bytes()).judged(TextPart, Verdict::Fail, "order");
}

/// Who writes about HTML means its tags, and shows them in both parts.
#[test]
fn tags_that_the_html_part_shows_too_are_text() {
    let html = part("html", &format!("<p>{WORDS}: write <code>&lt;br&gt;</code></p>"));
    let message = |text: &str| alternative(&[part("plain", &format!("{WORDS}: {text}")), html.clone()]);
    delivered(message("write <br>").as_bytes()).judged(TextPart, Verdict::Pass, "ok");
    delivered(message("write <br></td>").as_bytes()).judged(TextPart, Verdict::Fail, "html-in-text");
}

/// Chinese and Japanese have no blanks, and each part breaks its lines elsewhere.
#[test]
fn scripts_without_blanks_are_compared_by_their_letters() {
    let text = "您的订单4711已确认。\r\n感谢您的购买,我们将在明天\r\n发货。如有任何问题请联系客服中心。本邮件由系统自动发送,请勿直接回复。";
    let html = "<p>您的订单4711已确认。感谢您的购买,我们将在明天发货。</p><p>如有任何问题请联系客服中心。本邮件由系统自动发送,请勿直接回复。</p>";
    let message = |text: &str| alternative(&[part("plain", text), part("html", html)]);
    delivered(message(text).as_bytes()).judged(TextPart, Verdict::Pass, "ok");
    let other = "春季促销活动现已开始,全场亚麻衬衫七五折优惠";
    delivered(message(other).as_bytes()).judged(TextPart, Verdict::Warn, "diverges");
}

#[test]
fn without_content_it_is_skipped() {
    delivered(b"Subject: x\r\nContent-Type: application/pdf\r\n\r\nx\r\n").judged(
        TextPart,
        Verdict::Skip,
        "no-content",
    );
    delivered(b"").absent().judged(TextPart, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        TextPart,
        &[
            ("sound", &both(WORDS)),
            ("missing", &html_alone()),
            (
                "other",
                &both("This newsletter needs another program, please install something completely different"),
            ),
        ],
    );
}
