//! What went wrong with a template, told with its place: the library's words are turned into the user's.

use super::gaps::Gap;
use super::rewrite::{self, Mark, URL_TAGS};
use super::scope;
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
        .and_then(|data| beside(source, span.as_ref(), name, data))
        .unwrap_or_default();
    let help = match URL_TAGS.contains(&name) {
        true => address_help(name),
        false => format!("add it to the data, or allow for its absence: {{{{ {name} | default: \"…\" }}}}{near}"),
    };
    problem(
        source,
        span,
        &format!("`{name}` has no value"),
        "not in the data".to_owned(),
        Some(help),
    )
}

/// An address that a service fills in where it holds the template. A default would only hide that nobody does here.
fn address_help(name: &str) -> String {
    let postmark = match name {
        "unsubscribe_url" => {
            "; on a route through Postmark {{{ pm:unsubscribe }}} may stand there, which Postmark fills in"
        }
        _ => "",
    };
    format!(
        "give the case's data a `{name}`: in a message that is composed here {{% {name} %}} prints it, since a service fills in its own \
         only where it holds the template{postmark}"
    )
}

/// What the data has where a name was looked for: in the deepest table on its way, which may begin with the variable of a loop.
fn beside(source: &SourceText, span: Option<&Range<usize>>, name: &str, data: &Object) -> Option<String> {
    let mut steps = name.split('.').peekable();
    let first = *steps.peek()?;
    let before = &source.text[..span.map_or(0, |span| span.start.min(source.text.len()))];
    let (start, place) = match scope::bound(before, first, data) {
        scope::Bound::Free => (None, "there".to_owned()),
        scope::Bound::Unknown => return None,
        scope::Bound::Item(item, list) => {
            steps.next();
            (Some(item), format!("in what `{list}` lists"))
        }
    };
    let mut table = match start {
        Some(Value::Object(item)) => item,
        Some(_) => return None,
        None => data,
    };
    for step in steps {
        match table.get(step) {
            Some(Value::Object(inner)) => table = inner,
            _ => break,
        }
    }
    let mut keys: Vec<String> = table.keys().take(12).map(|key| format!("`{key}`")).collect();
    keys.sort();
    (!keys.is_empty()).then(|| format!("; the data has {} {place}", keys.join(", ")))
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
pub(super) fn not_liquid(source: &SourceText, parsed: &str, author: &Parser, error: &liquid::Error) -> Diagnostic {
    let text = error.to_string();
    let arrow = text
        .lines()
        .find_map(|line| line.split_once("--> "))
        .and_then(|(_, at)| at.split_once(':'));
    let at = arrow.and_then(|(line, column)| Some((line.trim().parse().ok()?, column.trim().parse().ok()?)));
    let offset = at.and_then(|(line, column)| offset(parsed, line, column));
    if let Some((span, name)) = offset.and_then(|at| scope::unclosed(parsed, at)) {
        let help = Some(format!("add {{% end{name} %}} where it ends"));
        let label = format!("this `{name}` is never closed");
        return problem(source, Some(span), NOT_LIQUID, label, help);
    }
    if let Some(span) = scope::curly_quote(parsed, offset) {
        let help = Some("write straight quotes: \" or '".to_owned());
        return problem(source, Some(span), NOT_LIQUID, "a curly quote".to_owned(), help);
    }
    // An unknown filter has no place in the library's words: the output that does not parse alone has it.
    let alone = || {
        let outputs = rewrite::rewrite(parsed).outputs.into_iter();
        let mut wrong = outputs.filter(|span| parsed.get(span.clone()).is_some_and(|one| author.parse(one).is_err()));
        wrong.next()
    };
    let word = |at: usize| {
        parsed[at..]
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(0)
            .max(1)
    };
    let span = offset.map(|at| at..at + word(at)).or_else(alone);
    let unknown = span.clone().filter(|_| text.contains("Unknown tag"));
    let help = match unknown.and_then(|span| parsed.get(span)) {
        Some(tag) => meant(tag, TAGS.into_iter().chain(URL_TAGS)),
        None => known(&text),
    };
    problem(source, span, NOT_LIQUID, words(error), help)
}

const NOT_LIQUID: &str = "the template is not valid Liquid";

/// The byte of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> Option<usize> {
    let before = text.split_inclusive('\n').take(line.checked_sub(1)?);
    let start: usize = before.map(str::len).sum();
    let rest = text.get(start..)?;
    let inner = rest.char_indices().nth(column.checked_sub(1)?);
    Some(start + inner.map_or(rest.len(), |(at, _)| at))
}

/// The tags of standard Liquid that begin something.
const TAGS: [&str; 20] = [
    "if",
    "elsif",
    "else",
    "endif",
    "unless",
    "endunless",
    "for",
    "endfor",
    "break",
    "continue",
    "case",
    "when",
    "endcase",
    "assign",
    "capture",
    "endcapture",
    "cycle",
    "raw",
    "comment",
    "tablerow",
];

/// What was meant by an unknown name; a word on what there is, where nothing is near.
fn known(text: &str) -> Option<String> {
    let field = |key: &str| {
        let mut lines = text.lines().filter_map(|line| line.trim().strip_prefix(key));
        lines.find_map(|rest| rest.split_once('='))
    };
    let (_, wanted) = field("requested ")?;
    let (_, list) = field("available ")?;
    let names = list.split(',').map(|name| name.trim().trim_matches(['"', '`']));
    Some(
        meant(wanted, names)
            .unwrap_or_else(|| "there are those of standard Liquid and those of Customer.io".to_owned()),
    )
}

fn meant<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |name: &&str| strsim::jaro_winkler(&wanted.to_lowercase(), name);
    let near = names.filter(|name| likeness(name) >= NEAR);
    let near = near.max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    Some(format!("did you mean `{near}`?"))
}

/// Below this likeness a suggestion is a guess.
const NEAR: f64 = 0.85;

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
