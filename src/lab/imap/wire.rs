//! The connection: commands in, with their literals and under caps; answers out; everything into the transcript.

use super::cursor::announced_literal;
use super::transcript::Recorder;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::timeout;

/// Bytes of one line.
const MAX_LINE: usize = 64 * 1024;
/// Bytes of one command with its literals.
const MAX_COMMAND: usize = 256 * 1024;
/// How long a client may be silent (RFC 3501 §5.4: at least 30 minutes).
const AUTOLOGOUT: Duration = Duration::from_secs(30 * 60);
/// How long a client may take to read an answer.
const WRITE_LIMIT: Duration = Duration::from_secs(60);

/// A connection with a client.
pub struct Wire<S> {
    stream: S,
    buffer: Vec<u8>,
    recorder: Recorder,
}

/// What came from the client.
pub enum Incoming {
    /// A whole command, without its final line break.
    Command(Vec<u8>),
    /// A literal that was not let in; what was read of the command so far. The connection is in order.
    Refused(Vec<u8>),
    /// A line or literal beyond all bounds: the connection can not go on.
    TooLong,
    /// The client was silent for too long.
    Silent,
    /// The client is gone.
    Closed,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    /// Wraps a stream.
    pub(super) fn new(stream: S, recorder: Recorder) -> Self {
        Wire {
            stream,
            buffer: Vec::new(),
            recorder,
        }
    }

    /// The transcript of this connection.
    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// Reads the next command and records it.
    pub async fn command(&mut self) -> io::Result<Incoming> {
        let mut command = Vec::new();
        let end = loop {
            let line = match self.line().await? {
                Incoming::Command(line) => line,
                end => break end,
            };
            command.extend_from_slice(&line);
            let Some(literal) = announced_literal(&line) else {
                self.recorder.client(&command);
                return Ok(Incoming::Command(command));
            };
            let length = usize::try_from(literal.length).unwrap_or(usize::MAX);
            if length > MAX_COMMAND.saturating_sub(command.len()) {
                break match literal.waits {
                    true => Incoming::Refused(command),
                    false => Incoming::TooLong,
                };
            }
            if literal.waits {
                self.send(b"+ Ready for additional command text\r\n").await?;
            }
            command.extend_from_slice(b"\r\n");
            match self.exactly(length).await? {
                Some(bytes) => command.extend_from_slice(&bytes),
                None => break Incoming::Closed,
            }
        };
        Ok(end)
    }

    /// Reads a line that holds a secret.
    pub async fn secret_line(&mut self) -> io::Result<Incoming> {
        let line = self.line().await?;
        self.recorder.client_secret();
        Ok(line)
    }

    /// Reads a line, without its line break. Nothing is lost when the future is dropped: a line leaves the buffer whole.
    pub async fn line(&mut self) -> io::Result<Incoming> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
                line.pop();
                line.pop_if(|last| *last == b'\r');
                return Ok(Incoming::Command(line));
            }
            if self.buffer.len() > MAX_LINE {
                return Ok(Incoming::TooLong);
            }
            if let Some(end) = self.fill().await? {
                return Ok(end);
            }
        }
    }

    async fn exactly(&mut self, length: usize) -> io::Result<Option<Vec<u8>>> {
        while self.buffer.len() < length {
            if self.fill().await?.is_some() {
                return Ok(None);
            }
        }
        Ok(Some(self.buffer.drain(..length).collect()))
    }

    /// Reads what is there, or tells why nothing more comes.
    async fn fill(&mut self) -> io::Result<Option<Incoming>> {
        match timeout(AUTOLOGOUT, self.stream.read_buf(&mut self.buffer)).await {
            Err(_) => Ok(Some(Incoming::Silent)),
            Ok(read) => Ok((read? == 0).then_some(Incoming::Closed)),
        }
    }

    /// Writes and flushes.
    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.recorder.server(bytes);
        let write = async {
            self.stream.write_all(bytes).await?;
            self.stream.flush().await
        };
        timeout(WRITE_LIMIT, write)
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// Ends the connection in good order.
    pub async fn close(mut self) {
        self.recorder.event("closed");
        // The client may have gone first: nothing is left to do then.
        let _ = timeout(WRITE_LIMIT, self.stream.shutdown()).await;
    }
}
