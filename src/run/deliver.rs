//! The story of one delivery: registered with the watcher, sent, watched for, gathered, judged, kept.

use super::hearsay::Waits;
use super::plan::Planned;
use super::travel::{Shared, travel};
use super::{drill, gather, judge, trace};
use crate::model::{Drill, Evidence, JudgedDelivery, Placement, Probe, Reason, RunEvent, WatchLog, Why};

/// Carries one delivery through.
pub async fn deliver(shared: &Shared, planned: Planned) -> JudgedDelivery {
    let id = planned.delivery.id.clone();
    if let Some(judged) = shared.past.judged(&planned.delivery.token) {
        return judged.clone();
    }
    let (submission, arrival, log) = travel(shared, &planned, Waits::UntilSaid).await;
    let mut evidence = {
        let _permit = shared.gathering.acquire().await;
        let faults = shared.faults.get(&planned.delivery.token).cloned().unwrap_or_default();
        gather::gather(&shared.net, &planned, submission, arrival, log, faults).await
    };
    if let Some(pool) = shared.pools.get(&id.route) {
        evidence.esp = trace::trace(pool.logs(), &planned, &evidence, &shared.stop).await;
    }
    if let Some(rehearsal) = &planned.drill {
        evidence.drill = Some(match shared.past.sent(&planned.delivery.token) {
            Some(_) => Drill::not_pressed(rehearsal.terms.clone(), interrupted()),
            None => drill::drill(shared, &planned, rehearsal, &evidence).await,
        });
    }
    let judged = judge::judge(evidence, planned.policy);
    if let Err(error) = shared.store.save(&shared.run, &judged).await {
        shared.tell(RunEvent::Note(format!(
            "the evidence of {id} could not be kept: {error}"
        )));
    }
    shared.tell(RunEvent::Judged {
        id,
        verdict: judged.verdict(),
        placement: placement_word(&judged),
        after_ms: judged
            .evidence
            .arrival
            .seen()
            .and_then(|arrival| arrival.sightings.first())
            .map(|seen| seen.after_ms),
    });
    judged
}

/// How far the drill of a message had come when its run was interrupted nobody can tell: it is not done twice.
fn interrupted() -> Reason {
    Reason::new(
        "interrupted",
        "the run was interrupted after the message was handed over, and the drill may have begun",
    )
}

/// The evidence of a delivery whose task broke down: nothing is known of it.
pub fn broken_down(planned: &Planned) -> Evidence {
    let why = Why::new(
        "internal",
        "this delivery's task broke down; whether it was sent is in the journal",
    );
    gather::bare(planned, None, Probe::Blind(why), WatchLog::default(), Vec::new())
}

fn placement_word(judged: &JudgedDelivery) -> String {
    match Placement::of(&judged.evidence) {
        Some(Placement {
            state, tab: Some(tab), ..
        }) => format!("{state}:{tab}"),
        Some(placement) => placement.state.to_string(),
        None => String::new(),
    }
}
