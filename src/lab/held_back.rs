//! Whom the lab's sending services hold mail back from: what the ledger's lists say, and how an address gets on and off them.

use crate::lab::ledger::{self, Bounce, Entry, Ledger};
use crate::lab::names::plain_address;
use crate::lab::suppressed::{Reach, Suppressed, WORKSPACE};
use serde_json::json;
use time::OffsetDateTime;

impl Ledger {
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
        let id = ledger::number();
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

    /// The suppression list of a stream.
    pub fn suppressed(&self, route: &str, stream: &str) -> Vec<Suppressed> {
        let state = self.lock();
        let listed = state.suppressed.iter().filter(|entry| entry.is_listed(route, stream));
        listed.cloned().collect()
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
