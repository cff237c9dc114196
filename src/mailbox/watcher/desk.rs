//! Who waits for what: tickets hand their questions in here, before the message is sent, and get their answer here.

use super::moment::Moment;
use crate::model::probe::FolderLook;
use crate::model::{Arrival, EspId, MatchedBy, Probe, Token, WatchLog, Why};
use std::collections::BTreeSet;
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::mpsc::{UnboundedReceiver, error::TryRecvError};
use tokio::sync::oneshot;
use tokio::time::Instant;

/// When a message was accepted and how long it is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// When the route accepted it, on the monotonic clock.
    pub accepted: Instant,
    /// The same on the wall clock, UTC.
    pub accepted_at: OffsetDateTime,
    /// Stop looking this long after acceptance.
    pub give_up: Duration,
    /// Watch on for duplicates this long after the first sighting.
    pub quiet: Duration,
}

/// What watching came to.
#[derive(Debug, Clone)]
pub struct Watched {
    /// The message, the proof that it is not there, or why nothing can be said.
    pub arrival: Probe<Arrival>,
    /// How it was watched.
    pub log: WatchLog,
}

/// What a ticket asks.
#[derive(Debug)]
pub enum Ask {
    /// A message with this token is about to be sent.
    Expect(Token, Moment),
    /// The service knows it by this id.
    Known(Token, EspId),
    /// It was accepted: answer here.
    Watch(Token, Timing, oneshot::Sender<Watched>),
    /// It will not come: one complete look from now on is enough to say that it is not there.
    Hurry(Token, Instant),
    /// Nobody wants to know any more.
    Forget(Token),
    /// No further tickets will come.
    Close,
}

/// One awaited message.
#[derive(Debug)]
pub struct Case {
    /// Its token.
    pub token: Token,
    /// The ids by which its services know it, as far as they told.
    pub ids: BTreeSet<EspId>,
    /// When it was announced: it can not have arrived before.
    pub expected: Moment,
    /// Complete rounds before it was announced.
    pub rounds_before: u32,
    /// Known once the message was accepted.
    pub timing: Option<Timing>,
    /// Since when it is known that it will not come.
    pub hurried: Option<Instant>,
    /// A complete look at the candidates after the quiet time showed something else than one resting copy: look once more,
    /// for a message that was being moved during a look is seen twice or not at all.
    pub confirming: bool,
    /// Why the last sweep after the end of the waiting proved nothing.
    pub doubt: Option<Why>,
    reply: Option<oneshot::Sender<Watched>>,
}

impl Case {
    /// When looking for it ends, unless it was seen.
    pub fn give_up_at(&self) -> Option<Instant> {
        self.timing.map(|timing| timing.accepted + timing.give_up)
    }

    /// The time allowed beyond the end of looking: for the last sweep, and for the look after the quiet time.
    pub fn allowance(&self) -> Duration {
        let give_up = self.timing.map_or(Duration::ZERO, |timing| timing.give_up);
        (give_up / 4).clamp(Duration::from_secs(5), Duration::from_secs(60))
    }

    /// Gives the answer.
    pub fn answer(&mut self, watched: Watched) {
        if let Some(reply) = self.reply.take() {
            // The asker may be gone: then nobody misses the answer.
            drop(reply.send(watched));
        }
    }
}

/// The tickets of one mailbox.
#[derive(Debug)]
pub struct Desk {
    asks: UnboundedReceiver<Ask>,
    closed: bool,
    /// Open cases.
    pub cases: Vec<Case>,
    /// Complete rounds so far.
    pub rounds: u32,
}

impl Desk {
    /// An empty desk.
    pub fn new(asks: UnboundedReceiver<Ask>) -> Desk {
        Desk {
            asks,
            closed: false,
            cases: Vec::new(),
            rounds: 0,
        }
    }

    /// Takes everything that was handed in, and lets go of cases that nobody waits for.
    pub fn drain(&mut self) {
        loop {
            match self.asks.try_recv() {
                Ok(ask) => self.take(ask),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => {
                    self.closed = true;
                    break;
                }
            }
        }
        let closed = self.closed;
        self.cases.retain(|case| match &case.reply {
            Some(reply) => !reply.is_closed(),
            None => !closed,
        });
    }

    /// Waits until something is handed in (and takes it). Never resolves after the end.
    pub async fn listen(&mut self) {
        if self.closed {
            return std::future::pending().await;
        }
        match self.asks.recv().await {
            Some(ask) => self.take(ask),
            None => self.closed = true,
        }
    }

    /// Nobody waits and nobody will.
    pub fn is_done(&self) -> bool {
        self.closed && self.cases.is_empty()
    }

    /// The tokens that are looked for, as of this moment.
    pub fn tokens(&mut self) -> Vec<Token> {
        self.drain();
        self.cases.iter().map(|case| case.token.clone()).collect()
    }

    /// Whose message bears one of these ids, as of this moment.
    pub fn owner_by_id(&mut self, ids: &BTreeSet<EspId>) -> Option<(Token, MatchedBy)> {
        self.drain();
        let owner = self.cases.iter().find(|case| !case.ids.is_disjoint(ids))?;
        Some((owner.token.clone(), MatchedBy::EspId))
    }

    fn take(&mut self, ask: Ask) {
        match ask {
            Ask::Expect(token, expected) => self.cases.push(Case {
                token,
                ids: BTreeSet::new(),
                expected,
                rounds_before: self.rounds,
                timing: None,
                hurried: None,
                confirming: false,
                doubt: None,
                reply: None,
            }),
            Ask::Known(token, id) => {
                if let Some(case) = self.cases.iter_mut().find(|case| case.token == token) {
                    case.ids.insert(id);
                }
            }
            Ask::Watch(token, timing, reply) => {
                if let Some(case) = self.cases.iter_mut().find(|case| case.token == token) {
                    case.timing = Some(timing);
                    case.reply = Some(reply);
                }
            }
            Ask::Hurry(token, since) => {
                if let Some(case) = self.cases.iter_mut().find(|case| case.token == token) {
                    case.hurried.get_or_insert(since);
                }
            }
            Ask::Forget(token) => self.cases.retain(|case| case.token != token),
            Ask::Close => self.closed = true,
        }
    }
}

/// What one pass over folders came to.
#[derive(Debug)]
pub struct Pass {
    /// When it began.
    pub began: Moment,
    /// Did every look start at the baseline (and so see what is still there)?
    pub whole: bool,
    /// Complete looks.
    pub looks: Vec<FolderLook>,
    /// All folders that can be opened.
    pub selectable: Vec<String>,
    /// The folders with a role.
    pub candidates: Vec<String>,
    /// Folders that a provider hides, in words.
    pub hidden: Vec<String>,
}

impl Pass {
    /// Were all these folders looked at completely?
    pub fn covers(&self, folders: &[String]) -> bool {
        folders
            .iter()
            .all(|folder| self.looks.iter().any(|look| look.folder == *folder))
    }
}
