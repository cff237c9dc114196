//! What a check needs to be judged at all: where it is not there, the rule is not asked, and a skip or blindness stands in for it.

use super::check::{Check, Needs, Subject};
use super::{header_form, words};
use crate::model::{
    CheckId, EspAnswer, Evidence, Finding, Placement, PlacementState, Probe, Subject as About, Verdict,
};

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

/// The finding that stands in for a rule whose needs are not met.
pub(super) fn unmet(check: &Check, subject: &Subject<'_>) -> Option<Finding> {
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
