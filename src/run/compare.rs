//! Compares stored deliveries of the same case: two routes in one run, or two runs. Pure: everything was gathered before.

use super::compare_sides::{self, Trait};
use crate::model::comparison::{Aspect, Comparison, Difference, Readiness, Side};
use crate::model::percentile::nearest_rank;
use crate::model::{
    Category, DeliveryId, Finding, JudgedDelivery, Placement, PlacementState, Report, Sighting, Subject, Verdict,
};
use std::collections::{BTreeMap, BTreeSet};

/// Problems named in a verdict; more are counted.
const TOLD: usize = 6;

/// The deliveries of one case on one side, by mailbox.
type ByMailbox<'r> = BTreeMap<&'r str, Vec<&'r JudgedDelivery>>;

/// Two routes in one run: every case that went through both. `new` names the other route where a case has more than two.
pub fn routes(report: &Report, baseline: &str, new: Option<&str>) -> Vec<Comparison> {
    let all = cases(report);
    let mut found = Vec::new();
    for ((case, route), deliveries) in &all {
        if route == baseline || new.is_some_and(|new| new != route) {
            continue;
        }
        if let Some(before) = all.get(&(case.clone(), baseline.to_owned())) {
            let sides = (side(report, baseline, before), side(report, route, deliveries));
            found.push(compare(case, sides, before, deliveries));
        }
    }
    found
}

/// Two runs: every case and route that is in both.
pub fn runs(old: &Report, new: &Report) -> Vec<Comparison> {
    let (before, after) = (cases(old), cases(new));
    let both = after.iter().filter_map(|((case, route), deliveries)| {
        let earlier = before.get(&(case.clone(), route.clone()))?;
        let sides = (side(old, route, earlier), side(new, route, deliveries));
        Some(compare(case, sides, earlier, deliveries))
    });
    both.collect()
}

/// By `suite/case` and route.
fn cases(report: &Report) -> BTreeMap<(String, String), ByMailbox<'_>> {
    let mut found: BTreeMap<(String, String), ByMailbox<'_>> = BTreeMap::new();
    for judged in &report.deliveries {
        let Some(id) = id(judged) else { continue };
        let case = (format!("{}/{}", id.suite, id.case), id.route.clone());
        found
            .entry(case)
            .or_default()
            .entry(&id.mailbox)
            .or_default()
            .push(judged);
    }
    found
}

fn id(judged: &JudgedDelivery) -> Option<&DeliveryId> {
    match &judged.evidence.subject {
        Subject::Delivery(delivery) => Some(&delivery.id),
        Subject::File(_) => None,
    }
}

fn state(judged: &JudgedDelivery) -> PlacementState {
    Placement::of(&judged.evidence).map_or(PlacementState::Pending, |placement| placement.state)
}

fn side(report: &Report, route: &str, deliveries: &ByMailbox<'_>) -> Side {
    let all = || deliveries.values().flatten();
    let first = all().filter_map(|judged| judged.evidence.arrival.seen()?.sightings.first());
    let mut times: Vec<u64> = first.clone().map(|seen| seen.after_ms).collect();
    times.sort_unstable();
    let width = |seen: &Sighting| seen.after_ms.saturating_sub(seen.absent_until_ms.unwrap_or(0));
    Side {
        run: report.id.clone(),
        route: route.to_owned(),
        deliveries: all().count(),
        inbox: all()
            .filter(|judged| [PlacementState::Inbox, PlacementState::Tab].contains(&state(judged)))
            .count(),
        unknown: all()
            .filter(|judged| [PlacementState::MailboxError, PlacementState::Pending].contains(&state(judged)))
            .count(),
        p50_ms: nearest_rank(&times, 50),
        p95_ms: nearest_rank(&times, 95),
        resolution_ms: first.map(width).max().unwrap_or(0),
    }
}

fn compare(case: &str, (old, new): (Side, Side), before: &ByMailbox<'_>, after: &ByMailbox<'_>) -> Comparison {
    let category = after
        .values()
        .flatten()
        .next()
        .map_or(Category::Transactional, |judged| judged.policy.category);
    Comparison {
        case: case.to_owned(),
        category,
        old,
        new,
        differences: differences(before, after),
        waived: reasons(after, |finding| finding.waived.is_some()),
        readiness: readiness(before, after),
    }
}

/// What differs, the same difference of several mailboxes once.
fn differences(before: &ByMailbox<'_>, after: &ByMailbox<'_>) -> Vec<Difference> {
    let mut found: BTreeMap<(Aspect, String, String), Vec<String>> = BTreeMap::new();
    for (mailbox, new) in after {
        let Some(old) = before.get(mailbox) else { continue };
        for Trait { aspect, old, new } in compare_sides::traits(old, new) {
            found.entry((aspect, old, new)).or_default().push((*mailbox).to_owned());
        }
    }
    let told = found.into_iter().map(|((aspect, old, new), mailboxes)| Difference {
        aspect,
        mailboxes,
        old,
        new,
    });
    told.collect()
}

/// Ready only where every mailbox that was reached the old way was looked into the new way, and nothing failed there.
fn readiness(before: &ByMailbox<'_>, after: &ByMailbox<'_>) -> Readiness {
    let failed = reasons(after, |finding| finding.verdict == Verdict::Fail);
    if !failed.is_empty() {
        return Readiness::NotReady(failed);
    }
    let mut unknown = reasons(after, |finding| finding.verdict == Verdict::Blind);
    let missing = before.keys().filter(|mailbox| !after.contains_key(*mailbox));
    unknown.extend(missing.map(|mailbox| format!("{mailbox} was not tried the new way")));
    match unknown.is_empty() {
        true => Readiness::Ready,
        false => Readiness::Unknown(unknown),
    }
}

/// `gmail-1: placement.spam`, each once, at most [`TOLD`].
fn reasons(deliveries: &ByMailbox<'_>, wanted: impl Fn(&Finding) -> bool) -> Vec<String> {
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (mailbox, judged) in deliveries {
        for finding in judged
            .iter()
            .flat_map(|judged| &judged.findings)
            .filter(|finding| wanted(finding))
        {
            found.entry(&finding.reason).or_default().insert(mailbox);
        }
    }
    let more = found.len().saturating_sub(TOLD);
    let mut told: Vec<String> = found
        .into_iter()
        .take(TOLD)
        .map(|(reason, mailboxes)| format!("{reason} at {}", Vec::from_iter(mailboxes).join(", ")))
        .collect();
    if more > 0 {
        told.push(format!("and {more} more"));
    }
    told
}
