//! The secured stream as lettre reads it: one cleaned line at a time, so that a reply in Latin-1, with bare line feeds or
//! without text is understood, and a copy of every reply for us, since lettre's errors do not keep the lines.

use super::reply::{Gathering, Reply, clean};
use lettre::transport::smtp::client::AsyncTokioStream;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncWrite, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Longest line that is read at all.
const LINE: usize = 64 * 1024;

/// What the server said, shared with the session.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Mutex<Said>>);

#[derive(Debug, Default)]
struct Said {
    gathering: Gathering,
    replies: Vec<Reply>,
    garbage: bool,
    more: bool,
}

impl Heard {
    /// The replies since the last call, and whether something was heard that is no reply.
    pub fn take(&self) -> (Vec<Reply>, bool) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut said.replies), std::mem::take(&mut said.garbage))
    }

    /// Did the server say more than it was asked? Then its next reply would be taken for the answer to something else.
    pub fn more(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).more
    }

    fn line(&self, line: &str, more: bool) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reply = said.gathering.push(line);
        said.garbage |= !line.starts_with(|first: char| ('2'..='5').contains(&first));
        said.more = more && reply.is_some();
        said.replies.extend(reply);
    }
}

/// The stream handed to lettre.
pub struct Wire {
    stream: BufReader<TlsStream<TcpStream>>,
    peer: SocketAddr,
    heard: Heard,
    /// Bytes of the line that is being read.
    partial: Vec<u8>,
    /// The cleaned line that is being handed out, and how much of it already was.
    ready: Vec<u8>,
    given: usize,
}

impl Wire {
    /// After STARTTLS the server does not greet again, but lettre waits for a greeting: `greeted` gives it one.
    pub fn new(stream: TlsStream<TcpStream>, peer: SocketAddr, greeted: bool) -> (Wire, Heard) {
        let heard = Heard::default();
        let mut wire = Wire {
            stream: BufReader::new(stream),
            peer,
            heard: heard.clone(),
            partial: Vec::new(),
            ready: Vec::new(),
            given: 0,
        };
        if greeted {
            wire.hand_out("220 secured");
        }
        (wire, heard)
    }

    fn hand_out(&mut self, line: &str) {
        self.heard.line(line, !self.stream.buffer().is_empty());
        self.ready = [line.as_bytes(), b"\r\n"].concat();
        self.given = 0;
    }

    /// Reads on until a line is whole; `false` at the end of the stream.
    fn poll_line(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        loop {
            let available = ready!(Pin::new(&mut self.stream).poll_fill_buf(context))?;
            if available.is_empty() {
                return Poll::Ready(Ok(false));
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            self.partial.extend_from_slice(&available[..taken]);
            Pin::new(&mut self.stream).consume(taken);
            if self.partial.len() > LINE {
                return Poll::Ready(Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    "a line of more than 64 KiB",
                )));
            }
            if end.is_some() {
                let line = clean(&std::mem::take(&mut self.partial));
                self.hand_out(&line);
                return Poll::Ready(Ok(true));
            }
        }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.peer)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.given == self.ready.len() && !ready!(self.poll_line(context))? {
            return Poll::Ready(Ok(()));
        }
        let count = buffer.remaining().min(self.ready.len() - self.given);
        buffer.put_slice(&self.ready[self.given..self.given + count]);
        self.given += count;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(self.stream.get_mut()).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream.get_mut()).poll_shutdown(context)
    }
}
