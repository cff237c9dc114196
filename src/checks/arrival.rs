//! `arrival`: did it arrive, within the budget?

use super::check::{Check, Needs, Rule, Subject};
use super::{fate, words};
use crate::mail::received::{self, Received};
use crate::model::report::{RunFinding, Unjudged};
use crate::model::{Arrival, CheckId, Finding, PlacementState, Probe, SendOutcome, Sighting, Verdict};

const ID: CheckId = CheckId::Arrival;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "arrives within the budget",
    explain: "Time from the route's acceptance (our clock) to the first sighting in the seed mailbox. A sighting is as exact as the looking: \
the message came after the beginning of the last look that did not have it, and before the look that did. It is late only if that earlier look was already \
past the budget (`within`). Where the two looks straddle the budget, the provider's own Received stamp, corrected by its clock skew, decides; without it \
the check warns. Late is not missing: `missing` means that every selectable folder was swept after the end of `give_up`. Where the route's log says that the message \
bounced for good or was held back, the waiting ends there, after one complete look at every folder; the log's word is told.\n\
Why it matters: a code or a receipt that comes after the reader gave up has not come, and what is lost nobody on the sending side sees.\n\
What to do: when late, read the hops in the report, the slow one names the party. When rejected: the provider's text says why.",
    sources: &[
        "RFC 5321 §4.4 (the stamp of a Received line)",
        "RFC 9051 §2.3.3 (INTERNALDATE)",
    ],
    reasons: &[
        ("ok", "seen within the budget"),
        (
            "unjudged",
            "the run has not come to its end: it was killed, or it is still going on",
        ),
        ("unreadable", "the saved message could not be read"),
        ("as-expected", "it did not arrive, and the case expects that"),
        ("late", "seen, but the last look without it was already past the budget"),
        (
            "within-resolution",
            "the looks straddle the budget and nothing finer is known",
        ),
        (
            "missing",
            "every folder was swept after the end of the looking, and it is nowhere",
        ),
        ("rejected", "the route or the provider refused it"),
        (
            "suppressed",
            "the route dropped it: the recipient is on its suppression list",
        ),
        ("unexpected", "it arrived although the case expects that it does not"),
        (
            "pending",
            "still under way, or its fate unknown, when the looking ended",
        ),
        ("not-sent", "it certainly was not sent"),
    ],
    needs: Needs::Delivery,
    follows: &[],
    run: Rule::Each(judge),
};

/// What is left of a delivery whose run has not come to its end: nothing is known of it, neither good nor bad.
pub fn unjudged(begun: &Unjudged) -> RunFinding {
    let finding = Finding::new(
        ID,
        Verdict::Blind,
        "unjudged",
        format!(
            "{} was begun and is not judged: the run was killed, or is still going on",
            begun.delivery
        ),
    );
    RunFinding {
        group: begun.delivery.clone(),
        finding: finding
            .with(
                "a judged delivery",
                format!("the journal's last word of attempt {}: {}", begun.attempt, begun.state),
            )
            .help(
                "It may have arrived, and is not sent again. `inboxqa resume RUN` looks for it and goes on with the run; a run in the lab can only be run anew.",
            ),
    }
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    vec![match &subject.evidence.arrival {
        Probe::Seen(arrival) => seen(subject, arrival),
        _ => not_seen(subject),
    }]
}

fn seen(subject: &Subject<'_>, arrival: &Arrival) -> Finding {
    let Some(first) = arrival.sightings.first() else {
        return Finding::new(ID, Verdict::Blind, "pending", "the arrival has no recorded sighting");
    };
    let policy = subject.policy;
    if policy.placement.iter().all(|word| fate::is_absence(word)) && !policy.placement.is_empty() {
        return Finding::new(
            ID,
            Verdict::Fail,
            "unexpected",
            "it arrived, and the case expects that it does not",
        )
        .with(words::either(&policy.placement), observed(subject, first))
        .help("If the recipient should be suppressed, look at the route's suppression list for this stream.");
    }
    let (verdict, code, decided) = in_time(subject, first);
    let took = words::duration(first.after_ms);
    let budget = words::duration(policy.within_ms);
    let summary = match code {
        "late" => format!("late: {took} after acceptance, the budget is {budget}"),
        "within-resolution" => {
            format!("{took} after acceptance, the budget of {budget} lies within the resolution of the looking")
        }
        _ => format!("arrived {took} after acceptance"),
    };
    let help = match code {
        "late" => {
            "The hops in the report show where the time went: the gap before the provider's first Received line is the route's."
        }
        "within-resolution" => "Poll this mailbox more often, or give the budget more room.",
        _ => "",
    };
    let expected = format!("seen within {budget} of acceptance");
    Finding::new(ID, verdict, code, summary)
        .with(expected, format!("{}{decided}", observed(subject, first)))
        .help(help)
}

