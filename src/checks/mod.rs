//! Floor 3, pure: what is right and wrong about a delivery. One file a check, one row a check in [`CHECKS`].
//!
//! A new check is: a variant of `model::CheckId`, a file here with `pub const CHECK: Check`, its `mod` line and its row below,
//! a test file `tests/it/checks/<id>.rs` and a folder `tests/data/checks/<id>/`. A test holds the bijection.
//! What a check needs to be judged at all is decided here, once, so that a rule holds only its own matter.

pub mod arrival;
pub mod arrival_percentile;
mod bulk_rules;
mod bulk_sender;
pub mod bulk_sender_gmail;
pub mod bulk_sender_microsoft;
pub mod bulk_sender_yahoo;
pub mod check;
pub mod client_marks;
pub mod client_support;
pub mod content_intact;
pub mod dkim_signature;
pub mod dkim_strength;
pub mod dmarc;
mod dmarc_readings;
pub mod double_tracking;
pub mod duplicate;
pub mod esp_events;
pub mod event_latency;
mod fate;
pub mod from_alignment;
pub mod from_identity;
pub mod from_name_consistency;
mod header_form;
pub mod header_hygiene;
pub mod images;
pub mod inbox_rate;
pub mod link_destination;
pub mod link_health;
pub mod link_rewrite;
pub mod list_unsubscribe;
pub mod merge_tags;
pub mod message_size;
pub mod open_pixel;
pub mod placement;
pub mod preheader;
pub mod provider_verdict;
mod sample;
pub mod spam_score;
pub mod spf;
mod spf_told;
mod spoken_for;
pub mod staging_leak;
mod standing;
pub mod stream;
pub mod suppression;
pub mod text_part;
pub mod transport_tls;
pub mod unsubscribe_drill;
pub mod unsubscribe_link;
mod web;
mod word_changes;
pub mod words;

pub use check::{Check, Needs, Rule, Subject};
pub use dmarc_readings::over as dmarc_readings;
pub use spoken_for::row as alignment_row;

use crate::mail::reading::Reading;
use crate::model::report::RunFinding;
use crate::model::{
    CheckId, EspAnswer, Evidence, Finding, Gate, JudgedDelivery, Placement, PlacementState, Policy, Probe, Severity,
    Subject as About, Verdict,
};

/// Every check, in catalogue order.
pub static CHECKS: &[Check] = &[
    arrival::CHECK,
    placement::CHECK,
    duplicate::CHECK,
    from_alignment::CHECK,
    dkim_signature::CHECK,
    dkim_strength::CHECK,
    spf::CHECK,
    dmarc::CHECK,
    provider_verdict::CHECK,
    transport_tls::CHECK,
    from_identity::CHECK,
    stream::CHECK,
    header_hygiene::CHECK,
    link_rewrite::CHECK,
    link_destination::CHECK,
    link_health::CHECK,
    double_tracking::CHECK,
    open_pixel::CHECK,
    list_unsubscribe::CHECK,
    unsubscribe_link::CHECK,
    unsubscribe_drill::CHECK,
    suppression::CHECK,
    content_intact::CHECK,
    merge_tags::CHECK,
    message_size::CHECK,
    text_part::CHECK,
    images::CHECK,
    preheader::CHECK,
    staging_leak::CHECK,
    client_support::CHECK,
    spam_score::CHECK,
    esp_events::CHECK,
    bulk_sender_gmail::CHECK,
    bulk_sender_yahoo::CHECK,
    bulk_sender_microsoft::CHECK,
    arrival_percentile::CHECK,
    inbox_rate::CHECK,
    event_latency::CHECK,
    from_name_consistency::CHECK,
];

