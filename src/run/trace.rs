//! Asks the logs of a route's sending services what became of a delivery.

use super::plan::Planned;
use crate::checks::esp_events::complete;
use crate::mail::reading::Reading;
use crate::model::{EspAnswer, EspStory, EspTrace, Evidence, LogKind, Reason, SendOutcome, Submission};
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
        let answer = match evidence.submission.as_ref().and_then(handed_over) {
            None => EspAnswer::NotAsked(Reason::new("not-sent", "the message was not handed over")),
            Some(since) => ask(log, planned, evidence, since, stop).await,
        };
        traces.push(EspTrace {
            log: log.kind,
            asked_at: OffsetDateTime::now_utc(),
            answer,
        });
    }
    traces
}

/// When a message was handed over that is now in the service's hands, or may be.
pub(super) fn handed_over(submission: &Submission) -> Option<OffsetDateTime> {
    let last = submission.tries.last()?;
    matches!(last.outcome, SendOutcome::Accepted(_) | SendOutcome::Unknown(_)).then_some(last.at)
}

async fn ask(
    log: &Log,
    planned: &Planned,
    evidence: &Evidence,
    since: OffsetDateTime,
    stop: &CancellationToken,
) -> EspAnswer {
    let delivered = evidence.raw().map(Reading::new);
    let id = delivered.as_ref().and_then(|reading| own_id(log.kind, reading));
    let id = id.or_else(|| answered(log.kind, planned, evidence.submission.as_ref()?));
    let wanted = wanted(planned, id.as_deref(), delivered.is_some(), since);
    let findable = id.is_some() || can_be_found(log.kind, planned);
    let until = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        let story = match log.story(wanted).await {
            Ok(story) => story,
            Err(why) => return EspAnswer::Blind(why),
        };
        if story.id.is_none() && story.suppression.is_none() && !findable {
            let why = "nothing in this message tells it apart in this log";
            return EspAnswer::NotAsked(Reason::new("not-findable", why));
        }
        if no_more(&story, planned, evidence) || Instant::now() + pause >= until {
            return EspAnswer::Told(story);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return EspAnswer::Told(story),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The id that this log's service answered at submission.
pub(super) fn answered(log: LogKind, planned: &Planned, submission: &Submission) -> Option<String> {
    let id = submission.esp_id().filter(|_| Some(log) == planned.service);
    id.map(str::to_owned)
}

/// The question about a delivery.
pub(super) fn wanted<'a>(planned: &'a Planned, id: Option<&'a str>, seen: bool, since: OffsetDateTime) -> Wanted<'a> {
    Wanted {
        token: &planned.delivery.token,
        id,
        recipient: &planned.envelope_to,
        person: &planned.person,
        topic: planned.topic.as_deref(),
        seen,
        since,
    }
}

/// Could this log know the message as ours without its id? Postmark by its metadata, which a campaign's own message does not bring along;
/// Customer.io by an address that is of this message alone.
pub(super) fn can_be_found(log: LogKind, planned: &Planned) -> bool {
    match log {
        LogKind::Postmark => !planned.policy.triggered,
        LogKind::CustomerIo => planned.envelope_to != planned.person,
    }
}

/// A message that was not seen is asked about once: the looking has taken its time already.
fn no_more(story: &EspStory, planned: &Planned, evidence: &Evidence) -> bool {
    evidence.raw().is_none() || complete(story, evidence, &planned.policy.contract)
}

/// The service's id in the delivered message. What does not look like one is none: it becomes part of a URL.
fn own_id(log: LogKind, reading: &Reading<'_>) -> Option<String> {
    let id = match log {
        LogKind::Postmark => reading.header("X-PM-Message-Id")?.unfolded().trim().to_owned(),
        LogKind::CustomerIo => {
            let mailer = reading.header("X-Mailer")?.unfolded();
            let rest = mailer.trim().strip_prefix("Customer.io (")?;
            rest.split([';', ')']).next()?.trim().to_owned()
        }
    };
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
    let is_id = (1..=128).contains(&id.len()) && id.bytes().all(plain);
    is_id.then_some(id)
}
