//! A stream that stands between the socket and the IMAP parser: what comes in passes the gate or ends the reading.

use super::gate::{Caps, Gate, Oversize};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Bytes read from the socket at a time.
const CHUNK: usize = 16 * 1024;

/// The stream with its caps. Writing passes through untouched.
#[derive(Debug)]
pub struct Guard<S> {
    inner: S,
    gate: Gate,
    ready: Vec<u8>,
    taken: usize,
    refused: Option<String>,
    broken: bool,
}

impl<S> Guard<S> {
    /// Guards `inner` with `caps`.
    pub fn new(inner: S, caps: Caps) -> Self {
        Guard {
            inner,
            gate: Gate::new(caps),
            ready: Vec::new(),
            taken: 0,
            refused: None,
            broken: false,
        }
    }

    /// A new command begins: the response cap counts from here, and literals may have `literal` bytes.
    pub fn begin(&mut self, literal: u64, response: u64) {
        self.gate.begin(literal, response);
    }

    /// Did the transport below fail (as opposed to what it carried)?
    pub fn broken(&self) -> bool {
        self.broken
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if this.taken < this.ready.len() {
                let waiting = &this.ready[this.taken..];
                let part = &waiting[..waiting.len().min(buf.remaining())];
                buf.put_slice(part);
                this.taken += part.len();
                return Poll::Ready(Ok(()));
            }
            if let Some(text) = &this.refused {
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, Oversize(text.clone()))));
            }
            this.ready.clear();
            this.taken = 0;
            let mut space = [0u8; CHUNK];
            let mut chunk = ReadBuf::new(&mut space);
            if let Err(error) = ready!(Pin::new(&mut this.inner).poll_read(cx, &mut chunk)) {
                this.broken = true;
                return Poll::Ready(Err(error));
            }
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            if let Err(Oversize(text)) = this.gate.feed(chunk.filled(), &mut this.ready) {
                this.refused = Some(text);
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
