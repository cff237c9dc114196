//! Undoes what an unsubscribe drill did, and only that: at its end, or at the next start where it did not come to its end.

use crate::model::{Reactivation, Suppression, Why};
use crate::route::Log;
use crate::store::{Begun, Settled, Store, Unfinished, Unsubscribing};
use std::collections::BTreeMap;
use time::{Duration, OffsetDateTime};

/// Clocks differ; what was on the list before was seen before the drill began, which then did not begin.
const SLACK: Duration = Duration::minutes(5);
/// Until then an entry may still turn up that a POST without an answer asked for.
const LATE: Duration = Duration::minutes(10);

/// Takes the seed off the list, where the drill put it there, and settles the row. `certain`: the drill waited long enough that what is
/// not on the list now will not be.
pub async fn lift(store: &Store, log: &Log, what: &Unsubscribing, begun: Begun, certain: bool) -> Reactivation {
    let (end, settled) = match log.suppressed(&what.stream, &what.address).await {
        Err(why) => return Reactivation::Left(why),
        Ok(None) if certain => (Reactivation::NotNeeded, Settled::Nothing),
        Ok(None) => {
            let text = "nothing is on the list yet, and it was not waited for to the end";
            return Reactivation::Left(Why::new("interrupted", text));
        }
        Ok(Some(entry)) if !is_ours(&entry, begun.at) => {
            let text = format!("{entry} is an entry that the drill did not make");
            (Reactivation::Refused(text), Settled::Stuck)
        }
        Ok(Some(_)) => match log.reactivate(&what.stream, &what.address).await {
            Ok(()) => (Reactivation::Done, Settled::Reactivated),
            Err(why) if why.code == "not-lifted" => (Reactivation::Refused(why.detail), Settled::Stuck),
            Err(why) => return Reactivation::Left(why),
        },
    };
    // A row that stays open is looked at once more, and nothing is found then.
    match store.settle_drill(begun, settled).await {
        Ok(()) => end,
        Err(error) => Reactivation::Left(error.why()),
    }
}

/// Pressing "unsubscribe" makes a manual suppression by the recipient, or a person who has unsubscribed. A complaint or a bounce is
/// somebody else's.
fn is_ours(entry: &Suppression, begun: OffsetDateTime) -> bool {
    let kind = ["ManualSuppression", "unsubscribed"].contains(&entry.reason.as_str());
    kind && entry.origin == "Recipient" && entry.since.is_none_or(|since| since >= begun - SLACK)
}

/// Takes up the drills that earlier processes left open, and tells of each. `logs` are those that can be asked now, by route.
pub async fn leftovers(store: &Store, logs: &BTreeMap<String, Vec<Log>>, world: &str) -> Vec<String> {
    let unfinished = match store.unfinished_drills().await {
        Ok(unfinished) => unfinished,
        Err(error) => return vec![format!("unfinished unsubscribe drills could not be looked up: {error}")],
    };
    let mut told = Vec::new();
    for drill in unfinished {
        told.extend(leftover(store, logs, world, drill).await);
    }
    told
}

async fn leftover(
    store: &Store,
    logs: &BTreeMap<String, Vec<Log>>,
    world: &str,
    Unfinished {
        begun,
        what,
        world: began_in,
    }: Unfinished,
) -> Option<String> {
    let seed = format!("{} on stream {} of route {}", what.address, what.stream, what.route);
    let drill = format!(
        "the unsubscribe drill of {} in run {} did not end",
        what.delivery, what.run
    );
    if began_in == "lab" {
        // That lab is gone, and its lists with it.
        return store
            .settle_drill(begun, Settled::Nothing)
            .await
            .err()
            .map(|error| error.to_string());
    }
    let mut listed = logs.get(&what.route).into_iter().flatten();
    let log = listed
        .find(|log| log.kind.to_string() == what.log)
        .filter(|_| world == began_in);
    let Some(log) = log else {
        let how = "a run or `inboxqa doctor` with a suite that uses this route takes it off the list";
        return Some(format!("{drill}: {seed} may still be unsubscribed; {how}"));
    };
    let certain = OffsetDateTime::now_utc() - begun.at >= LATE;
    Some(match lift(store, log, &what, begun, certain).await {
        Reactivation::Done => format!("{drill}: {seed} was unsubscribed and is reactivated now"),
        Reactivation::NotNeeded => format!("{drill}: {seed} is not unsubscribed, nothing had to be undone"),
        Reactivation::Refused(why) => stuck(&drill, &seed, &why),
        Reactivation::Left(why) => format!(
            "{drill}: {seed} may still be unsubscribed ({}); the next start looks again",
            why.detail
        ),
    })
}

fn stuck(drill: &str, seed: &str, why: &str) -> String {
    format!(
        "ATTENTION: {drill}, and {seed} STAYS UNSUBSCRIBED: {why}. Take it off the list by hand, or replace the seed"
    )
}
