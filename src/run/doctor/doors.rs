//! The doors a run goes through: tracking hosts over TLS, SMTP login, IMAP login. Nothing is sent and nothing is changed.

use super::line::{Line, Lines, line, unseen};
use super::patient::{MailboxToExamine, RouteToExamine};
use crate::mailbox::{self, LoginReport};
use crate::model::route::{RouteKind, Tracking};
use crate::model::{Contract, FolderRole, Level, Why};
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
pub async fn smtp(patient: &RouteToExamine, net: &Net) -> Line {
    let credentials = match &patient.credentials {
        Ok(credentials) => credentials.clone(),
        Err(why) => return line(Level::Fail, "smtp", why.clone()).fix("Set the secret, or correct its reference."),
    };
    let RouteKind::Smtp(server) = &patient.route.kind;
    let place = format!("{}:{}", server.host, server.port);
    match route::verify_login(&patient.route, credentials, patient.extra_root_pem.clone(), net).await {
        Ok(facts) => line(Level::Ok, "smtp", format!("{place}: {}", login_words(&facts))),
        Err(why) => refused(
            &why,
            "smtp",
            format!("{place}: {}: {}", why.code, why.detail),
            smtp_remedy(&why.code),
        ),
    }
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

/// The mailbox: login, folders, and how the junk folder is known.
pub async fn imap(patient: &MailboxToExamine, net: &Net) -> Lines {
    let account = match &patient.account {
        Ok(account) => account,
        Err(why) => {
            return vec![line(Level::Fail, "imap", why.clone()).fix("Set the secret, or correct its reference.")];
        }
    };
    let profile = &account.seed.profile;
    match mailbox::examine_login(account, net).await {
        Ok(report) => mailbox_lines(&format!("{}:{}", profile.host, profile.port), &report),
        Err(why) => {
            let text = format!("{}:{}: {}: {}", profile.host, profile.port, why.code, why.detail);
            vec![line(Level::Fail, "imap", text).fix("Without a login every delivery to this mailbox is blind.")]
        }
    }
}

fn mailbox_lines(place: &str, report: &LoginReport) -> Lines {
    let idle = if report.capabilities.iter().any(|word| word == "IDLE") {
        "IDLE"
    } else {
        "no IDLE: polled"
    };
    let mut lines = vec![line(
        Level::Ok,
        "imap",
        format!("{place}: {}, login accepted, {idle}", report.tls.version),
    )];
    let junk: Vec<String> = report
        .folders
        .iter()
        .filter(|folder| folder.role == FolderRole::Junk)
        .map(|folder| format!("{} ({})", folder.name, folder.found_by))
        .collect();
    lines.push(if junk.is_empty() {
        line(
            Level::Warn,
            "folders",
            format!("{} folders, none of them known as junk", report.folders.len()),
        )
        .fix("Name it with `junk_names` of the mailbox, or mail in it counts as `other`, not as `spam`.")
    } else {
        line(
            Level::Ok,
            "folders",
            format!("{} folders; junk: {}", report.folders.len(), junk.join(", ")),
        )
    });
    lines.extend(
        report
            .warnings
            .iter()
            .map(|warning| line(Level::Warn, "folders", warning.clone())),
    );
    lines
}
