//! `content-intact`: what is another text to the reader is found and told; what is only written differently is not.

use super::letters::unreadable;
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::ContentIntact;
use inboxqa::model::{Finding, RawMessage, Subject, Verdict};

const SUBJECT: &str = "Zoë, order 17 is confirmed";
const TEXT: &str = "Thank you, Zoë!\r\n\r\nTotal: 122,25 €\r\n\r\nView your order: https://shop.brand.example/orders/17?key=a&lang=en\r\n\r\nBrand GmbH, Torstraße 1, 10119 Berlin\r\n";
const HTML: &str = "<html><head><title>Order</title><style>p { color: red }</style></head><body><div style='display:none'>We are packing.</div>\
    <h1>Thank you, <b>Zo</b>ë!</h1><table><tr><td>Total</td><td>122,25&nbsp;€</td></tr></table><p><a href='https://shop.brand.example/orders/17'>View your order</a></p>\
    <p>Brand GmbH<br>Torstraße 1, 10119 Berlin</p></body></html>";

fn multipart(subject: &str, text: &str, html: &str) -> Vec<u8> {
    let part = |kind: &str, body: &str| {
        format!("--b\r\nContent-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{body}\r\n")
    };
    let parts = format!("{}{}--b--\r\n", part("plain", text), part("html", html));
    format!("Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n{parts}")
        .into_bytes()
}

fn sent(original: &[u8], found: &[u8]) -> Scene {
    let mut scene = delivered(found);
    scene.evidence.original = Some(RawMessage(original.to_vec()));
    scene
}

/// The usual letter, delivered as this.
fn as_found(subject: &str, text: &str, html: &str) -> Scene {
    sent(&multipart(SUBJECT, TEXT, HTML), &multipart(subject, text, html))
}

/// The HTML part with one thing changed.
fn html(from: &str, to: &str) -> Scene {
    assert!(HTML.contains(from), "{from}");
    as_found(SUBJECT, TEXT, &HTML.replace(from, to))
}

fn text(from: &str, to: &str) -> Scene {
    assert!(TEXT.contains(from), "{from}");
    as_found(SUBJECT, &TEXT.replace(from, to), HTML)
}

fn plain(sent_text: &str, found: &str) -> Scene {
    let letter =
        |body: &str| format!("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{body}").into_bytes();
    sent(&letter(sent_text), &letter(found))
}

fn fails(scene: &Scene, code: &str, observed: &str) -> Finding {
    let finding = scene.judged(ContentIntact, Verdict::Fail, code);
    assert_eq!(finding.observed, observed);
    finding
}

