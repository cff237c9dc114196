//! `esp-events`: does the sending service's own log tell the same story as the mailbox?

use super::check::{Check, Needs, Rule, Subject};
use super::{fate, web};
use crate::mail::vendors;
use crate::model::route::Tracking;
use crate::model::{
    CheckId, Contract, EspAnswer, EspEventKind, EspFate, EspStory, EspTrace, Evidence, Finding, Purpose, Verdict,
};

const ID: CheckId = CheckId::EspEvents;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the sending service's log agrees with the mailbox",
    explain: "Asks the log of the sending service (`[route.NAME.log]`) about this very message and compares: a message that arrived must not be logged as \
bounced or suppressed; one that did not is explained by its bounce, its suppression or the queue, and that decides its placement (rejected, suppressed, \
pending). Where our one request of the pixel and of a tracked link succeeded, the log must show an open and a click.\n\
Why it matters: dashboards, suppression lists and \"did they get it?\" answers of the support team all come from this log.\n\
What to do: on a contradiction look whether the log belongs to another server or account than the one that sends; where opens or clicks are not counted, \
whether tracking is on for this stream, and whether the service leaves out requests of machines.",
    sources: &[
        "Postmark, Messages and Bounce API",
        "Customer.io, App API (messages) and reporting metrics",
    ],
    reasons: &[
        ("ok", "log and mailbox agree"),
        ("explains", "it did not arrive, and the log says why"),
        (
            "contradiction",
            "it arrived, and the log says that it was not delivered",
        ),
        ("open-not-counted", "the pixel was loaded, and the log shows no open"),
        (
            "click-not-counted",
            "a tracked link was followed, and the log shows no click",
        ),
        ("lagging", "it arrived, and the log has not noted the delivery yet"),
        ("unlisted", "the log does not know the message"),
        (
            "delivered-nowhere",
            "the log says that the receiving server took it, and it is nowhere in the mailbox",
        ),
        ("no-explanation", "it did not arrive, and the log does not say why"),
        ("unreachable", "the log could not be asked"),
        (
            "not-asked",
            "the message was not handed over, so there is nothing to ask about",
        ),
        (
            "not-findable",
            "nothing in the message tells it apart in this log, so the log can not be asked about it",
        ),
        (
            "not-reached",
            "this log does not know the message, and that of a service before it says why",
        ),
        ("no-log", "the route states no log"),
    ],
    needs: Needs::Log,
    follows: &[],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let traces = subject.evidence.esp.iter();
    traces.filter_map(|trace| of_log(subject, trace)).collect()
}

fn of_log(subject: &Subject<'_>, trace: &EspTrace) -> Option<Finding> {
    let log = trace.log;
    Some(match &trace.answer {
        EspAnswer::Told(story) if subject.evidence.arrival.seen().is_some() => arrived(subject, trace, story),
        EspAnswer::Told(story) if story.fate() == EspFate::Unlisted && held_before(subject.evidence) => {
            let summary = format!("it did not come as far as {log}: another service's log says why");
            Finding::new(ID, Verdict::Skip, "not-reached", summary)
        }
        EspAnswer::Told(story) => not_seen(trace, story),
        EspAnswer::Blind(why) => Finding::new(
            ID,
            Verdict::Blind,
            "unreachable",
            format!("the log of {log} could not be asked"),
        )
        .with("an answer of the log", format!("{}: {}", why.code, why.detail))
        .help("Nothing is known from this log. Look at its token and at the service's status page."),
        EspAnswer::NotAsked(reason) if reason.code == "not-findable" => {
            Finding::new(ID, Verdict::Skip, "not-findable", fate::logged(trace))
        }
        EspAnswer::NotAsked(_) => return None,
    })
}

/// Does a log say that its service did not hand the message on?
fn held_before(evidence: &Evidence) -> bool {
    matches!(evidence.esp_fate(), Some(EspFate::Dropped(_) | EspFate::UnderWay(_)))
}

/// Nothing more is to be waited for: the delivery is noted, and what we fetched ourselves is counted, where it is counted at all.
pub fn complete(story: &EspStory, evidence: &Evidence, contract: &Contract) -> bool {
    story.has(EspEventKind::Delivered) && uncounted(evidence, contract, story).is_none()
}

