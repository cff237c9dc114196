//! `POST /email` of the lab's Postmark: what it refuses at once, and the message it makes of the fields.

use crate::lab::fault::Active;
use crate::lab::fault_kind::FaultKind;
use crate::lab::ids;
use crate::lab::letter::Letter;
use crate::lab::mime::quoted_printable;
use crate::lab::post_office::{Counter, PostOffice};
use crate::lab::smtp_door::{Decision, Desk, Submitted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// Bytes of an encoded word's content (RFC 2047 §2 allows 75 characters in all).
const WORD: usize = 42;

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
    };
    let counter = Counter(office.clone());
    let Some(delivery) = office.delivery(&message, &to) else {
        return error(422, 300, &format!("Error parsing 'To': no such recipient '{to}'."));
    };
    let active = Active::of(&office.faults, &delivery);
    if active.has(FaultKind::SuppressedSeed) {
        let text = format!(
            "You tried to send to recipient(s) that have been marked as inactive. Found inactive addresses: {to}. \
             Inactive recipients are ones that have generated a hard bounce, a spam complaint, or a manual suppression."
        );
        office.suppress(&message, &to);
        return error(422, 406, &text);
    }
    if office.left(&active, FaultKind::Esp429, &delivery).is_some() {
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

fn body(letter: &mut Letter, text: Option<&str>, html: Option<&str>) {
    let part = |kind: &str, content: &str| {
        let content = content.replace("\r\n", "\n").replace('\n', "\r\n");
        let head =
            format!("Content-Type: text/{kind}; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n");
        (head, quoted_printable(content.as_bytes()))
    };
    let parts: Vec<(String, Vec<u8>)> = [
        text.map(|text| part("plain", text)),
        html.map(|html| part("html", html)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let [first, second] = parts.as_slice() else {
        let kind = if html.is_some() { "html" } else { "plain" };
        letter.push("Content-Type", &format!("text/{kind}; charset=UTF-8"));
        letter.push("Content-Transfer-Encoding", "quoted-printable");
        letter.put_body(parts.into_iter().flat_map(|(_, content)| content).collect());
        return;
    };
    let boundary = format!("mk3-{}", ids::hex::<16>());
    letter.push(
        "Content-Type",
        &format!("multipart/alternative; boundary=\"{boundary}\""),
    );
    let mut all = Vec::new();
    for (head, content) in [first, second] {
        all.extend_from_slice(format!("--{boundary}\r\n{head}\r\n").as_bytes());
        all.extend_from_slice(content);
        all.extend_from_slice(b"\r\n");
    }
    all.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    letter.put_body(all);
}

/// `Name <address>` with the name encoded where it must be.
fn address(written: &str) -> String {
    match written.rsplit_once('<') {
        Some((name, rest)) => format!("{} <{rest}", words(name.trim())),
        None => written.to_owned(),
    }
}

/// Encoded words (RFC 2047) where a text is not ASCII.
fn words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut chunks: Vec<String> = vec![String::new()];
    for letter in text.chars() {
        if chunks
            .last()
            .is_some_and(|chunk| chunk.len() + letter.len_utf8() > WORD)
        {
            chunks.push(String::new());
        }
        if let Some(chunk) = chunks.last_mut() {
            chunk.push(letter);
        }
    }
    let encoded: Vec<String> = chunks
        .iter()
        .map(|chunk| format!("=?UTF-8?B?{}?=", STANDARD.encode(chunk)))
        .collect();
    encoded.join("\r\n ")
}
