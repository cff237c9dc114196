//! Postmark's API as the lab plays it, over the ledger of its sending services. Each route with a Postmark log is a server of its own,
//! known by its token.

use crate::lab::held::{self, HeldTemplate};
use crate::lab::ids;
use crate::lab::ledger::{Bounce, Entry, Ledger, stamp};
use crate::lab::plan::POSTMARK_API;
use crate::lab::post_office::PostOffice;
use crate::lab::postmark_post::{self, error};
use crate::lab::postmark_templates;
use crate::lab::suppressed::{Reach, Suppressed};
use crate::model::route::RouteKind;
use crate::model::{LogKind, Route, Secret};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::form_urlencoded;

const ACCOUNT_TOKEN_REFUSED: &str = "Request does not contain a valid Server token.";

/// The desk. Clones share their ledger.
#[derive(Clone)]
pub struct PostmarkDesk {
    ledger: Ledger,
    office: Arc<PostOffice>,
    /// Tokens by route.
    tokens: Arc<BTreeMap<String, Secret>>,
    /// Templates that the servers hold.
    held: Arc<Vec<HeldTemplate>>,
}

type Query = BTreeMap<String, String>;

impl PostmarkDesk {
    /// For the routes that have a Postmark log.
    pub fn new(
        routes: &[Route],
        ledger: Ledger,
        office: Arc<PostOffice>,
        held: Arc<Vec<HeldTemplate>>,
    ) -> PostmarkDesk {
        let asked = |route: &Route| route.logs.iter().any(|log| log.kind == LogKind::Postmark);
        let servers = routes
            .iter()
            .filter(|route| asked(route) || matches!(route.kind, RouteKind::Postmark(_)));
        let tokens = servers.map(|route| (route.name.clone(), Secret::new(ids::uuid())));
        PostmarkDesk {
            ledger,
            tokens: Arc::new(tokens.collect()),
            office,
            held,
        }
    }

