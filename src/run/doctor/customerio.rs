//! A workspace of Customer.io's, asked by its App API: is the key right, does a campaign answer the events that the cases send, has a seed
//! unsubscribed?

use super::line::{Lines, line, unseen};
use super::patient::RouteToExamine;
use crate::model::route::RouteKind;
use crate::model::{Level, LogKind, Region, Secret, Why};
use crate::net::Net;
use crate::route::{Workspace, examine_customerio};

const AREA: &str = "customerio";

/// Nothing for a route that has nothing to do with Customer.io.
pub async fn examine(patient: &RouteToExamine, seeds: &[&str], net: &Net) -> Lines {
    match access(patient) {
        None => Vec::new(),
        Some(Err(why)) => vec![line(Level::Fail, AREA, why).fix("Set the secret, or correct its reference.")],
        Some(Ok((key, region))) => match examine_customerio(net, region, &key, seeds).await {
            Ok(workspace) => told(&workspace, &patient.events, seeds),
            Err(why) => vec![refused(&why)],
        },
    }
}

/// The key and the region: of the route itself, or of its log.
fn access(patient: &RouteToExamine) -> Option<Result<(Secret, Region), String>> {
    if let RouteKind::CustomerIo(route) = &patient.route.kind {
        let login = patient.credentials.as_ref().map_err(Clone::clone);
        let key = login.map(|login| {
            login
                .as_ref()
                .map_or_else(|| Secret::new(""), |login| login.password.clone())
        });
        return Some(key.map(|key| (key, route.region)));
    }
    let mut logs = patient.route.logs.iter();
    let at = logs.position(|log| log.kind == LogKind::CustomerIo)?;
    let region = patient.route.logs[at].region;
    match &patient.logs {
        Ok(keys) => keys.get(at).map(|key| Ok((key.clone(), region))),
        Err(why) => Some(Err(why.clone())),
    }
}

fn refused(why: &Why) -> super::line::Line {
    match why.code.as_str() {
        "log-key" => line(Level::Fail, AREA, why.detail.clone()).fix(
            "Take an App API key (Customer.io: Account Settings › API Credentials › App API Keys), and look at `region`.",
        ),
        _ => unseen(AREA, format!("{}: {}", why.code, why.detail)),
    }
}

fn told(workspace: &Workspace, events: &[String], seeds: &[&str]) -> Lines {
    let mut lines = vec![line(Level::Ok, AREA, "the App API key is right")];
    for event in events {
        let mut campaigns = workspace.campaigns.iter().filter(|(trigger, ..)| trigger == event);
        let running = campaigns.clone().find(|(.., running)| *running);
        lines.push(match (running, campaigns.next()) {
            (Some((_, name, _)), _) => line(Level::Ok, AREA, format!("event {event:?} triggers campaign {name:?}")),
            (None, Some((_, name, _))) => {
                line(Level::Fail, AREA, format!("campaign {name:?} is to answer event {event:?} and is not running"))
                    .fix("Start the campaign: Customer.io takes the event and sends nothing.")
            }
            (None, None) => line(Level::Fail, AREA, format!("no campaign answers event {event:?}"))
                .fix("Customer.io takes any event and answers 200: correct the name, or make the campaign. It must let a person enter again."),
        });
    }
    if !workspace.unsubscribed.is_empty() {
        let text = format!("unsubscribed: {}", workspace.unsubscribed.join(", "));
        lines.push(line(Level::Fail, AREA, text).fix(
            "No campaign is sent to them. Set the person's attribute `unsubscribed` to false, or expect `suppressed`.",
        ));
    }
    if !workspace.unknown.is_empty() {
        let text = format!("the workspace does not know {}", workspace.unknown.join(", "));
        lines.push(
            line(Level::Warn, AREA, text)
                .fix("Events are for people it knows: create them once, with their plain address as email."),
        );
    }
    if workspace.unsubscribed.is_empty() && workspace.unknown.is_empty() {
        lines.push(line(
            Level::Ok,
            AREA,
            format!("all {} seeds are known and subscribed", seeds.len()),
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loud(workspace: &Workspace, events: &[&str]) -> Vec<String> {
        let events: Vec<String> = events.iter().map(|event| (*event).to_owned()).collect();
        let lines = told(workspace, &events, &["seed@gmail.example"]);
        let lines = lines.into_iter().map(|line| line.of("news"));
        lines
            .filter(|line| line.level != Level::Ok)
            .map(|line| line.text)
            .collect()
    }

    fn campaign(event: &str, running: bool) -> Workspace {
        Workspace {
            campaigns: vec![(event.to_owned(), "Orders".to_owned(), running)],
            ..Workspace::default()
        }
    }

    #[test]
    fn an_event_that_nothing_answers_is_told_before_a_run_waits_for_it() {
        assert!(loud(&campaign("order_placed", true), &["order_placed"]).is_empty());
        assert!(loud(&campaign("order_placed", false), &["order_placed"])[0].contains("is not running"));
        assert!(loud(&campaign("order_placed", true), &["order_palced"])[0].contains("no campaign answers"));
    }

    #[test]
    fn seeds_that_would_get_nothing_are_told() {
        let workspace = Workspace {
            unsubscribed: vec!["seed@gmail.example".to_owned()],
            unknown: vec!["other@gmail.example".to_owned()],
            ..Workspace::default()
        };
        let told = loud(&workspace, &[]);
        assert!(told[0].contains("unsubscribed: seed@gmail.example"), "{told:?}");
        assert!(told[1].contains("does not know other@gmail.example"), "{told:?}");
    }
}
