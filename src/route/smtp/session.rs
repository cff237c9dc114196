//! A secured, logged-in session: every command with its deadline, every answer with its phase.

use super::dot::{self, Dot};
use super::failure::Failure;
use super::parcel::Parcel;
use super::plain;
use super::reply::{Capabilities, Reply};
use super::target::Target;
use super::wire::{Heard, Wire};
use crate::model::route::Security;
use crate::model::{SendOutcome, TlsFacts};
use crate::route::credentials::Credentials;
use crate::route::deadlines::Deadlines;
use lettre::transport::smtp::authentication::{Credentials as Login, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Auth, Data, Mail, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Response;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How long to listen for the reason when the server hung up in the middle of the message.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A session. After a failure that leaves the dialogue in doubt it is [`Session::broken`] and must not be used again.
pub struct Session {
    connection: AsyncSmtpConnection,
    heard: Heard,
    capabilities: Capabilities,
    tls: TlsFacts,
    deadlines: Deadlines,
    broken: bool,
}

impl Session {
    /// Connects, secures the connection, greets, and logs in where there are credentials.
    pub async fn open(target: &Target) -> Result<Session, Failure> {
        let patience = target.deadlines.opening;
        let stream = target
            .connect()
            .await
            .map_err(|why| Failure::not_sent("connect", why.detail))?;
        let unknown = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
        let peer = stream.peer_addr().unwrap_or(unknown);
        let hello = hello(stream.local_addr().unwrap_or(unknown).ip());
        let greeted = target.security == Security::Starttls;
        let stream = match target.security {
            Security::Starttls => plain::starttls(stream, &hello.to_string(), patience).await?,
            Security::Tls => stream,
        };
        let (stream, tls) = target
            .secure(stream)
            .await
            .map_err(|why| Failure::not_sent("tls", why.detail))?;
        let (wire, heard) = Wire::new(stream, peer, greeted);
        let (connection, capabilities) = greet(wire, &heard, &hello, patience).await?;
        let mut session = Session {
            connection,
            heard,
            capabilities,
            tls,
            deadlines: target.deadlines,
            broken: false,
        };
        if let Some(credentials) = &target.credentials {
            session.log_in(credentials).await?;
        }
        Ok(session)
    }

    /// May it not be used again?
    pub fn broken(&self) -> bool {
        self.broken
    }

    /// TLS of the connection.
    pub fn tls(&self) -> &TlsFacts {
        &self.tls
    }

    /// What the server offered after TLS.
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Is the session still good for another message? Also forgets what was left of the one before.
    pub async fn reset(&mut self) -> bool {
        self.say("rset", Rset, &[250], self.deadlines.command).await.is_ok()
    }

    /// Says goodbye.
    pub async fn quit(mut self) {
        let _ = self
            .say("quit", Quit, &[221], self.deadlines.command.min(LAST_WORDS))
            .await;
    }

    /// Hands one message over.
    pub async fn transfer(&mut self, parcel: &Parcel<'_>) -> SendOutcome {
        match self.announce(parcel).await {
            Err(failure) => failure.outcome(),
            Ok(()) => self.hand_over(parcel.raw).await,
        }
    }

    /// AUTH (RFC 4954), PLAIN before LOGIN; only ever called on a secured connection, for there is no other.
    async fn log_in(&mut self, credentials: &Credentials) -> Result<(), Failure> {
        let offered = |name: &str| self.capabilities.auth.iter().any(|mechanism| mechanism == name);
        let mechanism = match (offered("PLAIN"), offered("LOGIN")) {
            (true, _) => Mechanism::Plain,
            (false, true) => Mechanism::Login,
            (false, false) => {
                let offers = self.capabilities.auth.join(" ");
                let text = format!("the server offers neither AUTH PLAIN nor LOGIN over TLS (offered: `{offers}`)");
                return Err(Failure::not_sent("auth", text));
            }
        };
        let login = Login::new(
            credentials.username.expose().to_owned(),
            credentials.password.expose().to_owned(),
        );
        // lettre's words about a challenge could quote it; the code says enough.
        let confused = |_| Failure::not_sent("auth", "the server's challenge is not understood");
        let mut command = Auth::new(mechanism, login.clone(), None).map_err(confused)?;
        for _ in 0..3 {
            let asked = self.ask("auth", command, &[235, 334], self.deadlines.opening).await;
            let (reply, response) = asked.map_err(|failure| failure.without(&credentials.password))?;
            if reply.code == 235 {
                return Ok(());
            }
            command = Auth::new_from_response(mechanism, login.clone(), &response).map_err(confused)?;
        }
        Err(Failure::not_sent("auth", "the server asks on and on"))
    }

    /// MAIL, RCPT, DATA.
    async fn announce(&mut self, parcel: &Parcel<'_>) -> Result<(), Failure> {
        let patience = self.deadlines.command;
        let parameters = parcel.parameters(&self.capabilities)?;
        self.say("mail", Mail::new(parcel.from.clone(), parameters), &[250], patience)
            .await?;
        self.say("rcpt", Rcpt::new(parcel.to.clone(), Vec::new()), &[250, 251], patience)
            .await?;
        self.say("data", Data, &[354], patience).await.map(drop)
    }

    /// The message and the dot. Until the dot is on its way the server can not have the whole message; from then on only its
    /// answer tells.
    async fn hand_over(&mut self, raw: &[u8]) -> SendOutcome {
        self.broken = true;
        let end = Dot::default();
        let done = {
            let mut transfer = pin!(self.connection.message_iter(dot::chunks(raw, &end)));
            tokio::select! {
                done = &mut transfer => Some(done),
                () = end.on_its_way.notified() => timeout(self.deadlines.dot, &mut transfer).await.ok(),
                () = sleep(self.deadlines.body) => None,
            }
        };
        let dotted = end.set.load(Ordering::Relaxed);
        let Some(done) = done else {
            return dot::silence(dotted);
        };
        let (mut replies, mut garbage) = self.heard.take();
        if done.is_err() && replies.is_empty() && !garbage {
            let _ = timeout(LAST_WORDS, self.connection.read_response()).await;
            (replies, garbage) = self.heard.take();
        }
        let understood = done.as_ref().map_or_else(|error| error.status().is_some(), |_| true);
        let phase = if dotted { "dot" } else { "body" };
        match replies.into_iter().next() {
            Some(reply) if reply.code == 250 && dotted && understood => {
                self.broken = self.heard.more();
                SendOutcome::Accepted(reply.during(phase))
            }
            Some(reply) if (400..600).contains(&reply.code) => {
                self.broken = !dotted || !understood || reply.code == 421;
                Failure::Answered(reply.during(phase)).outcome()
            }
            Some(reply) if dotted => SendOutcome::Unknown(format!(
                "the message was handed over, the answer was {} instead of 250",
                reply.code
            )),
            _ => dot::lost(dotted, garbage, done.err()),
        }
    }

    async fn say(
        &mut self,
        phase: &'static str,
        command: impl Display,
        wanted: &[u16],
        patience: Duration,
    ) -> Result<Reply, Failure> {
        self.ask(phase, command, wanted, patience).await.map(|(reply, _)| reply)
    }

    /// One command and its answer. What is not a clean refusal breaks the session.
    async fn ask(
        &mut self,
        phase: &'static str,
        command: impl Display,
        wanted: &[u16],
        patience: Duration,
    ) -> Result<(Reply, Response), Failure> {
        if std::mem::replace(&mut self.broken, true) || self.heard.more() {
            return Err(Failure::not_sent(
                "protocol",
                format!("the server said more than it was asked ({phase})"),
            ));
        }
        let done = timeout(patience, self.connection.command(command)).await;
        let (replies, garbage) = self.heard.take();
        let Ok(done) = done else {
            return Err(Failure::not_sent(
                "timeout",
                format!("no answer within {patience:?} ({phase})"),
            ));
        };
        match (replies.into_iter().next(), done) {
            (Some(reply), Ok(response)) if wanted.contains(&reply.code) => {
                self.broken = false;
                Ok((reply, response))
            }
            (Some(reply), done) if !wanted.contains(&reply.code) => {
                let clean = done.is_err_and(|error| error.status().is_some());
                self.broken = !clean || reply.code == 421;
                Err(Failure::Answered(reply.during(phase)))
            }
            (_, done) => Err(dot::no_reply(phase, garbage, done.err())),
        }
    }
}

/// The greeting and EHLO, which lettre exchanges by itself when it takes over a stream.
async fn greet(
    wire: Wire,
    heard: &Heard,
    hello: &ClientId,
    patience: Duration,
) -> Result<(AsyncSmtpConnection, Capabilities), Failure> {
    let opening = AsyncSmtpConnection::connect_with_transport(Box::new(wire), hello);
    let done = timeout(patience, opening).await;
    let (replies, garbage) = heard.take();
    let phase = if replies.is_empty() { "connect" } else { "ehlo" };
    // The one to an aborting QUIT may follow.
    let refusal = replies.iter().take(2).position(|reply| reply.code >= 300);
    match (refusal, done) {
        (Some(0), _) => Err(Failure::Answered(replies[0].during("connect"))),
        (Some(index), _) => Err(Failure::Answered(replies[index].during("ehlo"))),
        (None, Err(_)) => Err(Failure::not_sent(
            "timeout",
            format!("no answer within {patience:?} ({phase})"),
        )),
        (None, Ok(Ok(connection))) if replies.len() >= 2 => Ok((connection, Capabilities::of(&replies[1]))),
        (None, Ok(done)) => Err(dot::no_reply(phase, garbage, done.err())),
    }
}

/// An address literal (RFC 5321 §4.1.4): a seed's sender has no host name of its own worth telling.
fn hello(ip: IpAddr) -> ClientId {
    match ip {
        IpAddr::V4(ip) => ClientId::Ipv4(ip),
        IpAddr::V6(ip) => ClientId::Ipv6(ip),
    }
}
