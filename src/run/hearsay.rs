//! Asks the logs while a message is watched for: their word that it bounced or was held back ends the waiting, after one more look; the id
//! that they know it by helps to recognise it.

use super::plan::Planned;
use super::trace::{answered, can_be_found, handed_over, wanted};
use crate::mailbox::{Teller, Ticket, Timing, Watched};
use crate::model::{EspId, Submission, WatchEnd};
use crate::route::Log;
use std::pin::pin;
use std::time::Duration;
use time::OffsetDateTime;

/// Most messages are there before a log is worth asking.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// May a log's word end the waiting?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// Yes: a message that bounced will not come.
    UntilSaid,
    /// No: it is the log that is put to the test.
    ToTheEnd,
}

/// Watches for a message that was handed over.
pub async fn watch(
    ticket: Ticket,
    timing: Timing,
    logs: &[Log],
    planned: &Planned,
    submission: &Submission,
    waits: Waits,
) -> Watched {
    let teller = ticket.teller();
    let logs = if waits == Waits::UntilSaid { logs } else { &[] };
    let mut watching = pin!(ticket.watch(timing));
    let end = tokio::select! {
        biased;
        watched = &mut watching => return watched,
        end = word(logs, planned, submission, &teller, timing) => end,
    };
    teller.hurry();
    let mut watched = watching.await;
    if watched.arrival.seen().is_none() {
        watched.log.ended_by = Some(end);
    }
    watched
}

/// The first log's word that the message will not come; never, where none says so. A log that can not be asked now is asked again.
async fn word(logs: &[Log], planned: &Planned, submission: &Submission, teller: &Teller, timing: Timing) -> WatchEnd {
    let since = handed_over(submission).unwrap_or(timing.accepted_at);
    let ids = logs.iter().map(|log| (log, answered(log.kind, planned, submission)));
    let asked: Vec<(&Log, Option<String>)> = ids
        .filter(|(log, id)| id.is_some() || can_be_found(log.kind, planned))
        .collect();
    if asked.is_empty() {
        return std::future::pending().await;
    }
    let mut pause = FIRST_PAUSE;
    loop {
        tokio::time::sleep(pause).await;
        for (log, id) in &asked {
            if let Some(said) = ask(log, id.as_deref(), planned, since, teller).await {
                return WatchEnd {
                    log: log.kind,
                    after_ms: u64::try_from(timing.accepted.elapsed().as_millis()).unwrap_or(u64::MAX),
                    said,
                };
            }
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

async fn ask(log: &Log, id: Option<&str>, planned: &Planned, since: OffsetDateTime, teller: &Teller) -> Option<String> {
    let story = log.story(wanted(planned, id, false, since)).await.ok()?;
    if let Some(id) = story.id.as_deref().and_then(|id| EspId::new(log.kind, id)) {
        teller.known_as(id);
    }
    story.end().map(|event| event.detail.clone())
}