fn arrived(subject: &Subject<'_>, trace: &EspTrace, story: &EspStory) -> Finding {
    let log = trace.log;
    let told = told(trace, story);
    let (verdict, code, summary, help) = match story.fate() {
        EspFate::Bounced(_) | EspFate::Dropped(_) => (
            Verdict::Fail,
            "contradiction",
            format!("it arrived, and {log} says that it was not delivered"),
            "Look whether a second message was sent, and whether this log belongs to the server that sends.",
        ),
        EspFate::Unlisted => (
            Verdict::Warn,
            "unlisted",
            format!("it arrived, and {log} does not know it"),
            "The token of the log must be of the server that sends; it finds messages by the metadata `inboxqa`.",
        ),
        EspFate::Sent | EspFate::UnderWay(_) => (
            Verdict::Warn,
            "lagging",
            format!("it arrived, and {log} has not noted the delivery yet"),
            "Support and reports see this message as not delivered for as long as the log lags.",
        ),
        EspFate::Delivered => match uncounted(subject.evidence, &subject.policy.contract, story) {
            Some((code, what)) => (
                Verdict::Warn,
                code,
                format!("{log} did not count {what}"),
                "Look whether tracking is on for this stream, and whether the service leaves out requests of machines.",
            ),
            None => (Verdict::Pass, "ok", format!("{log} says the same: {told}"), ""),
        },
    };
    let expected = "delivered, and what was loaded and followed is counted";
    Finding::new(ID, verdict, code, summary).with(expected, told).help(help)
}

fn not_seen(trace: &EspTrace, story: &EspStory) -> Finding {
    let summary = fate::logged(trace);
    let told = told(trace, story);
    let (verdict, code, help) = match story.fate() {
        EspFate::Bounced(_) | EspFate::Dropped(_) | EspFate::UnderWay(_) => (Verdict::Pass, "explains", ""),
        EspFate::Delivered => (
            Verdict::Warn,
            "delivered-nowhere",
            "The receiving server took it and shows it in no folder: it was dropped or quarantined after acceptance. Ask its postmaster with the \
             reply quoted here.",
        ),
        EspFate::Sent | EspFate::Unlisted => (
            Verdict::Warn,
            "no-explanation",
            "Look into the service's own activity page; the log finds messages by the metadata `inboxqa` or their id.",
        ),
    };
    Finding::new(ID, verdict, code, summary)
        .with("a story that explains what the mailbox shows", told)
        .help(help)
}

/// What we loaded or followed successfully and the log did not count, although it counts.
fn uncounted(evidence: &Evidence, contract: &Contract, story: &EspStory) -> Option<(&'static str, &'static str)> {
    let pixel = fetched(evidence, Purpose::Pixel, &contract.opens);
    let link = fetched(evidence, Purpose::Link, &contract.clicks);
    if pixel && story.counts_opens != Some(false) && !story.has(EspEventKind::Opened) {
        return Some(("open-not-counted", "the open, though the pixel was loaded"));
    }
    (link && story.counts_clicks != Some(false) && !story.has(EspEventKind::Clicked))
        .then_some(("click-not-counted", "the click, though a tracked link was followed"))
}

/// Did a URL of the tracking host answer as it should?
fn fetched(evidence: &Evidence, purpose: Purpose, tracking: &Tracking) -> bool {
    let Tracking::Host { host, .. } = tracking else {
        return false;
    };
    let mut probes = evidence.urls.iter().filter(|probe| probe.purpose == purpose);
    probes.any(|probe| {
        let of_host = vendors::host(&probe.url).is_some_and(|found| web::host_is(host, &found));
        let first = probe.hops.first().and_then(|hop| hop.status);
        of_host && first.is_some_and(|status| (200..400).contains(&status))
    })
}

/// Every event with its time.
fn told(trace: &EspTrace, story: &EspStory) -> String {
    let Some(id) = &story.id else {
        return fate::logged(trace);
    };
    let events: Vec<String> = story.events.iter().map(|event| event.detail.clone()).collect();
    let stream = story
        .stream
        .as_deref()
        .map(|stream| format!(", stream {stream}"))
        .unwrap_or_default();
    let events = match events.is_empty() {
        true => "no event yet".to_owned(),
        false => events.join(", "),
    };
    format!("message {id}{stream}: {events}")
}
