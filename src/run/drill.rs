//! The unsubscribe drill of one delivery: presses, looks at the list, sends the next message and a receipt, reactivates the seed. The
//! only place that presses. From the journal row to the reactivation nothing may be dropped half-way: the stop signal only shortens
//! the waiting.

use super::drill_lists::{self, Listing};
use super::hearsay::Waits;
use super::plan::{Planned, Rehearsal};
use super::pool::Pool;
use super::travel::{Shared, travel};
use super::{gather, trace};
use crate::checks::unsubscribe_drill::approve;
use crate::model::{
    Drill, Evidence, Followed, Listed, OneClick, Press, PressAnswer, Reactivation, Reason, RunEvent, Why,
};
use crate::net::{GetError, Net};
use crate::store::Begun;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Does the whole drill.
pub async fn drill(shared: &Shared, planned: &Planned, rehearsal: &Rehearsal, evidence: &Evidence) -> Drill {
    let started = begin(shared, planned, evidence).await;
    let Started { lists, rows, target } = match started {
        Ok(started) => started,
        Err(reason) => return Drill::not_pressed(rehearsal.terms.clone(), reason),
    };
    let uri = target.to_string();
    let pressed_at = Instant::now();
    let press = press(&shared.net, target, uri).await;
    let noted = Duration::from_millis(rehearsal.terms.noted_ms);
    let listed = match reached(&press) {
        true => listed(&lists, pressed_at, noted, &shared.stop).await,
        false => Listed::NotAsked(Reason::new("not-pressed", "the request did not leave")),
    };
    let none = || Followed::NotSent(Reason::new("not-unsubscribed", "the seed was not unsubscribed"));
    let mut drill = Drill {
        terms: rehearsal.terms.clone(),
        list: lists.iter().map(Listing::words).collect::<Vec<_>>().join("; "),
        press,
        listed,
        again: none(),
        receipt: none(),
        reactivation: Reactivation::NotNeeded,
    };
    if drill.unsubscribed() {
        (drill.again, drill.receipt) =
            tokio::join!(follow(shared, &rehearsal.again), follow(shared, &rehearsal.receipt));
    }
    let certain = !reached(&drill.press) || !shared.stop.is_cancelled();
    drill.reactivation = drill_lists::lift(&shared.store, &lists, rows, certain).await;
    if held_elsewhere(&drill) {
        let text = "the POST was answered 2xx and no list that was asked names the seed: another list may";
        drill.reactivation = Reactivation::Refused(text.to_owned());
    }
    tell_left(shared, &lists, &drill.reactivation);
    drill
}

/// The service said yes, its list says nothing, and the next message did not come: somebody else's list may hold the seed.
fn held_elsewhere(drill: &Drill) -> bool {
    let came = matches!(&drill.again, Followed::Sent(sent) if sent.arrival.seen().is_some());
    drill.reactivation == Reactivation::NotNeeded && drill.unsubscribed() && !came
}

/// What a drill that may press works with.
struct Started<'s> {
    lists: Vec<Listing<'s>>,
    rows: Vec<Begun>,
    target: OneClick,
}

/// Everything that must hold before anybody presses; ends with the journal rows.
async fn begin<'s>(shared: &'s Shared, planned: &Planned, evidence: &Evidence) -> Result<Started<'s>, Reason> {
    if evidence.arrival.seen().is_none() {
        return Err(Reason::new(
            "not-seen",
            "the message was not seen, so there is nothing to press",
        ));
    }
    let target = approve(evidence, &planned.policy)?;
    let logs = shared.pools.get(&planned.delivery.id.route).map_or(&[][..], Pool::logs);
    let lists = drill_lists::of(logs, &shared.run, planned, evidence);
    if lists.is_empty() {
        return Err(Reason::new("log-unreachable", "the route has no log with a list"));
    }
    drill_lists::free(&lists).await?;
    if shared.stop.is_cancelled() {
        return Err(Reason::new(
            "interrupted",
            "the run was stopped before the seed was unsubscribed",
        ));
    }
    let rows = drill_lists::begin(&shared.store, &lists).await?;
    Ok(Started { lists, rows, target })
}

