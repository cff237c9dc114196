//! Retries (`--retries N`): after what an attempt is followed by the next.
//!
//! A retry is a new attempt with a token, a journal row and evidence of its own: what may have been sent is never sent again. Only what
//! another message could tell something about is tried again: late, missing, or certainly not taken by the route. What a route or a
//! provider decided (refused, suppressed, spam) and what is wrong with the message itself would be the same once more, and of what nobody knows
//! (an answer that was lost, a mailbox that is closed) another message tells nothing.

use super::deliver;
use super::plan::Planned;
use super::send;
use super::travel::Shared;
use crate::model::{CheckId, JudgedDelivery, RunEvent, SendOutcome, Verdict};

/// Failures that another message may not have.
const PASSING: [&str; 3] = ["arrival.late", "arrival.missing", "placement.missing"];

/// Carries a delivery through, and its spare attempts as far as they are needed.
pub async fn deliver(shared: &Shared, mut planned: Planned) -> Vec<JudgedDelivery> {
    let spares = std::mem::take(&mut planned.spares);
    let mut judged = vec![deliver::deliver(shared, planned).await];
    for spare in spares {
        let again = judged.last().is_some_and(worth_another);
        if !again || shared.stop.is_cancelled() {
            break;
        }
        shared.tell(RunEvent::Again {
            id: spare.delivery.id.clone(),
            attempt: spare.delivery.attempt,
        });
        judged.push(deliver::deliver(shared, spare).await);
    }
    judged
}

/// Can another message tell something that this attempt did not?
pub fn worth_another(judged: &JudgedDelivery) -> bool {
    let outcome = judged.evidence.submission.as_ref().and_then(|sent| sent.outcome());
    match outcome {
        Some(SendOutcome::Accepted(_)) => passing(judged),
        Some(SendOutcome::Deferred(_)) => no_failure(judged),
        Some(SendOutcome::NotSent { code, .. }) => send::may_pass(code) && no_failure(judged),
        Some(SendOutcome::Unknown(_) | SendOutcome::Refused(_) | SendOutcome::Suppressed(_)) | None => false,
    }
}

/// Are there failures, all of them of the kind that may pass, and does nobody miss a look at the mailbox?
fn passing(judged: &JudgedDelivery) -> bool {
    let mut failed = failures(judged).peekable();
    let looked = !judged.findings.iter().any(|finding| {
        finding.verdict == Verdict::Blind && matches!(finding.check, CheckId::Arrival | CheckId::Placement)
    });
    looked && failed.peek().is_some() && failed.all(|reason| PASSING.contains(&reason))
}

/// It was not taken: that is all that is known, unless the case expects it so.
fn no_failure(judged: &JudgedDelivery) -> bool {
    failures(judged).next().is_none() && judged.verdict() == Verdict::Blind
}

fn failures(judged: &JudgedDelivery) -> impl Iterator<Item = &str> {
    let failed = judged
        .findings
        .iter()
        .filter(|finding| finding.verdict == Verdict::Fail);
    failed.map(|finding| finding.reason.as_str())
}
