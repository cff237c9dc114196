//! One request to a service's API that hands a message over.

use crate::compose::message::Letter;
use crate::model::{SendOutcome, SmtpReply, raw};
use crate::net::ApiError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The key under which the token stands in the data of a template that the service holds.
const DATA_KEY: &str = "inboxqa";
/// Names the delivery for people who look into the service's activity log.
const DELIVERY_KEY: &str = "inboxqa_delivery";

/// Path below the API's host, and a JSON body. Which host and which login it takes is the route's matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Path segments, not yet percent-encoded: `["v1", "send", "email"]`.
    pub path: Vec<String>,
    /// JSON.
    #[serde(with = "raw::bytes")]
    pub body: Vec<u8>,
}

impl Request {
    /// A request with this body.
    pub fn new(path: &[&str], body: &Value) -> Request {
        Request {
            path: path.iter().map(|step| (*step).to_owned()).collect(),
            body: body.to_string().into_bytes(),
        }
    }

    /// The path's segments.
    pub fn steps(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// What the service answered, in the form of a reply: status and words, and the request that it answers.
    pub fn reply(&self, status: u16, text: String) -> SmtpReply {
        SmtpReply {
            phase: format!("POST /{}", self.path.join("/")),
            code: status,
            enhanced: None,
            text,
        }
    }
}

/// What is known of a message whose request brought no answer.
pub fn unanswered(error: ApiError) -> SendOutcome {
    match error {
        ApiError::NotSent(why) => SendOutcome::NotSent {
            code: why.code,
            text: why.detail,
        },
        ApiError::Unknown(why) => SendOutcome::Unknown(format!("{}: {}", why.code, why.detail)),
    }
}

/// A template's data with our two keys; what is no object is left out.
pub fn marked_data(letter: &Letter, data: &Value) -> Value {
    let mut marked = data.as_object().cloned().unwrap_or_default();
    marked.insert(DATA_KEY.to_owned(), json!(letter.token.as_str()));
    marked.insert(DELIVERY_KEY.to_owned(), json!(letter.named()));
    marked.into()
}
