//! The sending side of one delivery, and the only caller of `submit`. Each try has its own durable intent; a try whose
//! outcome is not certain ends the sending for good. From `intend` to `settle` nothing may be dropped half-way: the stop
//! signal is read only before an intent is made.

use super::plan::Planned;
use super::pool::Pool;
use crate::model::{SendOutcome, Submission, TlsFacts, Try};
use crate::store::{Baseline, Store};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The first pause before a refused-for-now message is tried again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// Connections that fail before the message are tried this often.
const CONNECT_TRIES: usize = 3;

/// What came of sending.
pub struct Handed {
    /// All tries.
    pub submission: Submission,
    /// From when arrival counts: the acceptance, or the start of a try without an answer.
    pub from: Option<(Instant, OffsetDateTime)>,
}

/// Hands one message to its route.
pub async fn send(
    run: &str,
    planned: &Planned,
    pool: &Pool,
    store: &Store,
    baseline: &Baseline,
    stop: &CancellationToken,
) -> Handed {
    let give_up = Instant::now() + Duration::from_millis(planned.policy.give_up_ms);
    let mut tries: Vec<Try> = Vec::new();
    let mut tls = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let (last, from) = one_try(run, planned, pool, store, baseline, stop, &mut tls).await;
        let again = worth_another(&last.outcome, tries.len() + 1);
        tries.push(last);
        if let Some(from) = from {
            return handed(planned, tries, tls, Some(from));
        }
        if !again || Instant::now() + pause >= give_up {
            return handed(planned, tries, tls, None);
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return handed(planned, tries, tls, None),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn handed(
    planned: &Planned,
    tries: Vec<Try>,
    tls: Option<TlsFacts>,
    from: Option<(Instant, OffsetDateTime)>,
) -> Handed {
    let accepted = tries
        .last()
        .is_some_and(|last| matches!(last.outcome, SendOutcome::Accepted(_)));
    let submission = Submission {
        envelope_from: planned.envelope_from.clone(),
        envelope_to: planned.envelope_to.clone(),
        accepted_at: from.map(|(_, at)| at).filter(|_| accepted),
        tries,
        tls,
    };
    Handed { submission, from }
}

/// One try, from intent to settled row. The instant is given where the message may now be under way.
async fn one_try(
    run: &str,
    planned: &Planned,
    pool: &Pool,
    store: &Store,
    baseline: &Baseline,
    stop: &CancellationToken,
    tls: &mut Option<TlsFacts>,
) -> (Try, Option<(Instant, OffsetDateTime)>) {
    let loan = tokio::select! {
        loan = pool.take() => loan,
        () = stop.cancelled() => None,
    };
    let Some(mut loan) = loan.filter(|_| !stop.is_cancelled()) else {
        return (not_sent("interrupted", "stopped before it was sent"), None);
    };
    let intent = match store
        .intend(run, &planned.delivery, baseline, &planned.envelope_to)
        .await
    {
        Ok(intent) => intent,
        Err(error) => {
            pool.give(loan).await;
            return (
                not_sent(
                    "journal",
                    &format!("the journal could not be written, so nothing was sent: {error}"),
                ),
                None,
            );
        }
    };
    let began = (Instant::now(), OffsetDateTime::now_utc());
    let sent = match &planned.request {
        Some(request) => loan.worker.request(intent, request).await,
        None => loan.worker.submit(intent, &planned.envelope_from, &planned.raw).await,
    };
    let ended = (Instant::now(), OffsetDateTime::now_utc());
    *tls = loan.worker.tls().or(tls.take());
    pool.give(loan).await;
    let settled = match store.settle(sent).await {
        Ok(settled) => settled,
        Err(error) => {
            let text = format!("the route answered, but the journal could not keep the answer: {error}");
            Try {
                at: began.1,
                outcome: SendOutcome::Unknown(text),
                esp_id: None,
            }
        }
    };
    let from = match settled.outcome {
        SendOutcome::Accepted(_) => Some(ended),
        SendOutcome::Unknown(_) => Some(began),
        _ => None,
    };
    (settled, from)
}

fn not_sent(code: &str, text: &str) -> Try {
    let outcome = SendOutcome::NotSent {
        code: code.to_owned(),
        text: text.to_owned(),
    };
    Try {
        at: OffsetDateTime::now_utc(),
        outcome,
        esp_id: None,
    }
}

/// Only what was certainly not sent is tried again: a 4xx until the time is over, a failed connection a few times. A refused
/// login is not (accounts get locked), nor a broken certificate.
fn worth_another(outcome: &SendOutcome, tries: usize) -> bool {
    match outcome {
        SendOutcome::Deferred(_) => true,
        SendOutcome::NotSent { code, .. } => may_pass(code) && tries < CONNECT_TRIES,
        _ => false,
    }
}

/// May what kept the message from being sent be over soon?
pub(super) fn may_pass(code: &str) -> bool {
    matches!(
        code,
        "connect" | "refused" | "timeout" | "dns-timeout" | "dns-failed" | "lost"
    )
}
