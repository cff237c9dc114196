//! The dot that ends a message (RFC 5321 §4.1.1.4). Before it is on its way the server can not have the whole message; from then on
//! only its answer tells, and no answer means that nobody knows.

use super::failure::Failure;
use crate::model::SendOutcome;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// Bytes handed over at a time.
const CHUNK: usize = 64 * 1024;

/// Has the whole message been asked for, so that the final dot comes next?
#[derive(Default)]
pub struct Dot {
    /// The message was taken to its last piece.
    pub set: AtomicBool,
    /// Told at that moment.
    pub on_its_way: Notify,
}

/// The message in pieces. lettre adds CRLF before the dot, so the message's own last CRLF is left to it.
pub fn chunks<'a>(raw: &'a [u8], dot: &'a Dot) -> impl Iterator<Item = &'a [u8]> {
    let mut pieces = raw.strip_suffix(b"\r\n").unwrap_or(raw).chunks(CHUNK);
    std::iter::from_fn(move || {
        let piece = pieces.next();
        if piece.is_none() {
            dot.set.store(true, Ordering::Relaxed);
            dot.on_its_way.notify_one();
        }
        piece
    })
}

/// What it means that no answer came.
pub fn silence(dotted: bool) -> SendOutcome {
    if dotted {
        SendOutcome::Unknown("the message was handed over and the server did not answer in time".to_owned())
    } else {
        Failure::not_sent("timeout", "the server stopped taking the message in (body)").outcome()
    }
}

/// What it means that the connection was lost.
pub fn lost(dotted: bool, garbage: bool, error: Option<lettre::transport::smtp::Error>) -> SendOutcome {
    if dotted {
        let how = if garbage {
            "the answer is no SMTP reply"
        } else {
            "the connection was lost before the answer"
        };
        SendOutcome::Unknown(format!("the message was handed over, then {how}"))
    } else {
        no_reply("body", garbage, error).outcome()
    }
}

/// Why a command has no answer.
pub fn no_reply(phase: &str, garbage: bool, error: Option<lettre::transport::smtp::Error>) -> Failure {
    if garbage {
        return Failure::not_sent("protocol", format!("the answer is no SMTP reply ({phase})"));
    }
    let error = error.map_or_else(String::new, |error| format!(": {error}"));
    Failure::not_sent("lost", format!("the connection was lost ({phase}){error}"))
}
