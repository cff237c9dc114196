//! Compares a file with its JSON Schema: every unknown key, wrong type, wrong word and missing key is reported with its place, and what
//! does not fit is taken out of the tree, so that the rest of the file can still be read and judged.

use super::desk::Desk;
use super::files::Source;
use super::schema_view::{SchemaView, about, strings};
use super::suggest;
use serde_json::Value;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

/// Reads a file into its raw struct. `None` only if nothing of it could be read; all problems are on the desk. The spans of values
/// under unknown keys are returned too: what stands there may be a secret under a mistyped name.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    source: &Source,
    schema: &Value,
    desk: &mut Desk,
) -> (Option<T>, Vec<Range<usize>>) {
    let (mut tree, errors) = DeTable::parse_recoverable(&source.text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let span_start = span.start;
        desk.at(
            source,
            span,
            format!("not valid TOML: {}", error.message()),
            "here",
            curly(&source.text, span_start).map(str::to_owned),
        );
    }
    let span = tree.span();
    let mut shape = Shape {
        view: SchemaView(schema),
        source,
        desk,
        unknown: Vec::new(),
    };
    shape.table("", tree.get_mut(), span, schema);
    let unknown = shape.unknown;
    match T::deserialize(toml::Deserializer::from(tree)) {
        Ok(raw) => (Some(raw), unknown),
        Err(error) => {
            // The walk above takes out what does not fit; what is left over are things no schema says, such as a number beyond i64.
            desk.at(
                source,
                error.span().unwrap_or(0..0),
                error.message().to_owned(),
                "here",
                None,
            );
            (None, unknown)
        }
    }
}

struct Shape<'a> {
    view: SchemaView<'a>,
    source: &'a Source,
    desk: &'a mut Desk,
    unknown: Vec<Range<usize>>,
}

impl<'a> Shape<'a> {
    fn table(&mut self, path: &str, table: &mut DeTable<'_>, span: Range<usize>, schema: &'a Value) {
        let schema = self.view.resolve(schema);
        let properties = schema.get("properties").and_then(Value::as_object);
        let rest = schema.get("additionalProperties");
        // Keys that were there in some form: each has its own report, so they are not reported as missing as well.
        let mut reported: Vec<String> = Vec::new();
        for (key, mut value) in std::mem::take(table) {
            let name = key.get_ref().as_ref();
            let full = if path.is_empty() {
                name.to_owned()
            } else {
                format!("{path}.{name}")
            };
            let kept = match (properties.and_then(|properties| properties.get(name)), rest) {
                (Some(property), _) => self.value(&full, &mut value, property),
                (None, Some(rest)) if rest.is_object() => self.value(&full, &mut value, rest),
                (None, Some(Value::Bool(false))) => {
                    leaves(&value, &mut self.unknown);
                    reported.extend(self.unknown_key(path, name, key.span(), properties));
                    false
                }
                (None, _) => true,
            };
            if kept {
                table.insert(key, value);
            } else {
                reported.push(name.to_owned());
            }
        }
        for key in strings(schema.get("required"))
            .filter(|key| !table.contains_key(*key) && !reported.iter().any(|known| known == key))
        {
            let about = properties.and_then(|properties| properties.get(key)).and_then(about);
            let message = format!("{} has no `{key}`", titled(path));
            self.desk.at(
                self.source,
                span.clone(),
                message,
                format!("`{key}` is missing"),
                about.map(|about| format!("{key}: {about}")),
            );
        }
    }

    /// Reports an unknown key; returns the known one that was probably meant.
    fn unknown_key(
        &mut self,
        path: &str,
        name: &str,
        span: Range<usize>,
        properties: Option<&serde_json::Map<String, Value>>,
    ) -> Option<String> {
        let known = || properties.into_iter().flatten().map(|(key, _)| key.as_str());
        let near = suggest::nearest(name, known()).map(str::to_owned);
        let help = match (&near, self.view.home(name)) {
            (Some(near), _) => Some(format!("did you mean `{near}`?")),
            (None, Some(home)) => Some(format!("`{name}` is a key of {home}")),
            (None, None) => suggest::help(name, known().collect::<Vec<_>>()),
        };
        let label = format!("not a key of {}", titled(path));
        self.desk
            .at(self.source, span, format!("unknown key `{name}`"), label, help);
        near
    }

    /// Keeps the value?
    fn value(&mut self, path: &str, value: &mut Spanned<DeValue<'_>>, property: &'a Value) -> bool {
        let schema = self.view.resolve(property);
        let span = value.span();
        let branches = self.view.branches(schema);
        let words = self.view.words(schema);
        if let (DeValue::String(word), false) = (value.get_ref(), words.is_empty()) {
            return words.contains(&word.as_ref()) || self.wrong_word(path, word, span, &words);
        }
        if !branches.is_empty() {
            let fitting = branches
                .into_iter()
                .find(|branch| kind_fits(self.view.resolve(branch), value.get_ref()));
            return match fitting {
                Some(branch) => self.value(path, value, branch),
                None => self.wrong_type(path, value, property),
            };
        }
        if !kind_fits(schema, value.get_ref()) {
            return self.wrong_type(path, value, property);
        }
        match value.get_mut() {
            DeValue::Table(table) => self.table(path, table, span, schema),
            DeValue::Array(items) => self.items(path, items, schema),
            DeValue::Integer(_) | DeValue::Float(_) => return self.in_range(path, value, schema),
            _ => {}
        }
        true
    }

