//! Diagnostics as text, in the manner of compilers: what is wrong, where, the offending text underlined, and what to do.
//! Everything shown may come from files with hostile content: control and direction characters are made visible, never printed.

use super::escape::visible;
use crate::model::{Diagnostic, Place};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeMap;
use std::ops::Range;

/// Columns of context after the underlined text that are kept of a long line.
const AFTER: usize = 400;

/// Renders diagnostics, each followed by an empty line. `sources` holds the texts by file name; without its text a diagnostic still
/// names its place.
pub fn render(diagnostics: &[Diagnostic], sources: &BTreeMap<String, String>, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&renderer.render(&[group(diagnostic, sources)]));
        text.push_str("\n\n");
    }
    text
}

fn group<'a>(diagnostic: &Diagnostic, sources: &BTreeMap<String, String>) -> Group<'a> {
    let title = Level::ERROR.primary_title(shown(&diagnostic.message));
    let mut group = match &diagnostic.place {
        None => Group::with_title(title),
        Some(place) => match sources.get(&place.file).and_then(|text| excerpt(text, place)) {
            Some((line, span)) => title.element(
                Snippet::source(line)
                    .path(shown(&place.file))
                    .line_start(place.line)
                    .fold(false)
                    .annotation(AnnotationKind::Primary.span(span).label(shown(&diagnostic.label))),
            ),
            None => {
                let at = format!("{}:{}:{}: {}", place.file, place.line, place.column, diagnostic.label);
                title.element(Level::NOTE.message(shown(at.trim_end_matches([':', ' ']))))
            }
        },
    };
    if diagnostic.place.is_none() && !diagnostic.label.is_empty() {
        group = group.element(Level::NOTE.message(shown(&diagnostic.label)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(shown(help)));
    }
    group
}

/// The place's line, made visible, with the span in it.
fn excerpt(text: &str, place: &Place) -> Option<(String, Range<usize>)> {
    let before = text.get(..place.span.start)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let rest = &text[place.span.start..];
    let line_end = place.span.start + rest.find('\n').unwrap_or(rest.len());
    let end = place.span.end.clamp(place.span.start, line_end);
    let shown_end = text[end..line_end]
        .char_indices()
        .nth(AFTER)
        .map_or(line_end, |(at, _)| end + at);
    let (head, marked, tail) = (
        text.get(start..place.span.start)?,
        text.get(place.span.start..end)?,
        text.get(end..shown_end)?,
    );
    let (head, marked, tail) = (shown(head), shown(marked), shown(tail.trim_end_matches('\r')));
    let span = head.len()..head.len() + marked.len();
    Some((format!("{head}{marked}{tail}"), span))
}

fn shown(text: &str) -> String {
    visible(text).into_owned()
}
