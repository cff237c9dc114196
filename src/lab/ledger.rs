//! What a sending service of the lab remembers of its messages: events, bounces, suppressions. Its API tells it on.

use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::plan::RoutePlan;
use crate::lab::suppressed::{Suppressed, WORKSPACE};
use crate::model::LogKind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One message.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The service's id.
    pub id: String,
    /// The route it came by.
    pub route: String,
    /// Whose book this is: a message that passes two services is in both.
    pub service: LogKind,
    /// Message stream.
    pub stream: String,
    /// RCPT TO.
    pub recipient: String,
    /// From, as written.
    pub from: String,
    /// Subject, as written.
    pub subject: String,
    /// `X-PM-Tag`.
    pub tag: Option<String>,
    /// `X-PM-Metadata-*`, keys in lower case.
    pub metadata: BTreeMap<String, String>,
    /// Not handed over yet.
    pub queued: bool,
    /// Are opens counted?
    pub opens: bool,
    /// Are clicks counted?
    pub clicks: bool,
    /// Type and time and details, oldest first.
    pub events: Vec<Event>,
    /// When it came in, UTC.
    pub at: OffsetDateTime,
}

/// One event: Postmark's type, when, details.
#[derive(Debug, Clone)]
pub struct Event {
    /// `Delivered`, `Bounced`, `Opened`, `LinkClicked`.
    pub kind: &'static str,
    /// When, UTC.
    pub at: OffsetDateTime,
    /// Its `Details`.
    pub details: Value,
}

/// One bounce.
#[derive(Debug, Clone)]
pub struct Bounce {
    /// Number.
    pub id: u64,
    /// `HardBounce`…
    pub kind: &'static str,
    /// Its number at Postmark.
    pub code: u32,
    /// Short text.
    pub description: &'static str,
    /// Long text.
    pub details: String,
    /// Raw source.
    pub dump: String,
    /// The message.
    pub message: Entry,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// Everything that is written down.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) messages: Vec<Entry>,
    pub(super) bounces: Vec<Bounce>,
    pub(super) suppressed: Vec<Suppressed>,
    /// Workspace, person, topic.
    pub(super) opted_out: Vec<(String, String, String)>,
}

/// The ledger. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Mutex<State>>);

impl Entry {
    /// A message as it came in by SMTP, with its control headers.
    pub fn of(plan: &RoutePlan, raw: &[u8], id: &str, recipient: &str, at: OffsetDateTime) -> Entry {
        let letter = Letter::parse(raw);
        let text = |name: &str| letter.get(name).unwrap_or_default();
        let metadata = letter.fields.iter().filter_map(|field| {
            let name = field.name.to_ascii_lowercase();
            Some((name.strip_prefix("x-pm-metadata-")?.to_owned(), field.value()))
        });
        Entry {
            id: id.to_owned(),
            route: plan.name.clone(),
            service: plan.service,
            stream: match plan.service {
                LogKind::Postmark => postmark_stream(&letter),
                LogKind::CustomerIo => WORKSPACE.to_owned(),
            },
            recipient: recipient.to_owned(),
            from: text("From"),
            subject: text("Subject"),
            tag: letter.get("X-PM-Tag"),
            metadata: metadata.collect(),
            queued: false,
            opens: plan.opens.is_some(),
            clicks: plan.clicks.is_some(),
            events: Vec::new(),
            at,
        }
    }
}

/// The stream that a message asks for.
fn postmark_stream(letter: &Letter) -> String {
    let stated = letter.get("X-PM-Message-Stream");
    stated.unwrap_or_else(|| "outbound".to_owned())
}

impl Entry {
    /// The same message in the book of the Postmark behind Customer.io, which does not count.
    pub fn relayed(&self, id: &str, raw: &[u8]) -> Entry {
        Entry {
            id: id.to_owned(),
            service: LogKind::Postmark,
            stream: postmark_stream(&Letter::parse(raw)),
            opens: false,
            clicks: false,
            ..self.clone()
        }
    }
}

impl Ledger {
    /// Writes a message in.
    pub fn note(&self, entry: Entry) {
        self.lock().messages.push(entry);
    }

    /// Writes an event of a message in; one that is not known is none of this ledger's.
    pub fn happened(&self, id: &str, kind: &'static str, details: Value) {
        let mut state = self.lock();
        if let Some(entry) = state.messages.iter_mut().find(|entry| entry.id == id) {
            entry.events.push(Event {
                kind,
                at: OffsetDateTime::now_utc(),
                details,
            });
        }
    }

    /// The receiving server refused a message for good. A hard bounce and a complaint put the recipient on the list.
    pub fn bounced(&self, id: &str, kind: &'static str) {
        let mut state = self.lock();
        let Some(message) = state.messages.iter().find(|entry| entry.id == id).cloned() else {
            return;
        };
        let (code, description, details) = bounce_words(kind);
        let (number, at) = (number(), OffsetDateTime::now_utc());
        state.bounces.push(Bounce {
            id: number,
            kind,
            code,
            description,
            details: details.to_owned(),
            dump: String::new(),
            message,
            at,
        });
        let listed = state.messages.iter().find(|entry| entry.id == id).cloned();
        drop(state);
        if let Some(message) = listed.filter(|_| kind == "HardBounce") {
            self.suppress(&message, "HardBounce", "Recipient");
        }
        let details = json!({"Summary": details, "BounceID": number.to_string()});
        self.happened(id, "Bounced", details);
    }

    /// All messages of a route in one service's book.
    pub fn messages(&self, route: &str, service: LogKind) -> Vec<Entry> {
        let state = self.lock();
        let fits = |entry: &&Entry| entry.route == route && entry.service == service;
        let own = state.messages.iter().filter(fits);
        own.cloned().collect()
    }

    /// All bounces of a route's server.
    pub fn bounces(&self, route: &str) -> Vec<Bounce> {
        let state = self.lock();
        let fits = |bounce: &&Bounce| bounce.message.route == route && bounce.message.service == LogKind::Postmark;
        let own = state.bounces.iter().filter(fits);
        own.cloned().collect()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A moment as Postmark writes it.
pub fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

pub(super) fn number() -> u64 {
    u64::from(u32::from_be_bytes(ids::bytes::<4>()))
}

/// Code, short and long text of a bounce type.
fn bounce_words(kind: &str) -> (u32, &'static str, &'static str) {
    match kind {
        "SoftBounce" => (
            4_096,
            "The message could not be delivered for now.",
            "smtp;452 4.2.2 The email account that you tried to reach is over quota",
        ),
        "SpamNotification" => (
            512,
            "The message was delivered, but was either blocked by the user, or classified as spam.",
            "smtp;550 5.7.1 Message rejected as spam by Content Filtering",
        ),
        "Blocked" => (
            100_006,
            "Blocked from this ISP due to content or blacklisting.",
            "smtp;550 5.7.1 Service unavailable, client host blocked",
        ),
        "DnsError" => (
            256,
            "A temporary DNS error.",
            "smtp;550 5.4.4 Invalid domain: DNS error",
        ),
        "DMARCPolicy" => (
            100_009,
            "Rejected due to DMARC policy.",
            "smtp;550 5.7.26 Unauthenticated email is not accepted due to domain's DMARC policy",
        ),
        _ => (
            1,
            "The server was unable to deliver your message (ex: unknown user, mailbox not found).",
            "smtp;550 5.1.1 The email account that you tried to reach does not exist",
        ),
    }
}
