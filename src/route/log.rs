//! Asking a sending service what became of a message.

use super::postmark;
use crate::model::{EspLog, EspStory, LogKind, Secret, Token, Why};
use crate::net::Net;
use time::OffsetDateTime;

/// One log of a route, with the key to it.
pub struct Log {
    /// Whose log it is.
    pub kind: LogKind,
    stream: String,
    key: Secret,
    net: Net,
}

/// Which message is meant.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The token in the message's metadata.
    pub token: &'a Token,
    /// The service's own id, where the delivered message told it.
    pub id: Option<&'a str>,
    /// RCPT TO.
    pub recipient: &'a str,
    /// The subject as sent.
    pub subject: &'a str,
    /// When it was handed over, our clock.
    pub since: OffsetDateTime,
}

impl Log {
    /// A log that has not been asked yet.
    pub fn new(log: &EspLog, key: Secret, net: Net) -> Log {
        Log {
            kind: log.kind,
            stream: log.stream.clone(),
            key,
            net,
        }
    }

    /// What the log tells of a message. Asks only, so it may be asked again.
    ///
    /// # Errors
    /// Codes: `log-key` (401, 403), `log-busy` (429), `log-refused` (another status), `log-protocol` (no JSON of the documented
    /// shape), and those of [`Net::api`].
    pub async fn story(&self, wanted: Wanted<'_>) -> Result<EspStory, Why> {
        match self.kind {
            LogKind::Postmark => {
                let client = postmark::Client::new(&self.net, &self.key);
                postmark::story(&client, &self.stream, wanted).await
            }
        }
    }
}
