//! An account with its secrets, and the way to a logged-in session on it.

use super::failure::Failure;
use super::folders::Folders;
use super::login::Proof;
use super::oauth::TokenSource;
use super::refusal::Refusal;
use super::session::Session;
use crate::model::{Secret, SeedMailbox, TlsFacts, Why};
use crate::net::Net;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A seed mailbox with its secrets resolved.
#[derive(Debug, Clone)]
pub struct Account {
    /// The mailbox.
    pub seed: SeedMailbox,
    /// Its password or app password.
    pub password: Option<Secret>,
    /// Where its access tokens come from, instead of a password.
    pub oauth: Option<TokenSource>,
    /// The PEM text of the mailbox's own trust anchor (`ca_file`).
    pub extra_root_pem: Option<Vec<u8>>,
}

/// A session over TLS, as the product makes it.
pub type TlsSession = Session<TlsStream<TcpStream>>;

impl Account {
    /// Connects, secures, logs in. Bounded in time by its parts. An access token that the server does not take any more is renewed
    /// once.
    pub async fn log_in(&self, net: &Net) -> Result<(TlsSession, TlsFacts), Failure> {
        if let Some(source) = &self.oauth {
            let token = source.access(net).await?;
            return match self.enter(net, &Proof::Bearer(token.clone())).await {
                Err(Failure::LoginRefused(_)) => {
                    let renewed = source.renew(net, &token).await?;
                    self.enter(net, &Proof::Bearer(renewed)).await
                }
                done => done,
            };
        }
        match &self.password {
            Some(password) => self.enter(net, &Proof::Password(password.clone())).await,
            None => Err(Failure::LoginRefused(Refusal {
                text: format!("no login is configured for mailbox {}", self.seed.name),
                remedy: Some("state `password`, or `client_id` and `refresh_token`, in the mailboxes file"),
                final_: true,
                stay_away: None,
            })),
        }
    }

    async fn enter(&self, net: &Net, proof: &Proof) -> Result<(TlsSession, TlsFacts), Failure> {
        let profile = &self.seed.profile;
        let connected = |why: Why| Failure::Connect(format!("{} [{}]", why.detail, why.code));
        let stream = net.connect(&profile.host, profile.port).await.map_err(connected)?;
        let secured = |why: Why| Failure::Tls(format!("{} [{}]", why.detail, why.code));
        let (stream, tls) = net
            .secure(&profile.host, stream, self.extra_root_pem.as_deref())
            .await
            .map_err(secured)?;
        let session = Session::open(stream, &profile.host, &self.seed.username, proof).await?;
        Ok((session, tls))
    }

    /// Lists the folders with their roles.
    pub async fn folders(&self, session: &mut TlsSession) -> Result<Folders, Failure> {
        Ok(Folders::read(&session.list().await?, &self.seed.profile))
    }
}
