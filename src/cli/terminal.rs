//! Printing: results to stdout, everything about the run itself to stderr. A closed pipe is not an error of ours.

use std::io::{IsTerminal, Write};

/// How stdout may be written to.
pub(super) fn colors_on_stdout() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// How stderr may be written to.
pub(super) fn colors_on_stderr() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Columns of the terminal, where there is one.
pub(super) fn width() -> usize {
    std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(110)
        .clamp(60, 160)
}

/// A result, to stdout.
pub(super) fn out(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{}", text.trim_end_matches('\n'));
}

/// An aside, to stderr.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// A problem, to stderr.
pub(super) fn error(text: &str) {
    note(&format!("error: {text}"));
}
