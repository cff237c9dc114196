//! A sending service's own log of what became of a message: who can be asked, and what was answered.

use super::probe::{Reason, Why};
use super::region::Region;
use super::secret::SecretRef;
use serde::{Deserialize, Serialize};
use std::fmt;
use time::OffsetDateTime;

/// Whose log it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogKind {
    /// Postmark's Messages, Bounces and Suppressions API.
    Postmark,
    /// Customer.io's App API: messages with their metrics, people with their subscription.
    #[serde(rename = "customerio")]
    CustomerIo,
}

impl fmt::Display for LogKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LogKind::Postmark => "postmark",
            LogKind::CustomerIo => "customerio",
        })
    }
}

/// A service's own id of one message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EspId {
    service: LogKind,
    id: String,
}

impl EspId {
    /// Shorter ones could stand anywhere by chance: Postmark's have 36 characters, Customer.io's about 40 (older ones 20 and more).
    const SHORTEST: usize = 20;
    const LONGEST: usize = 128;

    /// `None` for what is no id of this service: Postmark writes a UUID (in either case, kept in lower), Customer.io base64url with padding.
    pub fn new(service: LogKind, id: &str) -> Option<EspId> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=".contains(&byte);
        let id = match service {
            LogKind::Postmark if is_uuid(id) => id.to_ascii_lowercase(),
            LogKind::CustomerIo if (EspId::SHORTEST..=EspId::LONGEST).contains(&id.len()) && id.bytes().all(plain) => {
                id.trim_end_matches('=').to_owned()
            }
            _ => return None,
        };
        Some(EspId { service, id })
    }

    /// Whose it is.
    pub fn service(&self) -> LogKind {
        self.service
    }

    /// The one UUID that stands by itself in a text, such as an SMTP server's reply. Two are none: nobody says which is meant.
    pub fn postmark_in(text: &str) -> Option<EspId> {
        let words = text.split(|char: char| !(char.is_ascii_alphanumeric() || char == '-'));
        let mut found = words.filter_map(|word| EspId::new(LogKind::Postmark, word));
        found.next().filter(|_| found.next().is_none())
    }
}

impl fmt::Display for EspId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.id)
    }
}

/// RFC 9562 §4: 8-4-4-4-12 hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let mut lengths = [8, 4, 4, 4, 12].into_iter();
    let part = |part: &str| Some(part.len()) == lengths.next() && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    text.len() == 36 && text.split('-').all(part)
}

/// `[route.NAME.log]`: one log that can be asked about a route's messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EspLog {
    /// Whose.
    pub kind: LogKind,
    /// Postmark: the server's API token. Customer.io: the App API key.
    pub token: SecretRef,
    /// Postmark: the message stream, for suppressions of messages that the log does not know. Default `outbound`.
    pub stream: String,
    /// Customer.io: where the workspace lives.
    #[serde(default)]
    pub region: Region,
}

/// What a log's event means, whatever its vendor calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EspEventKind {
    /// The receiving server refused for now; the service tries again.
    Deferred,
    /// The receiving server took it.
    Delivered,
    /// The receiving server, or the service itself, refused it for good.
    Bounced,
    /// Not sent, because the recipient is on a suppression list.
    Dropped,
    /// The pixel was loaded.
    Opened,
    /// A tracked link was followed.
    Clicked,
    /// Anything else.
    Other,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EspEvent {
    /// What it means.
    pub kind: EspEventKind,
    /// When, by the service's clock, UTC.
    #[serde(with = "time::serde::rfc3339::option")]
    pub at: Option<OffsetDateTime>,
    /// In the vendor's words: its type and the receiving server's reply.
    pub detail: String,
    /// Bounced or dropped for good: this message will not come any more. Soft and unclear bounces are not meant.
    #[serde(default)]
    pub certain: bool,
}

/// What a log tells of one message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EspStory {
    /// The service's id of the message; `None` where the log does not know the message.
    pub id: Option<String>,
    /// The message stream it went through.
    pub stream: Option<String>,
    /// When the service made the message, by its clock, UTC.
    #[serde(default, with = "time::serde::rfc3339::option")]
    pub created_at: Option<OffsetDateTime>,
    /// Is it still in the service's own queue?
    pub queued: bool,
    /// Does the service count opens of this message? `None`: not told.
    pub counts_opens: Option<bool>,
    /// Does it count clicks?
    pub counts_clicks: Option<bool>,
    /// Events, oldest first.
    pub events: Vec<EspEvent>,
    /// Why the recipient is on the stream's suppression list, where it is.
    pub suppression: Option<String>,
}

