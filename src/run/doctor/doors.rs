//! The doors a message leaves by: tracking hosts over TLS, SMTP login. Nothing is sent.

use super::line::{Line, Lines, line, unseen};
use super::patient::RouteToExamine;
use crate::model::route::{RouteKind, Tracking};
use crate::model::{Contract, Level, Why};
use crate::net::Net;
use crate::route::{self, LoginFacts};
use futures_util::future::join_all;

/// Each tracking host of a contract: its address, and a certificate for its name.
pub async fn tracking(contract: &Contract, net: &Net) -> Lines {
    let mut hosts: Vec<&str> = Vec::new();
    for tracking in [&contract.clicks, &contract.opens] {
        match tracking {
            Tracking::Host { host, .. } if !hosts.contains(&host.as_str()) => hosts.push(host),
            _ => {}
        }
    }
    join_all(hosts.into_iter().map(|host| tracking_host(host, net))).await
}

async fn tracking_host(host: &str, net: &Net) -> Line {
    let shaken = async { net.secure(host, net.connect(host, 443).await?, None).await };
    match shaken.await {
        Ok((_, tls)) => line(
            Level::Ok,
            "tracking",
            format!("{host}: {} with a valid certificate", tls.version),
        ),
        Err(why) => {
            let remedy = match why.code.as_str() {
                "no-such-host" => "Make the CNAME that the sending service names, or correct the host in the contract.",
                "bad-certificate" => {
                    "Turn on https for the tracking domain at the sending service: readers' browsers refuse this link."
                }
                _ => "Readers' clicks go there: it must answer on port 443.",
            };
            refused(&why, "tracking", why.detail.clone(), remedy)
        }
    }
}

/// DNS that failed is "could not look", everything else is an answer.
fn refused(why: &Why, area: &'static str, text: String, remedy: &str) -> Line {
    match why.code.as_str() {
        "dns-failed" | "dns-timeout" => unseen(area, text),
        _ => line(Level::Fail, area, text).fix(remedy),
    }
}

/// The route's server: greeting, TLS, login.
pub async fn smtp(patient: &RouteToExamine, net: &Net) -> Option<Line> {
    let RouteKind::Smtp(server) = &patient.route.kind else {
        return None;
    };
    let credentials = match &patient.credentials {
        Ok(credentials) => credentials.clone(),
        Err(why) => {
            return Some(line(Level::Fail, "smtp", why.clone()).fix("Set the secret, or correct its reference."));
        }
    };
    let place = format!("{}:{}", server.host, server.port);
    Some(
        match route::verify_login(server, credentials, patient.extra_root_pem.clone(), net).await {
            Ok(facts) => line(Level::Ok, "smtp", format!("{place}: {}", login_words(&facts))),
            Err(why) => refused(
                &why,
                "smtp",
                format!("{place}: {}: {}", why.code, why.detail),
                smtp_remedy(&why.code),
            ),
        },
    )
}

fn login_words(facts: &LoginFacts) -> String {
    let login = if facts.authenticated {
        "login accepted"
    } else {
        "no login configured"
    };
    let size = facts
        .size_limit
        .filter(|size| *size > 0)
        .map(|size| format!(", takes {} MB", size / 1_000_000))
        .unwrap_or_default();
    format!("{}, {login}{size}", facts.tls.version)
}

fn smtp_remedy(code: &str) -> &'static str {
    match code {
        "auth" => "Check username and password; some services want an API token as both.",
        "bad-certificate" | "tls" => {
            "The certificate must be valid for the host in `host`; name a private authority with `ca_file`."
        }
        "no-such-host" => "Correct `host`.",
        "refused" | "timeout" | "connect" => "Check host and port, and whether this network lets submission ports out.",
        _ => "Read the server's words; nothing was sent.",
    }
}
