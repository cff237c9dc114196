//! One connection from greeting to goodbye.

use super::account::{self, Credentials, Proof};
use super::command::{self, Command};
use super::dialect::{self, Refusal};
use super::faults::{Act, ImapFaults, Point};
use super::folders;
use super::messages;
use super::reply::{self, Reply, Status};
use super::seat::Seat;
use super::transcript::Recorder;
use super::wire::{Incoming, Wire};
use super::world::ImapWorld;
use crate::model::profile::Dialect;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Commands that could not be read before the connection is ended.
const MAX_BAD: u32 = 30;
/// Dovecot tells an idling client now and then that it is still there.
const STILL_HERE: Duration = Duration::from_secs(120);

/// A connection.
pub struct Session<S> {
    wire: Wire<S>,
    world: ImapWorld,
    seat: Option<Seat>,
    faults: ImapFaults,
    bad: u32,
}

/// What to do after a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
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

    async fn farewell(&mut self, line: &str) -> io::Result<Next> {
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
                let act = point(&command).and_then(|point| self.faults.strike(point));
                let reply = match refusal(act.as_ref(), dialect, &verb) {
                    Some(reply) => reply,
                    None => self.execute(&verb, command),
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
    async fn finish(&mut self, tag: &str, reply: Reply, act: Option<Act>) -> io::Result<Next> {
        let ends = reply.ends;
        let mut bytes = reply.bytes(tag);
        tokio::time::sleep(self.faults.slowness()).await;
        match act {
            None | Some(Act::Refuse | Act::RefuseWith(_)) => {}
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
    async fn silence(&mut self) -> io::Result<Next> {
        self.wire.recorder().event("silent by a fault");
        while let Incoming::Command(_) = self.wire.line().await? {}
        Ok(Next::Cut)
    }

    /// Commands that need nothing but the state.
    fn execute(&mut self, verb: &str, command: Command) -> Reply {
        let dialect = self.world.dialect;
        let done = || Reply::ok(dialect::done(dialect, verb));
        match (command, &mut self.seat) {
            (Command::Capability, seat) => {
                let mut reply = done();
                reply.line(&format!(
                    "* CAPABILITY {}",
                    dialect::capabilities(dialect, seat.is_some())
                ));
                reply
            }
            (Command::Logout, _) => {
                let mut reply = done();
                reply.line(dialect::bye(dialect));
                reply.ends = true;
                reply
            }
            (Command::Id(Some(0)), _) if dialect == Dialect::Outlook => {
                Reply::bad(dialect::bad(dialect, verb, "empty"))
            }
            (Command::Id(_), _) => {
                let mut reply = done();
                reply.line(dialect::id(dialect));
                reply
            }
            (Command::Noop, None) => done(),
            (_, None) => Reply::bad(dialect::bad(dialect, verb, "not logged in")),
            (command, Some(seat)) => {
                let numbers_count = matches!(
                    command,
                    Command::Fetch(..) | Command::Store { .. } | Command::Search { .. }
                );
                let mut reply = at_seat(seat, verb, command);
                if reply.status != Status::Bad {
                    // News must not shift the numbers of a command that speaks of numbers.
                    seat.tell_news(!numbers_count || verb.starts_with("UID "), &mut reply);
                }
                reply
            }
        }
    }

    fn log_in(&mut self, verb: &str, credentials: Credentials) -> (Reply, Option<Act>) {
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
            (Some(Act::RefuseWith(words)), _) => Reply::no(words),
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

    async fn authenticate(&mut self, tag: &str, mechanism: &str, initial: Option<String>) -> io::Result<Next> {
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

    /// IDLE (RFC 2177): news as they come, until DONE.
    async fn idle(&mut self, tag: &str) -> io::Result<Next> {
        let dialect = self.world.dialect;
        let seat = self.seat.as_mut().filter(|_| dialect::has(dialect, "IDLE"));
        let changes = seat.as_ref().and_then(|seat| seat.store.subscribe(&seat.mailbox));
        let (Some(seat), Some(mut changes)) = (seat, changes) else {
            let reply = Reply::bad(dialect::bad(dialect, "IDLE", "not possible now"));
            return self.finish(tag, reply, None).await;
        };
        let act = self.faults.strike(Point::Idle);
        if let Some(reply) = refusal(act.as_ref(), dialect, "IDLE") {
            return self.finish(tag, reply, None).await;
        }
        if let Some(act) = act {
            self.wire.send(b"+ idling\r\n").await?;
            return match act {
                Act::Bye(words) => self.farewell(&format!("* BYE {words}")).await,
                Act::Silence => self.silence().await,
                _ => Ok(Next::Cut),
            };
        }
        // Exchange tells pending news before it agrees to idle, the others after.
        let mut news = Reply::ok("");
        seat.tell_news(true, &mut news);
        let go = b"+ idling\r\n".as_slice();
        let first = match dialect {
            Dialect::Outlook => [&news.data, go].concat(),
            _ => [go, &news.data].concat(),
        };
        tokio::time::sleep(self.faults.slowness()).await;
        self.wire.send(&first).await?;
        let mut still_here = tokio::time::interval_at(tokio::time::Instant::now() + STILL_HERE, STILL_HERE);
        while !news.ends {
            news = Reply::ok("");
            tokio::select! {
                line = self.wire.line() => return self.end_idle(tag, line?).await,
                changed = changes.changed() => {
                    if changed.is_err() {
                        return self.farewell("* BYE Mailbox is gone").await;
                    }
                    seat.tell_news(true, &mut news);
                    tokio::time::sleep(self.faults.slowness()).await;
                }
                _ = still_here.tick(), if dialect == Dialect::Generic => news.line("* OK Still here"),
            }
            if !news.data.is_empty() {
                self.wire.send(&news.data).await?;
            }
        }
        Ok(Next::Close)
    }

    async fn end_idle(&mut self, tag: &str, line: Incoming) -> io::Result<Next> {
        let dialect = self.world.dialect;
        let reply = match line {
            Incoming::Command(line) => {
                self.wire.recorder().client(&line);
                match line.eq_ignore_ascii_case(b"DONE") {
                    true => Reply::ok(dialect::done(dialect, "IDLE")),
                    false => Reply::bad(dialect::bad(dialect, "IDLE", "expected DONE")),
                }
            }
            Incoming::Silent => return self.farewell("* BYE Autologout; idle for too long").await,
            _ => return Ok(Next::Close),
        };
        self.finish(tag, reply, None).await
    }
}

/// Commands of a logged-in client.
fn at_seat(seat: &mut Seat, verb: &str, command: Command) -> Reply {
    let dialect = seat.dialect;
    let done = || Reply::ok(dialect::done(dialect, verb));
    match command {
        Command::List(arguments) => folders::list(seat, &arguments),
        Command::Status { folder, items } => folders::status(seat, &folder, &items),
        Command::Open { folder, read_only } => folders::open(seat, &folder, read_only),
        Command::Fetch(numbers, items) => messages::fetch(seat, verb, &numbers, &items),
        Command::Search { uid, key } => messages::search(seat, verb, uid, &key),
        Command::Store {
            numbers,
            change,
            flags,
            silent,
        } => messages::store(seat, verb, &numbers, change, &flags, silent),
        Command::Transfer {
            numbers,
            folder,
            take_away,
        } => messages::transfer(seat, verb, &numbers, &folder, take_away),
        Command::Expunge(only) => messages::expunge(seat, verb, only.as_ref()),
        Command::Leave { .. } if seat.opened.is_none() => {
            Reply::bad(dialect::bad(dialect, verb, "no mailbox selected"))
        }
        Command::Leave { expunge } => {
            if expunge && seat.opened.as_ref().is_some_and(|opened| !opened.read_only) {
                messages::expunge(seat, verb, None);
            }
            seat.opened = None;
            done()
        }
        Command::Namespace => {
            let mut reply = done();
            let delimiter = super::layout::delimiter(dialect);
            reply.line(&format!("* NAMESPACE ((\"\" \"{delimiter}\")) NIL NIL"));
            reply
        }
        Command::Enable(_) if dialect::has(dialect, "ENABLE") => {
            let mut reply = done();
            reply.line("* ENABLED");
            reply
        }
        Command::Noop => done(),
        _ => Reply::bad(dialect::bad(dialect, verb, "unknown command")),
    }
}

/// The NO that a fault wants instead of an answer.
fn refusal(act: Option<&Act>, dialect: Dialect, verb: &str) -> Option<Reply> {
    match act {
        Some(Act::Refuse) => Some(Reply::no(dialect::refused(dialect, verb, &Refusal::Unavailable))),
        Some(Act::RefuseWith(words)) => Some(Reply::no(words)),
        _ => None,
    }
}

/// The fault point of a command.
fn point(command: &Command) -> Option<Point> {
    match command {
        Command::List(_) => Some(Point::List),
        Command::Open { .. } => Some(Point::Examine),
        Command::Fetch(..) => Some(Point::Fetch),
        _ => None,
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
