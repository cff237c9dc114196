//! Judges the messages of suites as they are composed, before anything is sent: what their templates and data make of them.

use super::judge;
use super::plan::{Plan, Planned};
use crate::model::{Authentication, CheckId, JudgedDelivery, Probe, RawMessage, Reason};
use std::collections::BTreeSet;

/// The checks that a composed message can be held to: the others judge what routes and mailboxes do to it.
pub const CHECKS: &[CheckId] = &[
    CheckId::FromIdentity,
    CheckId::HeaderHygiene,
    CheckId::UnsubscribeLink,
    CheckId::MergeTags,
    CheckId::MessageSize,
    CheckId::TextPart,
    CheckId::Images,
    CheckId::Preheader,
    CheckId::StagingLeak,
    CheckId::ClientSupport,
];

/// One judged message a case and route, in the order of the plan. Pure: nothing is asked of anybody.
pub fn lint(plan: &Plan) -> Vec<JudgedDelivery> {
    let mut seen = BTreeSet::new();
    // Of a template that a service holds nothing is known before it arrives.
    let first = |planned: &&Planned| planned.composed && seen.insert(name(planned));
    plan.deliveries.iter().filter(first).map(composed).collect()
}

fn name(planned: &Planned) -> String {
    let id = &planned.delivery.id;
    format!("{} / {} / {}", id.suite, id.case, id.route)
}

fn composed(planned: &Planned) -> JudgedDelivery {
    let mut policy = planned.policy.clone();
    policy.links.probe = false;
    let mut evidence = judge::bare(name(planned), Probe::NotAsked(Reason::new("composed", "not sent yet")));
    evidence.file = Some(RawMessage(planned.filled.as_ref().unwrap_or(&planned.raw).clone()));
    evidence.authentication = Some(Authentication {
        offline: true,
        ..Authentication::default()
    });
    let mut judged = judge::judge(evidence, policy);
    judged.findings.retain(|finding| CHECKS.contains(&finding.check));
    judged
}
