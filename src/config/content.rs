//! What a message is made of: templates, data, headers, globs.

use super::desk::Desk;
use super::either::WordOr;
use super::files::{self, Source};
use super::suggest;
use crate::model::suite::SourceText;
use crate::model::{Diagnostic, Place, header_text};
use globset::Glob;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;

/// Reads a template file named in a suite.
pub(super) fn template(written: &Spanned<String>, source: &Source, desk: &mut Desk) -> Option<SourceText> {
    let file = named_file(written, "template", source, desk)?;
    desk.keep(&file.file, file.text.clone());
    Some(SourceText {
        text: file.text,
        file: file.file,
        at: source.place(written.span()),
        offset: 0,
    })
}

/// A template written in the suite itself.
pub(super) fn inline(written: &Spanned<String>, source: &Source) -> SourceText {
    let span = written.span();
    let text = written.get_ref().clone();
    // Where the text stands as it is between its quotes, places within it can be told; with escapes only where it begins.
    let inner = source
        .text
        .get(span.clone())
        .and_then(|raw| raw.find(&text))
        .unwrap_or(0);
    SourceText {
        text,
        file: source.file.clone(),
        at: source.place(span.clone()),
        offset: span.start + inner,
    }
}

/// Reads the template data: a JSON file or a table.
pub(super) fn data(written: Option<Spanned<WordOr<toml::Table>>>, source: &Source, desk: &mut Desk) -> Option<Value> {
    let Some(written) = written else {
        return Some(Value::Object(serde_json::Map::new()));
    };
    let span = written.span();
    match written.into_inner() {
        WordOr::Table(table) => Some(json(toml::Value::Table(table))),
        WordOr::Word(path) => {
            let file = named_file(&Spanned::new(span, path), "data file", source, desk)?;
            let value = parse_json(&file);
            desk.keep(&file.file, file.text);
            value.map_err(|problem| desk.put(problem)).ok()
        }
    }
}

fn parse_json(file: &Source) -> Result<Value, Diagnostic> {
    let problem = |place: Place, message: String, label: &str| Diagnostic {
        message,
        place: Some(place),
        label: label.to_owned(),
        help: None,
    };
    match serde_json::from_str(&file.text) {
        Ok(Value::Object(data)) => Ok(Value::Object(data)),
        Ok(_) => {
            let place = Place::locate(&file.file, &file.text, 0..file.text.len().min(1));
            Err(problem(
                place,
                format!("`{}` does not hold a JSON object", file.file),
                "expected { … }: its keys are the template's variables",
            ))
        }
        Err(error) => {
            let start: usize = file
                .text
                .split_inclusive('\n')
                .take(error.line().saturating_sub(1))
                .map(str::len)
                .sum();
            let at = (start + error.column().saturating_sub(1)).min(file.text.len());
            let words = error.to_string();
            let words = words.rsplit_once(" at line").map_or(words.as_str(), |(words, _)| words);
            let place = Place::locate(&file.file, &file.text, at..at + 1);
            Err(problem(place, format!("not valid JSON: {words}"), "here"))
        }
    }
}

/// TOML to JSON; a date becomes its text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(date) => Value::String(date.to_string()),
        toml::Value::Array(items) => Value::Array(items.into_iter().map(json).collect()),
        toml::Value::Table(table) => Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect()),
    }
}

fn named_file(written: &Spanned<String>, what: &str, source: &Source, desk: &mut Desk) -> Option<Source> {
    let path = written.get_ref();
    match files::resolve_inside(&source.dir, path).and_then(|path| files::read(&path)) {
        Ok(file) => Some(file),
        Err(why) => {
            let help = neighbour(&source.dir, path).map(|near| format!("did you mean `{near}`?"));
            let remedy = files::remedy(&why).map(str::to_owned);
            let help = remedy.or(help);
            let help = help.unwrap_or_else(|| format!("paths are relative to {}", files::shown(&source.dir)));
            desk.at(
                source,
                written.span(),
                format!("{what} `{}` can not be read: {why}", path.escape_debug()),
                why,
                Some(help),
            );
            None
        }
    }
}

/// The nearest file name in the folder that was meant.
fn neighbour(dir: &Path, written: &str) -> Option<String> {
    let path = Path::new(written);
    let name = path.file_name()?.to_str()?;
    let folder = path.parent()?;
    let entries = std::fs::read_dir(dir.join(folder)).ok()?;
    let names: Vec<String> = entries
        .flatten()
        .take(1_000)
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    let near = suggest::nearest(name, names.iter().map(String::as_str)).filter(|near| *near != name)?;
    Some(folder.join(near).display().to_string())
}

/// Headers that a user adds: one line each, and none that the program itself writes.
pub(super) fn headers(
    raw: BTreeMap<Spanned<String>, Spanned<String>>,
    source: &Source,
    desk: &mut Desk,
) -> BTreeMap<String, String> {
    let mut headers = BTreeMap::new();
    for (name, value) in raw {
        let shown = name.get_ref().escape_debug().to_string();
        if let Some(why) = header_text::name_problem(name.get_ref()) {
            desk.at(
                source,
                name.span(),
                format!("`{shown}` is not a header name"),
                why,
                None,
            );
        } else if header_text::is_ours(name.get_ref()) {
            desk.at(
                source,
                name.span(),
                format!("header `{shown}` is written by the program"),
                "can not be set",
                None,
            );
        } else if let Some(why) = header_text::value_problem(value.get_ref()) {
            desk.at(
                source,
                value.span(),
                format!("header `{shown}` can not have this value"),
                why,
                None,
            );
        } else {
            headers.insert(name.into_inner(), value.into_inner());
        }
    }
    headers
}

/// Why a glob can not be used, or `None`.
pub(super) fn glob_problem(glob: &str) -> Option<&'static str> {
    match Glob::new(glob) {
        Ok(_) if glob.is_empty() => Some("an empty glob matches nothing"),
        Ok(_) => None,
        Err(_) => Some("not a glob: check its brackets and braces"),
    }
}
