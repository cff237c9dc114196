//! Whether a person gets campaigns, asked of the App API and changed by the Track API. Never `suppress`: that deletes the person.

use super::answers::Known;
use super::client::Client;
use crate::model::{Region, Suppression, Why};
use crate::net::Net;
use crate::route::credentials::Credentials;

/// The entry of a person who has unsubscribed from everything; the service does not tell when. A person it does not know has none.
pub async fn unsubscribed(client: &Client<'_>, person: &str) -> Result<Option<Suppression>, Why> {
    let path = ["v1", "customers", person, "attributes"];
    let known: Option<Known> = client.get(&path, &[("id_type", "email")]).await?;
    let out = known.is_some_and(|known| known.customer.is_unsubscribed());
    Ok(out.then(|| Suppression {
        reason: "unsubscribed".to_owned(),
        origin: "Recipient".to_owned(),
        since: None,
    }))
}

/// Subscribes a person again: `PUT /api/v1/customers/{id}` with `unsubscribed: false` (docs.customer.io, Track API). May be said twice.
pub async fn subscribe(net: &Net, region: Region, login: &Credentials, person: &str) -> Result<(), Why> {
    let body = serde_json::json!({"unsubscribed": false}).to_string();
    Client::change(net, region, login, &["api", "v1", "customers", person], body.as_bytes()).await
}
