//! Every format of the same two reports, as people and programs get them.

use super::fixture;
use inboxqa::model::Report;
use inboxqa::report::redact::Redacted;
use inboxqa::report::style::Style;
use inboxqa::report::{html, json_v1, junit, markdown, terminal};

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
