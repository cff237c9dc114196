//! Messages: what a mail reader of another make finds in the bytes.

use inboxqa::compose::message::{Letter, build};
use inboxqa::compose::token::mint;
use inboxqa::model::DeliveryId;
use mail_parser::{MessageParser, MimeHeaders};
use proptest::prelude::*;
use time::macros::datetime;

fn letter() -> Letter {
    Letter {
        from: "Brand Receipts <receipts@brand.example>".into(),
        reply_to: Some("help@brand.example".into()),
        to: "seed.one@gmail.example".into(),
        subject: "Order 10 for Zoë".into(),
        html: Some("<html><body><p>Grüße =3D</p></body></html>".into()),
        text: Some("Grüße\nfrom us\n.\n".into()),
        headers: [("X-PM-Message-Stream".to_owned(), "outbound".to_owned())].into(),
        message_id: [7; 16],
        date: datetime!(2026-03-01 12:00:00 UTC),
        token: mint([0xab; 16]),
        delivery_id: DeliveryId {
            suite: "s".into(),
            case: "order".into(),
            route: "tx".into(),
            mailbox: "gmail-1".into(),
        },
        attempt: 1,
    }
}

#[test]
fn a_message_has_all_its_parts() {
    let letter = letter();
    let raw = build(&letter).unwrap();
    assert_eq!(raw, build(&letter).unwrap(), "the same letter makes the same bytes");
    let message = MessageParser::default().parse(&raw).unwrap();
    assert_eq!(message.subject(), Some("Order 10 for Zoë"));
    let from = message.from().and_then(|from| from.first()).unwrap();
    assert_eq!(
        (from.name(), from.address()),
        (Some("Brand Receipts"), Some("receipts@brand.example"))
    );
    assert_eq!(
        message.message_id(),
        Some("07070707070707070707070707070707@brand.example")
    );
    assert_eq!(
        message.date().map(|date| date.to_rfc3339()),
        Some("2026-03-01T12:00:00Z".into())
    );
    let header = |name: &'static str| message.header_raw(name).map(str::trim);
    assert_eq!(header("X-InboxQA-Token"), Some("abababababababababababababababab"));
    assert_eq!(header("X-InboxQA-Delivery"), Some("s/order/tx/gmail-1"));
    assert_eq!(header("X-PM-Message-Stream"), Some("outbound"));
    assert_eq!(header("MIME-Version"), Some("1.0"));
    assert!(message.is_content_type("multipart", "alternative"));
    let kinds: Vec<_> = message.parts[1..]
        .iter()
        .map(|part| part.content_type().unwrap().subtype().unwrap().to_owned())
        .collect();
    assert_eq!(kinds, ["plain", "html"], "the last alternative is the preferred one");
    assert_eq!(message.body_text(0).unwrap().replace('\r', ""), "Grüße\nfrom us\n.\n");
    let html = message.body_html(0).unwrap();
    assert!(
        html.contains("<p>Grüße =3D</p><!-- inboxqa:abababababababababababababababab --></body>"),
        "{html}"
    );
}

#[test]
fn a_text_alone_carries_the_token_as_its_last_line() {
    let raw = build(&Letter { html: None, ..letter() }).unwrap();
    let message = MessageParser::default().parse(&raw).unwrap();
    assert!(message.is_content_type("text", "plain"));
    assert!(
        message
            .body_text(0)
            .unwrap()
            .trim_end()
            .ends_with("\r\ninboxqa:abababababababababababababababab")
    );
}

#[test]
fn names_are_quoted_as_they_need() {
    for (from, name) in [
        ("\"Brand, Inc.\" <a@brand.example>", "Brand, Inc."),
        ("Brand, Inc. <a@brand.example>", "Brand, Inc."),
        ("Café \"Zoë\" <a@brand.example>", "Café \"Zoë\""),
        ("\"a \\\"b\\\\\" <a@brand.example>", "a \"b\\"),
    ] {
        let raw = build(&Letter {
            from: from.into(),
            ..letter()
        })
        .unwrap();
        let message = MessageParser::default().parse(&raw).unwrap();
        assert_eq!(
            message
                .from()
                .and_then(|from| from.first())
                .and_then(|from| from.name()),
            Some(name)
        );
    }
}

