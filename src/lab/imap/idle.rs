//! IDLE (RFC 2177): the server tells news as they come.

use super::dialect;
use super::faults::{Act, Point};
use super::reply::Reply;
use super::session::{Next, Session, refusal};
use super::wire::Incoming;
use crate::model::profile::Dialect;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};

/// Dovecot tells an idling client now and then that it is still there.
const STILL_HERE: Duration = Duration::from_secs(120);

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Idles until DONE.
    pub(super) async fn idle(&mut self, tag: &str) -> io::Result<Next> {
        let dialect = self.world.dialect;
        let faults = self.faults.clone();
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
        faults.pause().await;
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
                    faults.pause().await;
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
