//! What a server of Postmark's is set to: asked before a run, changed never.

use super::answers::{Server as Answer, Stream, Suppressions, Webhooks};
use super::client::Client;
use crate::model::{Secret, Why};
use crate::net::Net;

/// A server and one stream of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Its name at Postmark.
    pub name: String,
    /// A sandbox delivers nothing.
    pub sandbox: bool,
    /// Is the SMTP door open? `None`: not told.
    pub smtp: Option<bool>,
    /// Opens are counted whatever a message says.
    pub track_opens: bool,
    /// Links are rewritten where a message does not say otherwise (`None`, `HtmlAndText`…).
    pub track_links: Option<String>,
    /// `Transactional`, `Broadcasts`; `None` where there is no such stream.
    pub stream_type: Option<String>,
    /// The stream's suppression list.
    pub suppressed: Vec<Suppressed>,
    /// Who is told what becomes of the stream's messages.
    pub webhooks: Vec<Webhook>,
}

/// One webhook of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Where it goes.
    pub url: String,
    /// Events that it sends: `Delivery`, `Bounce`, `SpamComplaint`, `SubscriptionChange`, `Open`, `Click`.
    pub events: Vec<String>,
}

/// One address that nothing is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppressed {
    /// Address.
    pub address: String,
    /// Why and by whom, in words.
    pub why: String,
}

/// Asks for all of it. Codes as in [`super::super::Log::story`].
pub async fn examine(net: &Net, token: &Secret, stream: &str) -> Result<Server, Why> {
    let client = Client::new(net, token);
    let server: Answer = client.get(&["server"], &[]).await?.unwrap_or_default();
    let found: Option<Stream> = client.get(&["message-streams", stream], &[]).await?;
    let listed: Option<Suppressions> = match found {
        Some(_) => {
            client
                .get(&["message-streams", stream, "suppressions", "dump"], &[])
                .await?
        }
        None => None,
    };
    let hooks: Option<Webhooks> = client.get(&["webhooks"], &[("MessageStream", stream)]).await?;
    let webhooks = hooks.unwrap_or_default().webhooks.into_iter().map(|hook| Webhook {
        url: hook.url,
        events: hook
            .triggers
            .into_iter()
            .filter(|(_, trigger)| trigger.enabled)
            .map(|(event, _)| event)
            .collect(),
    });
    let suppressed = listed
        .unwrap_or_default()
        .suppressions
        .into_iter()
        .map(|entry| Suppressed {
            why: format!("{}, by {}", entry.suppression_reason, entry.origin),
            address: entry.email_address,
        });
    Ok(Server {
        name: server.name,
        sandbox: server
            .delivery_type
            .is_some_and(|kind| kind.eq_ignore_ascii_case("sandbox")),
        smtp: server.smtp_api_activated,
        track_opens: server.track_opens == Some(true),
        track_links: server.track_links,
        stream_type: found.map(|stream| stream.message_stream_type),
        suppressed: suppressed.collect(),
        webhooks: webhooks.collect(),
    })
}
