//! LOGIN and AUTHENTICATE.

use super::account::{self, Credentials, Proof};
use super::dialect::{self, Refusal};
use super::faults::{Act, Point};
use super::reply::{Reply, Status};
use super::seat::Seat;
use super::session::{Next, Session, refusal};
use super::wire::Incoming;
use crate::model::profile::Dialect;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Checks the credentials; a right pair seats the client. With the fault that shall strike, if any.
    pub(super) fn log_in(&mut self, verb: &str, credentials: Credentials) -> (Reply, Option<Act>) {
        let dialect = self.world.dialect;
        if self.seat.is_some() {
            return (Reply::bad(dialect::bad(dialect, verb, "already logged in")), None);
        }
        let refused = match credentials.proof {
            Proof::Password(_) => Refusal::Credentials,
            Proof::Bearer(_) => Refusal::Token,
        };
        let account = account::find(&self.world.accounts, &credentials.user);
        let faults = account.and_then(|account| self.world.faults.get(&account.mailbox));
        self.faults = faults.cloned().unwrap_or_default();
        let act = account.and_then(|_| self.faults.strike(Point::Login));
        let accepted = account.filter(|account| account::accepts(account, &credentials.proof));
        let reply = match (&act, accepted) {
            (Some(Act::RefuseWith(_) | Act::Throttle(_) | Act::TooMany), Some(_)) => {
                refusal(act.as_ref(), dialect, verb).unwrap_or_else(|| Reply::no("Login refused"))
            }
            (Some(Act::Refuse), _) | (_, None) => Reply::no(dialect::refused(dialect, verb, &refused)),
            (_, Some(account)) => {
                self.wire.recorder().name(&account.mailbox);
                self.seat = Some(Seat {
                    store: self.world.store.clone(),
                    mailbox: account.mailbox.clone(),
                    dialect,
                    opened: None,
                });
                let mut reply = Reply::ok(dialect::logged_in(dialect, verb, &credentials.user));
                if dialect == Dialect::Gmail {
                    reply.line(&format!("* CAPABILITY {}", dialect::capabilities(dialect, true)));
                }
                reply
            }
        };
        (reply, act)
    }

    /// AUTHENTICATE, with or without an initial response (RFC 4959).
    pub(super) async fn authenticate(
        &mut self,
        tag: &str,
        mechanism: &str,
        initial: Option<String>,
    ) -> io::Result<Next> {
        let dialect = self.world.dialect;
        let bad = |wrong: &str| Reply::bad(dialect::bad(dialect, "AUTHENTICATE", wrong));
        let offered = dialect::capabilities(dialect, false).split(' ');
        let is_offered = offered
            .filter_map(|word| word.strip_prefix("AUTH="))
            .any(|word| word == mechanism);
        if !is_offered {
            return self.finish(tag, bad("mechanism not offered"), None).await;
        }
        let response = match initial {
            Some(initial) => initial.into_bytes(),
            None => {
                self.wire.send(b"+ \r\n").await?;
                match self.wire.secret_line().await? {
                    Incoming::Command(line) => line,
                    _ => return Ok(Next::Close),
                }
            }
        };
        let Some(credentials) = Credentials::sasl(mechanism, &response) else {
            return self.finish(tag, bad("malformed or cancelled response"), None).await;
        };
        let by_token = matches!(credentials.proof, Proof::Bearer(_));
        let (reply, act) = self.log_in("AUTHENTICATE", credentials);
        if by_token && reply.status == Status::No {
            // The reason comes as one more challenge; the client answers with an empty line to get its NO.
            let challenge = account::challenge(dialect::token_challenge(dialect));
            self.wire.send(format!("+ {challenge}\r\n").as_bytes()).await?;
            if !matches!(self.wire.secret_line().await?, Incoming::Command(_)) {
                return Ok(Next::Close);
            }
        }
        self.finish(tag, reply, act).await
    }
}
