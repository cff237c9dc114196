//! `event-latency`: from the event that triggers a message to the message in the mailbox, and which part of that is the campaign's.

use super::check::{Check, Needs, Rule};
use super::{sample, words};
use crate::model::report::RunFinding;
use crate::model::{
    CheckId, EspTrace, Evidence, Finding, Gate, JudgedDelivery, Placement, PlacementState, Probe, Subject, Verdict,
};
use time::OffsetDateTime;

const ID: CheckId = CheckId::EventLatency;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "a triggered message comes within the gate after its trigger",
    explain: "Acts only when the suite states a gate (`gate = { event = \"20s\" }`), on deliveries that an event or a broadcast triggers and that are to arrive. The time runs from the \
service's answer to the trigger until the message was first seen, on our clock. Where the service's log tells when it made the message, the time is split: \
what lies before is the campaign's (delays, filters, queues), what lies behind is delivery. The log's stamps are of the service's clock, to the second. \
A time that passes the gate only within the resolution of the looking warns.\n\
Why it matters: an order confirmation that comes after the customer has called support has failed, however healthy its delivery was.\n\
What to do: where the campaign's part is long, look for a delay or a time window in the workflow, and for segments that are computed first.",
    sources: &["Customer.io, Event-triggered campaigns and the App API (messages)"],
    reasons: &[
        ("ok", "every triggered message came within the gate"),
        ("late", "a triggered message came later than the gate"),
        ("never", "a triggered message did not come"),
        (
            "within-resolution",
            "later than the gate by less than the resolution of the looking",
        ),
        ("unknown", "it hangs on deliveries of which nothing is known"),
        ("no-events", "nothing was triggered by an event"),
    ],
    needs: Needs::Run,
    follows: &[],
    run: Rule::Run(judge),
};

/// One triggered delivery against the gate, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    Never,
    Late,
    Unknown,
    Close,
    InTime,
}

fn judge(deliveries: &[JudgedDelivery], gate: &Gate) -> Vec<RunFinding> {
    let Some(limit) = gate.event_ms else { return Vec::new() };
    let triggered = deliveries
        .iter()
        .filter(|delivery| delivery.policy.triggered && sample::is_to_arrive(delivery));
    let mut told: Vec<(Outcome, String)> = triggered.map(|delivery| one(&delivery.evidence, limit)).collect();
    told.sort();
    vec![RunFinding {
        group: String::new(),
        finding: finding(&told, limit),
    }]
}

fn finding(told: &[(Outcome, String)], limit: u64) -> Finding {
    let Some((worst, _)) = told.first() else {
        return Finding::new(ID, Verdict::Skip, "no-events", "nothing was triggered by an event");
    };
    let like: Vec<&str> = told
        .iter()
        .filter(|(outcome, _)| outcome == worst)
        .map(|(_, words)| words.as_str())
        .collect();
    let budget = words::duration(limit);
    let (verdict, code, summary) = match worst {
        Outcome::Never => (Verdict::Fail, "never", "a triggered message did not come".to_owned()),
        Outcome::Late => (
            Verdict::Fail,
            "late",
            format!("{} of {} came later than {budget}", like.len(), told.len()),
        ),
        Outcome::Unknown => (
            Verdict::Blind,
            "unknown",
            "it hangs on deliveries of which nothing is known".to_owned(),
        ),
        Outcome::Close => (
            Verdict::Warn,
            "within-resolution",
            format!("later than {budget} by less than the resolution of the looking"),
        ),
        Outcome::InTime => (Verdict::Pass, "ok", format!("all {} within {budget}", told.len())),
    };
    let help = match worst {
        Outcome::Never | Outcome::Late | Outcome::Close => {
            "Where the campaign's part is long, look for a delay or a time window in the workflow; else at the hops of the message."
        }
        Outcome::Unknown => "Find out why those could not be looked at (`inboxqa doctor`), and run again.",
        Outcome::InTime => "",
    };
    Finding::new(ID, verdict, code, summary)
        .with(format!("seen within {budget} of the trigger"), like.join("\n"))
        .help(help)
}

fn one(evidence: &Evidence, limit: u64) -> (Outcome, String) {
    let name = match &evidence.subject {
        Subject::Delivery(delivery) => delivery.id.to_string(),
        Subject::File(file) => file.clone(),
    };
    let first = match &evidence.arrival {
        Probe::Seen(arrival) => arrival.sightings.first(),
        _ => None,
    };
    let Some(first) = first else {
        let state = Placement::of(evidence).map(|placement| placement.state);
        let unknown = [PlacementState::MailboxError, PlacementState::Pending];
        let outcome = match state {
            Some(state) if !unknown.contains(&state) => Outcome::Never,
            _ => Outcome::Unknown,
        };
        let state = state.map_or("not known".to_owned(), |state| state.to_string());
        return (outcome, format!("{name}: {state}"));
    };
    let earliest = first.absent_until_ms.unwrap_or(0);
    let outcome = match (first.after_ms > limit, earliest > limit) {
        (false, _) => Outcome::InTime,
        (true, true) => Outcome::Late,
        (true, false) => Outcome::Close,
    };
    let resolution = words::duration(first.after_ms - earliest.min(first.after_ms));
    let whole = words::duration(first.after_ms);
    let split = split(evidence, first.after_ms).unwrap_or_default();
    (outcome, format!("{name}: {whole} (resolution {resolution}){split}"))
}

/// The campaign's part and the delivery's, where a log tells when the message was made.
fn split(evidence: &Evidence, whole_ms: u64) -> Option<String> {
    let from = evidence.submission.as_ref()?.accepted_at?;
    let stories = evidence.esp.iter().filter_map(EspTrace::story);
    let made = stories.filter_map(|story| story.created_at).min()?;
    let campaign = seconds(from, made);
    let delivery = (whole_ms / 1_000).saturating_sub(campaign);
    Some(format!(
        ", of which the campaign took {campaign} s and delivery {delivery} s (by the service's clock, to the second)"
    ))
}

fn seconds(from: OffsetDateTime, to: OffsetDateTime) -> u64 {
    u64::try_from((to - from).whole_seconds()).unwrap_or(0)
}
