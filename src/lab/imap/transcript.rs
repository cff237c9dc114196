//! What was said on each connection, for tests and for people: lines of both sides, without secrets and without the bytes
//! of literals. Bounded, so that a long-lived lab does not fill the memory.

use super::command;
use super::cursor::announced_literal;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines kept of one connection; connections kept.
const MAX_LINES: usize = 20_000;
const MAX_CONNECTIONS: usize = 2_000;

/// One connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transcript {
    /// The mailbox, once somebody logged in.
    pub mailbox: Option<String>,
    /// `C: …` and `S: …`, in order.
    pub lines: Vec<String>,
}

/// The transcripts of all connections; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Transcripts {
    connections: Arc<Mutex<Vec<Recorder>>>,
}

impl Transcripts {
    /// Nothing said yet.
    pub fn new() -> Transcripts {
        Transcripts::default()
    }

    /// All connections, in the order they were made.
    pub fn all(&self) -> Vec<Transcript> {
        let connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        connections.iter().map(Recorder::read).collect()
    }

    /// The connections of one mailbox.
    pub fn of(&self, mailbox: &str) -> Vec<Transcript> {
        let mut all = self.all();
        all.retain(|transcript| transcript.mailbox.as_deref() == Some(mailbox));
        all
    }

    /// Begins a connection.
    pub(super) fn begin(&self) -> Recorder {
        let recorder = Recorder::default();
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        if connections.len() < MAX_CONNECTIONS {
            connections.push(recorder.clone());
        }
        recorder
    }
}

/// Writes one transcript.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Transcript>>);

impl Recorder {
    /// Whose mailbox it is.
    pub fn name(&self, mailbox: &str) {
        self.change(|transcript| transcript.mailbox = Some(mailbox.to_owned()));
    }

    /// A command of the client.
    pub fn client(&self, command: &[u8]) {
        let line = match command::verb(command).as_str() {
            verb @ ("LOGIN" | "AUTHENTICATE") => {
                let tag = command::tag(command).unwrap_or("?");
                format!("C: {tag} {verb} ***")
            }
            _ => format!("C: {}", command.escape_ascii()),
        };
        self.push(line);
    }

    /// A line of the client that is not to be read by others.
    pub fn client_secret(&self) {
        self.push("C: ***".to_owned());
    }

    /// Bytes of the server.
    pub fn server(&self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at(end);
            let line = line.trim_ascii_end();
            let literal = announced_literal(line).map_or(0, |literal| literal.length);
            let skipped = usize::try_from(literal).unwrap_or(usize::MAX).min(after.len());
            rest = after.get(skipped..).unwrap_or_default();
            self.push(format!("S: {}", line.escape_ascii()));
        }
    }

    /// Something that happened to the connection.
    pub fn event(&self, what: &str) {
        self.push(format!("-- {what}"));
    }

    fn push(&self, line: String) {
        self.change(|transcript| {
            if transcript.lines.len() < MAX_LINES {
                transcript.lines.push(line);
            }
        });
    }

    fn read(&self) -> Transcript {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Transcript)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
