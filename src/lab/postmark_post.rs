//! `POST /email` of the lab's Postmark: what it refuses at once, and the message it makes of the fields.

use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::post_office::{Counter, PostOffice};
use crate::lab::smtp_door::{Decision, Desk, Submitted};
use crate::lab::writing::{address, body, words};
use serde_json::{Value, json};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// Status and JSON.
pub fn take(office: &Arc<PostOffice>, route: &str, body: &[u8]) -> (u16, String) {
    let Ok(fields) = serde_json::from_slice::<Value>(body) else {
        return error(422, 402, "Invalid JSON");
    };
    let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
    let to = text("To");
    if text("HtmlBody").is_empty() && text("TextBody").is_empty() {
        return error(422, 300, "Provide either email TextBody or HtmlBody or both.");
    }
    let id = ids::uuid();
    let message = Submitted {
        route: route.to_owned(),
        queue_id: ids::hex::<5>(),
        helo: "api.postmarkapp.com".to_owned(),
        recipients: vec![to.clone()],
        raw: written(&fields, &id),
        id: Some(id.clone()),
        case: None,
    };
    let counter = Counter(office.clone());
    let Some(delivery) = office.delivery(&message, &to) else {
        return error(422, 300, &format!("Error parsing 'To': no such recipient '{to}'."));
    };
    let active = Active::of(&office.faults, &delivery);
    let opted_out = office.holds_back(&message, &to);
    if opted_out || active.has(FaultKind::SuppressedSeed) {
        let text = format!(
            "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {to}. \
             Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
        );
        if !opted_out {
            office.suppress(&message, &to);
        }
        return error(422, 406, &text);
    }
    if office.left(&active, FaultKind::Esp429, &delivery.id).is_some() {
        return error(429, 0, "Rate limit exceeded");
    }
    match counter.take(message) {
        Decision::Reply(500.., _, text) => error(422, 405, &text),
        Decision::Reply(_, _, text) => error(429, 0, &text),
        Decision::Accept if active.has(FaultKind::Esp500) => error(500, 0, "Internal server error"),
        Decision::Accept => {
            let at = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
            let accepted = json!({"To": to, "SubmittedAt": at, "MessageID": id, "ErrorCode": 0, "Message": "OK"});
            (200, accepted.to_string())
        }
    }
}

/// A refusal as Postmark writes it.
pub fn error(status: u16, code: u32, message: &str) -> (u16, String) {
    (status, json!({"ErrorCode": code, "Message": message}).to_string())
}

/// The message that Postmark makes of the fields; control headers are taken away further on, as with SMTP.
fn written(fields: &Value, id: &str) -> Vec<u8> {
    let mut letter = Letter::parse(b"\r\n");
    let text = |name: &str| fields[name].as_str().filter(|text| !text.is_empty());
    letter.push("From", &address(text("From").unwrap_or_default()));
    letter.push("To", &address(text("To").unwrap_or_default()));
    if let Some(reply_to) = text("ReplyTo") {
        letter.push("Reply-To", &address(reply_to));
    }
    letter.push("Subject", &words(text("Subject").unwrap_or_default()));
    let now = OffsetDateTime::now_utc().format(&Rfc2822).unwrap_or_default();
    letter.push("Date", &now);
    letter.push("Message-ID", &format!("<{id}@mtasv.net>"));
    for header in fields["Headers"].as_array().into_iter().flatten() {
        letter.push(
            header["Name"].as_str().unwrap_or_default(),
            &words(header["Value"].as_str().unwrap_or_default()),
        );
    }
    let controls = [("MessageStream", "X-PM-Message-Stream"), ("Tag", "X-PM-Tag")];
    for (field, header) in controls {
        if let Some(value) = text(field) {
            letter.push(header, value);
        }
    }
    for (key, value) in fields["Metadata"].as_object().into_iter().flatten() {
        letter.push(&format!("X-PM-Metadata-{key}"), value.as_str().unwrap_or_default());
    }
    letter.push("MIME-Version", "1.0");
    body(&mut letter, text("TextBody"), text("HtmlBody"));
    letter.bytes()
}
