//! One IMAP connection in which nothing is swallowed: a command ends with its own tagged status, or with a [`Failure`].
//!
//! The session type of async-imap reports NO, BAD, BYE and a dead connection alike as an empty success, so of that crate only
//! the framing and the parser are used: its unauthenticated client gives access to both without any of its commands.

use super::failure::Failure;
use super::gate::{Caps, Oversize};
use super::guard::Guard;
use async_imap::Client;
use async_imap::imap_proto::{Response, ResponseCode, Status};
use std::fmt::Debug;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

/// A connection as `net` hands it out.
pub trait Transport: AsyncRead + AsyncWrite + Unpin + Debug + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Debug + Send> Transport for S {}

/// An ordinary command may take this long.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Longest line we take from a server.
const LINE: usize = 256 * 1024;
/// Largest literal in an answer that is expected to hold none but names.
const SMALL: u64 = 16 * 1024;
/// Largest answer in all, unless a command says otherwise.
const ANSWER: u64 = 48 * 1024 * 1024;
/// Longest text of the server's that is kept.
const WORDS: usize = 400;

/// A command and what its answer may cost.
pub struct Command {
    /// Name, for people.
    pub verb: &'static str,
    /// The line without tag and line end.
    pub line: String,
    /// Time for the whole answer.
    pub patience: Duration,
    /// Largest literal, bytes.
    pub literal: u64,
    /// What to send at the first continuation request.
    pub answer: Option<String>,
    /// What to send at later ones.
    pub consent: &'static str,
}

impl Command {
    /// A command with ordinary limits.
    pub fn new(verb: &'static str, line: impl Into<String>) -> Self {
        Command {
            verb,
            line: line.into(),
            patience: PATIENCE,
            literal: SMALL,
            answer: None,
            consent: "",
        }
    }

    /// Allows literals of `bytes`, and the time they need at 64 kB/s.
    pub fn literals(mut self, bytes: u64) -> Self {
        self.literal = bytes;
        self.patience = PATIENCE + Duration::from_secs(bytes / 65_536).min(Duration::from_secs(120));
        self
    }
}

/// The connection.
#[derive(Debug)]
pub struct Wire<S: Transport> {
    client: Client<Guard<S>>,
    tag: u32,
    bye: Option<String>,
}

impl<S: Transport> Wire<S> {
    /// Takes a fresh connection; nothing is read or written yet.
    pub fn new(stream: S) -> Self {
        let caps = Caps {
            literal: SMALL,
            line: LINE,
            response: ANSWER,
        };
        Wire {
            client: Client::new(Guard::new(stream, caps)),
            tag: 0,
            bye: None,
        }
    }

