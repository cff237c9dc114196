//! Where problems are collected while files are read: nothing stops at the first one.

use super::files::Source;
use crate::model::{Diagnostic, Place};
use std::collections::BTreeMap;
use std::ops::Range;

/// Everything that is wrong with the user's files, with the texts to show it in (secrets blanked out, same length).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
    /// All problems, by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// Text by file name, as `Place::file` names it.
    pub sources: BTreeMap<String, String>,
}

/// The collector.
#[derive(Debug, Default)]
pub(super) struct Desk {
    problems: Problems,
}

impl Desk {
    /// Keeps a text for the places that will point into it.
    pub(super) fn keep(&mut self, file: &str, text: String) {
        self.problems.sources.insert(file.to_owned(), text);
    }

    /// Reports a problem at a place of a file.
    pub(super) fn at(
        &mut self,
        source: &Source,
        span: Range<usize>,
        message: impl Into<String>,
        label: impl Into<String>,
        help: Option<String>,
    ) {
        let place = Some(source.place(span));
        self.put(Diagnostic {
            message: message.into(),
            place,
            label: label.into(),
            help,
        });
    }

    /// Reports a finished diagnostic.
    pub(super) fn put(&mut self, diagnostic: Diagnostic) {
        self.problems.diagnostics.push(diagnostic);
    }

    /// Was anything reported?
    pub(super) fn is_clean(&self) -> bool {
        self.problems.diagnostics.is_empty()
    }

    /// All problems, sorted by file and place, each once.
    pub(super) fn finish(mut self) -> Problems {
        let key = |place: &Option<Place>| place.as_ref().map(|place| (place.file.clone(), place.span.start));
        self.problems
            .diagnostics
            .sort_by_key(|diagnostic| key(&diagnostic.place));
        self.problems.diagnostics.dedup();
        self.problems
    }
}
