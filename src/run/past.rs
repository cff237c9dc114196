//! What an earlier process of the same run did before it was interrupted: deliveries it judged, which stay as they are, and messages it
//! handed over, which are looked for and never sent again. What is neither was certainly not sent.

use super::plan::{Plan, Planned};
use super::send::Handed;
use crate::model::{Gap, JudgedDelivery, Probe, SendOutcome, Submission, Token, Try, Verdict, WatchLog};
use crate::store::PastTry;
use std::collections::BTreeMap;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::Instant;

/// A message that may have arrived long ago is looked for at least so long.
const LOOK: Duration = Duration::from_secs(30);

/// The past of a run.
#[derive(Debug, Default)]
pub struct Past {
    judged: BTreeMap<Token, JudgedDelivery>,
    sent: BTreeMap<Token, Sent>,
}

/// What of a plan is left to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Deliveries to be judged.
    pub deliveries: usize,
    /// Messages to be sent.
    pub messages: usize,
    /// Messages more at most, should deliveries come to nothing.
    pub spares: usize,
    /// When the first of them is due after the beginning of sending.
    pub start: Duration,
}

/// A message that is not sent again.
#[derive(Debug)]
pub struct Sent {
    tries: Vec<Try>,
    settled_at: OffsetDateTime,
}

impl Past {
    /// From what was stored of the run.
    pub fn of(deliveries: Vec<JudgedDelivery>, tries: Vec<PastTry>) -> Past {
        let mut past = Past::default();
        for judged in deliveries.into_iter().filter(|judged| !cut_off(judged)) {
            if let Some(delivery) = judged.delivery() {
                past.judged.insert(delivery.token.clone(), judged);
            }
        }
        let mut by_token: BTreeMap<Token, Sent> = BTreeMap::new();
        for tried in tries {
            let sent = by_token.entry(tried.token).or_insert_with(|| Sent {
                tries: Vec::new(),
                settled_at: tried.settled_at,
            });
            sent.settled_at = tried.settled_at;
            sent.tries.push(tried.told);
        }
        by_token.retain(|_, sent| sent.may_be_sent());
        past.sent = by_token;
        past
    }

    /// The judgement, where there is one.
    pub fn judged(&self, token: &Token) -> Option<&JudgedDelivery> {
        self.judged.get(token)
    }

    /// Its sending, where it may have been sent.
    pub fn sent(&self, token: &Token) -> Option<&Sent> {
        self.sent.get(token)
    }

    /// What of a plan is left to be done.
    pub fn left(&self, plan: &Plan) -> Left {
        let untouched = |planned: &Planned| self.is_untouched(&planned.delivery.token);
        let unsent: Vec<&Planned> = plan.deliveries.iter().filter(|planned| untouched(planned)).collect();
        let drills = unsent.iter().filter(|planned| planned.drill.is_some()).count();
        let open = plan
            .attempts()
            .filter(|planned| !planned.delivery.retry || self.sent(&planned.delivery.token).is_some());
        let open = open.filter(|planned| self.judged(&planned.delivery.token).is_none());
        let well = |planned: &&Planned| {
            let judged = self.judged(&planned.delivery.token);
            judged.is_some_and(|judged| !matches!(judged.verdict(), Verdict::Fail | Verdict::Blind))
        };
        let may_fail = plan.deliveries.iter().filter(|planned| !well(planned));
        let spares = may_fail.flat_map(|planned| &planned.spares);
        let start = unsent.iter().map(|planned| planned.start_ms).min();
        Left {
            deliveries: open.count(),
            messages: unsent.len() + 2 * drills,
            spares: spares.filter(|planned| untouched(planned)).count(),
            start: Duration::from_millis(start.unwrap_or(0)),
        }
    }

    /// Is there nothing of this attempt yet that could not be undone?
    pub fn is_untouched(&self, token: &Token) -> bool {
        self.judged(token).is_none() && self.sent(token).is_none()
    }
}

/// Was it the interruption that decided?
fn cut_off(judged: &JudgedDelivery) -> bool {
    let evidence = &judged.evidence;
    let outcome = evidence.submission.as_ref().and_then(|submission| submission.outcome());
    let not_sent = matches!(outcome, Some(SendOutcome::NotSent { code, .. }) if code == "interrupted");
    let not_seen = matches!(&evidence.arrival, Probe::Blind(why) if why.code == "interrupted");
    not_sent || not_seen
}

impl Sent {
    fn may_be_sent(&self) -> bool {
        let last = self.tries.last().map(|last| &last.outcome);
        !matches!(
            last,
            None | Some(SendOutcome::Deferred(_) | SendOutcome::NotSent { .. })
        )
    }

    /// As if it had just been handed over, but at its own time.
    pub fn handed(&self, planned: &Planned) -> Handed {
        let (accepted_at, from) = match self.tries.last() {
            Some(Try {
                outcome: SendOutcome::Accepted(_),
                ..
            }) => (Some(self.settled_at), Some(self.settled_at)),
            Some(Try {
                outcome: SendOutcome::Unknown(_),
                at,
                ..
            }) => (None, Some(*at)),
            _ => (None, None),
        };
        let submission = Submission {
            envelope_from: planned.envelope_from.clone(),
            envelope_to: planned.envelope_to.clone(),
            tries: self.tries.clone(),
            accepted_at,
            tls: None,
        };
        let from = from.map(|at| {
            let now = Instant::now();
            (now.checked_sub(passed(at)).unwrap_or(now), at)
        });
        Handed { submission, from }
    }

    /// How long ago its first try began.
    pub fn since(&self) -> Duration {
        self.tries.first().map_or(Duration::ZERO, |first| passed(first.at))
    }

    /// How long it is looked for, from its acceptance on: what is planned, and long enough for a look now.
    pub fn give_up(&self, planned: Duration) -> Duration {
        planned.max(passed(self.settled_at) + LOOK.min(planned))
    }

    /// In the time between nobody looked.
    pub fn tell_gap(&self, log: &mut WatchLog, until: OffsetDateTime) {
        let gap = Gap {
            from: self.settled_at,
            until: Some(until),
            code: "interrupted".to_owned(),
            detail: "the run was interrupted, and nobody looked until it was resumed".to_owned(),
        };
        log.gaps.insert(0, gap);
    }
}

fn passed(since: OffsetDateTime) -> Duration {
    Duration::try_from(OffsetDateTime::now_utc() - since).unwrap_or(Duration::ZERO)
}
