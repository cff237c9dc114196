//! Sends by `POST /email`: exactly one request a try. There is no idempotency key, so what is not known to have been refused is never
//! sent again.

use super::answers::{Accepted, Refusal};
use super::client::Client;
use crate::model::{Secret, SendOutcome, Try};
use crate::net::{ApiAnswer, Net};
use crate::route::request::{Request, unanswered};
use crate::store::{Intent, Sent};
use time::OffsetDateTime;

/// Postmark's codes (developer/api/overview, error codes).
const INACTIVE_RECIPIENT: u32 = 406;
const BAD_TOKEN: u32 = 10;

/// Sends through one server of Postmark's.
pub struct Sender {
    net: Net,
    token: Secret,
}

impl Sender {
    /// With the server's API token.
    pub fn new(net: Net, token: Secret) -> Sender {
        Sender { net, token }
    }

    /// One try.
    pub async fn submit(&self, intent: Intent, request: &Request) -> Sent {
        let at = OffsetDateTime::now_utc();
        let client = Client::new(&self.net, &self.token);
        let (outcome, esp_id) = match client.post(&request.steps(), &request.body).await {
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
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let text = match refusal.error_code {
        0 => refusal.message,
        code => format!("error {code}: {}", refusal.message),
    };
    let outcome = match (answer.status, refusal.error_code) {
        // It may have been taken before it broke down.
        (500.., _) => SendOutcome::Unknown(format!("Postmark answered {}: {text}", answer.status)),
        (_, INACTIVE_RECIPIENT) => SendOutcome::Suppressed(format!("Postmark answered {}, {text}", answer.status)),
        (401, _) | (_, BAD_TOKEN) => SendOutcome::NotSent {
            code: "auth".to_owned(),
            text: format!(
                "Postmark answered {}, {text}; the route needs a server's API token, not the account's",
                answer.status
            ),
        },
        (429, _) => SendOutcome::Deferred(request.reply(answer.status, text)),
        _ => SendOutcome::Refused(request.reply(answer.status, text)),
    };
    (outcome, None)
}

fn accepted(answer: &ApiAnswer, request: &Request) -> (SendOutcome, Option<String>) {
    let Ok(accepted) = serde_json::from_slice::<Accepted>(&answer.body) else {
        let text = "Postmark answered 200, and not what it documents".to_owned();
        return (SendOutcome::Unknown(text), None);
    };
    let id = accepted.message_id.clone();
    let outcome = match (accepted.error_code, accepted.message_id) {
        (0, Some(id)) if !accepted.message.contains("Test job") => {
            SendOutcome::Accepted(request.reply(200, format!("{}, message {id}", accepted.message)))
        }
        (0, _) => SendOutcome::NotSent {
            code: "test-token".to_owned(),
            text: format!(
                "Postmark says {:?}: POSTMARK_API_TEST takes messages and sends none",
                accepted.message
            ),
        },
        (code, _) => SendOutcome::Refused(request.reply(200, format!("error {code}: {}", accepted.message))),
    };
    (outcome, id)
}