    fn items(&mut self, path: &str, items: &mut DeArray<'_>, schema: &'a Value) {
        let Some(item) = schema.get("items") else { return };
        for mut value in std::mem::replace(items, DeArray::new()) {
            if self.value(&format!("{path}[]"), &mut value, item) {
                items.push(value);
            }
        }
    }

    fn in_range(&mut self, path: &str, value: &Spanned<DeValue<'_>>, schema: &Value) -> bool {
        let number: Option<f64> = match value.get_ref() {
            DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
                .ok()
                .map(|number| number as f64),
            DeValue::Float(float) => float.as_str().parse().ok(),
            _ => return true,
        };
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let (low, high) = (bound("minimum"), bound("maximum"));
        let inside = number.is_some_and(|number| {
            number.is_finite() && low.is_none_or(|low| number >= low) && high.is_none_or(|high| number <= high)
        });
        if !inside {
            let allowed = match (low, high) {
                (Some(low), Some(high)) => format!("must be between {low} and {high}"),
                (Some(low), None) => format!("must be at least {low}"),
                (None, Some(high)) => format!("must be at most {high}"),
                (None, None) => "is too large".to_owned(),
            };
            self.desk.at(
                self.source,
                value.span(),
                format!("`{}` {allowed}", short(path)),
                allowed.clone(),
                None,
            );
        }
        inside
    }

    fn wrong_word(&mut self, path: &str, word: &str, span: Range<usize>, words: &[&str]) -> bool {
        let message = format!("`{word}` is not a value of `{}`", short(path));
        self.desk.at(
            self.source,
            span,
            message,
            "unknown word",
            suggest::help(word, words.iter().copied()),
        );
        false
    }

    fn wrong_type(&mut self, path: &str, value: &Spanned<DeValue<'_>>, property: &'a Value) -> bool {
        let found = kind_name(value.get_ref());
        let expected = self.view.expected(property);
        let about = about(property).map(|about| format!("{}: {about}", short(path)));
        let help = match (value.get_ref(), expected.as_str()) {
            (DeValue::Integer(number), "a string") if is_duration(short(path)) => Some(format!(
                "write a number and a unit: {} = \"{}s\"",
                short(path),
                number.as_str()
            )),
            (DeValue::Table(_), "a list") => Some(format!(
                "write [[{}]] with two brackets: it may stand several times",
                path.replace("[]", "")
            )),
            _ => about,
        };
        self.desk.at(
            self.source,
            value.span(),
            format!("`{}` is {found}, not {expected}", short(path)),
            format!("expected {expected}"),
            help,
        );
        false
    }
}

/// Is it a time, which needs a unit?
fn is_duration(key: &str) -> bool {
    const DURATIONS: [&str; 11] = [
        "within", "give_up", "quiet", "p50", "p95", "event", "every", "noted", "silence", "poll", "timeout",
    ];
    DURATIONS.contains(&key)
}

/// What to do about a line with quotes that a word processor made.
fn curly(text: &str, at: usize) -> Option<&'static str> {
    let at = at.min(text.len());
    let start = text[..at].rfind('\n').map_or(0, |found| found + 1);
    let end = text[at..].find('\n').map_or(text.len(), |found| at + found);
    text[start..end]
        .contains(['“', '”', '„', '‘', '’'])
        .then_some("write straight quotes: \" instead of “ and ”")
}

/// How a table is called where it is written.
fn titled(path: &str) -> String {
    match path.strip_suffix("[]") {
        _ if path.is_empty() => "this file".to_owned(),
        Some(list) => format!("[[{}]]", list.replace("[]", "")),
        None => format!("[{}]", path.replace("[]", "")),
    }
}

fn short(path: &str) -> &str {
    let path = path.trim_end_matches("[]");
    path.rsplit('.').next().unwrap_or(path)
}

fn kind_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn kind_fits(schema: &Value, value: &DeValue<'_>) -> bool {
    match schema.get("type").and_then(Value::as_str) {
        Some("string") => value.is_str(),
        Some("integer") => value.is_integer(),
        Some("number") => value.is_integer() || value.is_float(),
        Some("boolean") => value.is_bool(),
        Some("array") => value.is_array(),
        Some("object") => value.is_table(),
        Some(_) => false,
        None => schema.get("const").is_none() && schema.get("enum").is_none() || value.is_str(),
    }
}

/// The spans of all values that are neither table nor list.
fn leaves(value: &Spanned<DeValue<'_>>, spans: &mut Vec<Range<usize>>) {
    match value.get_ref() {
        DeValue::Table(table) => table.values().for_each(|value| leaves(value, spans)),
        DeValue::Array(items) => items.iter().for_each(|value| leaves(value, spans)),
        _ => spans.push(value.span()),
    }
}
