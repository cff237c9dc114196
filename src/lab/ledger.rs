//! What a sending service of the lab remembers of its messages: events, bounces, suppressions. Its API tells it on.

use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::names::plain_address;
use crate::lab::plan::RoutePlan;
use crate::lab::suppressed::{Reach, Suppressed, WORKSPACE};
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

#[derive(Debug, Default)]
struct State {
    messages: Vec<Entry>,
    bounces: Vec<Bounce>,
    suppressed: Vec<Suppressed>,
    /// Workspace, person, topic.
    opted_out: Vec<(String, String, String)>,
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

    /// Puts a message's recipient on the list of its stream, once.
    pub fn suppress(&self, message: &Entry, reason: &'static str, origin: &'static str) {
        let mut state = self.lock();
        let same = |known: &Suppressed| {
            (&known.route, &known.stream, &known.address) == (&message.route, &message.stream, &message.recipient)
        };
        if state.suppressed.iter().any(same) {
            return;
        }
        state.suppressed.push(Suppressed {
            route: message.route.clone(),
            stream: message.stream.clone(),
            address: message.recipient.clone(),
            reason,
            origin,
            at: message.at,
            reach: Reach::Told,
        });
    }

    /// The reader of a message pressed "unsubscribe": from now on the address gets nothing more within `reach`.
    pub fn unsubscribe(&self, id: &str, reach: Reach) {
        let mut state = self.lock();
        let Some(message) = state.messages.iter().find(|entry| entry.id == id).cloned() else {
            return;
        };
        let entry = Suppressed {
            route: message.route,
            stream: message.stream,
            address: message.recipient,
            reason: "ManualSuppression",
            origin: "Recipient",
            at: OffsetDateTime::now_utc(),
            reach,
        };
        state.suppressed.retain(|known| !known.same(&entry));
        state.suppressed.push(entry);
    }

    /// Takes an address off the list of a stream. `false` where it may not be: a complaint stays for good.
    pub fn reactivate(&self, route: &str, stream: &str, address: &str) -> bool {
        let mut state = self.lock();
        let meant = |entry: &Suppressed| entry.is_listed(route, stream) && same_reader(stream, &entry.address, address);
        let complained = |entry: &Suppressed| meant(entry) && entry.reason == "SpamComplaint";
        if state.suppressed.iter().any(complained) {
            return false;
        }
        state.suppressed.retain(|entry| !meant(entry));
        true
    }

    /// Has the reader unsubscribed from what this message belongs to?
    pub fn holds_back(&self, message: &Entry) -> bool {
        let state = self.lock();
        let mut own = state
            .suppressed
            .iter()
            .filter(|entry| same_reader(&message.stream, &entry.address, &message.recipient));
        own.any(|entry| entry.reach != Reach::Told && entry.is_listed(&message.route, &message.stream))
    }

    /// A message that will not be sent, because its recipient is suppressed: Postmark makes a bounce of its own of it.
    pub fn refuse_suppressed(&self, message: Entry, raw: &[u8]) {
        let (address, at) = (message.recipient.clone(), message.at);
        self.suppress(&message, "ManualSuppression", "Recipient");
        let mut state = self.lock();
        let details = format!(
            "406: You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {address}. \
             Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
        );
        let dump = format!("{details}\r\n\r\n{}", String::from_utf8_lossy(raw));
        let id = number();
        state.bounces.push(Bounce {
            id,
            kind: "SMTPApiError",
            code: 100_007,
            description: "An error occurred while accepting an email through the SMTP API.",
            details: String::new(),
            dump,
            message,
            at,
        });
    }

    /// A message that Customer.io does not send, because the person has unsubscribed.
    pub fn drop_unsubscribed(&self, message: Entry) {
        self.suppress(&message, "unsubscribed", "Recipient");
        let id = message.id.clone();
        self.note(message);
        self.happened(&id, "Dropped", json!({"Summary": "The person has unsubscribed."}));
    }

    /// A campaign's message that is not sent, because the person has opted out of its topic.
    pub fn drop_opted_out(&self, message: Entry, topic: &str) {
        let id = message.id.clone();
        self.lock().opted_out.push((
            message.route.clone(),
            plain_address(&message.recipient),
            topic.to_owned(),
        ));
        self.note(message);
        self.happened(
            &id,
            "Dropped",
            json!({"Summary": "The person has opted out of the topic."}),
        );
    }

    /// Topics that a person of a workspace has opted out of.
    pub fn opted_out(&self, route: &str, person: &str) -> Vec<String> {
        let state = self.lock();
        let own = state
            .opted_out
            .iter()
            .filter(|(at, who, _)| at == route && who.eq_ignore_ascii_case(person));
        own.map(|(_, _, topic)| topic.clone()).collect()
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

    /// The suppression list of a stream.
    pub fn suppressed(&self, route: &str, stream: &str) -> Vec<Suppressed> {
        let state = self.lock();
        let listed = state.suppressed.iter().filter(|entry| entry.is_listed(route, stream));
        listed.cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Postmark lists addresses; Customer.io knows people, whatever address of theirs a message went to.
fn same_reader(stream: &str, one: &str, other: &str) -> bool {
    let (one, other) = match stream {
        WORKSPACE => (plain_address(one), plain_address(other)),
        _ => (one.to_owned(), other.to_owned()),
    };
    one.eq_ignore_ascii_case(&other)
}

/// A moment as Postmark writes it.
pub fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn number() -> u64 {
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
