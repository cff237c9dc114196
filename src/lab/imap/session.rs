//! One connection from greeting to goodbye: reads a command, lets it be answered, writes the answer as the faults want it.

use super::account::Credentials;
use super::command::{self, Command};
use super::dialect::{self, Refusal};
use super::dispatch;
use super::faults::{Act, ImapFaults, Point};
use super::fetch_item;
use super::reply::{self, Reply};
use super::seat::Seat;
use super::transcript::Recorder;
use super::wire::{Incoming, Wire};
use super::world::ImapWorld;
use crate::model::profile::Dialect;
use std::io;
use tokio::io::{AsyncRead, AsyncWrite};

/// Commands that could not be read before the connection is ended.
const MAX_BAD: u32 = 30;

/// A connection.
pub struct Session<S> {
    pub(super) wire: Wire<S>,
    pub(super) world: ImapWorld,
    pub(super) seat: Option<Seat>,
    pub(super) faults: ImapFaults,
    bad: u32,
}

/// What to do after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Read the next command.
    Command,
    /// End in good order.
    Close,
    /// Let the connection fall.
    Cut,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// A connection that has just been made.
    pub(super) fn new(stream: S, world: ImapWorld, recorder: Recorder) -> Self {
        Session {
            wire: Wire::new(stream, recorder),
            world,
            seat: None,
            faults: ImapFaults::new(),
            bad: 0,
        }
    }

    /// Serves the client until it or we end it.
    pub async fn serve(mut self) -> io::Result<()> {
        let greeting = format!("{}\r\n", dialect::greeting(self.world.dialect));
        self.wire.send(greeting.as_bytes()).await?;
        loop {
            let next = match self.wire.command().await? {
                Incoming::Command(command) => self.answer(&command).await?,
                Incoming::Refused(command) => {
                    let tag = command::tag(&command).unwrap_or("*");
                    self.wire
                        .send(format!("{tag} NO [TOOBIG] Literal too big\r\n").as_bytes())
                        .await?;
                    Next::Command
                }
                Incoming::TooLong => self.farewell("* BYE Command line too long").await?,
                Incoming::Silent => self.farewell("* BYE Autologout; idle for too long").await?,
                Incoming::Closed => Next::Close,
            };
            match next {
                Next::Command => {}
                Next::Close => {
                    self.wire.close().await;
                    return Ok(());
                }
                Next::Cut => {
                    self.wire.recorder().event("cut by a fault");
                    return Ok(());
                }
            }
        }
    }

    pub(super) async fn farewell(&mut self, line: &str) -> io::Result<Next> {
        self.wire.send(format!("{line}\r\n").as_bytes()).await?;
        Ok(Next::Close)
    }

    async fn answer(&mut self, bytes: &[u8]) -> io::Result<Next> {
        let dialect = self.world.dialect;
        let verb = command::verb(bytes);
        let Some(tag) = command::tag(bytes).map(str::to_owned) else {
            self.bad += 1;
            self.wire.send(b"* BAD Error in IMAP command: no tag\r\n").await?;
            return self.patience().await;
        };
        match command::parse(bytes) {
            Err(malformed) => {
                self.bad += 1;
                let reply = Reply::bad(dialect::bad(dialect, &verb, &malformed.0));
                self.finish(&tag, reply, None).await?;
                self.patience().await
            }
            Ok(Command::Login { user, password }) => {
                let (reply, act) = self.log_in("LOGIN", Credentials::login(&user, &password));
                self.finish(&tag, reply, act).await
            }
            Ok(Command::Authenticate { mechanism, initial }) => self.authenticate(&tag, &mechanism, initial).await,
            Ok(Command::Idle) => self.idle(&tag).await,
            Ok(command) => {
                let act = points(&command).iter().find_map(|point| self.faults.strike(*point));
                let reply = match refusal(act.as_ref(), dialect, &verb) {
                    Some(reply) => {
                        if let (Some(seat), Command::Open { .. }) = (&mut self.seat, &command) {
                            seat.opened = None;
                        }
                        reply
                    }
                    None => dispatch::execute(dialect, &mut self.seat, &verb, command),
                };
                self.finish(&tag, reply, act).await
            }
        }
    }

    /// Ends the session of a client that does not speak IMAP.
    async fn patience(&mut self) -> io::Result<Next> {
        match self.bad < MAX_BAD {
            true => Ok(Next::Command),
            false => self.farewell("* BYE Too many invalid IMAP commands.").await,
        }
    }

    /// Writes an answer as the faults want it.
    pub(super) async fn finish(&mut self, tag: &str, reply: Reply, act: Option<Act>) -> io::Result<Next> {
        let ends = reply.ends;
        let mut bytes = reply.bytes(tag);
        self.faults.pause().await;
        match act {
            None | Some(Act::Refuse | Act::RefuseWith(_) | Act::Throttle(_) | Act::TooMany) => {}
            Some(Act::Bye(words)) => return self.farewell(&format!("* BYE {words}")).await,
            Some(Act::Cut) => {
                self.wire.send(bytes.get(..bytes.len() / 2).unwrap_or_default()).await?;
                return Ok(Next::Cut);
            }
            Some(Act::Silence) => return self.silence().await,
            Some(Act::FalseLiteral(length)) => bytes = reply::with_false_literal(&bytes, length),
        }
        self.wire.send(&bytes).await?;
        Ok(if ends { Next::Close } else { Next::Command })
    }

    /// Listens without ever answering, until the client goes.
    pub(super) async fn silence(&mut self) -> io::Result<Next> {
        self.wire.recorder().event("silent by a fault");
        while let Incoming::Command(_) = self.wire.line().await? {}
        Ok(Next::Cut)
    }
}

