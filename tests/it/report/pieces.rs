//! A report that is written row by row is the report that is written as a whole.

use super::fixture;
use inboxqa::model::Report;
use inboxqa::report::growing::Growing;
use inboxqa::report::html::{self, Html};
use inboxqa::report::json_v1::{self, Json};
use inboxqa::report::junit::{self, Saved};
use inboxqa::report::markdown::{self, Markdown};
use inboxqa::report::pieces::Pieces;
use inboxqa::report::redact::Redacted;
use inboxqa::report::style::Style;
use inboxqa::report::terminal;
use inboxqa::report::terminal_lines::Lines;

/// Rows one by one, then the frame.
fn written(mut format: impl Pieces, whole: &Report) -> String {
    let (mut growing, rows) = growing(whole);
    let rows: Vec<String> = rows
        .into_iter()
        .map(|judged| format.rows(&growing.row(judged)))
        .collect();
    let end = growing.end(whole.finished_at, whole.interrupted);
    let (before, after) = format.frame(&end);
    format!("{before}{}{after}", rows.concat())
}

fn growing(whole: &Report) -> (Growing, Vec<inboxqa::model::JudgedDelivery>) {
    let mut head = whole.clone();
    let rows = std::mem::take(&mut head.deliveries);
    (Growing::new(head, Vec::new()), rows)
}

#[test]
fn every_format_is_the_same_by_the_piece() {
    let mut empty = fixture::saved_messages();
    empty.deliveries.clear();
    for whole in [fixture::saved_messages(), fixture::saved_message(), empty] {
        let redacted = Redacted::new(whole.clone(), &[]);
        assert_eq!(written(Json::default(), &whole), json_v1::render(&redacted));
        assert_eq!(written(Html::default(), &whole), html::render(&redacted));
        assert_eq!(written(Markdown::default(), &whole), markdown::render(&redacted));
        if !whole.deliveries.is_empty() {
            assert_eq!(written(Saved::default(), &whole), junit::render(&redacted));
        }
    }
}

#[test]
fn markdown_counts_what_has_no_room() {
    let mut whole = fixture::saved_messages();
    whole.deliveries = whole.deliveries.iter().cycle().take(4000).cloned().collect();
    let redacted = Redacted::new(whole.clone(), &[]);
    let text = written(Markdown::default(), &whole);
    assert_eq!(text, markdown::render(&redacted));
    assert!(text.contains("left out here"), "{}", text.len());
}

#[test]
fn the_terminal_tells_the_same_lines_below_the_first() {
    let whole = fixture::saved_messages();
    let as_whole = terminal::render(&Redacted::new(whole.clone(), &[]), Style::PLAIN);
    let (mut growing, rows) = growing(&whole);
    let mut lines = Lines::new(Style::PLAIN, 0);
    let mut text = String::new();
    for judged in rows {
        text.push_str(&lines.rows(&growing.row(judged)));
    }
    text.push_str(&lines.end(&growing.end(whole.finished_at, whole.interrupted)));
    let (_, below) = as_whole.split_once("\n\n").unwrap();
    assert_eq!(text, below);
    assert_eq!(
        lines.head(&growing_head(&whole)).trim_end(),
        as_whole.lines().next().unwrap().replace("6 messages  ", "")
    );
}

fn growing_head(whole: &Report) -> Redacted {
    growing(whole).0.head()
}

#[test]
fn of_many_that_are_not_well_the_worst_are_told() {
    let mut whole = fixture::saved_messages();
    whole.deliveries = whole.deliveries.iter().cycle().take(200).cloned().collect();
    let as_whole = terminal::render(&Redacted::new(whole.clone(), &[]), Style::PLAIN);
    let (mut growing, rows) = growing(&whole);
    let mut lines = Lines::new(Style::PLAIN, 0);
    for judged in rows {
        lines.rows(&growing.row(judged));
    }
    let end = lines.end(&growing.end(whole.finished_at, whole.interrupted));
    assert!(as_whole.ends_with(&end), "{end}");
    assert!(end.contains("more deliveries that are not well"), "{end}");
}
