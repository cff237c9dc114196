//! OAuth 2.0 (RFC 6749) as a way to log in to a mailbox.

use super::secret::SecretRef;
use serde::{Deserialize, Serialize};

/// How an access token is come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grant {
    /// From a refresh token, which a person granted once (RFC 6749 §6).
    RefreshToken,
    /// By the client itself, for mailboxes of its own organisation (RFC 6749 §4.4).
    ClientCredentials,
}

/// The client and the endpoints of one mailbox's authorization server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OAuth {
    /// How an access token is come by.
    pub grant: Grant,
    /// The client registered with the provider; not secret.
    pub client_id: String,
    /// Its secret, where it has one.
    pub client_secret: Option<SecretRef>,
    /// The refresh token; `None` before the first `inboxqa login`.
    pub refresh_token: Option<SecretRef>,
    /// Scopes, separated by blanks.
    pub scope: String,
    /// Where tokens are given out (RFC 6749 §3.2).
    pub token_url: String,
    /// Where a person grants access in a browser (RFC 6749 §3.1).
    pub authorize_url: Option<String>,
    /// Where a device asks for a code (RFC 8628 §3.1).
    pub device_url: Option<String>,
}
