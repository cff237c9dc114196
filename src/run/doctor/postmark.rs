//! The sending service behind a route, asked by its API: is its key right, does it send at all, does the stream fit, is a seed suppressed?

use super::line::{Line, Lines, line, unseen};
use super::patient::RouteToExamine;
use super::webhooks;
use crate::checks::words::count;
use crate::model::route::{RouteKind, Tracking};
use crate::model::{Category, Contract, Level, LogKind, Why};
use crate::net::Net;
use crate::route::{PostmarkServer, examine_postmark};

const AREA: &str = "postmark";

/// Nothing for a route of whose service nothing can be asked.
pub async fn examine(patient: &RouteToExamine, seeds: &[&str], net: &Net) -> Lines {
    let (token, log) = match patient.key(LogKind::Postmark) {
        None => return Vec::new(),
        Some(Err(why)) => return vec![line(Level::Fail, AREA, why).fix("Set the secret, or correct its reference.")],
        Some(Ok(key)) => key,
    };
    let stream = match (&patient.route.kind, log) {
        (RouteKind::Postmark(route), _) => &route.stream,
        (_, Some(log)) => &log.stream,
        (_, None) => return Vec::new(),
    };
    match examine_postmark(net, &token, stream).await {
        Ok(server) => told(patient, &server, stream, seeds),
        Err(why) => vec![refused(&why)],
    }
}

fn refused(why: &Why) -> Line {
    match why.code.as_str() {
        "log-key" => line(Level::Fail, AREA, why.detail.clone())
            .fix("Take the server's API token (Postmark: Servers › the server › API Tokens)."),
        _ => unseen(AREA, format!("{}: {}", why.code, why.detail)),
    }
}

fn told(patient: &RouteToExamine, server: &PostmarkServer, stream: &str, seeds: &[&str]) -> Lines {
    let contract = &patient.route.contract;
    let mut lines = vec![sends(patient, server), fits(contract, server, stream)];
    lines.extend(match patient.route.kind {
        RouteKind::CustomerIo(_) => counts_besides(server)
            .into_iter()
            .chain(webhooks::told(server))
            .collect(),
        RouteKind::Smtp(_) | RouteKind::Postmark(_) => tracks(contract, server),
    });
    lines.extend(suppressed(server, stream, seeds));
    lines
}

fn sends(patient: &RouteToExamine, server: &PostmarkServer) -> Line {
    let name = &server.name;
    let by_smtp = matches!(patient.route.kind, RouteKind::Smtp(_));
    match () {
        () if server.sandbox => line(
            Level::Fail,
            AREA,
            format!("server {name:?} is a sandbox: it delivers nothing"),
        )
        .fix("Use the token of a live server."),
        () if by_smtp && server.smtp == Some(false) => {
            line(Level::Fail, AREA, format!("server {name:?} has its SMTP door closed"))
                .fix("Switch SMTP on (Postmark: the server › Message Streams › Settings), or use kind = \"postmark\".")
        }
        () => line(Level::Ok, AREA, format!("server {name:?}: live, its token is right")),
    }
}

fn fits(contract: &Contract, server: &PostmarkServer, stream: &str) -> Line {
    let carries = |category: Category| contract.categories.contains(&category);
    match server.stream_type.as_deref() {
        None => line(Level::Fail, AREA, format!("there is no stream {stream:?}"))
            .fix("Postmark refuses the messages: name a stream of this server."),
        Some("Transactional") if carries(Category::Marketing) => line(
            Level::Fail,
            AREA,
            format!("stream {stream:?} is transactional, the route carries marketing"),
        )
        .fix("Send campaigns through a broadcast stream: complaints about them delay order mail."),
        Some("Broadcasts") if carries(Category::Transactional) => line(
            Level::Fail,
            AREA,
            format!("stream {stream:?} is for broadcasts, the route carries order mail"),
        )
        .fix("Postmark adds an unsubscribe link to every broadcast: send order mail through a transactional stream."),
        Some(kind) => line(Level::Ok, AREA, format!("stream {stream:?}: {}", kind.to_lowercase())),
    }
}

/// What the server does whatever a message says, against the contract. Postmark tracks by its own hosts alone.
fn tracks(contract: &Contract, server: &PostmarkServer) -> Lines {
    let mut lines = Vec::new();
    if server.track_opens && contract.opens == Tracking::Off {
        let text = "the server counts opens of every message, the contract says opens = \"off\"";
        lines.push(line(Level::Warn, AREA, text).fix("Switch TrackOpens off at the server: a message can not."));
    }
    if contract.clicks == Tracking::Off && rewrites(server) {
        let text = "the server rewrites links by default, the contract says clicks = \"off\"";
        lines.push(
            line(Level::Warn, AREA, text)
                .fix("Switch TrackLinks off at the server, or in every message (X-PM-TrackLinks: None)."),
        );
    }
    for (what, tracking) in [("clicks", &contract.clicks), ("opens", &contract.opens)] {
        if let Tracking::Host { host, .. } = tracking
            && !host.to_ascii_lowercase().ends_with("pstmrk.it")
        {
            let text = format!(
                "the contract wants {what} through {host}; Postmark has no tracking host but its own (pstmrk.it)"
            );
            lines.push(line(Level::Warn, AREA, text).fix("Correct the contract, or let another service count."));
        }
    }
    lines
}

