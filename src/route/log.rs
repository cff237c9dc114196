//! Asking a sending service what became of a message, and whom it holds mail back from.

use super::credentials::Credentials;
use super::customerio::{self, people};
use super::postmark::{self, suppressions};
use crate::model::{EspLog, EspStory, LogKind, Region, Secret, Suppression, Token, Why};
use crate::net::Net;
use time::OffsetDateTime;
use tokio::sync::Semaphore;

/// Messages of one log asked about at the same time.
const AT_ONCE: usize = 4;

/// One log of a route, with the key to it.
pub struct Log {
    /// Whose log it is.
    pub kind: LogKind,
    stream: String,
    region: Region,
    key: Secret,
    track: Option<Credentials>,
    net: Net,
    /// Services limit how often they are asked: so many questions at once.
    at_once: Semaphore,
}

/// Which message is meant.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The token in the message's metadata.
    pub token: &'a Token,
    /// The service's own id, where its answer or the delivered message told it.
    pub id: Option<&'a str>,
    /// RCPT TO.
    pub recipient: &'a str,
    /// The seed's plain address, by which a service knows it as a person.
    pub person: &'a str,
    /// The topic of Customer.io's that it belongs to.
    pub topic: Option<&'a str>,
    /// Was it seen in its mailbox? Then nothing has to be explained.
    pub seen: bool,
    /// When it was handed over, our clock.
    pub since: OffsetDateTime,
}

impl Log {
    /// A log that has not been asked yet.
    pub fn new(log: &EspLog, key: Secret, net: Net) -> Log {
        Log {
            kind: log.kind,
            stream: log.stream.clone(),
            region: log.region,
            key,
            track: None,
            net,
            at_once: Semaphore::new(AT_ONCE),
        }
    }

    /// With the login of Customer.io's Track API, by which people are subscribed again.
    #[must_use]
    pub fn track(mut self, login: Option<Credentials>) -> Log {
        self.track = login;
        self
    }

    /// What the log tells of a message. Asks only, so it may be asked again.
    ///
    /// # Errors
    /// Codes: `log-key` (401, 403), `log-busy` (429), `log-refused` (another status), `log-protocol` (no JSON of the documented
    /// shape), and those of [`Net::api`].
    pub async fn story(&self, wanted: Wanted<'_>) -> Result<EspStory, Why> {
        // The semaphore is never closed; were it, the question would still be harmless.
        let _permit = self.at_once.acquire().await;
        match self.kind {
            LogKind::Postmark => {
                let client = postmark::Client::new(&self.net, &self.key);
                postmark::story(&client, &self.stream, wanted).await
            }
            LogKind::CustomerIo => {
                let client = customerio::Client::new(&self.net, self.region, &self.key);
                customerio::story(&client, wanted).await
            }
        }
    }

    /// Is there a list to be asked and changed?
    pub fn has_list(&self) -> bool {
        self.kind == LogKind::Postmark || self.track.is_some()
    }

    /// The stream that is asked about where a message does not tell another. At Customer.io people unsubscribe from the workspace.
    pub fn stream(&self) -> &str {
        match self.kind {
            LogKind::Postmark => &self.stream,
            LogKind::CustomerIo => "workspace",
        }
    }

    /// Whom the list names: Postmark's the address, Customer.io's the person.
    pub fn listed_as<'a>(&self, address: &'a str, person: &'a str) -> &'a str {
        match self.kind {
            LogKind::Postmark => address,
            LogKind::CustomerIo => person,
        }
    }

    /// Is mail of a stream held back from an address? Codes as for [`Log::story`].
    pub async fn suppressed(&self, stream: &str, address: &str) -> Result<Option<Suppression>, Why> {
        let _permit = self.at_once.acquire().await;
        match self.kind {
            LogKind::Postmark => {
                suppressions::listed(&postmark::Client::new(&self.net, &self.key), stream, address).await
            }
            LogKind::CustomerIo => {
                people::unsubscribed(&customerio::Client::new(&self.net, self.region, &self.key), address).await
            }
        }
    }

    /// Lets mail of a stream through to an address again. May be said twice.
    ///
    /// # Errors
    /// `not-lifted` where the service does not allow it; else codes as for [`Log::story`].
    pub async fn reactivate(&self, stream: &str, address: &str) -> Result<(), Why> {
        let _permit = self.at_once.acquire().await;
        match self.kind {
            LogKind::Postmark => {
                suppressions::lift(&postmark::Client::new(&self.net, &self.key), stream, address).await
            }
            LogKind::CustomerIo => match &self.track {
                Some(login) => people::subscribe(&self.net, self.region, login, address).await,
                None => Err(Why::new("not-lifted", "the route has no login of the Track API")),
            },
        }
    }
}
