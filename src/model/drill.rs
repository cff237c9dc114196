//! The unsubscribe drill of one delivery: what a case asks for, and what came of each step. Part of the evidence, so that a recheck
//! says the same.

use super::probe::{Reason, Why};
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// What a case asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillTerms {
    /// The case that must still arrive.
    pub receipt: String,
    /// The route it takes.
    pub receipt_route: String,
    /// How soon the log must list the reader, ms.
    pub noted_ms: u64,
    /// How long the next message of the case is looked for: it must not arrive, ms.
    pub within_ms: u64,
}

/// One address on a service's suppression list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// In the service's words: `ManualSuppression`, `SpamComplaint`, `HardBounce`.
    pub reason: String,
    /// By whom: `Recipient`, `Customer`, `Admin`.
    pub origin: String,
    /// Since when, by the service's clock, UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
}

impl fmt::Display for Suppression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, by {}", self.reason, self.origin)
    }
}

/// The POST of one click (RFC 8058 §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Press {
    /// It was not made.
    NotPressed(Reason),
    /// It was answered.
    Answered(PressAnswer),
    /// It was made or tried, and brought no answer. Codes: `fenced`, `bad-certificate`, `not-https`, and those of a failed request.
    Failed {
        /// Where to.
        uri: String,
        /// What happened.
        why: Why,
    },
}

/// What the POST was answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PressAnswer {
    /// Where to.
    pub uri: String,
    /// Status code.
    pub status: u16,
    /// `Location`, never followed.
    pub location: Option<String>,
    /// Did the answer set a cookie?
    pub sets_cookie: bool,
    /// Milliseconds from the request to the end of the answer's headers.
    pub elapsed_ms: u64,
}

impl PressAnswer {
    /// 2xx: the server says that the reader is unsubscribed.
    pub fn agrees(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Does the service's log list the reader?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// Nobody asked.
    NotAsked(Reason),
    /// It does.
    Seen {
        /// Milliseconds after the POST.
        after_ms: u64,
        /// The entry.
        entry: Suppression,
    },
    /// It did not by then.
    Absent {
        /// Milliseconds after the POST.
        waited_ms: u64,
    },
    /// It could not be asked.
    Blind(Why),
}

/// A further message to the same seed; `E` is the evidence of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FollowedOf<E> {
    /// It was not sent.
    NotSent(Reason),
    /// It was handed to its route, or that was tried; what became of it.
    Sent(Box<E>),
}

/// Is the seed as it was before?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reactivation {
    /// There was nothing to undo.
    NotNeeded,
    /// The entry is off the list.
    Done,
    /// The service does not allow it: somebody has to, by hand.
    Refused(String),
    /// It could not be done now; the next start tries again.
    Left(Why),
}

/// A drill, step by step; `E` is the evidence of its further messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DrillOf<E> {
    /// What was asked for.
    pub terms: DrillTerms,
    /// Whose log was asked, and for which stream, in words.
    pub list: String,
    /// The POST.
    pub press: Press,
    /// The list after it.
    pub listed: Listed,
    /// The next message of the same case and route.
    pub again: FollowedOf<E>,
    /// The receipt.
    pub receipt: FollowedOf<E>,
    /// The end.
    pub reactivation: Reactivation,
}

impl<E> DrillOf<E> {
    /// A drill that ended before the reader was unsubscribed.
    pub fn not_pressed(terms: DrillTerms, reason: Reason) -> Self {
        let none = Reason::new("not-unsubscribed", "the seed was not unsubscribed");
        DrillOf {
            terms,
            list: String::new(),
            press: Press::NotPressed(reason),
            listed: Listed::NotAsked(none.clone()),
            again: FollowedOf::NotSent(none.clone()),
            receipt: FollowedOf::NotSent(none),
            reactivation: Reactivation::NotNeeded,
        }
    }

    /// Is the reader unsubscribed, by the answer or by the list?
    pub fn unsubscribed(&self) -> bool {
        let agreed = matches!(&self.press, Press::Answered(answer) if answer.agrees());
        agreed || matches!(self.listed, Listed::Seen { .. })
    }
}
