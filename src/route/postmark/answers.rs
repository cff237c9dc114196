//! The answers of Postmark's API, as far as they are read. Fields that an answer lacks are empty: vendors add and drop them.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// `GET /messages/outbound`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Messages {
    pub messages: Vec<Message>,
}

/// One message; `MessageEvents` are in `GET /messages/outbound/{id}/details` only.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Message {
    #[serde(rename = "MessageID")]
    pub message_id: String,
    pub message_stream: Option<String>,
    pub received_at: Option<String>,
    pub status: String,
    pub track_opens: Option<bool>,
    pub track_links: Option<String>,
    pub metadata: BTreeMap<String, Value>,
    pub message_events: Vec<Event>,
}

/// One event of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Event {
    pub recipient: Option<String>,
    #[serde(rename = "Type")]
    pub kind: String,
    pub received_at: Option<String>,
    pub details: Value,
}

/// `GET /bounces`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Bounces {
    pub bounces: Vec<Bounce>,
}

/// One bounce; `SMTPApiError` is one that Postmark itself made of a message it took by SMTP.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Bounce {
    #[serde(rename = "ID")]
    pub id: Value,
    #[serde(rename = "Type")]
    pub kind: String,
    #[serde(rename = "MessageID")]
    pub message_id: Option<String>,
    pub message_stream: Option<String>,
    pub description: Option<String>,
    pub details: Option<String>,
    pub bounced_at: Option<String>,
}

/// `GET /bounces/{id}/dump`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Dump {
    pub body: Option<String>,
}

/// `GET /message-streams/{id}/suppressions/dump`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Suppressions {
    pub suppressions: Vec<Suppression>,
}

/// One address on a stream's suppression list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Suppression {
    pub email_address: String,
    pub suppression_reason: String,
    pub origin: String,
    pub created_at: Option<String>,
}

/// `POST /message-streams/{id}/suppressions/delete`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Lifted {
    pub suppressions: Vec<LiftedEntry>,
}

/// What became of one address: `Deleted`, or `Failed` with a message.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct LiftedEntry {
    pub email_address: String,
    pub status: String,
    pub message: Option<String>,
}

/// `POST /email`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Accepted {
    pub error_code: u32,
    #[serde(default)]
    pub message: String,
    #[serde(rename = "MessageID", default)]
    pub message_id: Option<String>,
}

/// `GET /server`: the server that a token belongs to.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Server {
    pub name: String,
    pub delivery_type: Option<String>,
    pub smtp_api_activated: Option<bool>,
    pub track_opens: Option<bool>,
    pub track_links: Option<String>,
}

/// `GET /message-streams/{id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Stream {
    pub message_stream_type: String,
}

/// The body of a refusal (`ErrorCode` is Postmark's own, not the HTTP status).
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Refusal {
    pub error_code: u32,
    pub message: String,
}

/// `GET /templates/{id or alias}`.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Template {
    /// Subject.
    pub subject: Option<String>,
    /// HTML part.
    pub html_body: Option<String>,
    /// Text part.
    pub text_body: Option<String>,
    /// `Standard` or `Layout`.
    pub template_type: Option<String>,
    /// Alias of the layout it stands in.
    pub layout_template: Option<String>,
}

/// `POST /templates/validate`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Validated {
    pub subject: Option<ValidatedPart>,
    pub html_body: Option<ValidatedPart>,
    pub text_body: Option<ValidatedPart>,
}

/// One part of a template with its model.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ValidatedPart {
    pub validation_errors: Vec<ValidationError>,
    pub rendered_content: Option<String>,
}

/// What is wrong with it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ValidationError {
    pub message: String,
    pub line: Option<u32>,
}

/// `GET /webhooks`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Webhooks {
    pub webhooks: Vec<Hook>,
}

/// One of them.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Hook {
    pub url: String,
    pub triggers: BTreeMap<String, Trigger>,
}

/// Is it sent for this event?
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Trigger {
    pub enabled: bool,
}
