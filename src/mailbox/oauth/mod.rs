//! OAuth 2.0 for mailboxes: access tokens that are fetched when needed, kept while they last and renewed once they are refused, and the
//! two ways in which a person grants access.
//!
//! ```text
//! exchange   the token endpoint: forms out, tokens or reasons back (RFC 6749)
//! device     a code typed into another device's browser (RFC 8628)
//! loopback   a browser on this machine, PKCE, a redirect to 127.0.0.1 (RFC 8252, RFC 7636)
//! sasl       the token as IMAP carries it (XOAUTH2, RFC 7628)
//! ```

mod device;
mod exchange;
mod loopback;
pub(super) mod sasl;

pub use device::{DeviceCode, ask_device, await_device};
pub use exchange::Granted;
pub use loopback::Loopback;

use super::failure::Failure;
use crate::model::Secret;
use crate::model::oauth::{Grant, OAuth};
use crate::net::Net;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A token is renewed so long before its end: a login takes a moment.
const MARGIN: Duration = Duration::from_secs(60);

/// What is done with a refresh token that the server replaced: keeps it, or says why that is not possible.
pub type Keeper = Arc<dyn Fn(&Secret) + Send + Sync>;

/// Where a mailbox's access tokens come from. Clones share the token.
#[derive(Clone)]
pub struct TokenSource {
    client: OAuth,
    client_secret: Option<Secret>,
    keeper: Keeper,
    held: Arc<Mutex<Held>>,
}

struct Held {
    refresh: Option<Secret>,
    access: Option<(Secret, Instant)>,
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

impl TokenSource {
    /// With its secrets. `keeper` is called with every refresh token that replaces the one before.
    pub fn new(client: OAuth, client_secret: Option<Secret>, refresh: Option<Secret>, keeper: Keeper) -> TokenSource {
        TokenSource {
            client,
            client_secret,
            keeper,
            held: Arc::new(Mutex::new(Held { refresh, access: None })),
        }
    }

    /// An access token that should still be good; fetched where there is none.
    pub async fn access(&self, net: &Net) -> Result<Secret, Failure> {
        let mut held = self.held.lock().await;
        match &held.access {
            Some((token, until)) if *until > Instant::now() => Ok(token.clone()),
            _ => self.fetch(net, &mut held).await,
        }
    }

    /// Another access token than `refused`, which the server did not take.
    pub async fn renew(&self, net: &Net, refused: &Secret) -> Result<Secret, Failure> {
        let mut held = self.held.lock().await;
        match &held.access {
            // Somebody else was faster.
            Some((token, _)) if token != refused => Ok(token.clone()),
            _ => self.fetch(net, &mut held).await,
        }
    }

    async fn fetch(&self, net: &Net, held: &mut Held) -> Result<Secret, Failure> {
        held.access = None;
        let mut form = exchange::Form::of(&self.client, self.client_secret.as_ref());
        match (self.client.grant, &held.refresh) {
            (Grant::ClientCredentials, _) => form.push("grant_type", "client_credentials"),
            (Grant::RefreshToken, Some(refresh)) => {
                form.push("grant_type", "refresh_token");
                form.push("refresh_token", refresh.expose());
            }
            (Grant::RefreshToken, None) => return Err(exchange::never_granted()),
        }
        form.push("scope", &self.client.scope);
        let granted = exchange::ask(net, &self.client.token_url, &form).await?;
        if let Some(refresh) = granted.refresh.filter(|new| held.refresh.as_ref() != Some(new)) {
            (self.keeper)(&refresh);
            held.refresh = Some(refresh);
        }
        let lasts = granted.lasts.saturating_sub(MARGIN);
        held.access = Some((granted.access.clone(), Instant::now() + lasts));
        Ok(granted.access)
    }
}