async fn press(net: &Net, target: OneClick, uri: String) -> Press {
    let failed = |code: &str, text: String| Press::Failed {
        uri: uri.clone(),
        why: Why::new(code, text),
    };
    match net.press(target).await {
        Ok(answer) => Press::Answered(PressAnswer {
            uri,
            status: answer.status,
            location: answer.location,
            sets_cookie: answer.sets_cookie,
            elapsed_ms: answer.elapsed_ms,
        }),
        Err(GetError::Fenced(text)) => failed("fenced", text),
        Err(GetError::NotHttp(text)) => failed("not-https", text),
        Err(GetError::BadCertificate(text)) => failed("bad-certificate", text),
        Err(GetError::Failed { code, text }) => failed(&code, text),
    }
}

/// May the request have been received?
fn reached(press: &Press) -> bool {
    let kept = [
        "fenced",
        "not-https",
        "bad-certificate",
        "no-such-host",
        "dns-failed",
        "dns-timeout",
        "refused",
    ];
    match press {
        Press::NotPressed(_) => false,
        Press::Answered(_) => true,
        Press::Failed { why, .. } => !kept.contains(&why.code.as_str()),
    }
}

/// Asks the list until the seed is on it or the time is over.
async fn listed(lists: &[Listing<'_>], pressed_at: Instant, noted: Duration, stop: &CancellationToken) -> Listed {
    let mut pause = FIRST_PAUSE;
    loop {
        let found = drill_lists::entry(lists).await;
        let passed = u64::try_from(pressed_at.elapsed().as_millis()).unwrap_or(u64::MAX);
        match found {
            Ok(Some(entry)) => {
                return Listed::Seen {
                    after_ms: passed,
                    entry,
                };
            }
            Err(why) => return Listed::Blind(why),
            Ok(None) if pressed_at.elapsed() >= noted => return Listed::Absent { waited_ms: passed },
            Ok(None) => {}
        }
        let left = noted.saturating_sub(pressed_at.elapsed());
        tokio::select! {
            () = tokio::time::sleep(pause.min(left)) => {}
            () = stop.cancelled() => return Listed::Blind(Why::new("interrupted", "the run was stopped")),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Sends a further message, looks for it, and asks its log.
async fn follow(shared: &Shared, planned: &Planned) -> Followed {
    let (submission, arrival, log) = travel(shared, planned, Waits::ToTheEnd).await;
    if submission.is_none() {
        return Followed::NotSent(Reason::new("not-sent", "the mailbox or the route was not opened"));
    }
    let mut evidence = gather::bare(planned, submission, arrival, log, Vec::new());
    if let Some(pool) = shared.pools.get(&planned.delivery.id.route) {
        evidence.esp = trace::trace(pool.logs(), planned, &evidence, &shared.stop).await;
    }
    Followed::Sent(Box::new(evidence))
}

/// A seed that stays unsubscribed is told at once: whoever reads it can act.
fn tell_left(shared: &Shared, lists: &[Listing<'_>], end: &Reactivation) {
    let seed = lists.iter().map(Listing::seed).collect::<Vec<_>>().join(" or ");
    let text = match end {
        Reactivation::Done | Reactivation::NotNeeded => return,
        Reactivation::Refused(why) => {
            format!("ATTENTION: the drill's seed {seed} STAYS UNSUBSCRIBED: {why}. Take it off the list by hand")
        }
        Reactivation::Left(why) => {
            format!(
                "ATTENTION: the drill's seed {seed} may still be unsubscribed: {}. The next start tries again",
                why.detail
            )
        }
    };
    shared.tell(RunEvent::Note(text));
}
