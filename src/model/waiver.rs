//! A failure that is known and accepted until a day: told in every report, and counted in none.

use super::check_id::CheckId;
use super::diagnostic::Place;
use super::finding::{Finding, Verdict, Waived};
use serde::{Deserialize, Serialize};

/// One line of `[suite] waive`. A run is planned with those that are in force on its day, and they are stored with its deliveries: a
/// recheck applies the same ones, whatever the day it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The check.
    pub check: CheckId,
    /// This reason of it alone, such as `images.broken`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Glob of the cases.
    #[serde(default)]
    pub case: Option<String>,
    /// Glob of the routes.
    #[serde(default)]
    pub route: Option<String>,
    /// The last day on which it holds, UTC, as `2026-12-31`.
    pub until: String,
    /// Why the failure is accepted.
    pub why: String,
    /// Where it is written.
    pub at: Place,
}

/// What became of a waiver in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverUse {
    /// The waiver.
    pub waiver: Waiver,
    /// Findings it took the failure from.
    pub waived: u32,
    /// Findings it is about that could be judged and did not need it. Skipped and blind ones prove nothing.
    pub well: u32,
}

impl Waiver {
    /// Does it take the failure of this finding away? Blindness is never waived: nobody knows what is accepted.
    pub fn waives(&self, finding: &Finding) -> bool {
        let judged = matches!(finding.verdict, Verdict::Fail | Verdict::Warn);
        let same = |reason: &String| *reason == finding.reason;
        judged && self.check == finding.check && self.reason.as_ref().is_none_or(same)
    }

    /// The finding without its failure, which is still told.
    pub fn waive(&self, finding: &mut Finding) {
        finding.waived = Some(Waived {
            until: self.until.clone(),
            why: self.why.clone(),
            verdict: finding.verdict,
        });
        finding.verdict = Verdict::Warn;
    }

    /// `images.broken`, or `images`.
    pub fn subject(&self) -> &str {
        self.reason.as_deref().unwrap_or(self.check.as_str())
    }
}

impl WaiverUse {
    /// What it is about was judged, and nothing needed it: it can be deleted.
    pub fn is_idle(&self) -> bool {
        self.waived == 0 && self.well > 0
    }
}
