//! A letter as `POST /v1/send/email` takes it, and what makes Customer.io send a message of its own.

use crate::compose::message::{self, Letter};
use crate::route::request::{Request, marked_data};
use serde_json::{Map, Value, json};

/// The key of an event's data that says who gets the message (docs.customer.io, Track API).
const RECIPIENT: &str = "recipient";

/// A whole message. `person` is the seed's plain address, by which the workspace knows it: a plus-address here would make a new person of
/// every message. `consent`: leave people out who have unsubscribed, as a campaign would (the API's default is to send).
pub fn transactional(letter: &Letter, person: &str, consent: bool) -> Request {
    let (html, text) = message::marked(letter);
    let mut body = request(letter, person, consent, &Value::Null);
    body["from"] = letter.from.clone().into();
    body["subject"] = letter.subject.clone().into();
    // A message without an HTML part has its text in both: the API demands a body.
    body["body"] = html.or_else(|| text.clone()).unwrap_or_default().into();
    if let Some(text) = text {
        body["body_plain"] = text.into();
    }
    if let Some(reply_to) = &letter.reply_to {
        body["reply_to"] = reply_to.clone().into();
    }
    Request::new(&["v1", "send", "email"], &body)
}

/// A transactional message that the workspace holds, by id or trigger name: sender and words are its own.
pub fn held(letter: &Letter, name: &str, person: &str, consent: bool, data: &Value) -> Request {
    let mut body = request(letter, person, consent, data);
    body["transactional_message_id"] = match name.parse::<u64>() {
        Ok(id) => id.into(),
        Err(_) => name.into(),
    };
    Request::new(&["v1", "send", "email"], &body)
}

/// An event that triggers a campaign, always aimed at `letter.to`, the seed or an address of it for this message alone: `recipient` of
/// an event's data outranks the campaign's own setting, and whatever stands in a case's data mail goes to nobody else.
pub fn event(letter: &Letter, name: &str, person: &str, data: &Value) -> Request {
    let mut data = marked_data(letter, data);
    data[RECIPIENT] = letter.to.clone().into();
    let body = json!({"name": name, "data": data});
    Request::new(&["api", "v1", "customers", person, "events"], &body)
}

/// An API-triggered broadcast, to this person alone.
pub fn broadcast(letter: &Letter, id: u64, person: &str, data: &Value) -> Request {
    let mut data = marked_data(letter, data);
    data[RECIPIENT] = person.into();
    let body = json!({"data": data, "emails": [person], "email_ignore_missing": false});
    Request::new(&["v1", "campaigns", &id.to_string(), "triggers"], &body)
}

fn request(letter: &Letter, person: &str, consent: bool, data: &Value) -> Value {
    let headers: Map<String, Value> = letter
        .all_headers()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    json!({
        "to": letter.to, "identifiers": {"email": person}, "headers": headers,
        "message_data": marked_data(letter, data), "send_to_unsubscribed": !consent,
    })
}
