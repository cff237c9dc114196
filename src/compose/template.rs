//! Liquid templates: subject, HTML and text of a case with its data. As in the services that use Liquid nothing is escaped by itself:
//! HTML templates say `{{ name | escape }}`.
//!
//! A variable that is not in the data is an error that names it, its place and the case; `{{ x | default: 'y' }}` is legal. All gaps of a
//! message are found in one pass. Beyond the data there are `token`, `route`, `mailbox` and `now`, where the data has no key of that name,
//! and always `inboxqa.token` and so on. `{% unsubscribe_url %}` and its like print the data's variable of that name, and Postmark's
//! `{{{ pm:unsubscribe }}}` is carried as it stands.

use super::arithmetic;
use super::filters;
use super::gaps::Record;
use super::literals;
use super::loops::StepsTag;
use super::rewrite;
use super::service_tags;
use super::tags::{AtTag, Named, OutTag};
use super::telling::{not_liquid, problem, stopped, told, words};
use crate::model::suite::SourceText;
use crate::model::{Case, Diagnostic, header_text};
use liquid::model::{Object, Value};
use liquid::{Parser, ParserBuilder};
use std::io::Write;
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
    /// Subject: one line without control characters; empty where the case has none.
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
    let subject = case.subject.as_ref().map(&mut part);
    let html = case.html.as_ref().map(&mut part);
    let text = case.text.as_ref().map(&mut part);
    let subject = subject.flatten().unwrap_or_default();
    if let Some(why) = header_text::value_problem(&subject) {
        problems.push(Diagnostic {
            message: format!("case `{}`: the rendered subject can not be a header", case.name),
            place: case.subject.as_ref().map(|source| source.at.clone()),
            label: why.to_owned(),
            help: Some(
                "a value in the data brings it in: take it out there, or use {{ … | strip_newlines }}".to_owned(),
            ),
        });
    }
    match problems.is_empty() {
        true => Ok(Rendered {
            subject,
            html: html.flatten(),
            text: text.flatten(),
        }),
        false => Err(problems),
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
    let veiled = service_tags::veil(&source.text);
    let text = &*veiled;
    if let Some(span) = literals::too_large(text) {
        let words = "no number of 64 bits".to_owned();
        return Err(vec![problem(
            source,
            Some(span),
            "the template has a number that is too large",
            words,
            None,
        )]);
    }
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
        .map_err(|error| vec![not_liquid(source, text, &author, &error)])?;
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
        true => Ok(service_tags::unveil(String::from_utf8_lossy(&page.0).into_owned())),
        false => Err(problems),
    }
}

/// The author's parser, or the one for rewritten text.
fn parser(ours: Option<(Record, Vec<bool>)>) -> Result<Parser, liquid::Error> {
    let mut builder = filters::register(arithmetic::register(ParserBuilder::with_stdlib()));
    match ours {
        Some((record, defaulted)) => {
            builder = builder
                .tag(OutTag {
                    record: record.clone(),
                    defaulted,
                })
                .tag(AtTag { record: record.clone() })
                .tag(StepsTag { record })
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
