//! The one answer type that keeps "it is not there" apart from "we could not look" (and from "nobody asked").
//! A false `missing` has no constructor: `Absent` needs a `Looked`, and `Looked` proves a complete sweep.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// What looking for something came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "probe", content = "value")]
pub enum Probe<T> {
    /// It is there.
    Seen(T),
    /// Every place where it could be was looked at, completely, and it was not there.
    Absent(Looked),
    /// Looking failed: nothing can be said.
    Blind(Why),
    /// Nobody looked, on purpose.
    NotAsked(Reason),
}

impl<T> Probe<T> {
    /// The value, where something was seen.
    pub fn seen(&self) -> Option<&T> {
        match self {
            Probe::Seen(value) => Some(value),
            _ => None,
        }
    }
}

/// Why nothing could be seen: a stable code (`imap-login-refused`) and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// Stable machine code, kebab-case.
    pub code: String,
    /// What happened, in words, with the other side's text. Never holds a secret.
    pub detail: String,
}

impl Why {
    /// A new reason for blindness.
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Why {
            code: code.into(),
            detail: detail.into(),
        }
    }
}

/// Why nobody looked (`send-refused`, `probe-off`): a stable code and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable machine code, kebab-case.
    pub code: String,
    /// The reason in words.
    pub detail: String,
}

impl Reason {
    /// A new reason for not asking.
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Reason {
            code: code.into(),
            detail: detail.into(),
        }
    }
}

/// One complete look at one folder: every UID in `from_uid..next_uid` was fetched and compared with the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderLook {
    /// The folder's name as the server lists it (decoded).
    pub folder: String,
    /// UIDVALIDITY during the look (RFC 9051 §2.3.1.1).
    pub uid_validity: u32,
    /// First UID looked at (the baseline's UIDNEXT).
    pub from_uid: u32,
    /// The folder's UIDNEXT at the look: every UID below it was there to be seen.
    pub next_uid: u32,
    /// When the look began, our clock, UTC. A message that arrived later can not be denied by it.
    #[serde(with = "time::serde::rfc3339")]
    pub began_at: OffsetDateTime,
}

/// The proof that something is not there: a complete sweep of every selectable folder.
/// Made only by [`Looked::complete`]; by convention (held by a test) only the watcher calls it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    folders: Vec<FolderLook>,
    #[serde(with = "time::serde::rfc3339")]
    swept_at: OffsetDateTime,
}

impl Looked {
    /// Builds the proof from the looks of one sweep.
    ///
    /// `selectable` are all folders of the mailbox that can be opened; `since` is the moment after which each look must have
    /// begun (end of the give-up window). Returns the names of the folders that were not looked at completely, if any.
    pub fn complete(
        selectable: &[String],
        looks: Vec<FolderLook>,
        since: OffsetDateTime,
    ) -> Result<Looked, Vec<String>> {
        let unseen: Vec<String> = selectable
            .iter()
            .filter(|name| !looks.iter().any(|look| look.folder == **name && look.began_at >= since))
            .cloned()
            .collect();
        let swept_at = looks.iter().map(|look| look.began_at).min();
        match (unseen.is_empty() && !selectable.is_empty(), swept_at) {
            (true, Some(swept_at)) => Ok(Looked {
                folders: looks,
                swept_at,
            }),
            _ => Err(unseen),
        }
    }

    /// The folders of the sweep.
    pub fn folders(&self) -> &[FolderLook] {
        &self.folders
    }

    /// When the sweep began (its earliest look): what arrived after this moment is not denied.
    pub fn swept_at(&self) -> OffsetDateTime {
        self.swept_at
    }
}