/// The NO that a fault wants instead of an answer.
pub(super) fn refusal(act: Option<&Act>, dialect: Dialect, verb: &str) -> Option<Reply> {
    let in_its_words = |refusal: Refusal| dialect::refused(dialect, verb, &refusal);
    match act {
        Some(Act::Refuse) => Some(Reply::no(in_its_words(Refusal::Unavailable))),
        Some(Act::RefuseWith(words)) => Some(Reply::no(words)),
        Some(Act::Throttle(millis)) => Some(Reply::no(in_its_words(Refusal::Throttled(*millis)))),
        // Exchange lets the client in and then calls the login itself a bad command.
        Some(Act::TooMany) if dialect == Dialect::Outlook => {
            Some(Reply::bad(in_its_words(Refusal::TooManyConnections)))
        }
        Some(Act::TooMany) => Some(Reply::no(in_its_words(Refusal::TooManyConnections))),
        _ => None,
    }
}

/// The fault points of a command, the most particular first.
fn points(command: &Command) -> &'static [Point] {
    match command {
        Command::List(_) => &[Point::List],
        Command::Open { .. } => &[Point::Examine],
        Command::Fetch(_, items) if items.iter().any(fetch_item::is_bytes) => &[Point::Message, Point::Fetch],
        Command::Fetch(..) => &[Point::Fetch],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::ImapAccount;
    use super::super::store::MailStore;
    use super::super::transcript::Transcripts;
    use super::*;
    use crate::model::Secret;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// All that a server says to a client that says this and goes.
    fn said(dialect: Dialect, input: &[u8]) -> Vec<u8> {
        let store = MailStore::new();
        store.add_mailbox("seed", dialect);
        let mut world = ImapWorld::new(dialect, store);
        let account = ImapAccount::with_password("seed", Secret::new("p"));
        world.accounts.insert("u".to_owned(), account);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let (mut client, server) = tokio::io::duplex(16 * 1024);
            let session = Session::new(server, world, Transcripts::new().begin());
            let talk = async {
                let (mut read, mut write) = tokio::io::split(&mut client);
                let mut said = Vec::new();
                let speak = async {
                    // The server may have ended the session before it heard everything.
                    let _ = write.write_all(input).await;
                    let _ = write.shutdown().await;
                };
                let (_, heard) = tokio::join!(speak, read.read_to_end(&mut said));
                heard.map(|_| said)
            };
            let (served, said) = tokio::join!(session.serve(), talk);
            served.and(said).unwrap_or_default()
        })
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

        #[test]
        fn no_client_breaks_the_server(
            lines in proptest::collection::vec(
                "([ab] )?(UID )?(SELECT INBOX|EXAMINE Junk|FETCH [0-9*:,]{1,5} \\(?(FLAGS|BODY\\[\\]<[0-9].[0-9]{1,3}>|UID)\\)?|\
                SEARCH (ALL|NOT SEEN|UID [0-9*:]{1,4})|STORE [0-9*]{1,2} [+-]?FLAGS \\(\\\\Deleted\\)|EXPUNGE|MOVE [0-9*] Trash|\
                LIST \"\" [*%a-z]{1,6}|STATUS INBOX \\(MESSAGES\\)|IDLE|DONE|CLOSE|NOOP|[ -~]{0,30})",
                0..20,
            ),
            outlook: bool,
        ) {
            let dialect = if outlook { Dialect::Outlook } else { Dialect::Gmail };
            let input = format!("l LOGIN u p\r\n{}\r\nz LOGOUT\r\n", lines.join("\r\n"));
            let said = said(dialect, input.as_bytes());
            proptest::prop_assert!(said.starts_with(b"* OK "));
            proptest::prop_assert!(said.ends_with(b"\r\n"), "{}", said.escape_ascii());
        }
    }
}
