//! Liquid templates: subject, HTML and text of a case with its data. As in the services that use Liquid nothing is escaped by itself:
//! HTML templates say `{{ name | escape }}`.
//!
//! A variable that is not in the data is an error that names it, its place and the case; `{{ x | default: 'y' }}` is legal. All gaps of a
//! message are found in one pass. Beyond the data there are `token`, `route`, `mailbox` and `now`, where the data has no key of that name,
//! and always `inboxqa.token` and so on.

use super::filters;
use super::gaps::{Gap, Record};
use super::rewrite::{self, Mark};
use super::tags::{AtTag, Named, OutTag};
use crate::model::suite::SourceText;
use crate::model::{Case, Diagnostic, Place, header_text};
use liquid::model::{Object, Value};
use liquid::{Parser, ParserBuilder};
use std::io::Write;
use std::ops::Range;
use time::OffsetDateTime;
use time::macros::format_description;

/// Largest rendered part in bytes: no mailbox takes more.
const LARGEST: usize = 16 * 1024 * 1024;

/// Built-in variables of one delivery.
#[derive(Debug, Clone, PartialEq)]
pub struct Globals {
    /// The token.
    pub token: String,
    /// Route name.
    pub route: String,
    /// Mailbox name.
    pub mailbox: String,
    /// The time of the run.
    pub now: OffsetDateTime,
}

/// A case's rendered parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject: one line without control characters.
    pub subject: String,
    /// HTML part.
    pub html: Option<String>,
    /// Text part.
    pub text: Option<String>,
}

/// Renders all parts of a case, or tells everything that is wrong with them.
pub fn render(case: &Case, globals: &Globals) -> Result<Rendered, Vec<Diagnostic>> {
    let data = variables(&case.data, globals);
    let mut problems = Vec::new();
    let mut part = |source: &SourceText| match rendered(source, &data) {
        Ok(text) => Some(text),
        Err(found) => {
            problems.extend(found.into_iter().map(|problem| Diagnostic {
                message: format!("case `{}`: {}", case.name, problem.message),
                ..problem
            }));
            None
        }
    };
    let subject = part(&case.subject);
    let html = case.html.as_ref().map(&mut part);
    let text = case.text.as_ref().map(&mut part);
    if let Some(why) = subject.as_deref().and_then(header_text::value_problem) {
        problems.push(Diagnostic {
            message: format!("case `{}`: the rendered subject can not be a header", case.name),
            place: Some(case.subject.at.clone()),
            label: why.to_owned(),
            help: Some(
                "a value in the data brings it in: take it out there, or use {{ … | strip_newlines }}".to_owned(),
            ),
        });
    }
    match (subject, problems.is_empty()) {
        (Some(subject), true) => Ok(Rendered {
            subject,
            html: html.flatten(),
            text: text.flatten(),
        }),
        _ => Err(problems),
    }
}

/// The data with the built-ins. What the data says counts: the template was made for it.
fn variables(data: &serde_json::Value, globals: &Globals) -> Object {
    let mut object = liquid::to_object(data).unwrap_or_default();
    let now = globals
        .now
        .format(format_description!(
            "[year]-[month]-[day] [hour]:[minute]:[second] +0000"
        ))
        .unwrap_or_default();
    let own = [
        ("token", &globals.token),
        ("route", &globals.route),
        ("mailbox", &globals.mailbox),
        ("now", &now),
    ];
    let own: Object = own
        .into_iter()
        .map(|(key, value)| (key.into(), Value::scalar(value.clone())))
        .collect();
    for (key, value) in &own {
        object.entry(key.clone()).or_insert_with(|| value.clone());
    }
    object.insert("inboxqa".into(), Value::Object(own));
    object
}

fn rendered(source: &SourceText, data: &Object) -> Result<String, Vec<Diagnostic>> {
    let text = &source.text;
    let author = parser(None).map_err(|error| {
        vec![problem(
            source,
            None,
            "the template can not be read",
            error.to_string(),
            None,
        )]
    })?;
    author
        .parse(text)
        .map_err(|error| vec![not_liquid(source, &author, &error)])?;
    let rewritten = rewrite::rewrite(text);
    let record = Record::default();
    let defaulted = rewritten.marks.iter().map(|mark| mark.defaulted).collect();
    let ours = parser(Some((record.clone(), defaulted)));
    let template = ours.and_then(|parser| parser.parse(&rewritten.text));
    let template = template.map_err(|error| {
        vec![problem(
            source,
            None,
            "the template can not be read",
            words(&error),
            None,
        )]
    })?;
    let mut page = Page(Vec::new());
    let outcome = template.render_to(&mut page, data);
    let (current, gaps) = record.read();
    let mut problems: Vec<Diagnostic> = gaps
        .iter()
        .filter_map(|(number, gap)| told(source, rewritten.marks.get(*number)?, gap, data))
        .collect();
    if let Err(error) = outcome {
        let span = rewritten.marks.get(current).map(|mark| mark.span.clone());
        problems.push(stopped(source, span, &error));
    }
    match problems.is_empty() {
        true => Ok(String::from_utf8_lossy(&page.0).into_owned()),
        false => Err(problems),
    }
}

/// The author's parser, or the one for rewritten text.
fn parser(ours: Option<(Record, Vec<bool>)>) -> Result<Parser, liquid::Error> {
    let mut builder = filters::register(ParserBuilder::with_stdlib());
    match ours {
        Some((record, defaulted)) => {
            builder = builder
                .tag(OutTag {
                    record: record.clone(),
                    defaulted,
                })
                .tag(AtTag { record })
        }
        None => {
            for name in rewrite::URL_TAGS {
                builder = builder.tag(Named(name));
            }
        }
    }
    builder.build()
}

/// Rendered bytes, up to a limit.
struct Page(Vec<u8>);

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LARGEST {
            return Err(std::io::Error::other("the message is too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn told(source: &SourceText, mark: &Mark, gap: &Gap, data: &Object) -> Option<Diagnostic> {
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
fn stopped(source: &SourceText, span: Option<Range<usize>>, error: &liquid::Error) -> Diagnostic {
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

fn not_liquid(source: &SourceText, author: &Parser, error: &liquid::Error) -> Diagnostic {
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
fn words(error: &liquid::Error) -> String {
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

fn problem(
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
