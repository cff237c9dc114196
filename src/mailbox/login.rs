//! From a fresh connection to a logged-in one: greeting, capabilities, login, capabilities again, ID.

use super::decode::quoted;
use super::failure::Failure;
use super::oauth::sasl;
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
    /// `login`, `plain`, `xoauth2`, `oauthbearer` or `preauth`.
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

/// What proves who we are.
#[derive(Debug, Clone)]
pub enum Proof {
    /// A password or app password.
    Password(Secret),
    /// An OAuth access token.
    Bearer(Secret),
}

impl Proof {
    fn secret(&self) -> &Secret {
        match self {
            Proof::Password(secret) | Proof::Bearer(secret) => secret,
        }
    }
}

/// Reads the greeting (before anything is written: some servers hang otherwise) and logs in.
pub async fn enter<S: Transport>(
    wire: &mut Wire<S>,
    host: &str,
    username: &str,
    proof: &Proof,
) -> Result<Welcome, Failure> {
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
            log_in(wire, &offered, host, username, proof).await?
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

/// The forms in base64 that a server may have got and repeats.
fn encoded(username: &str, secret: &Secret) -> Vec<String> {
    let secret = secret.expose();
    let forms = [format!("\0{username}\0{secret}"), secret.to_owned()];
    let forms = forms.iter().filter(|_| !secret.is_empty());
    forms.map(|form| STANDARD.encode(form)).collect()
}

async fn log_in<S: Transport>(
    wire: &mut Wire<S>,
    offered: &Capabilities,
    host: &str,
    username: &str,
    proof: &Proof,
) -> Result<&'static str, Failure> {
    let chosen = match proof {
        Proof::Password(password) => by_password(offered, username, password),
        Proof::Bearer(token) => by_token(offered, host, username, token),
    };
    let (method, command) = chosen.ok_or_else(|| nothing_fits(offered, proof))?;
    // The last challenge before a NO tells why.
    let mut challenge = None;
    let answered = wire.checked(command, |response| {
        if let Response::Continue(asked) = response {
            challenge = asked.information.as_deref().and_then(sasl::told).or(challenge.take());
        }
    });
    match answered.await {
        Ok(_) => Ok(method),
        Err(Failure::No { text, .. } | Failure::Bad { text, .. }) => {
            let mut text = encoded(username, proof.secret())
                .iter()
                .fold(proof.secret().hidden_in(&text), |text, form| text.replace(form, "***"));
            if let Some(challenge) = challenge {
                text = format!("{text} ({challenge})");
            }
            let refusal = match proof {
                Proof::Password(_) => Refusal::of_login(&text),
                Proof::Bearer(_) => Refusal::of_token(&text),
            };
            Err(Failure::LoginRefused(refusal))
        }
        Err(other) => Err(other),
    }
}

/// LOGIN where its strings can carry the password, else PLAIN.
fn by_password(offered: &Capabilities, username: &str, password: &Secret) -> Option<(&'static str, Command)> {
    // A quoted string holds ASCII without line breaks (RFC 9051 §9); PLAIN carries any UTF-8.
    let quotable = |text: &str| text.is_ascii() && !text.contains(['\r', '\n', '\0']);
    if !offered.contains("LOGINDISABLED") && quotable(username) && quotable(password.expose()) {
        let line = format!("LOGIN {} {}", quoted(username), quoted(password.expose()));
        return Some(("login", Command::new("LOGIN", line)));
    }
    offered.contains("AUTH=PLAIN").then(|| {
        let response = STANDARD.encode(format!("\0{username}\0{}", password.expose()));
        ("plain", authenticate(offered, "PLAIN", response))
    })
}

fn by_token(offered: &Capabilities, host: &str, username: &str, token: &Secret) -> Option<(&'static str, Command)> {
    let exchange = sasl::exchange(|capability| offered.contains(capability), username, host, token)?;
    let method = if exchange.mechanism == "XOAUTH2" {
        "xoauth2"
    } else {
        "oauthbearer"
    };
    let mut command = authenticate(offered, exchange.mechanism, exchange.first);
    command.consent = exchange.consent;
    Some((method, command))
}

fn nothing_fits(offered: &Capabilities, proof: &Proof) -> Failure {
    let offer: Vec<&str> = offered
        .iter()
        .filter(|name| name.starts_with("AUTH="))
        .map(String::as_str)
        .collect();
    let wanted = match proof {
        Proof::Password(_) => "password",
        Proof::Bearer(_) => "OAuth token",
    };
    Failure::LoginRefused(Refusal {
        text: format!("it offers no login by {wanted} (offered: {})", offer.join(" ")),
        remedy: None,
        final_: true,
        stay_away: None,
    })
}

/// AUTHENTICATE (RFC 9051 §6.2.2), with the initial response where the server takes one (SASL-IR, RFC 4959).
fn authenticate(offered: &Capabilities, mechanism: &str, response: String) -> Command {
    if offered.contains("SASL-IR") {
        return Command::new("AUTHENTICATE", format!("AUTHENTICATE {mechanism} {response}"));
    }
    let mut command = Command::new("AUTHENTICATE", format!("AUTHENTICATE {mechanism}"));
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