/// The verdict on a sighting, and what decided it where the looking alone could not.
fn in_time(subject: &Subject<'_>, first: &Sighting) -> (Verdict, &'static str, String) {
    let within = subject.policy.within_ms;
    if first.after_ms <= within {
        return (Verdict::Pass, "ok", String::new());
    }
    if first.absent_until_ms.is_some_and(|absent| absent >= within) {
        return (Verdict::Fail, "late", String::new());
    }
    let Some((hop, after)) = provider_stamp(subject) else {
        return (Verdict::Warn, "within-resolution", String::new());
    };
    let by = hop.by.as_deref().unwrap_or("the provider");
    let told = format!(
        "; Received by {by} {} after acceptance on our clock (stamp of 1 s resolution)",
        words::signed(after)
    );
    // A stamp is cut to the second: the true moment lies in [after, after + 1 s).
    let within = i64::try_from(within).unwrap_or(i64::MAX);
    match () {
        () if after.saturating_add(1_000) <= within => (Verdict::Pass, "ok", told),
        () if after > within => (Verdict::Fail, "late", told),
        () => (Verdict::Warn, "within-resolution", told),
    }
}

/// The provider's topmost stamped Received line, in ms after acceptance on our clock; `None` where the stamp, the skew or the
/// acceptance is not known. What stands above the line that took the message in is the provider's own.
fn provider_stamp<'a>(subject: &'a Subject<'_>) -> Option<(&'a Received, i64)> {
    let accepted = subject.evidence.submission.as_ref()?.accepted_at?;
    let skew = subject.evidence.watch.clock_skew_ms?;
    let lines = subject.reading.received();
    received::trusted_client(lines, &subject.policy.provider.received_by)?;
    let (line, at) = lines.iter().find_map(|line| Some((line, line.at?)))?;
    let elapsed = i64::try_from((at - accepted).whole_milliseconds()).ok()?;
    Some((line, elapsed.saturating_sub(skew)))
}

fn observed(subject: &Subject<'_>, first: &Sighting) -> String {
    let took = words::duration(first.after_ms);
    let looked = match first.absent_until_ms {
        Some(absent) => format!(
            "the look that began at {} did not have it (resolution {})",
            words::duration(absent),
            words::duration(first.after_ms.saturating_sub(absent))
        ),
        None => format!("no earlier look (resolution {took})"),
    };
    let mut text = format!("seen in {} {took} after acceptance; {looked}", first.folder);
    if let Some(date) = first.internal_date {
        text += &format!("; INTERNALDATE {}", words::moment(date));
    }
    if let Some(skew) = subject.evidence.watch.clock_skew_ms {
        text += &format!("; the provider's clock is {} against ours", words::signed(skew));
    }
    text
}

fn not_seen(subject: &Subject<'_>) -> Finding {
    let expected = words::either(&subject.policy.placement);
    let (state, told) = fate::of(subject.evidence);
    if subject.policy.placement.contains(&state.to_string()) {
        return Finding::new(
            ID,
            Verdict::Pass,
            "as-expected",
            format!("did not arrive, as expected: {state}"),
        )
        .with(expected, told);
    }
    let expected = format!("seen within {}", words::duration(subject.policy.within_ms));
    let (verdict, code, help) = match state {
        PlacementState::Missing => (Verdict::Fail, "missing", fate::who_knows(subject.evidence)),
        PlacementState::Rejected => (
            Verdict::Fail,
            "rejected",
            "The reply names the reason; its enhanced code (RFC 3463) tells whether address, policy or content is meant.",
        ),
        PlacementState::Suppressed => (
            Verdict::Fail,
            "suppressed",
            "Take the seed off the route's suppression list, or expect `suppressed`.",
        ),
        _ if was_not_sent(subject) => (
            Verdict::Blind,
            "not-sent",
            "Nothing is known about delivery, because nothing was sent: `inboxqa doctor` tests the route's login.",
        ),
        _ => (
            Verdict::Blind,
            "pending",
            "Neither arrived nor lost when the looking ended: give it more time (`give_up`), or ask the route's log.",
        ),
    };
    let summary = match code {
        "missing" => "missing: it is in no folder of the mailbox".to_owned(),
        "rejected" => format!("rejected: {}", fate::refusal(subject.evidence)),
        "suppressed" => "suppressed by the route".to_owned(),
        "not-sent" => "it was not sent".to_owned(),
        _ => "still under way when the looking ended".to_owned(),
    };
    Finding::new(ID, verdict, code, summary).with(expected, told).help(help)
}

fn was_not_sent(subject: &Subject<'_>) -> bool {
    let outcome = subject
        .evidence
        .submission
        .as_ref()
        .and_then(|submission| submission.outcome());
    matches!(outcome, None | Some(SendOutcome::NotSent { .. }))
}