/// `Zoë` as `ZoÃ«`.
fn garbled(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

#[test]
fn another_way_of_writing_the_same_is_no_difference() {
    let finding = as_found(SUBJECT, TEXT, HTML).judged(ContentIntact, Verdict::Pass, "ok");
    assert!(
        finding.summary.contains("5 words in the subject"),
        "{}",
        finding.summary
    );
    for (from, to) in [
        ("&nbsp;", " "),
        ("<b>Zo</b>ë", "Zo&euml;"),
        ("<td>122", "\r\n<td>\r\n  122"),
        ("Total<", "To\u{ad}tal&zwnj;<"),
        ("<p>Brand", "<p><span class=x>Brand</span>"),
        ("<title>Order</title>", ""),
        ("color: red", "color: blue"),
        ("https://shop", "https://click.pstmrk.it/3s/shop"),
        (
            "</body>",
            "<img src='https://ea.pstmrk.it/o/1' width=1 height=1><!-- scanned --></body>",
        ),
    ] {
        html(from, to).judged(ContentIntact, Verdict::Pass, "ok");
    }
    for (from, to) in [
        (
            "https://shop.brand.example/orders/17?key=a&lang=en",
            "https://click.pstmrk.it/3ts/x/y/z",
        ),
        ("\r\n\r\n", "\r\n \r\n\r\n"),
        ("Total: ", "Total:\r\n"),
    ] {
        text(from, to).judged(ContentIntact, Verdict::Pass, "ok");
    }
    let encoded = "=?utf-8?Q?Zo=C3=AB=2C?= =?utf-8?Q?_order_17_is?=\r\n confirmed";
    as_found(encoded, TEXT, HTML).judged(ContentIntact, Verdict::Pass, "ok");
}

#[test]
fn another_charset_is_no_difference() {
    let latin = |body: &str| {
        let head = b"Subject: x\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n";
        [
            head.as_slice(),
            &body
                .chars()
                .map(|char| u8::try_from(char).unwrap())
                .collect::<Vec<u8>>(),
        ]
        .concat()
    };
    let scene = sent(
        "Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nZoë, Straße".as_bytes(),
        &latin("Zoë, Straße"),
    );
    scene.judged(ContentIntact, Verdict::Pass, "ok");
}

#[test]
fn lost_changed_and_added_words_fail() {
    fails(
        &html("<td>Total</td><td>122,25&nbsp;€</td>", ""),
        "lost-words",
        "the HTML part: Thank you, Zoë! [-Total 122,25 €-] View your order",
    );
    fails(
        &text("122,25", "122.25"),
        "changed-words",
        "the text part: you, Zoë! Total: [-122,25-]{+122.25+} € View your",
    );
    let added = html("<body>", "<body><p>[EXTERNAL] Be careful.</p>");
    fails(
        &added,
        "added-words",
        "the HTML part: {+[EXTERNAL] Be careful.+} We are packing.",
    );
    let subject = as_found(&format!("[EXTERNAL] {SUBJECT}"), TEXT, HTML);
    fails(&subject, "added-words", "the subject: {+[EXTERNAL]+} Zoë, order 17");
    let none = String::from_utf8(multipart(SUBJECT, TEXT, HTML)).unwrap();
    let none = none.replacen("Subject: ", "X-Was: ", 1);
    let none = sent(&multipart(SUBJECT, TEXT, HTML), none.as_bytes());
    fails(&none, "lost-words", "the subject: [-Zoë, order 17 is confirmed-]");
}

#[test]
fn several_kinds_are_several_findings() {
    let found = as_found(
        SUBJECT,
        &TEXT.replace("122,25", "99"),
        &HTML.replace("</body>", "<p>Sent with Mailer</p></body>"),
    );
    let reasons: Vec<String> = found
        .say(ContentIntact)
        .into_iter()
        .map(|finding| finding.reason)
        .collect();
    assert_eq!(reasons, ["content-intact.changed-words", "content-intact.added-words"]);
}

#[test]
fn a_footer_is_allowed_at_the_end_alone_and_where_the_contract_says_so() {
    let footer = |html: &str| {
        as_found(
            SUBJECT,
            &format!("{TEXT}\r\n-- \r\nUnsubscribe: https://x.example/u\r\n"),
            html,
        )
    };
    let mut scene = footer(&HTML.replace("</body>", "<p><a href='https://x.example/u'>Unsubscribe</a></p></body>"));
    let finding = scene.judged(ContentIntact, Verdict::Fail, "added-words");
    assert!(
        finding
            .summary
            .starts_with("4 words added to the HTML part and the text part: 'Unsubscribe'"),
        "{}",
        finding.summary
    );
    scene.policy.contract.may_append_footer = true;
    let finding = scene.judged(ContentIntact, Verdict::Pass, "ok");
    assert!(finding.summary.contains("a footer of 4 words"), "{}", finding.summary);
    let mut top = footer(&HTML.replace("<body>", "<body><p>Read online</p>"));
    top.policy.contract.may_append_footer = true;
    fails(&top, "added-words", "the HTML part: {+Read online+} We are packing.");
}

#[test]
fn garbled_letters_are_told_from_other_changes() {
    let all = as_found(&garbled(SUBJECT), &garbled(TEXT), &garbled(HTML));
    let finding = all.judged(ContentIntact, Verdict::Fail, "mojibake");
    assert!(
        finding
            .summary
            .starts_with("letters garbled in the subject and the HTML part and the text part: 'Zoë,' reads 'ZoÃ«,'"),
        "{}",
        finding.summary
    );
    assert!(finding.observed.lines().count() <= 7, "{}", finding.observed);
    text("Torstraße", "Torstra?e").judged(ContentIntact, Verdict::Fail, "mojibake");
    html("ë", "\u{fffd}").judged(ContentIntact, Verdict::Fail, "mojibake");
    text("€", "â‚¬").judged(ContentIntact, Verdict::Fail, "mojibake");
    text("Zoë", "Zoé").judged(ContentIntact, Verdict::Fail, "changed-words");
}

#[test]
fn a_missing_end_is_truncation() {
    let at = HTML.find("<p><a").unwrap();
    let cut = as_found(SUBJECT, TEXT, &HTML[..at]);
    let finding = fails(
        &cut,
        "truncated",
        "the HTML part: Total 122,25 € [-View your order Brand GmbH Torstraße 1, 10119 Berlin-]",
    );
    assert!(
        finding
            .summary
            .starts_with("9 words missing at the end of the HTML part, from 'View your"),
        "{}",
        finding.summary
    );
    text("straße 1, 10119 Berlin\r\n", "").judged(ContentIntact, Verdict::Fail, "truncated");
    let entity = &HTML[..HTML.find("&nbsp;").unwrap() + 4];
    as_found(SUBJECT, TEXT, entity).judged(ContentIntact, Verdict::Fail, "truncated");
    as_found("Zoë, order", TEXT, HTML).judged(ContentIntact, Verdict::Fail, "truncated");
    // Nothing left of it is no end that is missing, and another end is none either.
    as_found(SUBJECT, TEXT, "<html></html>").judged(ContentIntact, Verdict::Fail, "lost-words");
    text("Berlin", "Bern").judged(ContentIntact, Verdict::Fail, "changed-words");
}

#[test]
fn a_part_that_is_gone_is_named_and_one_that_came_is_no_matter() {
    let only = |kind: &str, body: &str| {
        format!("Subject: {SUBJECT}\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{body}").into_bytes()
    };
    let both = multipart(SUBJECT, TEXT, HTML);
    fails(&sent(&both, &only("plain", TEXT)), "part-lost", "the HTML part: none");
    fails(&sent(&both, &only("html", HTML)), "part-lost", "the text part: none");
    sent(&only("html", HTML), &both).judged(ContentIntact, Verdict::Pass, "ok");
    sent(&only("plain", TEXT), &both).judged(ContentIntact, Verdict::Pass, "ok");
}

#[test]
fn our_own_token_and_tags_left_for_the_service_are_no_difference() {
    let token = "\r\n\r\ninboxqa:00112233445566778899aabbccddeeff\r\n";
    plain(&format!("Hello{token}"), "Hello").judged(ContentIntact, Verdict::Pass, "ok");
    plain("Hello", &format!("Hello{token}")).judged(ContentIntact, Verdict::Pass, "ok");
    plain(
        "News\r\n{{{ pm:unsubscribe }}}\r\nBrand",
        "News\r\nhttps://x.example/u\r\nBrand",
    )
    .judged(ContentIntact, Verdict::Pass, "ok");
    plain("News\r\nof the week\r\n{{{ pm:unsubscribe }}}\r\nBrand", "News").judged(
        ContentIntact,
        Verdict::Fail,
        "truncated",
    );
    plain("News of {{ sale }}, now", "News of the sale, now").judged(ContentIntact, Verdict::Pass, "ok");
}

#[test]
fn what_can_not_be_compared_is_blind_and_the_rest_is_compared() {
    let mut scene = delivered(&unreadable());
    scene.evidence.original = Some(RawMessage(
        b"Subject: x\r\nContent-Type: text/html\r\n\r\n<p>a</p>".to_vec(),
    ));
    scene.judged(ContentIntact, Verdict::Blind, "not-comparable");
    let long = "word ".repeat(20_001);
    plain(&long, &long).judged(ContentIntact, Verdict::Blind, "not-comparable");
    let found = as_found("Another", &long, HTML).say(ContentIntact);
    assert_eq!(
        (found[0].verdict, found[1].verdict),
        (Verdict::Fail, Verdict::Blind),
        "{found:?}"
    );
    let flood = format!("{}Subject: x\r\n\r\nHello", "X-A: b\r\n".repeat(5_000));
    let mut cut = delivered(flood.as_bytes());
    cut.evidence.original = Some(RawMessage(b"Subject: x\r\n\r\nHello".to_vec()));
    cut.judged(ContentIntact, Verdict::Blind, "not-comparable");
}

#[test]
fn without_the_original_or_the_message_it_is_skipped() {
    delivered(&multipart(SUBJECT, TEXT, HTML)).judged(ContentIntact, Verdict::Skip, "no-original");
    delivered(b"")
        .absent()
        .judged(ContentIntact, Verdict::Skip, "not-observed");
    let mut file = delivered(b"").not_asked();
    file.evidence.subject = Subject::File("saved.eml".into());
    file.evidence.file = Some(RawMessage(multipart(SUBJECT, TEXT, HTML)));
    file.judged(ContentIntact, Verdict::Skip, "no-original");
}

#[test]
fn much_that_differs_is_told_in_short() {
    let words = |step: usize| {
        (0..19_000)
            .map(|number| format!("w{} ", number * step))
            .collect::<String>()
    };
    let finding = plain(&words(2), &words(3)).say(ContentIntact).remove(0);
    assert!(finding.observed.len() < 4_000, "{}", finding.observed.len());
    let long =
        plain("a b", &format!("a {} b", "x".repeat(100_000))).judged(ContentIntact, Verdict::Fail, "added-words");
    assert!(long.observed.len() < 200 && long.summary.len() < 200);
}

#[test]
fn the_words() {
    let scenes = [
        ("as sent", as_found(SUBJECT, TEXT, HTML)),
        ("words lost", html("<td>Total</td><td>122,25&nbsp;€</td>", "")),
        (
            "words changed",
            as_found("Zoë, your order is confirmed", &TEXT.replace("122,25", "122.25"), HTML),
        ),
        (
            "a footer",
            html(
                "</body>",
                "<p>Sent with Mailer, the easy way to write to all of your customers at once.</p></body>",
            ),
        ),
        ("a wrong charset", as_found(SUBJECT, &garbled(TEXT), &garbled(HTML))),
        (
            "the end cut off",
            as_found(SUBJECT, TEXT, &HTML[..HTML.find("<p><a").unwrap()]),
        ),
        ("no original", delivered(&multipart(SUBJECT, TEXT, HTML))),
        ("too long", plain(&"word ".repeat(20_001), "word")),
        (
            "the text part gone",
            sent(
                &multipart(SUBJECT, TEXT, HTML),
                format!("Subject: {SUBJECT}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{HTML}").as_bytes(),
            ),
        ),
    ];
    let rows: Vec<(&str, &Scene)> = scenes.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(ContentIntact, &rows);
}
