//! Which files a command works on, and loading them with their problems shown.

use super::exit::Exit;
use super::{annotate, terminal};
use crate::config::{self, Loaded};
use crate::model::Diagnostic;
use crate::report::diagnostic;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The mailboxes file: as given, else `mailboxes.toml`, else under the lab the example.
pub(super) fn mailboxes(given: Option<&PathBuf>, lab: bool) -> PathBuf {
    let usual = Path::new("mailboxes.toml");
    match given {
        Some(file) => file.clone(),
        None if lab && !usual.exists() => PathBuf::from("mailboxes.example.toml"),
        None => usual.to_owned(),
    }
}

/// Loads suites, routes and mailboxes, or shows every problem.
pub(super) fn load(suites: &[PathBuf], mailboxes: &Path) -> Result<Loaded, Exit> {
    config::load(suites, mailboxes).map_err(|problems| show(&problems.diagnostics, &problems.sources))
}

/// Shows diagnostics on stderr, beside their lines too where GitHub reads along, and gives the exit code for them.
pub(super) fn show(diagnostics: &[Diagnostic], sources: &BTreeMap<String, String>) -> Exit {
    terminal::note(&diagnostic::render(diagnostics, sources, terminal::colors_on_stderr()));
    annotate::diagnostics(diagnostics);
    Exit::Usage
}

/// Every file that a command reads: suites, routes, templates, data, mailboxes.
pub(super) fn read(loaded: &Loaded, suites: &[PathBuf], mailboxes: &Path) -> Vec<PathBuf> {
    let named = loaded.sources.keys().map(PathBuf::from);
    named
        .chain(suites.iter().cloned())
        .chain([mailboxes.to_owned()])
        .collect()
}
