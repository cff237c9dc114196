//! Every format of the same two reports, as people and programs get them.

use super::fixture;
use inboxqa::model::{Diagnostic, DoctorLine, Level, Place, Report, Secret};
use inboxqa::report::redact::{Redacted, RedactedLines};
use inboxqa::report::style::Style;
use inboxqa::report::{annotations, doctor_text, html, json_v1, junit, markdown, terminal};

fn redacted(report: Report) -> Redacted {
    Redacted::new(report, &[])
}

/// Snapshots stay true when the version moves on.
fn shown(text: String) -> String {
    text.replace(env!("CARGO_PKG_VERSION"), "[version]")
}

/// A line an element, without the style sheet, so that a difference can be read.
fn legible(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    let (_, body) = rest.split_once("</style>").unwrap();
    shown(format!("{head}{body}").replace("><", ">\n<"))
}

#[test]
fn all_green() {
    let report = redacted(fixture::green());
    insta::assert_snapshot!("green_terminal", shown(terminal::render(&report, Style::PLAIN)));
    insta::assert_snapshot!("green_junit", shown(junit::render(&report)));
    insta::assert_snapshot!("green_json", shown(json_v1::render(&report)));
    insta::assert_snapshot!("green_markdown", shown(markdown::render(&report)));
    insta::assert_snapshot!("green_html", legible(&html::render(&report)));
}

#[test]
fn every_verdict() {
    let report = redacted(fixture::every_verdict());
    insta::assert_snapshot!("every_terminal", shown(terminal::render(&report, Style::PLAIN)));
    insta::assert_snapshot!("every_junit", shown(junit::render(&report)));
    insta::assert_snapshot!("every_json", shown(json_v1::render(&report)));
    insta::assert_snapshot!("every_markdown", shown(markdown::render(&report)));
    insta::assert_snapshot!("every_html", legible(&html::render(&report)));
}

#[test]
fn what_github_shows_beside_the_lines() {
    let report = redacted(fixture::every_verdict());
    let place = |line| Place {
        file: "suites/launch.toml".to_owned(),
        line,
        column: 1,
        span: 0..1,
    };
    let cases = report.sheet().rows.iter();
    let keys = cases.map(|row| (row.suite.clone().unwrap_or_default(), row.case.clone()));
    let places = keys.zip((10..).step_by(10).map(place)).collect();
    let told = annotations::of_report(&report, &places);
    insta::assert_snapshot!("every_annotations", told);
    for line in told.lines() {
        let (head, _) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        assert!(head.starts_with("error ") || head.starts_with("warning "), "{line}");
        assert!(!line.chars().any(char::is_control), "{line}");
    }
}

#[test]
fn no_more_annotations_than_are_shown() {
    let problem = |number: usize| Diagnostic::plain(format!("100% wrong: {number}\n::error::x"), None);
    let told = annotations::of_diagnostics(&(0..14).map(problem).collect::<Vec<_>>());
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines.len(), 10);
    assert_eq!(lines[0], "::error title=100%25 wrong%3A 0%0A%3A%3Aerror%3A%3Ax::");
    assert!(
        lines[9].starts_with("::error title=5 more::100%25 wrong: 9%0A"),
        "{}",
        lines[9]
    );
}

#[test]
fn several_tries_of_a_delivery_are_one_delivery() {
    let report = redacted(fixture::retried());
    insta::assert_snapshot!("retried_terminal", shown(terminal::render(&report, Style::PLAIN)));
    insta::assert_snapshot!("retried_junit", shown(junit::render(&report)));
    insta::assert_snapshot!("retried_json", shown(json_v1::render(&report)));
    insta::assert_snapshot!("retried_markdown", shown(markdown::render(&report)));
    insta::assert_snapshot!("retried_html", legible(&html::render(&report)));
    let annotations = annotations::of_report(&report, &Default::default());
    let of = |text: &str| annotations.lines().filter(|line| line.contains(text)).count();
    let lost = "title=arrival.missing order-confirmation / postmark-tx / ";
    assert_eq!(
        of(&format!("::warning {lost}gmail-1%2C 1st of 2 tries::")),
        1,
        "{annotations}"
    );
    assert_eq!(of(&format!("::error {lost}yahoo-1%2C outlook-1::")), 1, "{annotations}");
    assert_eq!(of("title=arrival"), 2, "{annotations}");
}

#[test]
fn a_saved_message_has_no_route_and_no_placement() {
    let report = redacted(fixture::saved_message());
    insta::assert_snapshot!("saved_terminal", shown(terminal::render(&report, Style::PLAIN)));
    let json: serde_json::Value = serde_json::from_str(&json_v1::render(&report)).unwrap();
    let delivery = &json["deliveries"][0];
    for name in ["route", "attempt", "placement", "matched_by"] {
        assert!(delivery[name].is_null(), "{name}");
    }
    for name in ["id", "case", "mailbox"] {
        assert_eq!(delivery[name], "mail/receipt.eml");
    }
}

#[test]
fn colours_only_add_to_the_plain_text() {
    let report = redacted(fixture::every_verdict());
    let plain = terminal::render(&report, Style::PLAIN);
    let coloured = terminal::render(
        &report,
        Style {
            color: true,
            ..Style::PLAIN
        },
    );
    assert_ne!(plain, coloured);
    assert_eq!(plain, anstream::adapter::strip_str(&coloured).to_string());
}

#[test]
fn the_json_schema_is_a_promise() {
    insta::assert_snapshot!("json_schema", serde_json::to_string_pretty(&json_v1::schema()).unwrap());
}

#[test]
fn the_doctor_names_what_to_do_and_no_secret() {
    let line = |level, subject: &str, area: &str, text: &str, remedy: &str| DoctorLine {
        level,
        blind: false,
        area: area.into(),
        subject: subject.into(),
        text: text.into(),
        remedy: remedy.into(),
        details: vec!["more".to_owned()],
    };
    let lines = vec![
        line(
            Level::Ok,
            "postmark-tx",
            "spf",
            "bounces.brand.example: 2 of 10 lookups, ends in -all",
            "",
        ),
        line(
            Level::Warn,
            "postmark-tx",
            "dkim",
            "s1._domainkey.brand.example: 1024 bits",
            "Rotate to a key of 2048 bits (RFC 8301).",
        ),
        line(
            Level::Fail,
            "gmail-1",
            "imap",
            "imap.gmail.example:993: imap-login-refused: NO \u{1b}[31m bad password hunter22",
            "Make an app password: the account's own password is refused by this provider, whatever it is set to in the mailboxes file.",
        ),
    ];
    let redacted = RedactedLines::new(lines, &[Secret::new("hunter22")]);
    insta::assert_snapshot!("doctor", doctor_text::render(&redacted, Style::PLAIN));
}
