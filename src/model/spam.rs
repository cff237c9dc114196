//! What a spam engine that the user runs makes of a message.

use super::probe::Probe;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an engine is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpamEngine {
    /// rspamd's normal worker, by its URL: `http://127.0.0.1:11333`.
    Rspamd(String),
    /// SpamAssassin's spamd: `127.0.0.1:783`.
    SpamAssassin(String),
}

impl fmt::Display for SpamEngine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SpamEngine::Rspamd(url) => write!(out, "rspamd at {url}"),
            SpamEngine::SpamAssassin(address) => write!(out, "SpamAssassin at {address}"),
        }
    }
}

/// Which engines are asked about every message that arrived (`[spam]` of the routes file).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SpamPolicy {
    /// The engines.
    pub engines: Vec<SpamEngine>,
    /// A score from which on a message fails; `None`: what the engine itself calls spam does.
    pub limit: Option<f64>,
}

/// One engine's answer about one message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpamAsked {
    /// The engine, as it was configured.
    pub engine: SpamEngine,
    /// Its opinion, or why there is none.
    pub opinion: Probe<SpamOpinion>,
}

/// What an engine says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpamOpinion {
    /// The sum of its symbols.
    pub score: f64,
    /// The score at which it acts: SpamAssassin calls the message spam, rspamd rejects it.
    pub required: f64,
    /// What it would do with the message.
    pub action: SpamAction,
    /// What it found, in the engine's order.
    pub symbols: Vec<SpamSymbol>,
}

/// What an engine would do with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpamAction {
    /// Nothing.
    Accept,
    /// Defer it, in the engine's word: `greylist`, `soft reject`.
    Defer(String),
    /// Mark or refuse it, in the engine's word: `add header`, `reject`, `spam`.
    Spam(String),
}

/// One thing an engine found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SpamSymbol {
    /// `MIME_HTML_ONLY`.
    pub name: String,
    /// What it adds to the score.
    pub score: f64,
    /// In words, where the engine tells.
    pub description: String,
}
