//! Exit codes: stable, documented in the README.

use crate::model::{Report, Verdict};
use crate::report::counts::Counts;
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
    /// Nothing failed, but something could not be looked at, or could not be told after messages were sent.
    Blind,
    /// The filter selected nothing.
    Nothing,
    /// Interrupted by a signal: 128 + its number.
    Signal(u8),
}

impl Exit {
    /// The exit of a finished run. A failure outranks blindness; an interruption outranks both.
    pub(super) fn of(report: &Report, strict: bool, signal: Option<u8>) -> Exit {
        let mut counts = Counts::default();
        counts.add(report);
        Exit::by(counts, report.interrupted, strict, signal)
    }

    /// The same, where something of it was lost: a pass that nobody can read is none.
    pub(super) fn at_least_blind(self) -> Exit {
        match self {
            Exit::Pass => Exit::Blind,
            worse => worse,
        }
    }

    /// The exit of a report of which the counts are kept.
    pub(super) fn by(counts: Counts, interrupted: bool, strict: bool, signal: Option<u8>) -> Exit {
        match (signal, counts.worst) {
            (Some(number), _) if interrupted => Exit::Signal(number),
            (_, Verdict::Fail) => Exit::Fail,
            _ if strict && (counts.warned || counts.flaky.deliveries > 0) => Exit::Fail,
            (_, Verdict::Blind) => Exit::Blind,
            _ => Exit::Pass,
        }
    }
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
