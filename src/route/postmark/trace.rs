//! What became of one message: its details, the bounce that explains it, the recipient's suppression.

use super::super::log::Wanted;
use super::answers::{Bounce, Bounces, Dump, Event, Message, Messages};
use super::client::Client;
use super::payload::METADATA_KEY;
use super::suppressions;
use crate::model::{EspEvent, EspEventKind, EspStory, Why};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The metadata that carries the token (`X-PM-Metadata-inboxqa` by SMTP): Postmark finds messages by it.
const METADATA: &str = "metadata_inboxqa";

/// Clocks differ; a bounce of an earlier run is minutes away.
const SLACK: Duration = Duration::minutes(2);

/// The story of a message, by its id or by its metadata; where Postmark does not know it and it was not seen, by the error that its
/// SMTP server made of it.
pub async fn story(client: &Client<'_>, stream: &str, wanted: Wanted<'_>) -> Result<EspStory, Why> {
    let mut story = match find(client, wanted).await? {
        Some(message) => told(client, message).await?,
        None if wanted.seen => EspStory::default(),
        None => not_taken(client, wanted).await?,
    };
    if !wanted.seen && !story.has(EspEventKind::Delivered) {
        let stream = story.stream.as_deref().unwrap_or(stream).to_owned();
        story.suppression = suppression(client, &stream, wanted.recipient).await?;
    }
    Ok(story)
}

async fn find(client: &Client<'_>, wanted: Wanted<'_>) -> Result<Option<Message>, Why> {
    if let Some(id) = wanted.id {
        let message: Option<Message> = client.get(&["messages", "outbound", id, "details"], &[]).await?;
        if let Some(message) = message.filter(|message| is_ours(message, wanted) != Some(false)) {
            return Ok(Some(message));
        }
    }
    let query = [("count", "10"), ("offset", "0"), (METADATA, wanted.token.as_str())];
    let found: Option<Messages> = client.get(&["messages", "outbound"], &query).await?;
    let mut listed = found.unwrap_or_default().messages.into_iter();
    // The list may not have been narrowed: only a message that carries our token is ours.
    match listed.find(|message| is_ours(message, wanted) == Some(true)) {
        Some(message) => {
            let path = ["messages", "outbound", &message.message_id, "details"];
            client.get(&path, &[]).await
        }
        None => Ok(None),
    }
}

/// Does the message's metadata name our token? `None` where it has none.
fn is_ours(message: &Message, wanted: Wanted<'_>) -> Option<bool> {
    let mut metadata = message.metadata.iter();
    let (_, named) = metadata.find(|(key, _)| key.eq_ignore_ascii_case(METADATA_KEY))?;
    Some(named.as_str() == Some(wanted.token.as_str()))
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
        created_at: message.received_at.as_deref().and_then(moment),
        queued: message.status.eq_ignore_ascii_case("queued"),
        counts_opens: message.track_opens,
        counts_clicks: message.track_links.map(|links| !links.eq_ignore_ascii_case("none")),
        events,
        suppression: None,
    })
}

async fn read(client: &Client<'_>, event: &Event) -> Result<EspEvent, Why> {
    let field = |name: &str| event.details.get(name).and_then(Value::as_str);
    let said = field("DeliveryMessage")
        .or(field("Summary"))
        .or(field("Link"))
        .unwrap_or_default();
    let mut kind = match event.kind.as_str() {
        "Delivered" => EspEventKind::Delivered,
        "Transient" => EspEventKind::Deferred,
        "Bounced" => EspEventKind::Bounced,
        "Opened" => EspEventKind::Opened,
        "LinkClicked" => EspEventKind::Clicked,
        _ => EspEventKind::Other,
    };
    let mut detail = format!("{} {said}", event.kind).trim_end().to_owned();
    let mut certain = false;
    if let (EspEventKind::Bounced, Some(id)) = (kind, event.details.get("BounceID").and_then(number)) {
        let bounce: Option<Bounce> = client.get(&["bounces", &id], &[]).await?;
        if let Some(bounce) = bounce {
            (kind, detail, certain) = (meaning(&bounce.kind), words(&bounce), is_hard(&bounce.kind));
        }
    }
    Ok(EspEvent {
        kind,
        at: event.received_at.as_deref().and_then(moment),
        detail,
        certain,
    })
}

/// Postmark files much under "bounce" that does not say that a message was refused: replies of machines, changes of a subscription.
fn meaning(bounce: &str) -> EspEventKind {
    match bounce {
        "Transient" => EspEventKind::Deferred,
        "AutoResponder"
        | "AddressChange"
        | "ChallengeVerification"
        | "Subscribe"
        | "Unsubscribe"
        | "OpenRelayTest"
        | "InboundError" => EspEventKind::Other,
        _ => EspEventKind::Bounced,
    }
}

/// Nobody tries again, and nobody has it. `Blocked`, `SpamNotification`, `DnsError`, `SoftBounce` and `Unknown` leave that open.
fn is_hard(bounce: &str) -> bool {
    matches!(
        bounce,
        "HardBounce"
            | "BadEmailAddress"
            | "ManuallyDeactivated"
            | "SMTPApiError"
            | "DMARCPolicy"
            | "TemplateRenderingFailed"
    )
}

/// Ids come as strings and as numbers.
fn number(value: &Value) -> Option<String> {
    let id = match value {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return None,
    };
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

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
    for bounce in listed.unwrap_or_default().bounces.into_iter().filter(recent) {
        let Some(id) = number(&bounce.id) else { continue };
        let dump: Option<Dump> = client.get(&["bounces", &id, "dump"], &[]).await?;
        let dump = dump.and_then(|dump| dump.body).unwrap_or_default();
        // Nothing is guessed by subject: a bounce is of our message where its source names our token.
        if dump.contains(wanted.token.as_str()) {
            return Ok(of_error(&bounce, &dump));
        }
    }
    Ok(EspStory::default())
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
            certain: true,
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
    let own = suppressions::entry(client, stream, recipient).await?;
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
