//! Floor 3, pure: what is right and wrong about a delivery. One file a check, one row a check in [`CHECKS`].
//!
//! A new check is: a variant of `model::CheckId`, a file here with `pub const CHECK: Check`, its `mod` line and its row below,
//! a test file `tests/it/checks/<id>.rs` and a folder `tests/data/checks/<id>/`. A test holds the bijection.
//! What a check needs to be judged at all is decided in one place too, in `needs`, so that a rule holds only its own matter.

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
mod needs;
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
use crate::model::{CheckId, Evidence, Finding, Gate, JudgedDelivery, Policy, Severity, Verdict};

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
    match needs::unmet(check, subject) {
        Some(finding) => vec![finding],
        None => rule(subject)
            .into_iter()
            .map(|finding| soften(finding, severity))
            .collect(),
    }
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