/// Reasons that any check may give without its rule being asked.
pub const COMMON_REASONS: &[(&str, &str)] = &[
    ("turned-off", "the suite or the case turned this check off"),
    ("not-observed", "the message was not seen, so there is nothing to judge"),
    ("not-a-delivery", "a saved message was not sent and watched by us"),
    (
        "html-alone",
        "an HTML file has no header section, no text part, and was not sent",
    ),
    ("headers-cut", "the header section is too long to be read to its end"),
    ("not-verified", "nobody asked DNS, so signatures were not verified"),
    ("mailbox-error", "the mailbox could not be looked into"),
];

/// The checks that an HTML file can be held to: the others judge a message, or what routes and mailboxes did to it.
const OF_HTML: &[CheckId] = &[
    CheckId::LinkHealth,
    CheckId::UnsubscribeLink,
    CheckId::MergeTags,
    CheckId::MessageSize,
    CheckId::Images,
    CheckId::Preheader,
    CheckId::StagingLeak,
    CheckId::ClientSupport,
];

/// The check with this id, for `inboxqa explain`.
pub fn explain(id: CheckId) -> &'static Check {
    let row = CHECKS.iter().find(|check| check.id == id);
    row.expect("every id has its row: the registry test holds the bijection")
}

/// Judges one delivery: every check answers, in catalogue order. Pure; the same evidence gives the same findings.
pub fn judge(evidence: &Evidence, policy: &Policy) -> Vec<Finding> {
    let reading = Reading::new(evidence.raw().unwrap_or_default());
    let original = evidence.original.as_ref().map(|raw| Reading::new(&raw.0));
    let subject = Subject {
        reading: &reading,
        original: original.as_ref(),
        evidence,
        policy,
    };
    let mut findings: Vec<Finding> = CHECKS.iter().flat_map(|check| judge_one(check, &subject)).collect();
    findings.sort_by_key(|finding| finding.check);
    findings
}

/// Judges a whole run by the gate its suite states.
pub fn judge_run(deliveries: &[JudgedDelivery], gate: &Gate) -> Vec<RunFinding> {
    let mut found = Vec::new();
    for check in CHECKS {
        let Rule::Run(rule) = check.run else { continue };
        let severity = loudest(deliveries, check.id);
        for mut judged in rule(deliveries, gate) {
            judged.finding = match severity {
                Severity::Off => turned_off(check.id),
                severity => soften(judged.finding, severity),
            };
            found.push(judged);
        }
    }
    found.sort_by(|left, right| (left.finding.check, &left.group).cmp(&(right.finding.check, &right.group)));
    found
}

fn judge_one(check: &Check, subject: &Subject<'_>) -> Vec<Finding> {
    let Rule::Each(rule) = check.run else { return Vec::new() };
    let severity = severity_of(subject.policy, check.id);
    if severity == Severity::Off {
        return vec![turned_off(check.id)];
    }
    match unmet(check, subject) {
        Some(finding) => vec![finding],
        None => rule(subject)
            .into_iter()
            .map(|finding| soften(finding, severity))
            .collect(),
    }
}