fn rewrites(server: &PostmarkServer) -> bool {
    let links = server.track_links.as_deref();
    links.is_some_and(|links| !links.eq_ignore_ascii_case("none"))
}

/// Behind Customer.io, which counts by itself, Postmark must not count (docs.customer.io: triggered lifecycle email with Postmark).
fn counts_besides(server: &PostmarkServer) -> Lines {
    let mut lines = Vec::new();
    if server.track_opens {
        let text = "the server counts opens of every message, and so does Customer.io before it";
        lines.push(line(Level::Warn, AREA, text).fix("Switch TrackOpens off at the server: a message can not."));
    }
    if rewrites(server) {
        let text =
            "the server rewrites links by default, and so does Customer.io before it: each would be wrapped twice";
        lines.push(line(Level::Warn, AREA, text).fix("Switch TrackLinks off at the server."));
    }
    lines
}

fn suppressed(server: &PostmarkServer, stream: &str, seeds: &[&str]) -> Lines {
    let listed = |seed: &&&str| {
        server
            .suppressed
            .iter()
            .find(|entry| entry.address.eq_ignore_ascii_case(seed))
            .map(|entry| &entry.why)
    };
    let found: Vec<String> = seeds
        .iter()
        .filter_map(|seed| Some(format!("{seed}: {}", listed(&seed)?)))
        .collect();
    if found.is_empty() {
        return vec![line(
            Level::Ok,
            AREA,
            format!(
                "no seed is on the suppression list of stream {stream:?} ({})",
                count(server.suppressed.len(), "address", "addresses")
            ),
        )];
    }
    vec![
        line(Level::Fail, AREA, format!("suppressed on stream {stream:?}: {}", found.join("; ")))
            .fix("Nothing is sent to them. Take them off the list (Postmark: the stream › Suppressions), or expect `suppressed`."),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SecretRef;
    use crate::model::route::{PostmarkRoute, Route};

    fn said(server: &PostmarkServer, contract: Contract) -> Vec<(Level, String)> {
        let kind = RouteKind::Postmark(PostmarkRoute {
            token: SecretRef::parse("${env:X}"),
            stream: "outbound".to_owned(),
            tag: None,
            track_opens: None,
            track_links: None,
            batch: false,
            headers: Default::default(),
        });
        let route = Route {
            name: "tx".to_owned(),
            kind,
            concurrency: 1,
            rate_per_second: 0.0,
            logs: Vec::new(),
            contract,
        };
        let patient = RouteToExamine {
            route,
            credentials: Ok(None),
            track: Ok(None),
            extra_root_pem: None,
            events: Vec::new(),
            topics: Vec::new(),
            logs: Ok(Vec::new()),
        };
        let lines = told(&patient, server, "outbound", &["seed@gmail.example"]);
        lines
            .into_iter()
            .map(|line| line.of("tx"))
            .map(|line| (line.level, line.text))
            .collect()
    }

    fn behind_customerio(server: &PostmarkServer) -> Vec<String> {
        let lines = counts_besides(server).into_iter();
        lines.map(|line| line.of("news").text).collect()
    }

    fn live() -> PostmarkServer {
        PostmarkServer {
            name: "Shop".to_owned(),
            stream_type: Some("Transactional".to_owned()),
            ..PostmarkServer::default()
        }
    }

    fn loud(server: &PostmarkServer, contract: Contract) -> Vec<String> {
        let lines = said(server, contract).into_iter();
        lines
            .filter(|(level, _)| *level != Level::Ok)
            .map(|(_, text)| text)
            .collect()
    }

    #[test]
    fn what_would_hurt_a_run_is_told_before_it() {
        assert!(loud(&live(), Contract::default()).is_empty());
        let sandbox = PostmarkServer {
            sandbox: true,
            ..live()
        };
        assert!(loud(&sandbox, Contract::default())[0].contains("sandbox"));
        let nowhere = PostmarkServer {
            stream_type: None,
            ..live()
        };
        assert!(loud(&nowhere, Contract::default())[0].contains("no stream"));
        let marketing = Contract {
            categories: vec![Category::Marketing],
            ..Contract::default()
        };
        assert!(loud(&live(), marketing)[0].contains("carries marketing"));
        let listed = PostmarkServer {
            suppressed: vec![crate::route::PostmarkSuppressed {
                address: "Seed@gmail.example".to_owned(),
                why: "HardBounce, by Recipient".to_owned(),
            }],
            ..live()
        };
        assert!(loud(&listed, Contract::default())[0].contains("seed@gmail.example: HardBounce"));
    }

    #[test]
    fn tracking_that_the_contract_does_not_want_is_a_warning() {
        let counts = PostmarkServer {
            track_opens: true,
            track_links: Some("HtmlAndText".to_owned()),
            ..live()
        };
        let off = Contract {
            opens: Tracking::Off,
            clicks: Tracking::Off,
            ..Contract::default()
        };
        assert_eq!(loud(&counts, off).len(), 2);
        assert_eq!(behind_customerio(&counts).len(), 2);
        assert!(behind_customerio(&live()).is_empty());
        let branded = Tracking::Host {
            host: "links.brand.example".to_owned(),
            parts: Vec::new(),
            except: Vec::new(),
        };
        let branded = Contract {
            clicks: branded,
            ..Contract::default()
        };
        assert!(loud(&live(), branded)[0].contains("no tracking host but its own"));
    }
}
