//! Judging: evidence and policy in, findings and the report's rows out. The same function serves a run and a recheck.

use super::{digest, waive};
use crate::checks;
use crate::model::{Arrival, Evidence, Gate, JudgedDelivery, Policy, Probe, RunFinding, Subject};
use std::collections::BTreeMap;

/// The evidence of what was not sent by us, and of which nothing is known yet.
pub fn bare(name: String, arrival: Probe<Arrival>) -> Evidence {
    Evidence::begun(Subject::File(name), arrival)
}

/// Judges one delivery. Pure.
pub fn judge(evidence: Evidence, policy: Policy) -> JudgedDelivery {
    let mut findings = checks::judge(&evidence, &policy);
    waive::each(&mut findings, &policy.waivers);
    let digest = digest::of(&evidence, &policy);
    JudgedDelivery {
        evidence,
        policy,
        findings,
        digest,
    }
}

/// Judges the run as a whole, suite by suite. Pure.
pub fn judge_run(deliveries: &[JudgedDelivery], gates: &BTreeMap<String, Gate>) -> Vec<RunFinding> {
    let of_suite = |slug: &str| -> Vec<JudgedDelivery> {
        let belongs = |judged: &&JudgedDelivery| match &judged.evidence.subject {
            Subject::Delivery(delivery) => delivery.id.suite == slug,
            Subject::File(_) => false,
        };
        deliveries.iter().filter(belongs).cloned().collect()
    };
    gates
        .iter()
        .flat_map(|(slug, gate)| {
            let own = of_suite(slug);
            let mut found = checks::judge_run(&own, gate);
            waive::of_run(&mut found, &waive::stated(&own));
            found
        })
        .collect()
}
