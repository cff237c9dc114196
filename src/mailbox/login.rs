//! From a fresh connection to a logged-in one: greeting, capabilities, login, capabilities again, ID.

use super::decode::quoted;
use super::failure::Failure;
use super::refusal::Refusal;
use super::wire::{Command, PATIENCE, Transport, Wire, words};
use crate::model::Secret;
use async_imap::imap_proto::{Capability, Response, ResponseCode, Status};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeSet;
use tokio::time::Instant;

/// Capabilities, upper-case (`AUTH=PLAIN`).
pub type Capabilities = BTreeSet<String>;

/// What a login came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// `login`, `plain` or `preauth`.
    pub method: &'static str,
    /// Capabilities after login.
    pub capabilities: Capabilities,
}

enum Greeting {
    Ok,
    PreAuth,
    Bye(String),
    Other(String),
}

/// Reads the greeting (before anything is written: some servers hang otherwise) and logs in.
pub async fn enter<S: Transport>(wire: &mut Wire<S>, username: &str, password: &Secret) -> Result<Welcome, Failure> {
    let mut offered = None;
    let deadline = Instant::now() + PATIENCE;
    let greeting = wire.next("the greeting", deadline, |response| {
        read_greeting(response, &mut offered)
    });
    let method = match greeting.await? {
        Greeting::Bye(text) => return Err(Failure::Bye(text)),
        Greeting::Other(text) => return Err(Failure::Greeting(text)),
        Greeting::PreAuth => "preauth",
        Greeting::Ok => {
            let offered = match offered {
                Some(offered) => offered,
                None => capabilities(wire).await?,
            };
            log_in(wire, &offered, username, password).await?
        }
    };
    // What a server offers changes with the login.
    let capabilities = capabilities(wire).await?;
    if capabilities.contains("ID") {
        introduce(wire).await?;
    }
    Ok(Welcome { method, capabilities })
}

fn read_greeting(response: &Response<'_>, offered: &mut Option<Capabilities>) -> Greeting {
    let Response::Data { status, outcome } = response else {
        return Greeting::Other("the first line is no status".to_owned());
    };
    if let Some(ResponseCode::Capabilities(listed)) = &outcome.code {
        *offered = Some(named(listed));
    }
    match status {
        Status::Ok => Greeting::Ok,
        Status::PreAuth => Greeting::PreAuth,
        Status::Bye => Greeting::Bye(words(outcome)),
        Status::No | Status::Bad => Greeting::Other(words(outcome)),
    }
}

async fn capabilities<S: Transport>(wire: &mut Wire<S>) -> Result<Capabilities, Failure> {
    let mut found = Capabilities::new();
    let command = Command::new("CAPABILITY", "CAPABILITY");
    wire.checked(command, |response| {
        if let Response::Capabilities(listed) = response {
            found.extend(named(listed));
        }
    })
    .await?;
    Ok(found)
}

fn named(listed: &[Capability<'_>]) -> Capabilities {
    listed
        .iter()
        .map(|capability| match capability {
            Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
            Capability::Auth(name) => format!("AUTH={}", name.to_uppercase()),
            Capability::Atom(name) => name.to_uppercase(),
        })
        .collect()
}

async fn log_in<S: Transport>(
    wire: &mut Wire<S>,
    offered: &Capabilities,
    username: &str,
    password: &Secret,
) -> Result<&'static str, Failure> {
    // A quoted string holds ASCII without line breaks (RFC 9051 §9); PLAIN carries any UTF-8.
    let quotable = |text: &str| text.is_ascii() && !text.contains(['\r', '\n', '\0']);
    let login = !offered.contains("LOGINDISABLED") && quotable(username) && quotable(password.expose());
    let plain = offered.contains("AUTH=PLAIN");
    let (method, command) = match (login, plain) {
        (true, _) => {
            let line = format!("LOGIN {} {}", quoted(username), quoted(password.expose()));
            ("login", Command::new("LOGIN", line))
        }
        (false, true) => ("plain", plain_command(offered, username, password)),
        (false, false) => {
            let offer: Vec<&str> = offered
                .iter()
                .filter(|name| name.starts_with("AUTH="))
                .map(String::as_str)
                .collect();
            return Err(Failure::LoginRefused(Refusal {
                text: format!("it offers no login by password (offered: {})", offer.join(" ")),
                remedy: None,
                final_: true,
                stay_away: None,
            }));
        }
    };
    match wire.checked(command, |_| ()).await {
        Ok(_) => Ok(method),
        Err(Failure::No { text, .. } | Failure::Bad { text, .. }) => {
            // Some servers repeat the line they refuse.
            let text = match password.expose() {
                "" => text,
                secret => text.replace(secret, "***"),
            };
            Err(Failure::LoginRefused(Refusal::of_login(&text)))
        }
        Err(other) => Err(other),
    }
}

/// AUTHENTICATE PLAIN (RFC 4616), with the initial response where the server takes one (SASL-IR, RFC 4959).
fn plain_command(offered: &Capabilities, username: &str, password: &Secret) -> Command {
    let response = STANDARD.encode(format!("\0{username}\0{}", password.expose()));
    if offered.contains("SASL-IR") {
        return Command::new("AUTHENTICATE", format!("AUTHENTICATE PLAIN {response}"));
    }
    let mut command = Command::new("AUTHENTICATE", "AUTHENTICATE PLAIN");
    command.answer = Some(response);
    command
}

/// ID (RFC 2971): some providers refuse everything after a login without it. A refusal of ID itself means nothing.
async fn introduce<S: Transport>(wire: &mut Wire<S>) -> Result<(), Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let line = format!(r#"ID ("name" "inboxqa" "version" "{version}" "vendor" "inboxqa")"#);
    match wire.checked(Command::new("ID", line), |_| ()).await {
        Ok(_) | Err(Failure::No { .. } | Failure::Bad { .. }) => Ok(()),
        Err(other) => Err(other),
    }
}
