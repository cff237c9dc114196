//! A submission server as its owner describes it: host, logins, and the desk that takes the messages.

use crate::lab::attempt::Named;
use crate::model::Secret;
use std::sync::Arc;

/// A message the server took.
#[derive(Debug, Clone)]
pub struct Submitted {
    /// The route whose login was used (or the only one of the listener).
    pub route: String,
    /// Queue id, as told in the reply.
    pub queue_id: String,
    /// What the client called itself.
    pub helo: String,
    /// RCPT TO.
    pub recipients: Vec<String>,
    /// The service's id, where the door has given it one already.
    pub id: Option<String>,
    /// Suite, case and attempt, where the message's own header does not tell them.
    pub case: Option<Named>,
    /// The message, dots unstuffed.
    pub raw: Vec<u8>,
}

/// What the owner of a listener says to a message, before it is accepted.
pub enum Decision {
    /// 250.
    Accept,
    /// Any other reply: code, enhanced code, text.
    Reply(u16, &'static str, String),
}

/// The owner of a listener.
pub trait Desk: Send + Sync + 'static {
    /// May mail be sent to this address?
    fn knows(&self, recipient: &str) -> bool;
    /// The service's id for a message of this route, where its server tells one.
    fn id(&self, route: &str) -> Option<String>;
    /// Takes a message, or says why not. Called once a message, at its final dot.
    fn take(&self, message: Submitted) -> Decision;
}

/// One login of a listener.
#[derive(Debug, Clone)]
pub struct Login {
    /// Route it belongs to.
    pub route: String,
    /// User name; `None` where the route logs in with nothing.
    pub credentials: Option<(String, Secret)>,
}

/// One listener.
pub struct Submission {
    /// The host it plays.
    pub host: String,
    /// STARTTLS, or TLS from the first byte.
    pub starttls: bool,
    /// Its logins.
    pub logins: Vec<Login>,
    /// TLS.
    pub tls: Arc<rustls::ServerConfig>,
    /// Who takes the messages.
    pub desk: Arc<dyn Desk>,
}
