//! Printing: results to stdout, everything about the run itself to stderr.

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

/// A result, to stdout. One that is lost ends the program.
pub(super) fn out(text: &str) {
    if !try_out(text) {
        std::process::exit(2);
    }
}

/// A result, to stdout; was it written? A reader that went away is not our problem; any other failure (a full disk) would be a silent
/// loss and is told.
pub(super) fn try_out(text: &str) -> bool {
    let mut stdout = std::io::stdout().lock();
    let written = writeln!(stdout, "{}", text.trim_end_matches('\n')).and_then(|()| stdout.flush());
    match written {
        Err(failed) if failed.kind() != std::io::ErrorKind::BrokenPipe => {
            error(&format!("the result could not be written: {failed}"));
            false
        }
        _ => true,
    }
}

/// An aside, to stderr.
pub(super) fn note(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// A problem, to stderr.
pub(super) fn error(text: &str) {
    note(&format!("error: {text}"));
}

/// Asks before something that can not be taken back; without a terminal the answer is no, and `otherwise` says what to do.
pub(super) fn confirmed(what: &str, question: &str, otherwise: &str) -> bool {
    if !std::io::stdin().is_terminal() {
        error(&format!("{what}. {otherwise}"));
        return false;
    }
    note(&format!("{what}. {question} [y/N] "));
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    read.is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}
