//! What the lab's Customer.io makes messages of: transactional requests, events that trigger campaigns, broadcasts.

use crate::lab::attempt::Named;
use crate::lab::esp::forms;
use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::held::{self, HeldTemplate};
use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::plan::Vendor;
use crate::lab::post_office::{Counter, PostOffice};
use crate::lab::smtp_door::{Decision, Desk, Submitted};
use crate::lab::writing::{address, body, words};
use crate::model::delivery::TOKEN_HEADER;
use serde_json::{Value, json};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// What the workspace's own tag becomes.
const UNSUBSCRIBE: &str = "{% unsubscribe_url %}";

/// One workspace's incoming post.
pub struct Post<'a> {
    /// Where messages go on.
    pub office: &'a Arc<PostOffice>,
    /// Templates.
    pub held: &'a [HeldTemplate],
    /// The route whose workspace it is.
    pub route: &'a str,
}

/// The parts of a message before it is written.
#[derive(Default)]
struct Draft {
    to: String,
    from: String,
    reply_to: Option<String>,
    subject: String,
    html: Option<String>,
    text: Option<String>,
    headers: Vec<(String, String)>,
    case: Option<Named>,
    /// By an event or a broadcast.
    triggered: bool,
}

/// A refusal as Customer.io writes it.
pub fn error(status: u16, message: &str) -> (u16, String) {
    (status, json!({"meta": {"error": message}}).to_string())
}

impl Post<'_> {
    /// `POST /v1/send/email`.
    pub fn send(&self, bytes: &[u8]) -> (u16, String) {
        let Ok(fields) = serde_json::from_slice::<Value>(bytes) else {
            return error(400, "malformed JSON");
        };
        let text = |name: &str| fields[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(to) = text("to") else {
            return error(400, "to: is required");
        };
        if fields["identifiers"].as_object().is_none_or(|ids| ids.len() != 1) {
            return error(400, "identifiers: exactly one of id, email or cio_id is required");
        }
        let template = match &fields["transactional_message_id"] {
            Value::Null => None,
            id => {
                let name = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
                let Some(found) = held::find(self.held, self.route, &name) else {
                    return error(404, "transactional message not found");
                };
                Some(found)
            }
        };
        let data = &fields["message_data"];
        let mut draft = template.map(|template| filled(template, data)).unwrap_or_default();
        draft.to = to;
        draft.from = text("from").unwrap_or(draft.from);
        draft.reply_to = text("reply_to").or(draft.reply_to);
        draft.subject = text("subject").unwrap_or(draft.subject);
        draft.html = text("body").or(draft.html);
        draft.text = text("body_plain").or(draft.text);
        if draft.from.is_empty() || draft.subject.is_empty() || (draft.html.is_none() && draft.text.is_none()) {
            return error(
                400,
                "body, subject and from: are required without a transactional_message_id",
            );
        }
        let headers = fields["headers"].as_object().into_iter().flatten();
        draft.headers = headers
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect();
        draft.case = case(data);
        match self.hand_over(draft) {
            Ok(id) => {
                let at = OffsetDateTime::now_utc().unix_timestamp();
                (200, json!({"delivery_id": id, "queued_at": at}).to_string())
            }
            Err(refusal) => refusal,
        }
    }

    /// `POST /api/v1/customers/{person}/events`: an unknown person or event answers `{}` all the same.
    pub fn event(&self, person: &str, bytes: &[u8]) -> (u16, String) {
        let Ok(fields) = serde_json::from_slice::<Value>(bytes) else {
            return error(400, "malformed JSON");
        };
        let name = fields["name"].as_str().unwrap_or_default();
        if let Some(template) = held::find(self.held, self.route, name) {
            return self.triggered(template, person, &fields["data"]);
        }
        (200, "{}".to_owned())
    }

    /// `POST /v1/campaigns/{id}/triggers`, for the people named by their addresses.
    pub fn broadcast(&self, id: &str, bytes: &[u8]) -> (u16, String) {
        let Ok(fields) = serde_json::from_slice::<Value>(bytes) else {
            return error(400, "malformed JSON");
        };
        let Some(template) = held::find(self.held, self.route, id) else {
            return error(404, "broadcast not found");
        };
        for person in fields["emails"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let (status, told) = self.triggered(template, person, &fields["data"]);
            if status != 200 {
                return (status, told);
            }
        }
        (200, json!({"id": 1}).to_string())
    }

    /// A campaign's message to a person, or to whom the event's data says (docs: `recipient`, `from_address`, `reply_to`).
    fn triggered(&self, template: &HeldTemplate, person: &str, data: &Value) -> (u16, String) {
        let text = |name: &str| data[name].as_str().map(str::to_owned);
        let mut draft = filled(template, data);
        draft.to = text("recipient").unwrap_or_else(|| person.to_owned());
        draft.from = text("from_address").unwrap_or(draft.from);
        draft.reply_to = text("reply_to").or(draft.reply_to);
        draft.case = case(data);
        draft.triggered = true;
        if template.held.carries_token()
            && let Some(token) = text("inboxqa")
        {
            draft.headers.push((TOKEN_HEADER.to_owned(), token));
        }
        match self.hand_over(draft) {
            Ok(_) => (200, "{}".to_owned()),
            // Who is not to be written to is none of the Track API's matter; what the service could not take is.
            Err((status @ (429 | 500..), told)) => (status, told),
            Err(_) => (200, "{}".to_owned()),
        }
    }

    fn hand_over(&self, draft: Draft) -> Result<String, (u16, String)> {
        let office = self.office;
        let id = forms::message_id(Vendor::CustomerIo);
        let Some(plan) = office.plans.get(self.route) else {
            return Err(error(404, "no such workspace"));
        };
        let unsubscribe = forms::unsubscribe_url(plan, &id);
        let message = Submitted {
            route: self.route.to_owned(),
            queue_id: ids::hex::<5>(),
            helo: plan.host.clone(),
            recipients: vec![draft.to.clone()],
            raw: written(&draft, &unsubscribe, &plan.esp_domain),
            id: Some(id.clone()),
            case: draft.case.clone(),
        };
        let counter = Counter(office.clone());
        let Some(delivery) = office.delivery(&message, &draft.to) else {
            return Err(error(400, "to: no such recipient"));
        };
        let active = Active::of(&office.faults, &delivery);
        if office.left(&active, FaultKind::Esp429, &delivery.id).is_some() {
            return Err(error(429, "too many requests"));
        }
        if draft.triggered {
            campaign(counter, message, &active);
            return Ok(id);
        }
        match counter.take(message) {
            Decision::Reply(500.., _, text) => Err(error(400, &text)),
            Decision::Reply(_, _, text) => Err(error(429, &text)),
            Decision::Accept if active.has(FaultKind::Esp500) => Err(error(500, "internal error")),
            Decision::Accept => Ok(id),
        }
    }
}

