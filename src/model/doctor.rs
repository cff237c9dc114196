//! What `doctor` found: one line a thing that was looked at, nothing sent.

use serde::{Deserialize, Serialize};

/// How good it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// Works, but will hurt, or could not be looked at.
    Warn,
    /// A run would fail by it.
    Fail,
}

/// One line of the doctor's report. `text` may quote a server: writers escape it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoctorLine {
    /// Level.
    pub level: Level,
    /// Is it a warning because nothing could be seen (DNS failed)? Then it says nothing about the thing itself.
    #[serde(default)]
    pub blind: bool,
    /// Group: `configuration`, `dns`, `tracking`, `smtp`, `imap`.
    pub area: String,
    /// What was looked at: a route, a mailbox, a domain.
    pub subject: String,
    /// What was found, one line.
    pub text: String,
    /// What to do; empty where all is well.
    pub remedy: String,
    /// More, for whoever helps from afar: written into the JSON report only.
    #[serde(default)]
    pub details: Vec<String>,
}
