//! What surrounds a place in a template: the loop that binds a name, the block that is never closed, the quotes that are none.

use super::rewrite;
use liquid::model::{Object, Value};
use std::ops::Range;

/// Tags that need an end tag.
const BLOCKS: [&str; 9] = [
    "if",
    "unless",
    "for",
    "case",
    "tablerow",
    "capture",
    "ifchanged",
    "raw",
    "comment",
];
/// Loops within loops that are followed to where a list comes from.
const DEEPEST: usize = 5;

/// What a name stands for.
pub(super) enum Bound<'a> {
    /// A variable of the data, or of nobody.
    Free,
    /// Something that was assigned, captured, or listed by what is no list of the data.
    Unknown,
    /// One item of a list of the data, which is called this.
    Item(&'a Value, String),
}

/// What a name stands for behind this text.
pub(super) fn bound<'a>(before: &str, name: &str, data: &'a Object) -> Bound<'a> {
    bound_within(before, name, data, DEEPEST)
}

fn bound_within<'a>(before: &str, name: &str, data: &'a Object, deepest: usize) -> Bound<'a> {
    let binders = rewrite::tags(before);
    let binder = binders.iter().rev().find_map(|tag| {
        let mut words = tag.inner.split_whitespace();
        let kind = words.next()?;
        let named = words.next()?.trim_end_matches('=');
        (named == name && ["for", "tablerow", "assign", "capture"].contains(&kind)).then_some((tag, kind, words))
    });
    let Some((tag, kind, mut words)) = binder else {
        return Bound::Free;
    };
    let list = match (kind, words.next(), words.next()) {
        ("for" | "tablerow", Some("in"), Some(list)) => list,
        _ => return Bound::Unknown,
    };
    match item(&before[..tag.whole.start], list, data, deepest) {
        Some(item) => Bound::Item(item, list.to_owned()),
        None => Bound::Unknown,
    }
}

/// The first item of the list that a path names.
fn item<'a>(before: &str, path: &str, data: &'a Object, deepest: usize) -> Option<&'a Value> {
    let mut steps = path.split('.');
    let first = steps.next()?;
    let start = match deepest {
        0 => return None,
        _ => match bound_within(before, first, data, deepest - 1) {
            Bound::Item(item, _) => item,
            Bound::Free => data.get(first)?,
            Bound::Unknown => return None,
        },
    };
    let list = steps.try_fold(start, |value, step| match value {
        Value::Object(table) => table.get(step),
        _ => None,
    })?;
    match list {
        Value::Array(items) => items.first(),
        _ => None,
    }
}

/// The block that is still open where reading stopped: at an end tag of another block, or at the end of the text.
pub(super) fn unclosed(text: &str, at: usize) -> Option<(Range<usize>, &str)> {
    let mut open: Vec<(Range<usize>, &str)> = Vec::new();
    for tag in rewrite::tags(text) {
        let stops = tag.whole.end > at;
        let end = tag.name.strip_prefix("end");
        match end {
            Some(end) if open.last().is_some_and(|(_, name)| *name == end) => drop(open.pop()),
            // An end tag that fits nothing: the block before it was never closed, if it is not simply one too many.
            Some(end) => return open.iter().any(|(_, name)| *name == end).then(|| open.pop()).flatten(),
            None if stops => return None,
            None if BLOCKS.contains(&tag.name) => open.push((tag.span, tag.name)),
            None => {}
        }
    }
    (at >= text.trim_end().len()).then(|| open.pop()).flatten()
}

/// A curly quote in the tag or output that could not be read. Between straight quotes it is a character like any other.
pub(super) fn curly_quote(text: &str, at: Option<usize>) -> Option<Range<usize>> {
    let at = at?.min(text.len());
    let begin = text[..at].rfind("{{").max(text[..at].rfind("{%")).unwrap_or(at);
    let rest = &text[begin..];
    let end = rest
        .find("}}")
        .into_iter()
        .chain(rest.find("%}"))
        .min()
        .unwrap_or(rest.len());
    let mut quote = None;
    for (offset, c) in rest[..end].char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '“' | '”' | '„' | '‘' | '’' | '«' | '»') => {
                return Some(begin + offset..begin + offset + c.len_utf8());
            }
            _ => {}
        }
    }
    None
}
