//! One sender: keeps its session between messages and makes one try per intent.

use super::failure::Failure;
use super::parcel::Parcel;
use super::session::Session;
use super::target::Target;
use crate::model::{EspId, SendOutcome, TlsFacts, Try, Why};
use crate::store::{Intent, Sent};
use lettre::Address;
use time::OffsetDateTime;

/// Sends through one connection.
pub struct Sender {
    target: Target,
    session: Option<Session>,
    tls: Option<TlsFacts>,
}

/// What a login showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginFacts {
    /// TLS of the connection.
    pub tls: TlsFacts,
    /// Was there something to log in with?
    pub authenticated: bool,
    /// Largest message the server says it takes, in bytes (RFC 1870).
    pub size_limit: Option<u64>,
    /// The extensions the server offers over TLS, as it wrote them.
    pub extensions: Vec<String>,
}

impl Sender {
    /// A sender that has not connected yet.
    pub fn new(target: Target) -> Sender {
        Sender {
            target,
            session: None,
            tls: None,
        }
    }

    /// One try.
    pub async fn submit(&mut self, intent: Intent, envelope_from: &str, raw: &[u8]) -> Sent {
        let at = OffsetDateTime::now_utc();
        let outcome = match parcel(envelope_from, intent.envelope_to(), raw) {
            Ok(parcel) => self.attempt(&parcel).await,
            Err(failure) => failure.outcome(),
        };
        let esp_id = match &outcome {
            // Postmark may tell its id of the message here (its documents do not say); a log by this id is asked of the message's own token.
            SendOutcome::Accepted(reply) => EspId::postmark_in(&reply.text).map(|id| id.to_string()),
            _ => None,
        };
        intent.spent(Try { at, outcome, esp_id })
    }

    /// TLS of the latest connection.
    pub fn tls(&self) -> Option<TlsFacts> {
        self.tls.clone()
    }

    /// Says goodbye, if there is somebody to say it to.
    pub async fn quit(self) {
        if let Some(session) = self.session {
            session.quit().await;
        }
    }

    async fn attempt(&mut self, parcel: &Parcel<'_>) -> SendOutcome {
        let mut session = match self.session().await {
            Ok(session) => session,
            Err(failure) => return failure.outcome(),
        };
        self.tls = Some(session.tls().clone());
        let outcome = session.transfer(parcel).await;
        self.session = (!session.broken()).then_some(session);
        outcome
    }

    /// The kept session, if the server still holds its end of it, or a new one.
    async fn session(&mut self) -> Result<Session, Failure> {
        if let Some(mut session) = self.session.take()
            && session.reset().await
        {
            return Ok(session);
        }
        Session::open(&self.target).await
    }
}

/// Connects and logs in, sends nothing.
pub async fn verify_login(target: Target) -> Result<LoginFacts, Why> {
    let session = Session::open(&target).await.map_err(Failure::why)?;
    let capabilities = session.capabilities();
    let facts = LoginFacts {
        tls: session.tls().clone(),
        authenticated: target.credentials.is_some(),
        size_limit: capabilities.size.flatten(),
        extensions: capabilities.lines.clone(),
    };
    session.quit().await;
    Ok(facts)
}

fn parcel<'a>(from: &str, to: &str, raw: &'a [u8]) -> Result<Parcel<'a>, Failure> {
    let address = |text: &str| {
        let parsed = text.parse::<Address>();
        parsed.map_err(|error| Failure::not_sent("bad-address", format!("`{text}` is no mail address: {error}")))
    };
    if has_bare_line_break(raw) {
        // A server that takes a lone CR or LF for a line end could read a second message out of this one.
        return Err(Failure::not_sent(
            "bad-message",
            "the message holds a CR or LF that is not part of CRLF",
        ));
    }
    Ok(Parcel {
        from: (!from.is_empty()).then(|| address(from)).transpose()?,
        to: address(to)?,
        raw,
    })
}

fn has_bare_line_break(raw: &[u8]) -> bool {
    let mut before = b'\0';
    for &byte in raw {
        if (byte == b'\n') != (before == b'\r') {
            return true;
        }
        before = byte;
    }
    before == b'\r'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_crlf_ends_a_line() {
        assert!(!has_bare_line_break(b"a\r\n\r\nb\r\n"));
        for raw in [
            &b"\n"[..],
            b"\r",
            b"a\n.\nb",
            b"a\r.\r\nb",
            b"a\r\r\n",
            b"a\r\n\n",
            b"a\r\nb\r",
        ] {
            assert!(has_bare_line_break(raw), "{:?}", String::from_utf8_lossy(raw));
        }
    }
}
