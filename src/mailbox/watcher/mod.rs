//! Watching a mailbox: one task owns its session and serves all who wait there.
//!
//! Each round opens every folder that has a role (inbox, junk, all mail, trash, archive) and fetches what is new since the
//! baseline; headers are compared with the tokens, and the body of our own messages is read. IDLE only shortens the sleep
//! between rounds. Losses are survived and recorded as gaps. Before a message is called missing every folder is swept after
//! the end of the waiting; after it was seen and the quiet time has passed, every folder with a role is looked at once more,
//! completely, for second copies.

mod desk;
mod eye;
mod gaps;
mod line;
mod memory;
mod moment;
mod pace;
mod schedule;
mod skew;
mod strangers;
mod task;
mod trail;
mod verdict;

pub use desk::{Timing, Watched};

use super::account::Account;
use crate::model::{EspId, Mark, Probe, Token, WatchLog};
use crate::net::Net;
use desk::{Ask, Desk};
use moment::Moment;
use std::time::Duration;
use task::Task;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The watcher of one mailbox.
#[derive(Debug)]
pub struct Watcher {
    asks: mpsc::UnboundedSender<Ask>,
    task: JoinHandle<()>,
}

impl Watcher {
    /// Starts watching. `marks` is the mailbox's baseline; `stop` breaks all waiting off. No connection is made before
    /// something is expected.
    pub fn open(account: Account, net: Net, marks: Vec<Mark>, stop: CancellationToken) -> Watcher {
        let (asks, inbox) = mpsc::unbounded_channel();
        let task = tokio::spawn(Task::new(account, net, marks, Desk::new(inbox), stop).run());
        Watcher { asks, task }
    }

    /// Announces a message *before* it is sent, so that a look in between can not mistake it for somebody else's.
    pub fn expect(&self, token: Token) -> Ticket {
        self.expect_from(token, Moment::now())
    }

    /// The same for a message that another process may have sent, no earlier than `since` ago.
    pub fn expect_since(&self, token: Token, since: Duration) -> Ticket {
        self.expect_from(token, Moment::now().earlier(since))
    }

    fn expect_from(&self, token: Token, moment: Moment) -> Ticket {
        let ask = Ask::Expect(token.clone(), moment);
        // A watcher that is gone shows when the ticket is used.
        drop(self.asks.send(ask));
        Ticket {
            token,
            asks: self.asks.clone(),
            used: false,
        }
    }

    /// Waits for the answers that are still owed, logs out, and ends. Tickets that are not used by now never will be.
    pub async fn close(self) {
        drop(self.asks.send(Ask::Close));
        drop(self.task.await);
    }
}

/// The right to one answer.
#[derive(Debug)]
pub struct Ticket {
    token: Token,
    asks: mpsc::UnboundedSender<Ask>,
    used: bool,
}

/// Tells a watcher what turns out about an awaited message.
#[derive(Debug, Clone)]
pub struct Teller {
    token: Token,
    asks: mpsc::UnboundedSender<Ask>,
}

impl Teller {
    /// The service knows the message by this id of its own: one that bears it, and no token of anyone's, is the awaited one. May be said
    /// at any time, also after the message was looked at.
    pub fn known_as(&self, id: EspId) {
        drop(self.asks.send(Ask::Known(self.token.clone(), id)));
    }

    /// The message will not come: once every folder was looked at completely after this, the waiting is over. Where that can not be done
    /// it goes on to its end; and a message that is there after all is seen.
    pub fn hurry(&self) {
        drop(self.asks.send(Ask::Hurry(self.token.clone(), Instant::now())));
    }
}

impl Ticket {
    /// For what turns out about the message.
    pub fn teller(&self) -> Teller {
        Teller {
            token: self.token.clone(),
            asks: self.asks.clone(),
        }
    }

    /// Resolves when the message was seen and the look after the quiet time is done; when it was given up and every folder was
    /// swept; or when the mailbox can not be looked into. Never later than `give_up` (or the quiet time) and a quarter of
    /// `give_up`, at most a minute, on top.
    pub async fn watch(mut self, timing: Timing) -> Watched {
        self.used = true;
        let (reply, answer) = oneshot::channel();
        drop(self.asks.send(Ask::Watch(self.token.clone(), timing, reply)));
        answer.await.unwrap_or_else(|_| Watched {
            arrival: Probe::Blind(task::gone()),
            log: WatchLog::default(),
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.used {
            drop(self.asks.send(Ask::Forget(self.token.clone())));
        }
    }
}