/// The finding that stands in for a rule whose needs are not met.
fn unmet(check: &Check, subject: &Subject<'_>) -> Option<Finding> {
    let evidence = subject.evidence;
    let placement = Placement::of(evidence);
    let is_file = matches!(evidence.subject, About::File(_));
    let skip = |code, summary: String| Some(Finding::new(check.id, Verdict::Skip, code, summary));
    let not_observed = || {
        let state = placement
            .as_ref()
            .map_or("not known".to_owned(), |placement| placement.state.to_string());
        skip(
            "not-observed",
            format!("not judged: the message was not seen (placement: {state})"),
        )
    };
    match check.needs {
        Needs::Delivery if is_file && check.id == CheckId::Arrival && evidence.raw().is_none() => {
            Some(unreadable(check.id, evidence))
        }
        _ if subject.is_template() && evidence.raw().is_some() && !OF_HTML.contains(&check.id) => skip(
            "html-alone",
            "not judged: an HTML file has no header section and no text part, and was not sent".to_owned(),
        ),
        Needs::Delivery | Needs::Log | Needs::Sighting if is_file => skip(
            "not-a-delivery",
            "not judged: a saved message was not sent and watched by us".to_owned(),
        ),
        Needs::Log if evidence.esp.is_empty() => skip(
            "no-log",
            "not judged: the route states no log that could be asked".to_owned(),
        ),
        Needs::Log
            if evidence
                .esp
                .iter()
                .all(|trace| matches!(&trace.answer, EspAnswer::NotAsked(reason) if reason.code == "not-sent")) =>
        {
            skip(
                "not-asked",
                "not judged: the message was not handed over, so there is nothing to ask about".to_owned(),
            )
        }
        Needs::Delivery | Needs::Log
            if placement
                .as_ref()
                .is_some_and(|placement| placement.state == PlacementState::MailboxError) =>
        {
            Some(mailbox_error(check.id, evidence))
        }
        Needs::Drill if evidence.drill.is_none() => {
            skip("not-asked", "not drilled: the case asks for no drill".to_owned())
        }
        Needs::Sighting if evidence.arrival.seen().is_none() => not_observed(),
        Needs::Message | Needs::Verification if evidence.raw().is_none() => not_observed(),
        Needs::Verification if evidence.authentication.as_ref().is_none_or(|found| found.offline) => skip(
            "not-verified",
            "not judged: signatures were not verified, nobody asked DNS".to_owned(),
        ),
        Needs::Verification if subject.reading.headers().truncated => Some(header_form::cut(check.id)),
        _ => None,
    }
}

/// A saved message that is there and can not be read is told once, by the first check of all.
fn unreadable(id: CheckId, evidence: &Evidence) -> Finding {
    let detail = match &evidence.arrival {
        Probe::Blind(why) => why.detail.clone(),
        _ => "there are no bytes".to_owned(),
    };
    Finding::new(id, Verdict::Blind, "unreadable", "the saved message could not be read")
        .with("a message that can be read", detail)
        .help("Nothing is known about this message, neither good nor bad. The other messages were judged.")
}

fn mailbox_error(id: CheckId, evidence: &Evidence) -> Finding {
    let (code, detail) = match &evidence.arrival {
        Probe::Blind(why) => (why.code.as_str(), why.detail.as_str()),
        _ => ("unknown", "no reason recorded"),
    };
    let gaps: String = evidence
        .watch
        .gaps
        .iter()
        .map(|gap| format!("; gap from {}: {} ({})", words::moment(gap.from), gap.code, gap.detail))
        .collect();
    Finding::new(
        id,
        Verdict::Blind,
        "mailbox-error",
        format!("the mailbox could not be looked into: {code}"),
    )
    .with("a mailbox that can be looked into", format!("{detail}{gaps}"))
    .help(
        "Nothing is known about this delivery, neither good nor bad. `inboxqa doctor` tests the login and the folders.",
    )
}

fn turned_off(id: CheckId) -> Finding {
    Finding::new(id, Verdict::Skip, "turned-off", "turned off by the suite or the case")
}

fn severity_of(policy: &Policy, id: CheckId) -> Severity {
    policy.severity.get(&id).copied().unwrap_or(Severity::Fail)
}

/// `warn` turns a failure into a warning; blindness stays what it is.
fn soften(mut finding: Finding, severity: Severity) -> Finding {
    if severity == Severity::Warn && finding.verdict == Verdict::Fail {
        finding.verdict = Verdict::Warn;
    }
    finding
}

/// A run-level check is as loud as the loudest of the deliveries it is about.
fn loudest(deliveries: &[JudgedDelivery], id: CheckId) -> Severity {
    let rank = |severity: &Severity| match severity {
        Severity::Off => 0,
        Severity::Warn => 1,
        Severity::Fail => 2,
    };
    deliveries
        .iter()
        .map(|delivery| severity_of(&delivery.policy, id))
        .max_by_key(rank)
        .unwrap_or(Severity::Fail)
}
