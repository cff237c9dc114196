//! Why a try ended before the message was handed over, and what that means for it.

use crate::model::{Secret, SendOutcome, SmtpReply, Why};

/// The end of a try at a moment when the server can not have the whole message.
#[derive(Debug)]
pub enum Failure {
    /// The server answered, but not what was needed.
    Answered(SmtpReply),
    /// No answer, no connection, or nothing that could be sent.
    NotSent {
        /// Stable code.
        code: &'static str,
        /// In words.
        text: String,
    },
}

impl Failure {
    /// A failure without an answer.
    pub fn not_sent(code: &'static str, text: impl Into<String>) -> Failure {
        Failure::NotSent {
            code,
            text: text.into(),
        }
    }

    /// The same without a secret that the server may have repeated, as it was or as a quoted string.
    pub fn without(self, secret: &Secret) -> Failure {
        match self {
            Failure::Answered(reply) => Failure::Answered(SmtpReply {
                text: secret.hidden_in(&reply.text),
                ..reply
            }),
            failure => failure,
        }
    }

    /// The outcome of the try. The basic code decides: 4xx may be tried again, 5xx is final; a refused login or STARTTLS is
    /// no verdict on the message.
    pub fn outcome(self) -> SendOutcome {
        match self {
            Failure::NotSent { code, text } => SendOutcome::NotSent {
                code: code.to_owned(),
                text,
            },
            Failure::Answered(reply) => match (reply.code, reply.phase.as_str()) {
                (400..=499, _) => SendOutcome::Deferred(reply),
                (500..=599, "starttls" | "auth") => SendOutcome::NotSent {
                    code: reply.phase.clone(),
                    text: words(&reply),
                },
                (500..=599, _) => SendOutcome::Refused(reply),
                _ => SendOutcome::NotSent {
                    code: "protocol".to_owned(),
                    text: format!("unexpected answer: {}", words(&reply)),
                },
            },
        }
    }

    /// The same for somebody who only tried to log in.
    pub fn why(self) -> Why {
        match self {
            Failure::NotSent { code, text } => Why::new(code, text),
            Failure::Answered(reply) => Why::new(reply.phase.clone(), words(&reply)),
        }
    }
}

fn words(reply: &SmtpReply) -> String {
    let SmtpReply { phase, code, text, .. } = reply;
    format!("the server answered {code} {text} ({phase})")
}
