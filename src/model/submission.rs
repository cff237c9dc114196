//! What happened on the sending side.

use super::tls::TlsFacts;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// An SMTP (or API) reply: basic code, enhanced code (RFC 3463), text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmtpReply {
    /// Where it came: `connect`, `ehlo`, `starttls`, `auth`, `mail`, `rcpt`, `data`, `body`, `dot`.
    pub phase: String,
    /// Basic code, RFC 5321 §4.2.
    pub code: u16,
    /// Enhanced status code such as `5.7.26`.
    pub enhanced: Option<String>,
    /// The text as the server wrote it (lines joined by a blank).
    pub text: String,
}

/// As the server gave it, the enhanced code told once: `550 5.7.26 Unauthenticated mail …`.
impl fmt::Display for SmtpReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.enhanced.as_deref().filter(|code| !self.text.starts_with(code)) {
            Some(enhanced) => write!(f, "{} {enhanced} {}", self.code, self.text),
            None => write!(f, "{} {}", self.code, self.text),
        }
    }
}

/// What became of handing the message to the route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome", content = "value")]
pub enum SendOutcome {
    /// The route took responsibility (250 after the dot).
    Accepted(SmtpReply),
    /// Refused for good (5xx).
    Refused(SmtpReply),
    /// Dropped because the recipient is on the route's suppression list.
    Suppressed(String),
    /// Refused for now (4xx) and the time for trying again is over.
    Deferred(SmtpReply),
    /// Handed over, but no answer came: it may or may not have been sent. Never sent again.
    Unknown(String),
    /// It was certainly not sent: connection, TLS or login failed before the message. Code and words.
    NotSent {
        /// Stable code: `connect`, `tls`, `auth`, `interrupted`, `no-baseline`, …
        code: String,
        /// In words.
        text: String,
    },
}

/// One try within a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    /// When, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// What came of it.
    pub outcome: SendOutcome,
    /// The service's own id of the message, where its answer told one.
    #[serde(default)]
    pub esp_id: Option<String>,
}

/// The sending side of one delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// MAIL FROM.
    pub envelope_from: String,
    /// RCPT TO.
    pub envelope_to: String,
    /// Every try, oldest first; the last one holds the final outcome.
    pub tries: Vec<Try>,
    /// When the route accepted, our clock, UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub accepted_at: Option<OffsetDateTime>,
    /// TLS of the submission connection.
    pub tls: Option<TlsFacts>,
}

impl Submission {
    /// The final outcome.
    pub fn outcome(&self) -> Option<&SendOutcome> {
        self.tries.last().map(|last| &last.outcome)
    }

    /// The service's own id of the message, where its answer told one.
    pub fn esp_id(&self) -> Option<&str> {
        self.tries.last()?.esp_id.as_deref()
    }
}
