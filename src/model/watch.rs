//! What was seen in a seed mailbox: sightings, what was looked at, and the gaps in the looking.

use super::esp::LogKind;
use super::probe::FolderLook;
use super::profile::FolderRole;
use super::raw::RawMessage;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// A folder's state before anything was sent (the baseline is one `Mark` a folder).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// Folder name as the server lists it.
    pub folder: String,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT: only messages from here on are ours to look at.
    pub uid_next: u32,
}

/// What tied a message to its delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// `X-InboxQA-Token`.
    Header,
    /// A header in which an ESP keeps metadata.
    Metadata,
    /// The token in the body.
    Body,
    /// The plus-address.
    Address,
    /// The ESP's own message id.
    EspId,
}

/// One look at one copy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Folder name as the server lists it (decoded).
    pub folder: String,
    /// What the folder is.
    pub role: FolderRole,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UID.
    pub uid: u32,
    /// When we saw it, our clock, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Milliseconds on the monotonic clock from acceptance by the route to this sighting.
    pub after_ms: u64,
    /// Milliseconds from acceptance to the *beginning* of the last look at this folder that did not have it; `None` where this was the first look.
    /// `after_ms - absent_until_ms` is the resolution of the arrival figure.
    pub absent_until_ms: Option<u64>,
    /// INTERNALDATE, UTC (RFC 9051 §2.3.3), one-second resolution.
    #[serde(with = "time::serde::rfc3339::option")]
    pub internal_date: Option<OffsetDateTime>,
    /// RFC822.SIZE in bytes.
    pub size: u64,
    /// Gmail's X-GM-MSGID: the same for every label of one message.
    pub gmail_id: Option<u64>,
    /// Gmail's category (`promotions`), where it could be asked.
    pub tab: Option<String>,
    /// What matched.
    pub matched_by: MatchedBy,
    /// Its Message-ID: the same in two copies where one sending was delivered twice.
    #[serde(default)]
    pub message_id: Option<String>,
    /// The first address of its From, domain in lower case: a reply or a forward that quotes the token is somebody else's.
    #[serde(default)]
    pub from: Option<String>,
}

/// A message that arrived.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arrival {
    /// All sightings, in order of time; the first is the arrival. A copy that moved has one sighting a folder. Never empty: stored
    /// evidence without a sighting is not read back.
    #[serde(deserialize_with = "at_least_one")]
    pub sightings: Vec<Sighting>,
    /// Distinct copies: indices into `sightings` of each copy's last sighting (All Mail and Inbox of Gmail are one copy).
    pub copies: Vec<usize>,
    /// Was every candidate folder looked at once more, completely, after the quiet time? If not, duplicates can not be denied.
    pub quiet_look: Option<Vec<FolderLook>>,
    /// The first copy's bytes.
    pub raw: RawMessage,
}

fn at_least_one<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Sighting>, D::Error> {
    let sightings = Vec::deserialize(deserializer)?;
    match sightings.is_empty() {
        true => Err(serde::de::Error::custom("an arrival without a sighting")),
        false => Ok(sightings),
    }
}

impl Arrival {
    /// Where the first copy is now.
    pub fn resting(&self) -> &Sighting {
        let last = self.copies.first().copied().unwrap_or(0);
        &self.sightings[last.min(self.sightings.len().saturating_sub(1))]
    }
}

/// A time in which a mailbox could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// From, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub from: OffsetDateTime,
    /// Until, UTC; `None` where it never recovered.
    #[serde(with = "time::serde::rfc3339::option")]
    pub until: Option<OffsetDateTime>,
    /// Stable code: `imap-connect`, `imap-login-refused`, `imap-dropped`, `imap-no`, `imap-timeout`, …
    pub code: String,
    /// In words, with the server's text.
    pub detail: String,
}

/// The story of watching one mailbox for one delivery.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct WatchLog {
    /// Folders of the baseline.
    pub baseline: Vec<Mark>,
    /// Complete rounds over the candidate folders.
    pub rounds: u32,
    /// Times of blindness.
    pub gaps: Vec<Gap>,
    /// Provider's clock minus ours, in milliseconds, where it could be estimated.
    pub clock_skew_ms: Option<i64>,
    /// Why it was not looked for any longer than that, where the looking ended before `give_up`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<WatchEnd>,
}

/// A sending service's log said that the message will not come; every folder was looked at once more after that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchEnd {
    /// Whose log.
    pub log: LogKind,
    /// Milliseconds on the monotonic clock from acceptance to its word.
    pub after_ms: u64,
    /// Its word.
    pub said: String,
}
