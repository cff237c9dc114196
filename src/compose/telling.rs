//! What went wrong with a template, told with its place: the library's words are turned into the user's.

use super::gaps::Gap;
use super::rewrite::{self, Mark};
use crate::model::suite::SourceText;
use crate::model::{Diagnostic, Place};
use liquid::Parser;
use liquid::model::{Object, Value};
use std::ops::Range;

/// A gap as a diagnostic.
pub(super) fn told(source: &SourceText, mark: &Mark, gap: &Gap, data: &Object) -> Option<Diagnostic> {
    let name = source.text.get(mark.span.clone())?;
    Some(match gap {
        Gap::Missing => missing(source, Some(mark.span.clone()), name, Some(data)),
        Gap::Failed(text) => match unknown_name(text) {
            Some(unknown) => missing(source, Some(mark.span.clone()), &unknown, None),
            None => problem(
                source,
                Some(mark.span.clone()),
                &format!("`{name}` can not be printed"),
                first_line(text),
                None,
            ),
        },
    })
}

fn missing(source: &SourceText, span: Option<Range<usize>>, name: &str, data: Option<&Object>) -> Diagnostic {
    let name = name
        .trim_start_matches("{%")
        .trim_end_matches("%}")
        .trim_matches(['-', ' ']);
    let near = data
        .and_then(|data| keys_beside(name, data))
        .map(|keys| format!("; the data has {keys} there"))
        .unwrap_or_default();
    let help = format!("add it to the data, or allow for its absence: {{{{ {name} | default: \"…\" }}}}{near}");
    problem(
        source,
        span,
        &format!("`{name}` has no value"),
        "not in the data".to_owned(),
        Some(help),
    )
}

/// The keys of the deepest table on the way to a name.
fn keys_beside(name: &str, data: &Object) -> Option<String> {
    let mut table = data;
    for step in name.split('.') {
        match table.get(step) {
            Some(Value::Object(inner)) => table = inner,
            _ => break,
        }
    }
    let mut keys: Vec<String> = table.keys().take(12).map(|key| format!("`{key}`")).collect();
    keys.sort();
    (!keys.is_empty()).then(|| keys.join(", "))
}

/// An error in a tag (`if`, `for`, `assign`) ends the rendering: its place is the last one noted.
pub(super) fn stopped(source: &SourceText, span: Option<Range<usize>>, error: &liquid::Error) -> Diagnostic {
    let text = error.to_string();
    match unknown_name(&text) {
        Some(name) => missing(source, span, &name, None),
        None => problem(
            source,
            span,
            "the template can not be rendered",
            first_line(&text),
            None,
        ),
    }
}

/// The name in the library's "Unknown variable" and "Unknown index".
fn unknown_name(text: &str) -> Option<String> {
    let field = |key: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(key))
            .map(|value| value.trim_start_matches('=').to_owned())
    };
    let first = text.lines().next()?;
    if first.contains("Unknown variable") {
        field("requested variable")
    } else if first.contains("Unknown index") {
        Some(format!("{}.{}", field("variable")?, field("requested index")?))
    } else {
        None
    }
}

/// A template that does not parse.
pub(super) fn not_liquid(source: &SourceText, author: &Parser, error: &liquid::Error) -> Diagnostic {
    let text = error.to_string();
    let arrow = text
        .lines()
        .find_map(|line| line.split_once("--> "))
        .and_then(|(_, at)| at.split_once(':'));
    let at = arrow.and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    let offset = at.and_then(|(line, column): (usize, usize)| {
        let start: usize = source
            .text
            .split_inclusive('\n')
            .take(line.checked_sub(1)?)
            .map(str::len)
            .sum();
        let rest = source.text.get(start..)?;
        let inner = rest
            .char_indices()
            .nth(column.checked_sub(1)?)
            .map_or(rest.len(), |(at, _)| at);
        Some(start + inner)
    });
    // An unknown filter has no place in the library's words: the output that does not parse alone has it.
    let alone = || {
        rewrite::rewrite(&source.text).outputs.into_iter().find(|span| {
            source
                .text
                .get(span.clone())
                .is_some_and(|one| author.parse(one).is_err())
        })
    };
    let word = |at: usize| {
        source.text[at..]
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(0)
            .max(1)
    };
    let span = offset.map(|at| at..at + word(at)).or_else(alone);
    problem(
        source,
        span,
        "the template is not valid Liquid",
        words(error),
        known(&text),
    )
}

/// The filters or tags there are, where an unknown one was named.
fn known(text: &str) -> Option<String> {
    let lists = text.lines().filter_map(|line| line.trim().strip_prefix("available "));
    let lists: Vec<String> = lists.map(|list| list.replace('=', ": ")).collect();
    (!lists.is_empty()).then(|| lists.join("; "))
}

/// The library's error on one line.
pub(super) fn words(error: &liquid::Error) -> String {
    let text = error.to_string();
    let what = text.lines().rev().find_map(|line| line.trim().strip_prefix("= "));
    let named = text.lines().find_map(|line| line.trim().strip_prefix("requested "));
    match (what, named) {
        (Some(what), _) => what.to_owned(),
        (None, Some(named)) => format!("{}: {}", first_line(&text).to_lowercase(), named.replace('=', " ")),
        (None, None) => first_line(&text),
    }
}

fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("liquid: ")
        .trim()
        .to_owned()
}

/// A diagnostic at a range of the template's text, or at the place that names the template.
pub(super) fn problem(
    source: &SourceText,
    span: Option<Range<usize>>,
    message: &str,
    label: String,
    help: Option<String>,
) -> Diagnostic {
    let place = span.map_or_else(|| source.at.clone(), |span| place(source, span));
    Diagnostic {
        message: message.to_owned(),
        place: Some(place),
        label,
        help,
    }
}

/// The place of a range of the template's text: in its own file, or within the inline text of the suite.
fn place(source: &SourceText, span: Range<usize>) -> Place {
    let within = Place::locate(&source.file, &source.text, span);
    if source.file != source.at.file {
        return within;
    }
    if source.offset == source.at.span.start || within.line > 1 {
        return source.at.clone();
    }
    let quotes = source.offset - source.at.span.start;
    Place {
        file: within.file,
        line: source.at.line,
        column: source.at.column + quotes + within.column - 1,
        span: source.offset + within.span.start..source.offset + within.span.end,
    }
}
