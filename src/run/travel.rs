//! One message on its way: registered with the watcher, sent, watched for. And what all messages of a run share.

use super::hearsay::{self, Waits};
use super::past::Past;
use super::plan::Planned;
use super::pool::Pool;
use super::send::{self, Handed};
use crate::mailbox::{Timing, Watcher};
use crate::model::{Arrival, EspId, Probe, Reason, RunEvent, SendOutcome, Submission, Token, WatchLog, Why};
use crate::net::Net;
use crate::store::{Baseline, Store};
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A mailbox of the run, after its baseline was read.
pub enum Seed {
    /// Being watched.
    Ready {
        /// The watcher.
        watcher: Watcher,
        /// The durable baseline.
        baseline: Baseline,
    },
    /// Could not be looked into: nothing is sent there.
    Blind(Why),
}

/// What all deliveries of a run share.
pub struct Shared {
    /// Run id.
    pub run: String,
    /// The door.
    pub net: Net,
    /// The journal.
    pub store: Store,
    /// Workers by route name.
    pub pools: BTreeMap<String, Pool>,
    /// Seeds by mailbox name.
    pub seeds: BTreeMap<String, Seed>,
    /// Active lab faults by attempt.
    pub faults: BTreeMap<Token, Vec<String>>,
    /// When sending began.
    pub began: Instant,
    /// No new intents.
    pub stop: CancellationToken,
    /// What an earlier process of the run did.
    pub past: Past,
    /// How many deliveries may ask DNS and HTTP at once.
    pub gathering: Semaphore,
    /// Where events go.
    pub events: mpsc::UnboundedSender<RunEvent>,
}

/// What became of a message: handed over or not, seen or not, and how it was looked for.
pub type Travelled = (Option<Submission>, Probe<Arrival>, WatchLog);

/// Carries one message to its seed.
pub async fn travel(shared: &Shared, planned: &Planned, waits: Waits) -> Travelled {
    match shared.seeds.get(&planned.delivery.id.mailbox) {
        Some(Seed::Ready { watcher, baseline }) => watched(shared, planned, watcher, baseline, waits).await,
        Some(Seed::Blind(why)) => (None, Probe::Blind(why.clone()), WatchLog::default()),
        None => (
            None,
            Probe::Blind(Why::new("imap-no-session", "the mailbox was not opened")),
            WatchLog::default(),
        ),
    }
}

async fn watched(
    shared: &Shared,
    planned: &Planned,
    watcher: &Watcher,
    baseline: &Baseline,
    waits: Waits,
) -> Travelled {
    let id = &planned.delivery.id;
    let Some(pool) = shared.pools.get(&id.route) else {
        return (
            None,
            Probe::NotAsked(Reason::new("no-route", "the route was not opened")),
            WatchLog::default(),
        );
    };
    let token = &planned.delivery.token;
    let past = shared.past.sent(token);
    let resumed_at = OffsetDateTime::now_utc();
    let (ticket, handed) = match past {
        Some(sent) => (watcher.expect_since(token.clone(), sent.since()), sent.handed(planned)),
        None => {
            let start = shared.began + Duration::from_millis(planned.start_ms);
            tokio::select! {
                () = tokio::time::sleep_until(start) => {}
                // The sender says what became of it: it was stopped before it was sent.
                () = shared.stop.cancelled() => {}
            }
            let ticket = watcher.expect(token.clone());
            let handed = send::send(&shared.run, planned, pool, &shared.store, baseline, &shared.stop).await;
            (ticket, handed)
        }
    };
    let outcome = handed.submission.outcome().map(outcome_word).unwrap_or_default();
    shared.tell(RunEvent::Sent {
        id: id.clone(),
        outcome,
    });
    let Handed { submission, from } = handed;
    if let Some(id) = known_as(planned, &submission) {
        ticket.teller().known_as(id);
    }
    let Some((accepted, accepted_at)) = from else {
        let arrival = Probe::NotAsked(why_not_watched(submission.outcome()));
        return (Some(submission), arrival, WatchLog::default());
    };
    let give_up = Duration::from_millis(planned.policy.give_up_ms);
    let timing = Timing {
        accepted,
        accepted_at,
        give_up: past.map_or(give_up, |sent| sent.give_up(give_up)),
        quiet: Duration::from_millis(planned.policy.quiet_ms),
    };
    let mut watched = hearsay::watch(ticket, timing, pool.logs(), planned, &submission, waits).await;
    if let Some(first) = watched.arrival.seen().and_then(|arrival| arrival.sightings.first()) {
        shared.tell(RunEvent::Seen {
            id: id.clone(),
            folder: first.folder.clone(),
            after_ms: first.after_ms,
        });
    }
    if let Some(sent) = past {
        sent.tell_gap(&mut watched.log, resumed_at);
    }
    (Some(submission), watched.arrival, watched.log)
}

/// The id that the service will write into the message, where its answer told one.
fn known_as(planned: &Planned, submission: &Submission) -> Option<EspId> {
    EspId::new(planned.service?, submission.esp_id()?)
}

impl Shared {
    /// Tells those who watch the run go on.
    pub fn tell(&self, event: RunEvent) {
        // Nobody listening is fine: events decide nothing.
        let _ = self.events.send(event);
    }
}

fn why_not_watched(outcome: Option<&SendOutcome>) -> Reason {
    match outcome {
        Some(SendOutcome::Refused(reply)) => Reason::new("send-refused", reply.to_string()),
        Some(SendOutcome::Suppressed(text)) => Reason::new("suppressed", text.clone()),
        Some(SendOutcome::Deferred(reply)) => Reason::new("send-deferred", reply.to_string()),
        Some(SendOutcome::NotSent { code, text }) => Reason::new(code.clone(), text.clone()),
        _ => Reason::new("not-sent", "it was not sent"),
    }
}

fn outcome_word(outcome: &SendOutcome) -> String {
    match outcome {
        SendOutcome::Accepted(_) => "accepted".to_owned(),
        SendOutcome::Refused(reply) => format!("refused: {reply}"),
        SendOutcome::Suppressed(text) => format!("suppressed: {text}"),
        SendOutcome::Deferred(reply) => format!("deferred: {reply}"),
        SendOutcome::Unknown(text) => format!("unknown: {text}"),
        SendOutcome::NotSent { text, .. } => format!("not sent: {text}"),
    }
}
