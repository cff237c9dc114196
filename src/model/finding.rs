//! What a check says of a delivery.

use super::check_id::CheckId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The five verdicts. `Blind` means "could not look", `Skip` "does not apply".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Verdict {
    Pass,
    Skip,
    Warn,
    Blind,
    Fail,
}

impl Verdict {
    /// The word used in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Skip => "skip",
            Verdict::Warn => "warn",
            Verdict::Blind => "blind",
            Verdict::Fail => "fail",
        }
    }

    /// The worse of two: fail > blind > warn > pass > skip (a delivery of which something passed is not skipped).
    pub fn worse(self, other: Verdict) -> Verdict {
        let rank = |verdict| match verdict {
            Verdict::Skip => 0,
            Verdict::Pass => 1,
            Verdict::Warn => 2,
            Verdict::Blind => 3,
            Verdict::Fail => 4,
        };
        if rank(self) >= rank(other) { self } else { other }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a finding shows of the waiver that took its failure away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waived {
    /// The last day, UTC.
    pub until: String,
    /// Why.
    pub why: String,
    /// What the check said: fail, or warn (which `--strict` would count).
    pub verdict: Verdict,
}

/// One thing a check has to say. All texts may quote hostile mail: writers escape them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which check.
    pub check: CheckId,
    /// Its verdict.
    pub verdict: Verdict,
    /// Stable machine code, `check.reason` (`placement.spam`).
    pub reason: String,
    /// One line: what is the matter.
    pub summary: String,
    /// What was expected.
    pub expected: String,
    /// What was seen, with its source and resolution.
    pub observed: String,
    /// Why it matters and what to do (empty for a pass).
    pub help: String,
    /// The waiver that made a warning of it, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived: Option<Waived>,
}

impl Finding {
    /// A finding; `code` is the part of the reason after the dot.
    pub fn new(check: CheckId, verdict: Verdict, code: &str, summary: impl Into<String>) -> Self {
        Finding {
            check,
            verdict,
            reason: format!("{check}.{code}"),
            summary: summary.into(),
            expected: String::new(),
            observed: String::new(),
            help: String::new(),
            waived: None,
        }
    }

    /// A warning about what the user can not change or has accepted: `--strict` does not count it.
    pub fn is_advisory(&self) -> bool {
        self.waived.is_some() || self.reason == "dkim-strength.esp-managed-1024"
    }

    /// The word for its verdict in reports: `waived` where a waiver took the failure away.
    pub fn word(&self) -> &'static str {
        match self.waived {
            Some(_) => "waived",
            None => self.verdict.as_str(),
        }
    }

    /// Adds what was expected and what was seen.
    #[must_use]
    pub fn with(mut self, expected: impl Into<String>, observed: impl Into<String>) -> Self {
        self.expected = expected.into();
        self.observed = observed.into();
        self
    }

    /// Adds why it matters and what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}
