//! The answers of Customer.io's APIs, as far as they are read. Fields that an answer lacks are empty: vendors add and drop them.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// `POST /v1/send/email`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Accepted {
    pub delivery_id: Option<String>,
}

/// `{"meta": {"error": "…"}}`, or `errors`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub meta: Meta,
}

/// What was wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Meta {
    pub error: Option<String>,
    pub errors: Vec<String>,
}

impl Refusal {
    /// Of a body that is JSON or not.
    pub fn words(body: &[u8]) -> String {
        let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let told: Vec<String> = refusal.meta.error.into_iter().chain(refusal.meta.errors).collect();
        told.join("; ")
    }
}

/// `GET /v1/messages/{id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Told {
    pub message: Message,
}

/// `GET /v1/customers/{id}/messages`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Listed {
    pub messages: Vec<Message>,
}

/// One message.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Message {
    pub id: String,
    pub recipient: Option<String>,
    /// When each thing happened, Unix seconds.
    pub metrics: BTreeMap<String, i64>,
    pub failure_message: Option<String>,
}

/// `GET /v1/customers/{id}/attributes`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Known {
    pub customer: Customer,
}

/// A person. `unsubscribed` stands beside the attributes as a flag and among them as a text.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Customer {
    pub unsubscribed: Option<bool>,
    pub attributes: BTreeMap<String, Value>,
}

impl Customer {
    /// Has this person unsubscribed from everything?
    pub fn is_unsubscribed(&self) -> bool {
        let attribute = self.attributes.get("unsubscribed");
        let said = match attribute {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        self.unsubscribed == Some(true) || said
    }

    /// Has this person opted out of a topic? The preferences are an object, or its text: `{"topics": {"topic_1": false}}`.
    pub fn opted_out(&self, topic: &str) -> bool {
        let preferences = match self.attributes.get("cio_subscription_preferences") {
            Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
            Some(object) => object.clone(),
            None => Value::Null,
        };
        preferences["topics"][topic] == false
    }
}

/// `GET /v1/campaigns`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Campaigns {
    pub campaigns: Vec<Campaign>,
}

/// One campaign.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Campaign {
    pub id: u64,
    pub name: String,
    /// `running`, `draft`, `stopped`…
    pub state: String,
    /// The event that triggers it.
    pub event_name: Option<String>,
}
