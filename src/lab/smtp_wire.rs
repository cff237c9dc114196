//! The bytes of an SMTP session on the server's side: lines, replies, the message, and the change to TLS. Every read is
//! capped in size and time.

use smtp_proto::request::receiver::DataReceiver;
use std::io::{Error, ErrorKind, Result};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Longest command line (RFC 5321 §4.5.3.1.4 asks for 512, AUTH for 12288: RFC 4954 §4).
const MOST_LINE: usize = 12_288;
/// A silent client is hung up on after this.
const IDLE: Duration = Duration::from_secs(300);

enum Stream {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

/// One connection.
pub struct Wire {
    stream: Stream,
    /// Read but not used yet.
    ahead: Vec<u8>,
}

impl Wire {
    /// A connection in the clear.
    pub fn plain(stream: TcpStream) -> Wire {
        Wire {
            stream: Stream::Plain(stream),
            ahead: Vec::new(),
        }
    }

    /// Has TLS been negotiated?
    pub fn is_secure(&self) -> bool {
        matches!(self.stream, Stream::Secure(_))
    }

    /// Negotiates TLS; what was read ahead in the clear is forgotten.
    ///
    /// # Errors
    /// The handshake failed.
    pub async fn secure(self, acceptor: &TlsAcceptor) -> Result<Wire> {
        match self.stream {
            Stream::Plain(stream) => {
                let stream = in_time(acceptor.accept(stream)).await?;
                Ok(Wire {
                    stream: Stream::Secure(Box::new(stream)),
                    ahead: Vec::new(),
                })
            }
            Stream::Secure(_) => Ok(self),
        }
    }

    /// Sends text.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn say(&mut self, text: &str) -> Result<()> {
        match &mut self.stream {
            Stream::Plain(stream) => in_time(stream.write_all(text.as_bytes())).await,
            Stream::Secure(stream) => {
                in_time(stream.write_all(text.as_bytes())).await?;
                in_time(stream.flush()).await
            }
        }
    }

    /// The next line with its end; `None` at the end of the connection.
    ///
    /// # Errors
    /// The connection broke, or the line is too long.
    pub async fn line(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(end) = self.ahead.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.ahead.drain(..=end).collect()));
            }
            if self.ahead.len() > MOST_LINE {
                return Err(Error::new(ErrorKind::InvalidData, "command line too long"));
            }
            if self.fill().await? == 0 {
                return Ok(None);
            }
        }
    }

    /// Sends a 334 challenge and returns the answer, `None` where the client gave up (`*`) or left.
    ///
    /// # Errors
    /// As for [`Wire::line`].
    pub async fn ask(&mut self, challenge: &str) -> Result<Option<String>> {
        self.say(&format!("334 {challenge}\r\n")).await?;
        let answer = self
            .line()
            .await?
            .map(|line| String::from_utf8_lossy(&line).trim().to_owned());
        Ok(answer.filter(|text| text != "*"))
    }

    /// The message up to its final dot, unstuffed; `None` where it is larger than `most` bytes (it is read to its end).
    ///
    /// # Errors
    /// The connection broke before the end.
    pub async fn message(&mut self, most: usize) -> Result<Option<Vec<u8>>> {
        let mut receiver = DataReceiver::new();
        let mut message = Vec::new();
        let mut too_big = false;
        loop {
            let ahead = std::mem::take(&mut self.ahead);
            let mut bytes = ahead.iter();
            let complete = receiver.ingest(&mut bytes, &mut message);
            self.ahead = bytes.as_slice().to_vec();
            if message.len() > most {
                too_big = true;
                message.clear();
            }
            if complete {
                return Ok((!too_big).then_some(message));
            }
            if self.fill().await? == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }

    async fn fill(&mut self) -> Result<usize> {
        let mut chunk = [0; 16_384];
        let count = match &mut self.stream {
            Stream::Plain(stream) => in_time(stream.read(&mut chunk)).await?,
            Stream::Secure(stream) => in_time(stream.read(&mut chunk)).await?,
        };
        self.ahead.extend_from_slice(&chunk[..count]);
        Ok(count)
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(IDLE, work)
        .await
        .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

/// One reply line.
pub fn reply_text(code: u16, enhanced: &str, text: &str) -> String {
    format!("{code} {enhanced} {}\r\n", text.replace(['\r', '\n'], " "))
}
