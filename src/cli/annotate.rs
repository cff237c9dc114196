//! Tells GitHub what it shows beside the lines of a pull request, where the program runs as a step of GitHub Actions.

use super::terminal;
use crate::config::Loaded;
use crate::model::Diagnostic;
use crate::report::annotations::{self, Places};
use crate::report::redact::Redacted;

/// Failed and blind findings, at the lines of their cases.
pub(super) fn report(report: &Redacted, loaded: &Loaded) {
    if is_github() {
        let cases = loaded.suites.iter().flat_map(|suite| {
            let placed = |case: &crate::model::Case| ((suite.slug.clone(), case.name.clone()), case.at.clone());
            suite.cases.iter().map(placed)
        });
        tell(&annotations::of_report(report, &cases.collect::<Places>()));
    }
}

/// Mistakes in files.
pub(super) fn diagnostics(found: &[Diagnostic]) {
    if is_github() {
        tell(&annotations::of_diagnostics(found));
    }
}

/// To stderr, so that a report on stdout stays one; the runner reads both.
fn tell(commands: &str) {
    if !commands.is_empty() {
        terminal::note(commands);
    }
}

/// The runner sets it for every step (GitHub Actions, default environment variables).
fn is_github() -> bool {
    std::env::var("GITHUB_ACTIONS").is_ok_and(|value| value == "true")
}
