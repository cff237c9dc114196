//! The result of a run, before it is redacted and written.

use super::attempts::{self, Standing};
use super::delivery::{Delivery, DeliveryId};
use super::digest::Digest;
use super::evidence::{Evidence, Subject};
use super::finding::{Finding, Verdict};
use super::policy::Policy;
use super::suite::Gate;
use super::waiver::WaiverUse;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Counts of deliveries by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the verdicts'")]
pub struct Totals {
    pub deliveries: u32,
    pub pass: u32,
    pub warn: u32,
    pub fail: u32,
    pub skip: u32,
    pub blind: u32,
}

impl Totals {
    /// One more of a verdict.
    pub fn count(&mut self, verdict: Verdict) {
        self.deliveries += 1;
        *self.place(verdict) += 1;
    }

    /// One less of a verdict.
    pub fn uncount(&mut self, verdict: Verdict) {
        self.deliveries = self.deliveries.saturating_sub(1);
        let place = self.place(verdict);
        *place = place.saturating_sub(1);
    }

    /// How many have a verdict.
    pub fn of(mut self, verdict: Verdict) -> u32 {
        *self.place(verdict)
    }

    fn place(&mut self, verdict: Verdict) -> &mut u32 {
        match verdict {
            Verdict::Pass => &mut self.pass,
            Verdict::Warn => &mut self.warn,
            Verdict::Fail => &mut self.fail,
            Verdict::Skip => &mut self.skip,
            Verdict::Blind => &mut self.blind,
        }
    }
}

/// One delivery with its judgement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedDelivery {
    /// The evidence.
    pub evidence: Evidence,
    /// The policy it was judged by.
    pub policy: Policy,
    /// What the checks said, in catalogue order.
    pub findings: Vec<Finding>,
    /// What reports show of the bytes.
    #[serde(default)]
    pub digest: Digest,
}

impl JudgedDelivery {
    /// The worst verdict of its findings.
    pub fn verdict(&self) -> Verdict {
        self.findings
            .iter()
            .fold(Verdict::Skip, |worst, finding| worst.worse(finding.verdict))
    }

    /// The attempt it is the judgement of; `None` for a saved message.
    pub fn delivery(&self) -> Option<&Delivery> {
        match &self.evidence.subject {
            Subject::Delivery(delivery) => Some(delivery),
            Subject::File(_) => None,
        }
    }
}

/// Where each stands among the attempts of its delivery.
pub fn standings(deliveries: &[JudgedDelivery]) -> Vec<Standing> {
    let attempt = |judged: &'_ JudgedDelivery| -> attempts::Attempt<Option<DeliveryId>> {
        let delivery = judged.delivery();
        let retry = delivery.is_some_and(|delivery| delivery.retry);
        (delivery.map(|delivery| delivery.id.clone()), retry, judged.verdict())
    };
    attempts::standings(&deliveries.iter().map(attempt).collect::<Vec<_>>())
}

/// The attempts by which deliveries are counted: of retried ones the last that could be looked at.
pub fn deciding(deliveries: &[JudgedDelivery]) -> impl Iterator<Item = &JudgedDelivery> {
    let standings = standings(deliveries).into_iter();
    deliveries
        .iter()
        .zip(standings)
        .filter_map(|(judged, standing)| standing.decides.then_some(judged))
}

/// A finding about the whole run (`arrival-percentile`), with the group it is about (a route, or empty for all).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFinding {
    /// Route, or empty.
    pub group: String,
    /// The finding.
    pub finding: Finding,
}

/// A delivery that a run which was killed had begun and never judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unjudged {
    /// Delivery id.
    pub delivery: String,
    /// Attempt, from 1.
    pub attempt: u32,
    /// The journal's last word: `intended`, `accepted`, `unknown`, …
    pub state: String,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Run id, e.g. `20261123-101502-7f3k`.
    pub id: String,
    /// Suite files' slugs, joined by a comma.
    pub suite: String,
    /// The suite files as the user named them (for rerun commands); the stem of each is its slug.
    #[serde(default)]
    pub files: Vec<String>,
    /// The mailboxes file where the user named one (for rerun commands).
    #[serde(default)]
    pub mailboxes_file: Option<String>,
    /// `lab` or `real`, [`Report::COMPOSED`] or [`Report::SAVED`].
    pub world: String,
    /// UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub started_at: OffsetDateTime,
    /// UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub finished_at: OffsetDateTime,
    /// Stopped by a signal.
    pub interrupted: bool,
    /// Exceptions from the safe defaults that were in force: opened fences, extra trust anchors.
    pub notices: Vec<String>,
    /// Run-level expectations by suite slug, kept so that a recheck judges by the same ones.
    #[serde(default)]
    pub gates: BTreeMap<String, Gate>,
    /// The deliveries, in plan order.
    pub deliveries: Vec<JudgedDelivery>,
    /// Run-level findings.
    pub run_findings: Vec<RunFinding>,
    /// What became of the suites' waivers.
    #[serde(default)]
    pub waivers: Vec<WaiverUse>,
    /// What a run that never finished left behind. Told by the store, not kept in it.
    #[serde(skip)]
    pub unjudged: Vec<Unjudged>,
}

impl Report {
    /// The world of messages that were composed and not sent.
    pub const COMPOSED: &str = "as composed";
    /// The world of messages that were saved from somewhere.
    pub const SAVED: &str = "saved";

    /// The worst verdict of all, each delivery counted by the attempt that decides it.
    pub fn worst(&self) -> Verdict {
        let deliveries = deciding(&self.deliveries).map(JudgedDelivery::verdict);
        let run = self.run_findings.iter().map(|found| found.finding.verdict);
        deliveries.chain(run).fold(Verdict::Skip, Verdict::worse)
    }

    /// What the checks said, of each delivery by the attempt that decides it, and of the run.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let of_deliveries = deciding(&self.deliveries).flat_map(|delivery| &delivery.findings);
        of_deliveries.chain(self.run_findings.iter().map(|run| &run.finding))
    }
}
