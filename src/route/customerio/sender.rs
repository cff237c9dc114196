//! Sends through Customer.io: exactly one request a try. There is no idempotency key, so what is not known to have been refused is never
//! sent again.

use super::answers::{Accepted, Refusal};
use super::client::Client;
use crate::model::{Region, Secret, SendOutcome, Try};
use crate::net::{ApiAnswer, Net};
use crate::route::credentials::Credentials;
use crate::route::request::{Request, unanswered};
use crate::store::{Intent, Sent};
use time::OffsetDateTime;

/// Sends through one workspace.
pub struct Sender {
    net: Net,
    region: Region,
    token: Secret,
    track: Option<Credentials>,
}

impl Sender {
    /// With an App API key; without a login of the Track API no event can be sent.
    pub fn new(net: Net, region: Region, token: Secret) -> Sender {
        Sender {
            net,
            region,
            token,
            track: None,
        }
    }

    /// With the login of the Track API.
    pub fn track(&mut self, login: Option<Credentials>) {
        self.track = login;
    }

    /// One try.
    pub async fn submit(&self, intent: Intent, request: &Request) -> Sent {
        let at = OffsetDateTime::now_utc();
        let client = Client::new(&self.net, self.region, &self.token);
        let (outcome, esp_id) = match client.post(request, self.track.as_ref()).await {
            Ok(answer) => read(&answer, request),
            Err(error) => (unanswered(error), None),
        };
        intent.spent(Try { at, outcome, esp_id })
    }
}

fn read(answer: &ApiAnswer, request: &Request) -> (SendOutcome, Option<String>) {
    if answer.status == 200 {
        return accepted(answer, request);
    }
    let said = Refusal::words(&answer.body);
    let reply = || request.reply(answer.status, said.clone());
    let outcome = match answer.status {
        // It may have been taken before it broke down.
        500.. => SendOutcome::Unknown(format!("Customer.io answered {}: {said}", answer.status)),
        401 | 403 => SendOutcome::NotSent {
            code: "auth".to_owned(),
            text: format!(
                "Customer.io answered {}: {said}; messages need the App API key, events the Track API's site id and key, both of the \
                 workspace's own region",
                answer.status
            ),
        },
        429 => SendOutcome::Deferred(reply()),
        _ => SendOutcome::Refused(reply()),
    };
    (outcome, None)
}

/// A transactional message gets its delivery id at once; an event or a broadcast is only taken note of.
fn accepted(answer: &ApiAnswer, request: &Request) -> (SendOutcome, Option<String>) {
    let read: Result<Accepted, _> = serde_json::from_slice(&answer.body);
    let sends = request.path.iter().any(|step| step == "send");
    let id = match (read, sends) {
        (Ok(accepted), false) => accepted.delivery_id,
        (Ok(Accepted { delivery_id: Some(id) }), true) => Some(id),
        _ => {
            let text = "Customer.io answered 200, and not what it documents".to_owned();
            return (SendOutcome::Unknown(text), None);
        }
    };
    let text = match &id {
        Some(id) => format!("taken, delivery {id}"),
        None => "taken".to_owned(),
    };
    (SendOutcome::Accepted(request.reply(200, text)), id)
}
