//! Sends through Customer.io: exactly one request a try. There is no idempotency key, so what is not known to have been refused is never
//! sent again.

use super::answers::{Accepted, Refusal};
use super::client::Client;
use crate::model::Region;
use crate::model::{Secret, SendOutcome, SmtpReply, Try};
use crate::net::{ApiAnswer, ApiError, Net};
use crate::route::credentials::Credentials;
use crate::route::request::Request;
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
    /// With an App API key, and with the login of the Track API where there is one.
    pub fn new(net: Net, region: Region, token: Secret, track: Option<Credentials>) -> Sender {
        Sender {
            net,
            region,
            token,
            track,
        }
    }

    /// One try.
    pub async fn submit(&self, intent: Intent, request: &Request) -> Sent {
        let at = OffsetDateTime::now_utc();
        let client = Client::new(&self.net, self.region, &self.token);
        let (outcome, esp_id) = match client.post(request, self.track.as_ref()).await {
            Ok(answer) => read(&answer, request),
            Err(ApiError::NotSent(why)) => (
                SendOutcome::NotSent {
                    code: why.code,
                    text: why.detail,
                },
                None,
            ),
            Err(ApiError::Unknown(why)) => (SendOutcome::Unknown(format!("{}: {}", why.code, why.detail)), None),
        };
        intent.spent(Try { at, outcome, esp_id })
    }
}

fn read(answer: &ApiAnswer, request: &Request) -> (SendOutcome, Option<String>) {
    if answer.status == 200 {
        return accepted(answer, request);
    }
    let said = Refusal::words(&answer.body);
    let reply = || SmtpReply {
        phase: request.phase(),
        code: answer.status,
        enhanced: None,
        text: said.clone(),
    };
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
    let reply = SmtpReply {
        phase: request.phase(),
        code: 200,
        enhanced: None,
        text,
    };
    (SendOutcome::Accepted(reply), id)
}
