//! Exit codes: stable, documented in the README.

use crate::model::{Report, Verdict};
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// All pass (warnings allowed unless `--strict`).
    Pass,
    /// At least one check failed.
    Fail,
    /// Usage or configuration error; nothing was sent.
    Usage,
    /// Nothing failed, but something could not be looked at.
    Blind,
    /// The filter selected nothing.
    Nothing,
    /// Interrupted by a signal: 128 + its number.
    Signal(u8),
}

impl Exit {
    /// The exit of a finished run. A failure outranks blindness; an interruption outranks both.
    pub(super) fn of(report: &Report, strict: bool, signal: Option<u8>) -> Exit {
        match (signal, report.worst()) {
            (Some(number), _) if report.interrupted => Exit::Signal(number),
            (_, Verdict::Fail) => Exit::Fail,
            (_, Verdict::Warn) if strict && any_warning(report) => Exit::Fail,
            (_, Verdict::Blind) if strict && any_warning(report) => Exit::Fail,
            (_, Verdict::Blind) => Exit::Blind,
            _ => Exit::Pass,
        }
    }
}

fn any_warning(report: &Report) -> bool {
    let findings = report.deliveries.iter().flat_map(|delivery| &delivery.findings);
    findings
        .chain(report.run_findings.iter().map(|run| &run.finding))
        .any(|finding| finding.verdict == Verdict::Warn && !finding.is_advisory())
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Pass => 0,
            Exit::Fail => 1,
            Exit::Usage => 2,
            Exit::Blind => 3,
            Exit::Nothing => 4,
            Exit::Signal(number) => 128 + number,
        })
    }
}
