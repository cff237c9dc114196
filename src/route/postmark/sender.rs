//! Sends by `POST /email` and its kin: exactly one request a try. There is no idempotency key, so what is not known to have been refused is never
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
        return match accepted(answer, request) {
            Some(accepted) => told(accepted, request),
            None => {
                let text = "Postmark answered 200, and not what it documents".to_owned();
                (SendOutcome::Unknown(text), None)
            }
        };
    }
    let refusal: Refusal = serde_json::from_slice(&answer.body).unwrap_or_default();
    let outcome = match answer.status {
        // It may have been taken before it broke down.
        500.. => SendOutcome::Unknown(format!("Postmark answered {}: {}", answer.status, words(&refusal))),
        429 => SendOutcome::Deferred(request.reply(answer.status, words(&refusal))),
        status => refused(status, &refusal, request),
    };
    (outcome, None)
}

/// The answer to our message; of a batch, which is of one, the first and only one.
fn accepted(answer: &ApiAnswer, request: &Request) -> Option<Accepted> {
    match request.path.iter().any(|step| step.starts_with("batch")) {
        false => serde_json::from_slice(&answer.body).ok(),
        true => {
            let mut answers: Vec<Accepted> = serde_json::from_slice(&answer.body).ok()?;
            (answers.len() == 1).then(|| answers.remove(0))
        }
    }
}

fn told(accepted: Accepted, request: &Request) -> (SendOutcome, Option<String>) {
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
        (error_code, _) => {
            let message = accepted.message;
            refused(200, &Refusal { error_code, message }, request)
        }
    };
    (outcome, id)
}

fn words(refusal: &Refusal) -> String {
    match (refusal.error_code, meaning(refusal.error_code)) {
        (0, _) => refusal.message.clone(),
        (code, "") => format!("error {code}: {}", refusal.message),
        (code, meaning) => format!("error {code}: {} ({meaning})", refusal.message),
    }
}

/// What Postmark's words leave out.
fn meaning(code: u32) -> &'static str {
    match code {
        412 => {
            "the account is not approved yet: until then recipients must be of the From's own domain, so no seed at a provider can be reached"
        }
        413 => "the account may not send",
        _ => "",
    }
}

/// What a refusal means, whether it came as a status of its own or within a batch's 200.
fn refused(status: u16, refusal: &Refusal, request: &Request) -> SendOutcome {
    let text = words(refusal);
    match (status, refusal.error_code) {
        (_, INACTIVE_RECIPIENT) => SendOutcome::Suppressed(format!("Postmark answered {status}, {text}")),
        (401, _) | (_, BAD_TOKEN) => SendOutcome::NotSent {
            code: "auth".to_owned(),
            text: format!(
                "Postmark answered {status}, {text}; the route needs a server's API token, not the account's"
            ),
        },
        _ => SendOutcome::Refused(request.reply(status, text)),
    }
}
