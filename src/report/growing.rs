//! A report of messages that nobody can hold together: each is shown as it comes, and only counts stay.

use super::counts::Counts;
use super::redact::Redacted;
use crate::model::{JudgedDelivery, Report, Secret};
use time::OffsetDateTime;

/// The report that grows.
pub struct Growing {
    head: Report,
    secrets: Vec<Secret>,
    counts: Counts,
}

impl Growing {
    /// Begins with what is known before the first row: a report without deliveries.
    pub fn new(head: Report, secrets: Vec<Secret>) -> Growing {
        Growing {
            head,
            secrets,
            counts: Counts::default(),
        }
    }

    /// The head alone.
    pub fn head(&self) -> Redacted {
        Redacted::new(self.head.clone(), &self.secrets)
    }

    /// One more row, as a report of its own.
    pub fn row(&mut self, judged: JudgedDelivery) -> Redacted {
        let report = Report {
            deliveries: vec![judged],
            ..self.head.clone()
        };
        self.counts.add(&report);
        Redacted::new(report, &self.secrets)
    }

    /// What must be told at the end.
    pub fn notice(&mut self, notice: String) {
        self.head.notices.push(notice);
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The end: no rows, the counts of all.
    pub fn end(mut self, finished_at: OffsetDateTime, interrupted: bool) -> Redacted {
        self.head.finished_at = finished_at;
        self.head.interrupted = interrupted;
        Redacted::new(self.head, &self.secrets).counting(self.counts)
    }
}
