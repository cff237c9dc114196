//! What Customer.io tells of one message: its metrics, and whether the person has unsubscribed.

use super::answers::{Known, Listed, Message, Told};
use super::client::Client;
use crate::model::{EspEvent, EspEventKind, EspStory, Why};
use crate::route::log::Wanted;
use time::{Duration, OffsetDateTime};

/// Clocks differ.
const SLACK: Duration = Duration::minutes(2);

/// The story of a message, by its delivery id; else by its recipient, where that is an address of this message alone.
pub async fn story(client: &Client<'_>, wanted: Wanted<'_>) -> Result<EspStory, Why> {
    let mut story = match find(client, wanted).await? {
        Some(message) => told(&message),
        None => EspStory::default(),
    };
    if !wanted.seen && !story.has(EspEventKind::Delivered) {
        story.suppression = suppression(client, wanted.person, wanted.topic).await?;
    }
    Ok(story)
}

async fn find(client: &Client<'_>, wanted: Wanted<'_>) -> Result<Option<Message>, Why> {
    if let Some(id) = wanted.id {
        // A message just handed over is not known for some seconds.
        let found: Option<Told> = client.get(&["v1", "messages", id], &[]).await?;
        return Ok(found.map(|told| told.message));
    }
    let own = format!("+{}@", wanted.token);
    let since = (wanted.since - SLACK).unix_timestamp().to_string();
    let query = [("id_type", "email"), ("limit", "100"), ("start_ts", since.as_str())];
    let path = ["v1", "customers", wanted.person, "messages"];
    let listed: Option<Listed> = client.get(&path, &query).await?;
    let mut listed = listed.unwrap_or_default().messages.into_iter();
    Ok(listed.find(|message| message.recipient.as_deref().is_some_and(|to| to.contains(&own))))
}

fn told(message: &Message) -> EspStory {
    let failure = message.failure_message.as_deref().unwrap_or_default();
    let mut events: Vec<EspEvent> = message
        .metrics
        .iter()
        .map(|(name, at)| {
            let kind = meaning(name);
            let explained = matches!(
                kind,
                EspEventKind::Bounced | EspEventKind::Dropped | EspEventKind::Deferred
            );
            let detail = match (explained, failure.is_empty()) {
                (true, false) => format!("{name}: {failure}"),
                _ => name.clone(),
            };
            EspEvent {
                certain: is_certain(name, failure),
                kind,
                at: OffsetDateTime::from_unix_timestamp(*at).ok(),
                detail,
            }
        })
        .collect();
    // What happened within a second is told in the order of its weight: the last word decides.
    events.sort_by_key(|event| (event.at, weight(event.kind)));
    EspStory {
        id: Some(message.id.clone()),
        stream: None,
        created_at: message
            .metrics
            .get("created")
            .and_then(|at| OffsetDateTime::from_unix_timestamp(*at).ok()),
        queued: !message.metrics.is_empty() && message.metrics.keys().all(|name| name == "created"),
        counts_opens: None,
        counts_clicks: None,
        events,
        suppression: None,
    }
}

/// docs.customer.io/journeys/message-statuses-and-metrics: an `undeliverable` message was held back by Customer.io itself (unsubscribed,
/// message limit), a `failed` one could not be made or handed over.
fn meaning(metric: &str) -> EspEventKind {
    match metric {
        "delivered" => EspEventKind::Delivered,
        "attempted" | "deferred" => EspEventKind::Deferred,
        "bounced" | "failed" => EspEventKind::Bounced,
        "dropped" | "undeliverable" => EspEventKind::Dropped,
        "opened" | "human_opened" => EspEventKind::Opened,
        "clicked" | "human_clicked" => EspEventKind::Clicked,
        _ => EspEventKind::Other,
    }
}

/// Held back by Customer.io itself, or refused with a permanent status (RFC 3463: class 5); `failed` may be tried again.
fn is_certain(metric: &str, failure: &str) -> bool {
    let mut words = failure.split(|char: char| !(char.is_ascii_digit() || char == '.'));
    match metric {
        "dropped" | "undeliverable" => true,
        "bounced" => words.any(|word| word.starts_with("5.") && word.bytes().filter(|byte| *byte == b'.').count() == 2),
        _ => false,
    }
}

fn weight(kind: EspEventKind) -> u8 {
    match kind {
        EspEventKind::Other => 0,
        EspEventKind::Deferred => 1,
        _ => 2,
    }
}

async fn suppression(client: &Client<'_>, person: &str, topic: Option<&str>) -> Result<Option<String>, Why> {
    let path = ["v1", "customers", person, "attributes"];
    let known: Option<Known> = client.get(&path, &[("id_type", "email")]).await?;
    let Some(known) = known else { return Ok(None) };
    if known.customer.is_unsubscribed() {
        let told = format!("{person} has unsubscribed: the person's attribute `unsubscribed` is true");
        return Ok(Some(told));
    }
    let opted_out = topic.filter(|topic| known.customer.opted_out(topic));
    Ok(opted_out
        .map(|topic| format!("{person} has opted out of the topic {topic}: `cio_subscription_preferences` says so")))
}