/// What became of a message, by the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EspFate {
    /// The log does not know the message.
    Unlisted,
    /// Waiting in the service's queue, or refused for now by the receiving server.
    UnderWay(String),
    /// The service handed it over and knows no more.
    Sent,
    /// The receiving server took it.
    Delivered,
    /// Refused for good, with type and text.
    Bounced(String),
    /// Not sent, because the recipient is suppressed.
    Dropped(String),
}

impl EspStory {
    /// Has this happened?
    pub fn has(&self, kind: EspEventKind) -> bool {
        self.events.iter().any(|event| event.kind == kind)
    }

    /// The event that says that the message will never arrive; `None` as long as it may. A suppression list alone says nothing of it.
    pub fn end(&self) -> Option<&EspEvent> {
        let decides = |event: &&EspEvent| {
            use EspEventKind::{Bounced, Deferred, Delivered, Dropped};
            matches!(event.kind, Delivered | Bounced | Dropped | Deferred)
        };
        self.events.iter().rev().find(decides).filter(|event| event.certain)
    }

    /// What became of the message. A suppression explains only a message of which nothing else is known: a bounce puts the
    /// recipient on the list as well.
    pub fn fate(&self) -> EspFate {
        let decided = self.events.iter().rev().find_map(|event| match event.kind {
            EspEventKind::Delivered => Some(EspFate::Delivered),
            EspEventKind::Bounced => Some(EspFate::Bounced(event.detail.clone())),
            EspEventKind::Dropped => Some(EspFate::Dropped(event.detail.clone())),
            EspEventKind::Deferred => Some(EspFate::UnderWay(event.detail.clone())),
            _ => None,
        });
        match (decided, &self.id, &self.suppression) {
            (Some(EspFate::Dropped(text)), _, Some(why)) => EspFate::Dropped(format!("{text}; {why}")),
            (Some(fate), ..) => fate,
            (None, Some(_), _) if self.queued => EspFate::UnderWay("still in the service's queue".to_owned()),
            (None, Some(_), _) => EspFate::Sent,
            (None, None, Some(why)) => EspFate::Dropped(why.clone()),
            (None, None, None) => EspFate::Unlisted,
        }
    }
}

/// What asking a log came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EspAnswer {
    /// It answered; a message that it does not know is a story without an id.
    Told(EspStory),
    /// It could not be asked.
    Blind(Why),
    /// There was nothing to ask about.
    NotAsked(Reason),
}

/// One log's answer about one delivery.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EspTrace {
    /// Whose log.
    pub log: LogKind,
    /// When it was last asked, our clock, UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub asked_at: OffsetDateTime,
    /// What it told, or why it could not be asked.
    pub answer: EspAnswer,
}

impl EspTrace {
    /// The story, where one was told.
    pub fn story(&self) -> Option<&EspStory> {
        match &self.answer {
            EspAnswer::Told(story) => Some(story),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn story(id: Option<&str>, kinds: &[EspEventKind], suppression: Option<&str>) -> EspStory {
        let event = |kind: &EspEventKind| EspEvent {
            kind: *kind,
            at: None,
            detail: format!("{kind:?}"),
            certain: *kind == EspEventKind::Dropped,
        };
        EspStory {
            id: id.map(str::to_owned),
            events: kinds.iter().map(event).collect(),
            suppression: suppression.map(str::to_owned),
            ..EspStory::default()
        }
    }

    #[test]
    fn the_last_word_counts_and_a_suppression_explains_only_what_nothing_else_does() {
        use EspEventKind::{Bounced, Deferred, Delivered, Dropped, Opened};
        assert_eq!(story(None, &[], None).fate(), EspFate::Unlisted);
        assert_eq!(story(Some("1"), &[], None).fate(), EspFate::Sent);
        assert_eq!(
            story(Some("1"), &[Deferred, Delivered, Opened], None).fate(),
            EspFate::Delivered
        );
        assert_eq!(
            story(Some("1"), &[Bounced], Some("HardBounce")).fate(),
            EspFate::Bounced("Bounced".into())
        );
        assert_eq!(
            story(None, &[], Some("ManualSuppression")).fate(),
            EspFate::Dropped("ManualSuppression".into())
        );
        let listed = story(None, &[Dropped], Some("listed since May"));
        assert_eq!(listed.fate(), EspFate::Dropped("Dropped; listed since May".into()));
        assert_eq!(
            story(Some("1"), &[Deferred], None).fate(),
            EspFate::UnderWay("Deferred".into())
        );
    }
}