/// What a workflow makes of an event: late or twice where a fault says so.
fn campaign(counter: Counter, message: Submitted, active: &Active<'_>) {
    let copies = if active.has(FaultKind::DuplicateEvent) { 2 } else { 1 };
    let wait = active.time(FaultKind::LateEvent);
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        for copy in 0..copies {
            let id = match copy {
                0 => message.id.clone(),
                _ => Some(forms::message_id(Vendor::CustomerIo)),
            };
            // A refusal at this point is told by the log alone.
            let _ = counter.take(Submitted { id, ..message.clone() });
        }
    });
}

fn filled(template: &HeldTemplate, data: &Value) -> Draft {
    let token = data["inboxqa"].as_str().unwrap_or_default();
    let fill = |text: &String| text.replace(&template.token, token);
    Draft {
        from: template.from.clone(),
        reply_to: template.reply_to.clone(),
        subject: fill(&template.subject),
        html: template.html.as_ref().map(fill),
        text: template.text.as_ref().map(fill),
        ..Draft::default()
    }
}

/// Suite, case and attempt, as the request names them for people who look into the activity log.
fn case(data: &Value) -> Option<Named> {
    Named::read(data["inboxqa_delivery"].as_str()?)
}

fn written(draft: &Draft, unsubscribe: &str, domain: &str) -> Vec<u8> {
    let mut letter = Letter::parse(b"\r\n");
    letter.push("From", &address(&draft.from));
    letter.push("To", &address(&draft.to));
    if let Some(reply_to) = &draft.reply_to {
        letter.push("Reply-To", &address(reply_to));
    }
    letter.push("Subject", &words(&draft.subject));
    let now = OffsetDateTime::now_utc();
    letter.push("Date", &now.format(&Rfc2822).unwrap_or_default());
    letter.push(
        "Message-ID",
        &format!("<{}.{}@{domain}>", now.unix_timestamp(), ids::hex::<8>()),
    );
    for (name, value) in &draft.headers {
        letter.push(name, &words(value));
    }
    letter.push("MIME-Version", "1.0");
    let own = |text: &String| text.replace(UNSUBSCRIBE, unsubscribe);
    let (text, html) = (draft.text.as_ref().map(own), draft.html.as_ref().map(own));
    body(&mut letter, text.as_deref(), html.as_deref());
    letter.bytes()
}
