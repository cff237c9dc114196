//! What is counted of a report's rows.

use crate::model::{Finding, Report, Totals, Verdict};

/// What stays of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Deliveries by verdict.
    pub totals: Totals,
    /// Findings by verdict, without what is waived.
    pub checks: Totals,
    /// Findings that are waived.
    pub waived: u32,
    /// The worst verdict.
    pub worst: Verdict,
    /// Is there a warning that `--strict` counts?
    pub warned: bool,
}

impl Default for Counts {
    fn default() -> Counts {
        Counts {
            totals: Totals::default(),
            checks: Totals::default(),
            waived: 0,
            worst: Verdict::Skip,
            warned: false,
        }
    }
}

impl Counts {
    /// Counts what a report holds.
    pub fn add(&mut self, report: &Report) {
        for delivery in &report.deliveries {
            self.totals.count(delivery.verdict());
        }
        report.findings().for_each(|finding| self.finding(finding));
    }

    fn finding(&mut self, finding: &Finding) {
        match finding.waived {
            Some(_) => self.waived += 1,
            None => self.checks.count(finding.verdict),
        }
        self.worst = self.worst.worse(finding.verdict);
        self.warned |= finding.verdict == Verdict::Warn && !finding.is_advisory();
    }
}
