//! What can go wrong between us and an IMAP server: each kind is its own variant and carries the server's words.

use super::refusal::Refusal;
use crate::model::Why;
use std::time::Duration;

/// A failed step. None of them says anything about whether a message is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// No connection to the server: resolution or TCP.
    Connect(String),
    /// TLS failed or the certificate is not trusted.
    Tls(String),
    /// What came instead of a greeting (RFC 9051 §7.1).
    Greeting(String),
    /// Login answered with NO or BAD, or no password login offered.
    LoginRefused(Refusal),
    /// No access token could be had, by the authorization server's word.
    TokenRefused(Refusal),
    /// A command answered with NO.
    No {
        /// The command's name.
        command: &'static str,
        /// The server's words.
        text: String,
    },
    /// A command answered with BAD.
    Bad {
        /// The command's name.
        command: &'static str,
        /// The server's words.
        text: String,
    },
    /// The server said BYE.
    Bye(String),
    /// The connection ended without a word.
    Dropped(String),
    /// Nothing (or not enough) came in time.
    Timeout(String),
    /// Bytes that are no IMAP, or an answer without what was asked for.
    Unreadable(String),
    /// More than we are ready to hold.
    Oversize(String),
}

impl Failure {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Failure::Connect(_) => "imap-connect",
            Failure::Tls(_) => "imap-tls",
            Failure::Greeting(_) => "imap-greeting",
            Failure::LoginRefused(_) => "imap-login-refused",
            Failure::TokenRefused(_) => "oauth-refused",
            Failure::No { .. } => "imap-no",
            Failure::Bad { .. } => "imap-bad",
            Failure::Bye(_) => "imap-bye",
            Failure::Dropped(_) => "imap-dropped",
            Failure::Timeout(_) => "imap-timeout",
            Failure::Unreadable(_) => "imap-unreadable",
            Failure::Oversize(_) => "imap-oversize",
        }
    }

    /// The failure in words, with the server's text and, where one is known, the remedy.
    pub fn detail(&self) -> String {
        match self {
            Failure::LoginRefused(refusal) => format!("the server refused the login: {refusal}"),
            Failure::TokenRefused(refusal) => format!("no access token: {refusal}"),
            Failure::No { command, text } => remedied(format!("the server answered {command} with NO: {text}"), text),
            Failure::Bad { command, text } => remedied(format!("the server answered {command} with BAD: {text}"), text),
            Failure::Bye(text) => remedied(format!("the server said BYE: {text}"), text),
            Failure::Greeting(text) => format!("no IMAP greeting: {text}"),
            Failure::Unreadable(text) => format!("not readable as IMAP: {text}"),
            Failure::Oversize(text) => format!("refused for its size: {text}"),
            Failure::Connect(text) | Failure::Tls(text) | Failure::Dropped(text) | Failure::Timeout(text) => {
                text.clone()
            }
        }
    }

    /// Code and words.
    pub fn why(&self) -> Why {
        Why::new(self.code(), self.detail())
    }

    /// Would trying again with the same credentials only bring the account closer to being locked?
    pub fn hopeless(&self) -> bool {
        matches!(self, Failure::LoginRefused(refusal) | Failure::TokenRefused(refusal) if refusal.final_)
    }

    /// How long the server asked us to stay away, or how long is wise where it spoke of limits.
    pub fn stay_away(&self) -> Option<Duration> {
        match self {
            Failure::LoginRefused(refusal) | Failure::TokenRefused(refusal) => refusal.stay_away,
            Failure::No { text, .. } | Failure::Bad { text, .. } | Failure::Bye(text) => Refusal::of(text).stay_away,
            _ => None,
        }
    }

    /// Does the session survive it? Only a clean tagged NO or BAD leaves both sides where they were.
    pub fn session_lives(&self) -> bool {
        matches!(self, Failure::No { .. } | Failure::Bad { .. })
    }
}

fn remedied(said: String, text: &str) -> String {
    match Refusal::of(text).remedy {
        Some(remedy) => format!("{said} ({remedy})"),
        None => said,
    }
}
