//! A workspace of Customer.io's, asked by its APIs: are both keys right, does a campaign answer the events that the cases send, has a seed
//! unsubscribed?

use super::line::{Line, Lines, line, unseen};
use super::patient::RouteToExamine;
use crate::model::route::RouteKind;
use crate::model::{Level, LogKind, Region, Why};
use crate::net::Net;
use crate::route::{Workspace, examine_customerio, examine_track};

const AREA: &str = "customerio";

/// Nothing for a route that has nothing to do with Customer.io.
pub async fn examine(patient: &RouteToExamine, seeds: &[&str], net: &Net) -> Lines {
    let (key, log) = match patient.key(LogKind::CustomerIo) {
        None => return Vec::new(),
        Some(Err(why)) => return vec![line(Level::Fail, AREA, why).fix("Set the secret, or correct its reference.")],
        Some(Ok(key)) => key,
    };
    let region = match (&patient.route.kind, log) {
        (RouteKind::CustomerIo(route), _) => route.region,
        (_, log) => log.map(|log| log.region).unwrap_or_default(),
    };
    let mut lines = match examine_customerio(net, region, &key, seeds, &patient.topics).await {
        Ok(workspace) => told(&workspace, &patient.events, seeds),
        Err(why) => vec![refused(&why, "an App API key", "App API Keys")],
    };
    lines.extend(track(patient, region, net).await);
    lines
}

/// The other login, by which events are sent.
async fn track(patient: &RouteToExamine, region: Region, net: &Net) -> Option<Line> {
    let login = match &patient.track {
        Err(why) => return Some(line(Level::Fail, AREA, why.clone()).fix("Set the secret, or correct its reference.")),
        Ok(login) => login.as_ref()?,
    };
    Some(match examine_track(net, region, login).await {
        Ok(()) => line(Level::Ok, AREA, "the Track API's login is right"),
        Err(why) => refused(&why, "the Track API's site id and key", "Track API Keys"),
    })
}

fn refused(why: &Why, what: &str, place: &str) -> Line {
    match why.code.as_str() {
        "log-key" => line(Level::Fail, AREA, why.detail.clone()).fix(format!(
            "Take {what} (Customer.io: Account Settings › API Credentials › {place}), and look at `region`."
        )),
        _ => unseen(AREA, format!("{}: {}", why.code, why.detail)),
    }
}

fn told(workspace: &Workspace, events: &[String], seeds: &[&str]) -> Lines {
    let mut lines = vec![line(Level::Ok, AREA, "the App API key is right")];
    for event in events {
        let mut campaigns = workspace.campaigns.iter().filter(|(trigger, ..)| trigger == event);
        let running = campaigns.clone().find(|(.., running)| *running);
        lines.push(match (running, campaigns.next()) {
            // Whether a person may enter it again (every run needs that) is not among what the API tells of a campaign.
            (Some((_, name, _)), _) => {
                let text = format!("event {event:?} triggers campaign {name:?}, which is running; look once that it lets a person enter again");
                line(Level::Ok, AREA, text)
            }
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
    for (seed, topic) in &workspace.opted_out {
        let text = format!("{seed} has opted out of the topic {topic}: its messages are not sent there");
        lines.push(
            line(Level::Fail, AREA, text)
                .fix("Switch the topic on in the person's subscription preferences, or expect `suppressed`."),
        );
    }
    if !workspace.unknown.is_empty() {
        let text = format!("the workspace does not know {}", workspace.unknown.join(", "));
        lines.push(
            line(Level::Warn, AREA, text)
                .fix("Events are for people it knows: create them once, with their plain address as email."),
        );
    }
    if workspace.unsubscribed.is_empty() && workspace.unknown.is_empty() && workspace.opted_out.is_empty() {
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
            opted_out: vec![("third@gmail.example".to_owned(), "topic_1".to_owned())],
            ..Workspace::default()
        };
        let told = loud(&workspace, &[]);
        assert!(told[0].contains("unsubscribed: seed@gmail.example"), "{told:?}");
        assert!(told[1].contains("opted out of the topic topic_1"), "{told:?}");
        assert!(told[2].contains("does not know other@gmail.example"), "{told:?}");
    }
}