#[test]
fn injections_are_refused_with_case_and_field() {
    let cases: [(&str, Letter); 9] = [
        (
            "its From",
            Letter {
                from: "A\r\nBcc: x@y.example <a@b.example>".into(),
                ..letter()
            },
        ),
        (
            "its From",
            Letter {
                from: "a@b.example>\n<c@d.example".into(),
                ..letter()
            },
        ),
        (
            "its Reply-To",
            Letter {
                reply_to: Some("a@b.example\r\nX: y".into()),
                ..letter()
            },
        ),
        (
            "its To",
            Letter {
                to: "a@b.example,c@d.example".into(),
                ..letter()
            },
        ),
        (
            "its Subject",
            Letter {
                subject: "a\nb".into(),
                ..letter()
            },
        ),
        (
            "header `X-A`",
            Letter {
                headers: [("X-A".to_owned(), "a\r\nb".to_owned())].into(),
                ..letter()
            },
        ),
        (
            "header `X-A: b\\r\\nC`",
            Letter {
                headers: [("X-A: b\r\nC".to_owned(), "d".to_owned())].into(),
                ..letter()
            },
        ),
        (
            "header `x-inboxqa-token`",
            Letter {
                headers: [("x-inboxqa-token".to_owned(), "d".to_owned())].into(),
                ..letter()
            },
        ),
        (
            "header `SUBJECT`",
            Letter {
                headers: [("SUBJECT".to_owned(), "d".to_owned())].into(),
                ..letter()
            },
        ),
    ];
    for (field, letter) in cases {
        let problem = build(&letter).unwrap_err();
        assert!(
            problem.message.contains("case `order`") && problem.message.contains(field),
            "{problem:?}"
        );
    }
}

/// Texts that try to break out of where they stand.
fn hostile() -> impl Strategy<Value = String> {
    const BITS: &[&str] = &[
        "\r\n",
        "\n",
        "\r",
        "\0",
        "\u{2028}",
        "Bcc: x@y.example",
        "\r\n\r\n",
        "\r\n.\r\n",
        "<",
        ">",
        "\"",
        "\\",
        ",",
        "=?utf-8?q?=0A?=",
        "ü",
        "\u{202e}",
        " ",
        "\t",
        "a@b.example",
    ];
    let bit =
        prop_oneof![4 => proptest::sample::select(BITS).prop_map(str::to_owned), 2 => "\\PC{0,20}", 1 => "a{0,1200}"];
    proptest::collection::vec(bit, 0..8).prop_map(|bits| bits.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn no_text_breaks_out_of_its_field(
        from in hostile(), reply_to in hostile(), to in hostile(), subject in hostile(), name in hostile(), value in hostile(),
        html in hostile(), text in hostile(), which in 0..64u32, date in proptest::num::i64::ANY,
    ) {
        let own = letter();
        let pick = |bit: u32, hostile: String, tame: String| if which & (1 << bit) == 0 { hostile } else { tame };
        let letter = Letter {
            from: pick(0, format!("{from} <a@b.example>"), own.from.clone()),
            reply_to: Some(pick(1, reply_to, "help@brand.example".into())),
            to: pick(2, to, own.to.clone()),
            subject: pick(3, subject, own.subject.clone()),
            headers: [(pick(4, name, "X-A".into()), pick(5, value, "b".into()))].into(),
            html: Some(html),
            text: Some(text),
            date: time::OffsetDateTime::from_unix_timestamp(date).unwrap_or(own.date),
            ..own
        };
        let Ok(raw) = build(&letter) else { return Ok(()) };
        prop_assert!(raw.is_ascii());
        let long = raw.split(|b| *b == b'\n').find(|line| line.len() > 999);
        prop_assert!(long.is_none(), "a line of more than 998 octets: {}", long.unwrap_or_default()[..60].escape_ascii());
        let bare = raw.windows(2).any(|pair| (pair[1] == b'\n') != (pair[0] == b'\r'));
        prop_assert!(!bare, "a line break that is not CRLF");
        let message = MessageParser::default().parse(&raw).unwrap();
        let names: Vec<String> = message.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect();
        prop_assert_eq!(names.len(), 11, "{:?}", names);
        prop_assert!(!names.contains(&"bcc".to_owned()));
        prop_assert_eq!(message.parts.len(), 3);
    }
}