    /// Is anybody going to ask?
    pub fn is_open(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// The token of a route's server.
    pub fn token(&self, route: &str) -> Option<Secret> {
        self.tokens.get(route).cloned()
    }

    /// Somebody loaded a message's pixel.
    pub fn opened(&self, id: &str) {
        self.ledger.happened(id, "Opened", json!({"Summary": "Email opened"}));
    }

    /// Somebody followed a message's link.
    pub fn clicked(&self, id: &str, link: &str) {
        self.ledger
            .happened(id, "LinkClicked", json!({"Summary": "Link clicked", "Link": link}));
    }

    /// Somebody pressed a message's "unsubscribe".
    pub fn unsubscribed(&self, id: &str, reach: Reach) {
        self.ledger.unsubscribe(id, reach);
    }

    /// Status and JSON; `None` where the host is none of Postmark's.
    pub fn answer(&self, method: &str, host: &str, path: &str, token: &str, body: &[u8]) -> Option<(u16, String)> {
        if host != POSTMARK_API {
            return None;
        }
        let mut servers = self.tokens.iter();
        let Some((route, _)) = servers.find(|(_, known)| known.expose() == token) else {
            return Some(error(401, 10, ACCOUNT_TOKEN_REFUSED));
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let query: Query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let steps: Vec<&str> = path.trim_matches('/').split('/').collect();
        let found = match (method, steps.as_slice()) {
            ("POST", ["email"]) => return Some(postmark_post::take(&self.office, route, body)),
            ("POST", ["email", "withTemplate"]) => return Some(self.with_template(route, body)),
            ("POST", ["email", "batch"]) => {
                return Some(self.batch(body, |one| postmark_post::take(&self.office, route, one)));
            }
            ("POST", ["email", "batchWithTemplates"]) => {
                return Some(self.batch(body, |one| self.with_template(route, one)));
            }
            ("POST", ["templates", "validate"]) => Some(postmark_templates::validated(body)),
            ("GET", ["templates", name]) => match held::find(&self.held, route, name) {
                Some(template) => Some(postmark_templates::record(template)),
                None => return Some(error(422, 1101, "The Template's 'Alias' or 'TemplateId' is not valid.")),
            },
            ("GET", ["webhooks"]) => Some(self.webhooks(route)),
            ("GET", ["server"]) => Some(self.server(route)),
            ("GET", ["message-streams", stream]) => self.stream(route, stream),
            ("GET", ["messages", "outbound"]) => Some(self.messages(route, &query)),
            ("GET", ["messages", "outbound", id, "details"]) => match self.message(route, id) {
                Some(entry) => Some(details(&entry)),
                None => return Some(error(422, 701, "This message was not found.")),
            },
            ("GET", ["bounces"]) => Some(self.bounces(route, &query)),
            ("GET", ["bounces", id]) => self.bounce(route, id).map(|bounce| bounce_json(&bounce)),
            ("GET", ["bounces", id, "dump"]) => self.bounce(route, id).map(|bounce| json!({"Body": bounce.dump})),
            ("GET", ["message-streams", stream, "suppressions", "dump"]) => {
                Some(self.suppressions(route, stream, &query))
            }
            ("POST", ["message-streams", stream, "suppressions", "delete"]) => {
                return Some(self.reactivate(route, stream, body));
            }
            _ => None,
        };
        Some(match found {
            Some(value) => (200, value.to_string()),
            None => error(404, 0, "Not found."),
        })
    }

    /// Each message of a batch with its own answer: what is refused alone has a code within the 200, what the server can not do at all is
    /// the answer to the whole.
    fn batch(&self, body: &[u8], take: impl Fn(&[u8]) -> (u16, String)) -> (u16, String) {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let messages = asked.as_array().or_else(|| asked["Messages"].as_array());
        let Some(messages) = messages.filter(|messages| messages.len() <= 500) else {
            return error(422, 410, "Invalid batch: at most 500 messages");
        };
        let mut answers: Vec<Value> = Vec::new();
        for message in messages {
            match take(message.to_string().as_bytes()) {
                (status @ (429 | 500..), told) => return (status, told),
                (_, told) => answers.push(serde_json::from_str(&told).unwrap_or_default()),
            }
        }
        (200, json!(answers).to_string())
    }

    /// The template's parts become the message's.
    fn with_template(&self, route: &str, body: &[u8]) -> (u16, String) {
        let Ok(mut fields) = serde_json::from_slice::<Value>(body) else {
            return error(422, 402, "Invalid JSON");
        };
        let id = fields["TemplateId"].as_u64().map(|id| id.to_string());
        let name = id.or_else(|| fields["TemplateAlias"].as_str().map(str::to_owned));
        let name = name.unwrap_or_default();
        let Some(template) = held::find(&self.held, route, &name) else {
            let text =
                format!("The Template's 'Alias' or 'TemplateId' associated with this request is not valid: {name}");
            return error(422, 1101, &text);
        };
        let token = fields["TemplateModel"]["inboxqa"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        for (field, text) in template.parts(&token) {
            fields[field] = text.into();
        }
        postmark_post::take(&self.office, route, fields.to_string().as_bytes())
    }

    /// Behind Customer.io its server tells it what becomes of its messages.
    fn webhooks(&self, route: &str) -> Value {
        let behind = self
            .office
            .plans
            .get(route)
            .is_some_and(|plan| plan.service == LogKind::CustomerIo);
        let on = |enabled: bool| json!({"Enabled": enabled});
        let webhook = json!({
            "ID": 1, "Url": "https://track.customer.io/postmark/events", "MessageStream": "broadcast", "HttpAuth": null, "HttpHeaders": [],
            "Triggers": {"Open": on(false), "Click": on(false), "Delivery": on(true), "Bounce": on(true), "SpamComplaint": on(true),
                "SubscriptionChange": on(true)}
        });
        json!({"Webhooks": behind.then_some(webhook).into_iter().collect::<Vec<_>>()})
    }

    fn server(&self, route: &str) -> Value {
        json!({
            "ID": 1_234_567, "Name": route, "ApiTokens": [], "Color": "blue", "SmtpApiActivated": true,
            "DeliveryType": "Live", "TrackOpens": false, "TrackLinks": "None"
        })
    }

    /// Every server has a stream of each kind; another name is one of its own kind of mail.
    fn stream(&self, route: &str, stream: &str) -> Option<Value> {
        let plan = self.office.plans.get(route)?;
        let kind = match stream {
            "outbound" => "Transactional",
            "broadcast" => "Broadcasts",
            _ if plan.marketing => "Broadcasts",
            _ => "Transactional",
        };
        Some(json!({"ID": stream, "ServerID": 1_234_567, "Name": stream, "MessageStreamType": kind}))
    }

    fn messages(&self, route: &str, query: &Query) -> Value {
        let fits = |entry: &Entry| {
            query.iter().all(|(key, value)| match key.as_str() {
                "recipient" => entry.recipient.eq_ignore_ascii_case(value),
                "messagestream" => entry.stream == *value,
                "tag" => entry.tag.as_deref() == Some(value),
                _ => match key.strip_prefix("metadata_") {
                    Some(name) => entry.metadata.get(name) == Some(value),
                    None => true,
                },
            })
        };
        let found = self
            .ledger
            .messages(route, LogKind::Postmark)
            .into_iter()
            .rev()
            .filter(fits);
        let found: Vec<Value> = found.map(|entry| summary(&entry)).collect();
        json!({"TotalCount": found.len(), "Messages": found})
    }

    fn message(&self, route: &str, id: &str) -> Option<Entry> {
        self.ledger
            .messages(route, LogKind::Postmark)
            .into_iter()
            .find(|entry| entry.id == id)
    }

    fn bounces(&self, route: &str, query: &Query) -> Value {
        let fits = |bounce: &Bounce| {
            query.iter().all(|(key, value)| match key.as_str() {
                "type" => bounce.kind == value,
                "emailFilter" => bounce.message.recipient.contains(value.as_str()),
                "messageID" => bounce.message.id == *value,
                _ => true,
            })
        };
        let found = self.ledger.bounces(route).into_iter().rev().filter(fits);
        let found: Vec<Value> = found.map(|bounce| bounce_json(&bounce)).collect();
        json!({"TotalCount": found.len(), "Bounces": found})
    }

    fn bounce(&self, route: &str, id: &str) -> Option<Bounce> {
        let mut bounces = self.ledger.bounces(route).into_iter();
        bounces.find(|bounce| bounce.id.to_string() == id)
    }

    /// Each address is answered for by itself.
    fn reactivate(&self, route: &str, stream: &str, body: &[u8]) -> (u16, String) {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let Some(entries) = asked["Suppressions"].as_array() else {
            return error(422, 402, "Invalid JSON");
        };
        let one = |entry: &Value| {
            let address = entry["EmailAddress"].as_str().unwrap_or_default();
            match self.ledger.reactivate(route, stream, address) {
                true => json!({"EmailAddress": address, "Status": "Deleted", "Message": null}),
                false => json!({"EmailAddress": address, "Status": "Failed",
                    "Message": "You do not have the required authority to change this suppression."}),
            }
        };
        let answered: Vec<Value> = entries.iter().map(one).collect();
        (200, json!({"Suppressions": answered}).to_string())
    }

    fn suppressions(&self, route: &str, stream: &str, query: &Query) -> Value {
        let asked = query.get("emailaddress");
        let fits = |entry: &Suppressed| asked.is_none_or(|address| entry.address.eq_ignore_ascii_case(address));
        let listed = self.ledger.suppressed(route, stream).into_iter().filter(fits);
        let listed: Vec<Value> = listed
            .map(|entry| {
                json!({"EmailAddress": entry.address, "SuppressionReason": entry.reason,
                    "Origin": entry.origin, "CreatedAt": stamp(entry.at)})
            })
            .collect();
        json!({"Suppressions": listed})
    }
}

fn summary(entry: &Entry) -> Value {
    json!({
        "Tag": entry.tag, "MessageID": entry.id, "MessageStream": entry.stream,
        "To": [{"Email": entry.recipient, "Name": null}], "Cc": [], "Bcc": [], "Recipients": [entry.recipient],
        "ReceivedAt": stamp(entry.at), "From": entry.from, "Subject": entry.subject, "Attachments": [],
        "Status": if entry.queued { "Queued" } else { "Sent" },
        "TrackOpens": entry.opens, "TrackLinks": if entry.clicks { "HtmlAndText" } else { "None" },
        "Metadata": entry.metadata, "Sandboxed": false
    })
}

fn details(entry: &Entry) -> Value {
    let events: Vec<Value> = entry
        .events
        .iter()
        .map(|event| {
            json!({"Recipient": entry.recipient, "Type": event.kind, "ReceivedAt": stamp(event.at), "Details": event.details})
        })
        .collect();
    let mut all = summary(entry);
    all["MessageEvents"] = events.into();
    all["TextBody"] = Value::Null;
    all["HtmlBody"] = Value::Null;
    all["Body"] = Value::Null;
    all
}

fn bounce_json(bounce: &Bounce) -> Value {
    let message = &bounce.message;
    json!({
        "ID": bounce.id, "Type": bounce.kind, "TypeCode": bounce.code, "Name": bounce.kind, "Tag": message.tag,
        "MessageID": message.id, "ServerID": 1_234_567, "MessageStream": message.stream,
        "Description": bounce.description, "Details": bounce.details, "Email": message.recipient, "From": message.from,
        "BouncedAt": stamp(bounce.at), "DumpAvailable": !bounce.dump.is_empty(), "Inactive": bounce.kind == "HardBounce",
        "CanActivate": true, "Subject": message.subject, "Content": null
    })
}
