//! What became of one message: its details, the bounce that explains it, the recipient's suppression.

use super::super::log::Wanted;
use super::answers::{Bounce, Bounces, Dump, Event, Message, Messages, Suppressions};
use super::client::Client;
use crate::model::{EspEvent, EspEventKind, EspStory, Why};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The metadata that carries the token (`X-PM-Metadata-inboxqa` by SMTP): Postmark finds messages by it.
const METADATA: &str = "metadata_inboxqa";
/// Clocks differ; a bounce of an earlier run is minutes away.
const SLACK: Duration = Duration::minutes(2);

/// The story of a message, by its id or by its metadata; where Postmark does not know it, by the error that its SMTP server made of it.
pub async fn story(client: &Client<'_>, stream: &str, wanted: Wanted<'_>) -> Result<EspStory, Why> {
    let mut story = match find(client, wanted).await? {
        Some(message) => told(client, message).await?,
        None => not_taken(client, wanted).await?,
    };
    if !story.has(EspEventKind::Delivered) {
        let stream = story.stream.as_deref().unwrap_or(stream).to_owned();
        story.suppression = suppression(client, &stream, wanted.recipient).await?;
    }
    Ok(story)
}

async fn find(client: &Client<'_>, wanted: Wanted<'_>) -> Result<Option<Message>, Why> {
    let id = match wanted.id {
        Some(id) => Some(id.to_owned()),
        None => {
            let query = [("count", "10"), ("offset", "0"), (METADATA, wanted.token.as_str())];
            let found: Option<Messages> = client.get(&["messages", "outbound"], &query).await?;
            let first = found.and_then(|found| found.messages.into_iter().next());
            first.map(|message| message.message_id)
        }
    };
    match id {
        Some(id) => client.get(&["messages", "outbound", &id, "details"], &[]).await,
        None => Ok(None),
    }
}

async fn told(client: &Client<'_>, message: Message) -> Result<EspStory, Why> {
    let mut events: Vec<EspEvent> = Vec::new();
    for event in &message.message_events {
        events.push(read(client, event).await?);
    }
    events.sort_by_key(|event| event.at);
    Ok(EspStory {
        id: Some(message.message_id),
        stream: message.message_stream,
        queued: message.status.eq_ignore_ascii_case("queued"),
        counts_opens: message.track_opens,
        counts_clicks: message.track_links.map(|links| !links.eq_ignore_ascii_case("none")),
        events,
        suppression: None,
    })
}

async fn read(client: &Client<'_>, event: &Event) -> Result<EspEvent, Why> {
    let kind = match event.kind.as_str() {
        "Delivered" => EspEventKind::Delivered,
        "Transient" => EspEventKind::Deferred,
        "Bounced" => EspEventKind::Bounced,
        "Opened" => EspEventKind::Opened,
        "LinkClicked" => EspEventKind::Clicked,
        _ => EspEventKind::Other,
    };
    let field = |name: &str| event.details.get(name).and_then(Value::as_str);
    let said = field("DeliveryMessage")
        .or(field("Summary"))
        .or(field("Link"))
        .unwrap_or_default();
    let mut detail = format!("{} {said}", event.kind).trim_end().to_owned();
    if let (EspEventKind::Bounced, Some(id)) = (kind, event.details.get("BounceID").and_then(number)) {
        let bounce: Option<Bounce> = client.get(&["bounces", &id], &[]).await?;
        detail = bounce.map_or(detail, |bounce| words(&bounce));
    }
    Ok(EspEvent {
        kind,
        at: event.received_at.as_deref().and_then(moment),
        detail,
    })
}

/// Ids come as strings and as numbers.
fn number(value: &Value) -> Option<String> {
    value
        .as_str()
        .map(str::to_owned)
        .or_else(|| value.as_u64().map(|id| id.to_string()))
}

/// Postmark takes every message at its SMTP door and makes a bounce of type `SMTPApiError` of one that it will not send.
async fn not_taken(client: &Client<'_>, wanted: Wanted<'_>) -> Result<EspStory, Why> {
    let query = [
        ("count", "50"),
        ("offset", "0"),
        ("type", "SMTPApiError"),
        ("emailFilter", wanted.recipient),
    ];
    let listed: Option<Bounces> = client.get(&["bounces"], &query).await?;
    let recent = |bounce: &Bounce| {
        let at = bounce.bounced_at.as_deref().and_then(moment);
        at.is_some_and(|at| at >= wanted.since - SLACK)
    };
    let mut by_subject = Vec::new();
    for bounce in listed.unwrap_or_default().bounces.into_iter().filter(recent) {
        let id = bounce.id.to_string();
        let dump: Option<Dump> = client.get(&["bounces", &id, "dump"], &[]).await?;
        let dump = dump.and_then(|dump| dump.body).unwrap_or_default();
        if dump.contains(wanted.token.as_str()) {
            return Ok(of_error(&bounce, &dump));
        }
        // Bounces that are known to be of other messages of ours are no candidates.
        if bounce.subject.as_deref() == Some(wanted.subject) && !dump.contains("X-InboxQA-Token") {
            by_subject.push((bounce, dump));
        }
    }
    match by_subject.as_slice() {
        [(bounce, dump)] => Ok(of_error(bounce, dump)),
        _ => Ok(EspStory::default()),
    }
}

fn of_error(bounce: &Bounce, dump: &str) -> EspStory {
    let said = words(bounce);
    let suppressed = [said.as_str(), dump]
        .iter()
        .any(|text| text.to_ascii_lowercase().contains("inactive"));
    let kind = if suppressed {
        EspEventKind::Dropped
    } else {
        EspEventKind::Bounced
    };
    EspStory {
        id: bounce.message_id.clone(),
        stream: bounce.message_stream.clone(),
        events: vec![EspEvent {
            kind,
            at: bounce.bounced_at.as_deref().and_then(moment),
            detail: said,
        }],
        ..EspStory::default()
    }
}

fn words(bounce: &Bounce) -> String {
    let said = [&bounce.description, &bounce.details];
    let said: Vec<&str> = said
        .into_iter()
        .flatten()
        .map(String::as_str)
        .filter(|text| !text.is_empty())
        .collect();
    format!("{}: {}", bounce.kind, said.join("; "))
}

async fn suppression(client: &Client<'_>, stream: &str, recipient: &str) -> Result<Option<String>, Why> {
    let path = ["message-streams", stream, "suppressions", "dump"];
    let listed: Option<Suppressions> = client.get(&path, &[("emailaddress", recipient)]).await?;
    let mut listed = listed.unwrap_or_default().suppressions.into_iter();
    // The list may not have been narrowed: only the recipient's own entry counts.
    let own = listed.find(|entry| entry.email_address.eq_ignore_ascii_case(recipient));
    Ok(own.map(|entry| {
        let since = entry.created_at.map(|at| format!(" since {at}")).unwrap_or_default();
        format!(
            "{recipient} is on the suppression list of stream {stream}{since}: {}, by {}",
            entry.suppression_reason, entry.origin
        )
    }))
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}
