//! No secret leaves through a report, in whatever shape it travels.

use super::fixture;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use inboxqa::model::{Probe, Report, Secret, SendOutcome, Try, Why};
use inboxqa::report::redact::Redacted;
use inboxqa::report::style::Style;
use inboxqa::report::veil::Veil;
use inboxqa::report::{html, json_v1, junit, markdown, terminal};
use proptest::prelude::*;

const CANARY: &str = "c4n/ry+?\"key é~2";

fn shapes() -> Vec<(&'static str, String)> {
    let percent: String = CANARY.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let url = url::form_urlencoded::byte_serialize(CANARY.as_bytes()).collect::<String>();
    vec![
        ("plain", CANARY.to_owned()),
        ("base64", STANDARD.encode(CANARY)),
        ("URL-safe base64", URL_SAFE_NO_PAD.encode(CANARY)),
        ("form-encoded", url),
        ("percent-encoded", percent),
        (
            "AUTH PLAIN",
            STANDARD.encode(format!("\0seed.one@mail.example\0{CANARY}")),
        ),
        (
            "XOAUTH2",
            STANDARD.encode(format!("user=seed@mail.example\x01auth=Bearer {CANARY}\x01\x01")),
        ),
        ("Basic", format!("Basic {}", STANDARD.encode(format!("api:{CANARY}")))),
        ("JSON", serde_json::to_string(CANARY).unwrap()),
    ]
}

fn planted(text: &str) -> Report {
    let mut report = fixture::every_verdict();
    report.notices.push(text.to_owned());
    report.id = text.to_owned();
    for judged in &mut report.deliveries {
        for finding in &mut judged.findings {
            (finding.summary, finding.expected, finding.observed, finding.help) =
                (text.to_owned(), text.to_owned(), text.to_owned(), text.to_owned());
        }
        judged.digest.headers = format!("X-Auth: {text}\r\n");
        judged.digest.subject = Some(text.to_owned());
        judged.evidence.faults.push(text.to_owned());
        judged
            .digest
            .links
            .iter_mut()
            .for_each(|link| link.delivered = format!("https://x.example/?k={text}"));
        if let Probe::Blind(why) = &mut judged.evidence.arrival {
            *why = Why::new("imap-no", text);
        }
        let at = fixture::START;
        let tries = &mut judged.evidence.submission.as_mut().unwrap().tries;
        tries.push(Try {
            esp_id: None,
            at,
            outcome: SendOutcome::Unknown(text.to_owned()),
        });
    }
    report
}

#[test]
fn a_canary_is_in_no_format_in_no_shape() {
    for (name, shape) in shapes() {
        let redacted = Redacted::new(planted(&format!("before {shape} after")), &[Secret::new(CANARY)]);
        let formats = [
            ("sheet", format!("{:?}", redacted.sheet())),
            ("terminal", terminal::render(&redacted, Style::PLAIN)),
            ("junit", junit::render(&redacted)),
            ("json", json_v1::render(&redacted)),
            ("html", html::render(&redacted)),
            ("markdown", markdown::render(&redacted)),
        ];
        for (format, text) in formats {
            for (_, needle) in shapes() {
                assert!(!text.contains(&needle), "{name} canary as {needle} in {format}");
            }
            assert!(
                text.contains("***") || text.contains("&#42;&#42;&#42;"),
                "{name} in {format}"
            );
            assert!(!text.contains("c4n"), "{name} in {format}");
        }
    }
}

/// A server quotes the line it refuses, and JSON quotes that.
#[test]
fn quotes_within_quotes_are_seen_through() {
    let secret = "CANARY\"\\x/7 1";
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let veil = Veil::new(&[Secret::new(secret)]);
    let mut text = secret.to_owned();
    for depth in 0..4 {
        let hidden = veil.hide(&format!("before {text} after")).unwrap_or_default();
        assert!(
            !hidden.contains("CANARY") && !hidden.contains("7 1"),
            "{depth}: {hidden}"
        );
        assert!(
            hidden.starts_with("before ") && hidden.ends_with(" after"),
            "{depth}: {hidden}"
        );
        text = quoted(&text);
    }
    let encoded = STANDARD.encode(format!("LOGIN \"seed\" {}", quoted(secret)));
    assert_eq!(veil.hide(&encoded).as_deref(), Some("***"));
}

#[test]
fn text_without_a_secret_is_left_alone() {
    let veil = Veil::new(&[Secret::new(CANARY), Secret::new(""), Secret::new("abc")]);
    assert_eq!(veil.hide("abc 100% = pass \\ + ä"), None);
    assert_eq!(Veil::new(&[]).hide("100% ="), None);
}

#[test]
fn of_two_secrets_the_longer_one_goes_whole() {
    let veil = Veil::new(&[Secret::new("abcd"), Secret::new("abcdefgh")]);
    assert_eq!(veil.hide("x abcdefgh y abcd").as_deref(), Some("x *** y ***"));
}

proptest! {
    #[test]
    fn no_text_panics_and_the_secret_is_gone(before in ".{0,20}", secret in "[!-~é]{4,24}", after in ".{0,20}") {
        let veil = Veil::new(&[Secret::new(secret.clone())]);
        for text in [secret.clone(), STANDARD.encode(format!("{before}{secret}{after}"))] {
            let hidden = veil.hide(&format!("{before}{text}{after}"));
            prop_assert!(hidden.is_some());
            let rest = hidden.unwrap_or_default().replace("***", "\n");
            let given = format!("{before}\n{after}");
            prop_assert!(!rest.contains(&text) || given.contains(&text));
        }
    }
}
