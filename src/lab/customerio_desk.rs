//! Customer.io's App and Track APIs as the lab plays them, over the ledger of its sending services. Each route is a workspace of its own,
//! known by its keys.

use crate::lab::customerio_post::{self, Post};
use crate::lab::held::HeldTemplate;
use crate::lab::ids;
use crate::lab::ledger::{Entry, Ledger};
use crate::lab::names::plain_address;
use crate::lab::post_office::PostOffice;
use crate::lab::suppressed::WORKSPACE;
use crate::model::route::RouteKind;
use crate::model::{Held, LogKind, Region, Route, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The desk. Clones share their ledger.
#[derive(Clone)]
pub struct CustomerIoDesk {
    ledger: Ledger,
    office: Arc<PostOffice>,
    workspaces: Arc<BTreeMap<String, Workspace>>,
    held: Arc<Vec<HeldTemplate>>,
}

/// The keys of one workspace.
struct Workspace {
    region: Region,
    token: Secret,
    site: Secret,
    key: Secret,
}

impl CustomerIoDesk {
    /// For the routes that send by Customer.io or ask its log.
    pub fn new(
        routes: &[Route],
        ledger: Ledger,
        office: Arc<PostOffice>,
        held: Arc<Vec<HeldTemplate>>,
    ) -> CustomerIoDesk {
        let region = |route: &Route| match &route.kind {
            RouteKind::CustomerIo(workspace) => Some(workspace.region),
            _ => route
                .logs
                .iter()
                .find(|log| log.kind == LogKind::CustomerIo)
                .map(|log| log.region),
        };
        let workspace = |route: &Route| {
            let workspace = Workspace {
                region: region(route)?,
                token: Secret::new(ids::hex::<16>()),
                site: Secret::new(ids::hex::<10>()),
                key: Secret::new(ids::hex::<10>()),
            };
            Some((route.name.clone(), workspace))
        };
        CustomerIoDesk {
            ledger,
            office,
            workspaces: Arc::new(routes.iter().filter_map(workspace).collect()),
            held,
        }
    }

    /// Hosts of its APIs; none where nobody asks.
    pub fn hosts(&self) -> BTreeSet<String> {
        let regions = self.workspaces.values().map(|workspace| workspace.region);
        regions
            .flat_map(|region| [region.app_host(), region.track_host()])
            .map(str::to_owned)
            .collect()
    }

    /// The App API key of a route's workspace.
    pub fn token(&self, route: &str) -> Option<Secret> {
        Some(self.workspaces.get(route)?.token.clone())
    }

    /// Site id and key of a route's Track API.
    pub fn track(&self, route: &str) -> Option<(Secret, Secret)> {
        let workspace = self.workspaces.get(route)?;
        Some((workspace.site.clone(), workspace.key.clone()))
    }

    /// Status and JSON; `None` where the host is none of Customer.io's.
    pub fn answer(&self, method: &str, host: &str, path: &str, login: &str, body: &[u8]) -> Option<(u16, String)> {
        if !self.hosts().contains(host) {
            return None;
        }
        let (path, _) = path.split_once('?').unwrap_or((path, ""));
        let steps: Vec<String> = path
            .trim_matches('/')
            .split('/')
            .map(|step| percent_decode_str(step).decode_utf8_lossy().into_owned())
            .collect();
        let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
        let track = host.starts_with("track");
        let Some(route) = self.workspace(host, login, track) else {
            return Some(customerio_post::error(401, "unauthorized"));
        };
        let post = Post {
            office: &self.office,
            held: &self.held,
            route,
        };
        Some(match (method, track, steps.as_slice()) {
            ("POST", false, ["v1", "send", "email"]) => post.send(body),
            ("POST", false, ["v1", "campaigns", id, "triggers"]) => post.broadcast(id, body),
            ("POST", true, ["api", "v1", "customers", person, "events"]) => post.event(person, body),
            ("PUT", true, ["api", "v1", "customers", person]) => self.update(route, person, body),
            ("GET", true, ["api", "v1", "accounts", "region"]) => self.region(route),
            ("GET", false, ["v1", "messages", id]) => self.message(route, id),
            ("GET", false, ["v1", "customers", person, "messages"]) => self.listed(route, person),
            ("GET", false, ["v1", "customers", person, "attributes"]) => self.attributes(route, person),
            ("GET", false, ["v1", "campaigns"]) => self.campaigns(route),
            _ => customerio_post::error(404, "not found"),
        })
    }

    fn workspace(&self, host: &str, login: &str, track: bool) -> Option<&str> {
        let mut workspaces = self.workspaces.iter();
        let (route, _) = workspaces.find(|(_, workspace)| {
            let region = workspace.region;
            match track {
                false => region.app_host() == host && login == format!("Bearer {}", workspace.token.expose()),
                true => {
                    let pair = format!("{}:{}", workspace.site.expose(), workspace.key.expose());
                    region.track_host() == host && login == format!("Basic {}", STANDARD.encode(pair))
                }
            }
        })?;
        Some(route)
    }

    fn region(&self, route: &str) -> (u16, String) {
        let region = self
            .workspaces
            .get(route)
            .map_or(Region::Us, |workspace| workspace.region);
        (200, json!({"region": region}).to_string())
    }

    fn message(&self, route: &str, id: &str) -> (u16, String) {
        let entries = self.ledger.messages(route, LogKind::CustomerIo);
        match entries.iter().find(|entry| entry.id == id) {
            Some(entry) => (200, json!({"message": told(entry)}).to_string()),
            None => customerio_post::error(404, "not found"),
        }
    }

    fn listed(&self, route: &str, person: &str) -> (u16, String) {
        let entries = self.ledger.messages(route, LogKind::CustomerIo);
        let own = entries
            .iter()
            .filter(|entry| plain_address(&entry.recipient).eq_ignore_ascii_case(person));
        let messages: Vec<Value> = own.map(told).collect();
        (200, json!({"messages": messages, "next": ""}).to_string())
    }

    fn attributes(&self, route: &str, person: &str) -> (u16, String) {
        let known = self
            .office
            .mailboxes
            .iter()
            .any(|seed| seed.address.eq_ignore_ascii_case(person));
        if !known {
            return customerio_post::error(404, "not found");
        }
        let listed = self.ledger.suppressed(route, WORKSPACE);
        let out = listed
            .iter()
            .any(|entry| plain_address(&entry.address).eq_ignore_ascii_case(person));
        let topics = self.ledger.opted_out(route, person);
        let topics: Map<String, Value> = topics.into_iter().map(|topic| (topic, false.into())).collect();
        // Attributes are texts there, this one too.
        let preferences = json!({"topics": topics, "channels": {}}).to_string();
        let attributes = json!({"email": person, "unsubscribed": out.to_string(),
            "cio_subscription_preferences": preferences});
        let customer = json!({"id": person, "attributes": attributes, "unsubscribed": out});
        (200, json!({"customer": customer}).to_string())
    }

    /// The attributes of a person, of which the lab keeps one.
    fn update(&self, route: &str, person: &str, body: &[u8]) -> (u16, String) {
        let Ok(fields) = serde_json::from_slice::<Value>(body) else {
            return customerio_post::error(400, "malformed JSON");
        };
        if fields["unsubscribed"] == false {
            self.ledger.reactivate(route, WORKSPACE, person);
        }
        (200, "{}".to_owned())
    }

    fn campaigns(&self, route: &str) -> (u16, String) {
        let own = self.held.iter().filter(|template| template.route == route);
        let campaigns: Vec<Value> = own
            .enumerate()
            .filter_map(|(number, template)| match &template.held {
                Held::Event { name, .. } => Some(json!({
                    "id": number + 1, "name": template.subject, "type": "event", "state": "running", "active": true,
                    "event_name": name
                })),
                _ => None,
            })
            .collect();
        (200, json!({"campaigns": campaigns}).to_string())
    }
}

fn told(entry: &Entry) -> Value {
    let mut metrics = Map::new();
    metrics.insert("created".to_owned(), entry.at.unix_timestamp().into());
    let dropped = entry.events.iter().any(|event| event.kind == "Dropped");
    if !entry.queued && !dropped {
        metrics.insert("sent".to_owned(), entry.at.unix_timestamp().into());
    }
    let mut failure = Value::Null;
    for event in &entry.events {
        let name = match event.kind {
            "Delivered" => "delivered",
            "Opened" => "opened",
            "LinkClicked" => "clicked",
            "Bounced" => "bounced",
            _ => "undeliverable",
        };
        if ["bounced", "undeliverable"].contains(&name) {
            failure = event.details["Summary"].clone();
        }
        metrics.insert(name.to_owned(), event.at.unix_timestamp().into());
    }
    json!({
        "id": entry.id, "deduplicate_id": format!("{}:{}", entry.id, entry.at.unix_timestamp()), "type": "email",
        "recipient": entry.recipient, "subject": entry.subject, "metrics": metrics, "failure_message": failure,
        "created": entry.at.unix_timestamp(), "campaign_id": null, "broadcast_id": null, "newsletter_id": null, "forgotten": false
    })
}
