//! One worker of one route, whatever kind the route is of.

use super::credentials::Credentials;
use super::deadlines::Deadlines;
use super::request::Request;
use super::smtp::{self, LoginFacts};
use super::{customerio, postmark};
use crate::model::route::RouteKind;
use crate::model::route::SmtpRoute;
use crate::model::{Route, Secret, SendOutcome, TlsFacts, Try, Why};
use crate::net::Net;
use crate::store::{Intent, Sent};
use time::OffsetDateTime;

/// Sends one message after the other over a connection of its own, which it opens when needed and keeps between messages.
pub struct Worker {
    kind: Kind,
}

enum Kind {
    Smtp(Box<smtp::Sender>),
    Postmark(postmark::Sender),
    CustomerIo(Box<customerio::Sender>),
}

impl Worker {
    /// A worker that has not connected yet. `extra_root_pem` is the content of the route's `ca_file`.
    pub fn new(route: &Route, credentials: Option<Credentials>, extra_root_pem: Option<Vec<u8>>, net: Net) -> Worker {
        Worker::with_deadlines(route, credentials, extra_root_pem, net, Deadlines::default())
    }

    /// The same with the login of Customer.io's Track API, which no other kind of route has.
    pub fn track(mut self, login: Option<Credentials>) -> Worker {
        if let Kind::CustomerIo(sender) = &mut self.kind {
            sender.track(login);
        }
        self
    }

    /// The same with other deadlines.
    pub fn with_deadlines(
        route: &Route,
        credentials: Option<Credentials>,
        extra_root_pem: Option<Vec<u8>>,
        net: Net,
        deadlines: Deadlines,
    ) -> Worker {
        let kind = match &route.kind {
            RouteKind::Smtp(smtp) => {
                let target = smtp::Target::new(smtp, credentials, extra_root_pem, net, deadlines);
                Kind::Smtp(Box::new(smtp::Sender::new(target)))
            }
            RouteKind::Postmark(_) => Kind::Postmark(postmark::Sender::new(net, token(credentials))),
            RouteKind::CustomerIo(workspace) => {
                let sender = customerio::Sender::new(net, workspace.region, token(credentials));
                Kind::CustomerIo(Box::new(sender))
            }
        };
        Worker { kind }
    }

    /// Makes exactly one try with a whole message.
    ///
    /// It takes no cancellation: whoever drops the future loses the answer, and the journal then says
    /// unknown. Every wait inside has its deadline.
    ///
    /// Codes of `NotSent`: `connect`, `tls`, `starttls`, `auth`, `timeout`, `lost`, `protocol`, `bad-address`, `bad-message`,
    /// `8bitmime`, `smtputf8`, `too-large`.
    pub async fn submit(&mut self, intent: Intent, envelope_from: &str, raw: &[u8]) -> Sent {
        match &mut self.kind {
            Kind::Smtp(sender) => sender.submit(intent, envelope_from, raw).await,
            Kind::Postmark(_) | Kind::CustomerIo(_) => intent.spent(mismatch("takes requests, not messages")),
        }
    }

    /// Makes exactly one try with a request to the service's API, as [`Worker::submit`] does with a message.
    pub async fn request(&mut self, intent: Intent, request: &Request) -> Sent {
        match &mut self.kind {
            Kind::Smtp(_) => intent.spent(mismatch("takes messages, not requests")),
            Kind::Postmark(sender) => sender.submit(intent, request).await,
            Kind::CustomerIo(sender) => sender.submit(intent, request).await,
        }
    }

    /// TLS of the latest connection.
    pub fn tls(&self) -> Option<TlsFacts> {
        match &self.kind {
            Kind::Smtp(sender) => sender.tls(),
            Kind::Postmark(_) | Kind::CustomerIo(_) => None,
        }
    }

    /// Says goodbye.
    pub async fn quit(self) {
        match self.kind {
            Kind::Smtp(sender) => sender.quit().await,
            Kind::Postmark(_) | Kind::CustomerIo(_) => {}
        }
    }
}

fn token(credentials: Option<Credentials>) -> Secret {
    credentials.map_or_else(|| Secret::new(""), |credentials| credentials.password)
}

/// The plan and the route do not fit: nothing was sent.
fn mismatch(why: &str) -> Try {
    Try {
        at: OffsetDateTime::now_utc(),
        outcome: SendOutcome::NotSent {
            code: "protocol".to_owned(),
            text: format!("this kind of route {why}"),
        },
        esp_id: None,
    }
}

/// Connects, secures and logs in as a worker would, and sends nothing. The error's code is one of those of
/// [`Worker::submit`], or the phase (`connect`, `ehlo`, `starttls`, `auth`) in which the server refused.
pub async fn verify_login(
    smtp: &SmtpRoute,
    credentials: Option<Credentials>,
    extra_root_pem: Option<Vec<u8>>,
    net: &Net,
) -> Result<LoginFacts, Why> {
    let deadlines = Deadlines::default();
    smtp::verify_login(smtp::Target::new(
        smtp,
        credentials,
        extra_root_pem,
        net.clone(),
        deadlines,
    ))
    .await
}
