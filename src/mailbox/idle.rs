//! IDLE (RFC 2177) as nothing but a shorter sleep: however it ends, the caller looks again.

use super::failure::Failure;
use super::session::Session;
use super::wire::Transport;
use async_imap::imap_proto::{MailboxDatum, Response};
use std::time::Duration;
use tokio::time::Instant;

/// The server may take this long to agree to IDLE, and to end it.
const COURTESY: Duration = Duration::from_secs(10);

/// How an IDLE ended while the session is still good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// Something changed in the folder.
    News,
    /// The time was over, or the caller wanted something else.
    Rested,
    /// The server does not want to.
    Declined,
}

enum Heard {
    Begun,
    News,
    Ended,
    Nothing,
}

fn hear(response: &Response<'_>, tag: &str) -> Heard {
    match response {
        Response::Continue(_) => Heard::Begun,
        Response::MailboxData(MailboxDatum::Exists(_)) | Response::Fetch(..) | Response::Expunge(_) => Heard::News,
        Response::Done {
            tag: theirs, status, ..
        } if theirs.0 == tag => Heard::Ended,
        _ => Heard::Nothing,
    }
}

impl<S: Transport> Session<S> {
    /// Idles in the open folder until something changes, `until` is reached, or `called` resolves.
    pub async fn idle(&mut self, until: Instant, called: impl Future<Output = ()>) -> Result<Woken, Failure> {
        let start = Instant::now() + COURTESY;
        let tag = self.wire.send("IDLE", "IDLE", 16 * 1024, start).await?;
        // A change may be told before the server agrees.
        let mut news = false;
        loop {
            match self.wire.next("IDLE", start, |response| hear(response, &tag)).await? {
                Heard::Begun => break,
                Heard::News => news = true,
                Heard::Ended => return Ok(Woken::Declined),
                Heard::Nothing => {}
            }
        }
        tokio::pin!(called);
        let far = until + Duration::from_secs(3600);
        while !news {
            // `next` can be dropped between two responses: the parser keeps what it has read.
            tokio::select! {
                heard = self.wire.next("IDLE", far, |response| hear(response, &tag)) => match heard? {
                    Heard::News => news = true,
                    // A server that ends IDLE by itself would be asked again and again.
                    Heard::Ended => return Ok(Woken::Declined),
                    Heard::Begun | Heard::Nothing => {}
                },
                () = &mut called => break,
                () = tokio::time::sleep_until(until) => break,
            }
        }
        self.finish_idle(&tag, &mut news).await?;
        Ok(if news { Woken::News } else { Woken::Rested })
    }

    async fn finish_idle(&mut self, tag: &str, news: &mut bool) -> Result<(), Failure> {
        let end = Instant::now() + COURTESY;
        self.wire.write("DONE", "DONE\r\n", end).await?;
        loop {
            match self.wire.next("DONE", end, |response| hear(response, tag)).await? {
                Heard::Ended => return Ok(()),
                Heard::News => *news = true,
                Heard::Begun | Heard::Nothing => {}
            }
        }
    }
}
