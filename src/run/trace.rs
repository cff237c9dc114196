//! Asks the logs of a route's sending services what became of a delivery.

use super::plan::Planned;
use crate::mail::reading::Reading;
use crate::model::{
    EspEventKind, EspStory, EspTrace, Evidence, LogKind, Probe, Purpose, Reason, SendOutcome, Submission,
};
use crate::route::{Log, Wanted};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// How long a log may lag behind the mailbox: it notes deliveries, opens and clicks some seconds after they happened.
const PATIENCE: Duration = Duration::from_secs(20);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// One answer a log. A message that was not handed over is nothing to ask about.
pub async fn trace(logs: &[Log], planned: &Planned, evidence: &Evidence, stop: &CancellationToken) -> Vec<EspTrace> {
    let mut traces = Vec::new();
    for log in logs {
        let story = match evidence.submission.as_ref().and_then(handed_over) {
            None => Probe::NotAsked(Reason::new("not-sent", "the message was not handed over")),
            Some(since) => ask(log, planned, evidence, since, stop).await,
        };
        traces.push(EspTrace {
            log: log.kind,
            asked_at: OffsetDateTime::now_utc(),
            story,
        });
    }
    traces
}

/// When a message was handed over that is now in the service's hands, or may be.
fn handed_over(submission: &Submission) -> Option<OffsetDateTime> {
    let last = submission.tries.last()?;
    matches!(last.outcome, SendOutcome::Accepted(_) | SendOutcome::Unknown(_)).then_some(last.at)
}

async fn ask(
    log: &Log,
    planned: &Planned,
    evidence: &Evidence,
    since: OffsetDateTime,
    stop: &CancellationToken,
) -> Probe<EspStory> {
    let delivered = evidence.raw().map(Reading::new);
    let id = delivered.as_ref().and_then(|reading| own_id(log.kind, reading));
    let sent = Reading::new(&planned.raw);
    let subject = sent.subject().unwrap_or_default();
    let wanted = Wanted {
        token: &planned.delivery.token,
        id: id.as_deref(),
        recipient: &planned.envelope_to,
        subject: &subject,
        since,
    };
    let until = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let story = match log.story(wanted).await {
            Ok(story) => story,
            Err(why) => return Probe::Blind(why),
        };
        if evidence.raw().is_none() || complete(&story, evidence) || Instant::now() + pause >= until {
            return Probe::Seen(story);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return Probe::Seen(story),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The service's id in the delivered message.
fn own_id(log: LogKind, reading: &Reading<'_>) -> Option<String> {
    let header = match log {
        LogKind::Postmark => "X-PM-Message-Id",
    };
    let id = reading.header(header)?.unfolded().trim().to_owned();
    (!id.is_empty()).then_some(id)
}

/// Nothing more is to be waited for: the delivery is noted, and what we fetched ourselves is counted, where it is counted at all.
fn complete(story: &EspStory, evidence: &Evidence) -> bool {
    let fetched = |purpose: Purpose| {
        evidence
            .urls
            .iter()
            .any(|probe| probe.purpose == purpose && !probe.hops.is_empty())
    };
    let counted = |counts: Option<bool>, purpose, event| counts == Some(false) || !fetched(purpose) || story.has(event);
    story.has(EspEventKind::Delivered)
        && counted(story.counts_opens, Purpose::Pixel, EspEventKind::Opened)
        && counted(story.counts_clicks, Purpose::Link, EspEventKind::Clicked)
}
