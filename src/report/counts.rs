//! What is counted of a report's rows.

use crate::model::report::standings;
use crate::model::{Finding, Report, Totals, Verdict};

/// What stays of the rows.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Deliveries by verdict, each by the attempt that decides it.
    pub totals: Totals,
    /// Those of them that were well only after another try, by verdict.
    pub flaky: Totals,
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
            flaky: Totals::default(),
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
        let standings = standings(&report.deliveries).into_iter();
        for (delivery, standing) in report.deliveries.iter().zip(standings) {
            if standing.decides {
                self.totals.count(delivery.verdict());
            }
            if standing.flaky {
                self.flaky.count(delivery.verdict());
            }
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
