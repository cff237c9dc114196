//! Templates that a sending service holds, and what makes it send them.

use serde::{Deserialize, Serialize};

/// What a case asks the service to send, where the message is not composed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "held", content = "by")]
pub enum Held {
    /// A template of Postmark's, by alias or numeric id (`POST /email/withTemplate`).
    Template(String),
    /// A transactional message of Customer.io's, by id or trigger name (`POST /v1/send/email`).
    Transactional(String),
    /// An event that triggers a campaign of Customer.io's (Track API).
    Event {
        /// The event's name.
        name: String,
        /// Does the campaign's message carry the token, in a header or its text?
        carries_token: bool,
    },
    /// An API-triggered broadcast of Customer.io's, by id (`POST /v1/campaigns/{id}/triggers`).
    Broadcast {
        /// Its id.
        id: u64,
        /// Does its message carry the token?
        carries_token: bool,
    },
}

impl Held {
    /// The name by which the service knows it.
    pub fn name(&self) -> String {
        match self {
            Held::Template(name) | Held::Transactional(name) | Held::Event { name, .. } => name.clone(),
            Held::Broadcast { id, .. } => id.to_string(),
        }
    }

    /// Is the message certain to carry our token, because the request can say so? Otherwise the service's own template decides.
    pub fn carries_token(&self) -> bool {
        match self {
            Held::Template(_) | Held::Transactional(_) => true,
            Held::Event { carries_token, .. } | Held::Broadcast { carries_token, .. } => *carries_token,
        }
    }
}
