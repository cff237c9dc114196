//! The suppression list of a stream: asked for one address, and one address taken off it.

use super::answers::{Lifted, Suppression as Entry, Suppressions};
use super::client::Client;
use crate::model::{Suppression, Why};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The address's entry, where it has one.
pub async fn listed(client: &Client<'_>, stream: &str, address: &str) -> Result<Option<Suppression>, Why> {
    Ok(entry(client, stream, address).await?.map(|entry| Suppression {
        since: entry
            .created_at
            .and_then(|at| OffsetDateTime::parse(&at, &Rfc3339).ok()),
        reason: entry.suppression_reason,
        origin: entry.origin,
    }))
}

/// The same as Postmark wrote it.
pub(super) async fn entry(client: &Client<'_>, stream: &str, address: &str) -> Result<Option<Entry>, Why> {
    let path = ["message-streams", stream, "suppressions", "dump"];
    let found: Option<Suppressions> = client.get(&path, &[("emailaddress", address)]).await?;
    let mut entries = found.unwrap_or_default().suppressions.into_iter();
    // The list may not have been narrowed: only the address's own entry counts.
    Ok(entries.find(|entry| entry.email_address.eq_ignore_ascii_case(address)))
}

/// Takes the address off the list. Asked again where nothing came: what is off the list stays off. Code `not-lifted` with Postmark's
/// words where it does not allow it (a complaint stays for good).
pub async fn lift(client: &Client<'_>, stream: &str, address: &str) -> Result<(), Why> {
    let path = ["message-streams", stream, "suppressions", "delete"];
    let asked = serde_json::json!({"Suppressions": [{"EmailAddress": address}]});
    let answered: Option<Lifted> = client.repeat(&path, asked.to_string().as_bytes()).await?;
    let mut answers = answered.unwrap_or_default().suppressions.into_iter();
    let own = answers.find(|answer| answer.email_address.eq_ignore_ascii_case(address));
    match own {
        Some(answer) if answer.status.eq_ignore_ascii_case("deleted") => Ok(()),
        Some(answer) => {
            let words = answer.message.unwrap_or(answer.status);
            Err(Why::new("not-lifted", format!("Postmark says: {words}")))
        }
        None => Err(Why::new("not-lifted", "Postmark said nothing of this address")),
    }
}
