//! How faults are written: `NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB,attempt=GLOB]`, with the nearest word for what is misspelt.

use crate::lab::fault::{Fault, Scope, Value};
use crate::lab::fault_kind::FaultKind;
use crate::lab::fault_kind::ScopedBy::{Delivery, Mailbox, Route};
use crate::lab::fault_kind::Takes::{Nothing, Refusal, Seconds, Text, Times, Word, WordTimes};
use globset::Glob;
use std::time::Duration;

/// Longest time a fault may take, in seconds.
const MOST_SECONDS: f64 = 86_400.0;

impl Fault {
    /// Reads `NAME[=VALUE][@case=GLOB,route=GLOB,mailbox=GLOB,attempt=GLOB]`.
    ///
    /// # Errors
    /// A sentence that names the wrong word and, where one is near, the right one.
    pub fn parse(text: &str) -> Result<Fault, String> {
        let (spec, scope) = match text.split_once('@') {
            Some((spec, scope)) => (spec, Some(scope)),
            None => (text, None),
        };
        let (name, value) = match spec.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (spec.trim(), None),
        };
        let kind = FaultKind::ALL
            .iter()
            .copied()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| unknown("fault", name, FaultKind::ALL.iter().map(|kind| kind.name())))?;
        let mut fault = Fault {
            kind,
            value: read_value(kind, value)?,
            spec: spec.trim().to_owned(),
            scope: Scope::default(),
        };
        if let Some(scope) = scope {
            if scope.contains('@') {
                return Err(format!("a second '@' in '{text}': put a comma between scopes"));
            }
            for item in split_scope(scope) {
                fault.narrow(item)?;
            }
        }
        Ok(fault)
    }

    fn narrow(&mut self, item: &str) -> Result<(), String> {
        let (key, glob) = item.split_once('=').ok_or_else(|| {
            format!("'{item}' is no scope: write case=GLOB, route=GLOB, mailbox=GLOB or attempt=GLOB")
        })?;
        let (key, glob) = (key.trim(), glob.trim());
        let place = match key {
            "case" => &mut self.scope.case,
            "route" => &mut self.scope.route,
            "mailbox" => &mut self.scope.mailbox,
            "attempt" => &mut self.scope.attempt,
            _ => {
                return Err(unknown(
                    "scope",
                    key,
                    ["case", "route", "mailbox", "attempt"].into_iter(),
                ));
            }
        };
        let allowed = match self.kind.scoped_by() {
            Delivery => true,
            Route => key == "route",
            Mailbox => key == "mailbox",
        };
        if !allowed {
            let (name, only) = (
                self.kind.name(),
                if self.kind.scoped_by() == Route {
                    "route"
                } else {
                    "mailbox"
                },
            );
            return Err(format!("fault '{name}' can be scoped by {only} only, not by {key}"));
        }
        if place.is_some() {
            return Err(format!("scope '{key}' is given twice: write {key}={{A,B}} for either"));
        }
        if glob.is_empty() {
            return Err(format!("scope '{key}' has no glob: write {key}=GLOB"));
        }
        let read = Glob::new(glob).map_err(|error| format!("'{glob}' is no glob: {error}"))?;
        *place = Some(read.compile_matcher());
        // A rerun is narrowed to the delivery, and not to the attempt.
        if key == "attempt" {
            self.spec = format!("{}@attempt={glob}", self.spec);
        }
        Ok(())
    }
}

fn read_value(kind: FaultKind, value: Option<&str>) -> Result<Value, String> {
    let name = kind.name();
    match (kind.takes(), value) {
        (Nothing, None) => Ok(Value::Nothing),
        (Nothing, Some(_)) => Err(format!("fault '{name}' takes no value")),
        (Refusal, None) => Ok(Value::Code(550)),
        (Refusal, Some(code)) => match code.parse() {
            Ok(code @ 500..=599) => Ok(Value::Code(code)),
            _ => Err(format!(
                "'{code}' is no permanent reply code: write {name}=550 (500 to 599)"
            )),
        },
        (Seconds, None) => Err(format!("fault '{name}' needs seconds: write {name}=5")),
        (Seconds, Some(text)) => match text.strip_suffix('s').unwrap_or(text).parse::<f64>() {
            Ok(seconds) if (0.0..=MOST_SECONDS).contains(&seconds) => Ok(Value::Time(Duration::from_secs_f64(seconds))),
            _ => Err(format!("'{text}' is no number of seconds (0 to 86400): write {name}=5")),
        },
        (Word(words) | WordTimes(words), None) => {
            Err(format!("fault '{name}' needs a value: {name}={}", words.join("|")))
        }
        (Word(words), Some(text)) => known_word(name, words, text).map(Value::Word),
        (Text, None | Some("")) => Err(format!("fault '{name}' needs a value: write {name}=TEXT")),
        (Text, Some(text)) => Ok(Value::Written(text.to_owned())),
        (Times, None) => Ok(Value::Nothing),
        (Times, Some(text)) => times(name, text).map(|()| Value::Written(text.to_owned())),
        (WordTimes(words), Some(text)) => {
            let (word, often) = text.split_once(':').unwrap_or((text, "1"));
            known_word(name, words, word)?;
            times(name, often)?;
            Ok(Value::Written(text.to_owned()))
        }
    }
}

fn known_word(name: &str, words: &[&'static str], text: &str) -> Result<&'static str, String> {
    let found = words.iter().copied().find(|word| *word == text);
    found.ok_or_else(|| unknown(&format!("value of '{name}'"), text, words.iter().copied()))
}

fn times(name: &str, text: &str) -> Result<(), String> {
    match text == "always" || text.parse::<u32>().is_ok() {
        true => Ok(()),
        false => Err(format!(
            "'{text}' is no number of times for '{name}': write a number or 'always'"
        )),
    }
}

/// Splits at commas, but not inside the braces of a glob.
fn split_scope(text: &str) -> Vec<&str> {
    let mut depth = 0i32;
    text.split(|letter: char| {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth <= 0
    })
    .collect()
}

fn unknown(what: &str, word: &str, known: impl Iterator<Item = &'static str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), *candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0));
    match near {
        Some((_, candidate)) => format!("unknown {what} '{word}': did you mean '{candidate}'?"),
        None => format!("unknown {what} '{word}': known are {}", known.join(", ")),
    }
}