    /// Sends a command, hands every untagged answer and continuation request to `each`, and returns the words of its OK.
    pub async fn checked(&mut self, command: Command, mut each: impl FnMut(&Response<'_>)) -> Result<String, Failure> {
        let deadline = Instant::now() + command.patience;
        let Command {
            verb,
            mut answer,
            consent,
            ..
        } = command;
        let tag = self.send(verb, &command.line, command.literal, deadline).await?;
        loop {
            let next = self.next(verb, deadline, |response| match response {
                Response::Done {
                    tag: theirs,
                    status,
                    outcome,
                } if theirs.0 == tag => Some(Next::Done(status_of(status), words(outcome))),
                Response::Continue(_) => {
                    each(response);
                    Some(Next::Continue)
                }
                other => {
                    each(other);
                    None
                }
            });
            match next.await? {
                None => {}
                Some(Next::Continue) => {
                    let line = answer.take().unwrap_or_else(|| consent.to_owned());
                    self.write(verb, &format!("{line}\r\n"), deadline).await?;
                }
                Some(Next::Done(Answer::Ok, text)) => return Ok(text),
                Some(Next::Done(Answer::No, text)) => return Err(Failure::No { command: verb, text }),
                Some(Next::Done(Answer::Bad, text)) => return Err(Failure::Bad { command: verb, text }),
                Some(Next::Done(Answer::Strange, text)) => {
                    return Err(Failure::Unreadable(format!(
                        "{verb} ended with neither OK, NO nor BAD: {text}"
                    )));
                }
            }
        }
    }

    /// Sends a command's line and returns its tag. CR, LF and NUL never get into a line.
    pub async fn send(
        &mut self,
        verb: &'static str,
        line: &str,
        literal: u64,
        deadline: Instant,
    ) -> Result<String, Failure> {
        if line.contains(['\r', '\n', '\0']) {
            return Err(Failure::Unreadable(format!(
                "{verb} would need a line break inside its line"
            )));
        }
        self.client.get_mut().begin(literal, ANSWER);
        self.tag += 1;
        let tag = format!("Q{}", self.tag);
        self.write(verb, &format!("{tag} {line}\r\n"), deadline).await?;
        Ok(tag)
    }

    /// Writes text as it is.
    pub async fn write(&mut self, verb: &'static str, text: &str, deadline: Instant) -> Result<(), Failure> {
        let stream = self.client.get_mut();
        let writing = async {
            stream.write_all(text.as_bytes()).await?;
            stream.flush().await
        };
        match timeout_at(deadline, writing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(self.ended(verb, Some(&error))),
            Err(_) => Err(late(verb)),
        }
    }

    /// Reads one response and turns it into something owned.
    pub async fn next<T>(
        &mut self,
        verb: &'static str,
        deadline: Instant,
        read: impl FnOnce(&Response<'_>) -> T,
    ) -> Result<T, Failure> {
        let response = match timeout_at(deadline, self.client.read_response()).await {
            Err(_) => return Err(late(verb)),
            Ok(Ok(None)) => return Err(self.ended(verb, None)),
            Ok(Err(error)) => return Err(self.sick(verb, &error)),
            Ok(Ok(Some(response))) => response,
        };
        if let Response::Data {
            status: Status::Bye,
            outcome,
        } = response.parsed()
        {
            self.bye = Some(words(outcome));
        }
        Ok(read(response.parsed()))
    }

    /// The connection ended: with a BYE before, or without a word.
    fn ended(&mut self, verb: &'static str, error: Option<&io::Error>) -> Failure {
        match (self.bye.take(), error) {
            (Some(text), _) => Failure::Bye(text),
            // An end without TLS's own goodbye is what servers do; the library's lecture on it helps nobody.
            (None, Some(error)) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Failure::Dropped(format!("the connection broke during {verb}: {error}"))
            }
            (None, _) => Failure::Dropped(format!("the server closed the connection during {verb}")),
        }
    }

    fn sick(&mut self, verb: &'static str, error: &io::Error) -> Failure {
        if let Some(oversize) = error.get_ref().and_then(|inner| inner.downcast_ref::<Oversize>()) {
            return Failure::Oversize(format!("{oversize} (during {verb})"));
        }
        if self.client.get_ref().broken() || error.kind() == io::ErrorKind::UnexpectedEof {
            return self.ended(verb, Some(error));
        }
        let text = error.to_string();
        let line = text
            .split_once(" during parsing of ")
            .map_or(text.as_str(), |(_, line)| line);
        Failure::Unreadable(format!("during {verb}: {}", short(line)))
    }
}

enum Next {
    Done(Answer, String),
    Continue,
}

enum Answer {
    Ok,
    No,
    Bad,
    Strange,
}

fn status_of(status: &Status) -> Answer {
    match status {
        Status::Ok => Answer::Ok,
        Status::No => Answer::No,
        Status::Bad => Answer::Bad,
        Status::PreAuth | Status::Bye => Answer::Strange,
    }
}

fn late(verb: &'static str) -> Failure {
    Failure::Timeout(format!("the server did not finish {verb} in time"))
}

/// The text of a status, with the one code that the parser takes away and people need.
pub fn words(outcome: &async_imap::imap_proto::Outcome<'_>) -> String {
    let text = outcome.information.as_deref().unwrap_or("(no text)");
    match outcome.code {
        Some(ResponseCode::Alert) => short(&format!("[ALERT] {text}")),
        _ => short(text),
    }
}

/// At most [`WORDS`] characters.
fn short(text: &str) -> String {
    let mut kept: String = text.chars().take(WORDS).collect();
    if kept.len() < text.len() {
        kept.push('…');
    }
    kept
}
