//! Unsubscribe drills at the command line: what is said before one, and what is done about one that did not end.

use super::terminal;
use crate::model::Route;
use crate::net::Net;
use crate::route::Log;
use crate::run::plan::Plan;
use crate::run::pool::RouteKeys;
use crate::run::reactivation;
use crate::store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// Reactivates what drills of earlier runs left unsubscribed, and tells of it.
pub(super) async fn take_up(store: &Store, logs: &BTreeMap<String, Vec<Log>>, world: &str) {
    for line in reactivation::leftovers(store, logs, world).await {
        terminal::note(&line);
    }
}

/// The logs of routes, with the keys to them.
pub(super) fn logs(
    routes: &BTreeMap<String, Route>,
    keys: &BTreeMap<String, RouteKeys>,
    net: &Net,
) -> BTreeMap<String, Vec<Log>> {
    let of = |(name, route): (&String, &Route)| {
        let keys = keys.get(name).cloned().unwrap_or_default();
        (name.clone(), logs_of(route, &keys, net))
    };
    routes.iter().map(of).collect()
}

/// The logs of one route.
pub(super) fn logs_of(route: &Route, keys: &RouteKeys, net: &Net) -> Vec<Log> {
    let pairs = route.logs.iter().zip(&keys.logs);
    pairs
        .map(|(log, key)| Log::new(log, key.clone(), net.clone()).track(keys.track.clone()))
        .collect()
}

/// What drills would do, for a dry run.
pub(super) fn preview(plan: &Plan) -> String {
    let line = |(planned, drill): (&crate::run::plan::Planned, &crate::run::plan::Rehearsal)| {
        let id = &planned.delivery.id;
        format!(
            "  drill: {} would be unsubscribed from {} by one click, sent {} again and {} by {}, and reactivated\n",
            planned.envelope_to, id.route, id.case, drill.terms.receipt, drill.terms.receipt_route
        )
    };
    plan.drills().map(line).collect()
}

/// What must be said before anybody agrees.
pub(super) fn warning(plan: &Plan) -> String {
    let seeds: BTreeSet<&str> = plan.drills().map(|(planned, _)| planned.envelope_to.as_str()).collect();
    match seeds.len() {
        0 => String::new(),
        1 => "; the drill will unsubscribe and reactivate 1 seed".to_owned(),
        several => format!("; the drill will unsubscribe and reactivate {several} seeds"),
    }
}
