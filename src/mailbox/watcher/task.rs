//! The one task that owns a mailbox's session and serves everyone who waits there.

use super::desk::{Desk, Pass, Watched};
use super::gaps::Gaps;
use super::line::{Line, Rest};
use super::memory::Memory;
use super::moment::Moment;
use super::pace::Backoff;
use super::schedule::{Aim, Schedule};
use super::skew::Skew;
use super::trail::Seen;
use super::verdict::{self, Circumstances};
use crate::mailbox::account::Account;
use crate::mailbox::failure::Failure;
use crate::model::{Arrival, FolderRole, Mark, Probe, Token, WatchLog, Why};
use crate::net::Net;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The task.
pub struct Task {
    account: Account,
    net: Net,
    stop: CancellationToken,
    marks: Vec<Mark>,
    desk: Desk,
    memory: Memory,
    schedule: Schedule,
    gaps: Gaps,
    skew: Skew,
    backoff: Backoff,
    line: Option<Line>,
    /// The server said that something changed: look at once.
    news: bool,
    /// The clocks as they were last read together.
    clocks: Moment,
}

impl Task {
    /// A task that has not begun.
    pub fn new(account: Account, net: Net, marks: Vec<Mark>, desk: Desk, stop: CancellationToken) -> Task {
        Task {
            schedule: Schedule::new(account.seed.profile.poll_ms),
            account,
            net,
            stop,
            desk,
            memory: Memory::new(&marks),
            marks,
            gaps: Gaps::default(),
            skew: Skew::default(),
            backoff: Backoff::default(),
            line: None,
            news: false,
            clocks: Moment::now(),
        }
    }

    /// Serves until nobody waits and nobody will, or until it is stopped.
    pub async fn run(mut self) {
        loop {
            self.desk.drain();
            if self.stop.is_cancelled() {
                self.interrupt();
            }
            if self.desk.is_done() {
                break;
            }
            for case in &self.desk.cases {
                self.memory.adopt(&case.token, &case.ids);
            }
            self.clocks = self.gaps.compare(self.clocks);
            if self.desk.cases.is_empty() || self.backoff.is_final() || self.stop.is_cancelled() {
                self.settle(None);
                self.attend().await;
                continue;
            }
            let now = Instant::now();
            let next = self.next_pass(now);
            if next > now {
                self.settle(None);
                let due = self.schedule.next_due(&self.desk, &self.memory, now);
                self.rest(next.min(due.unwrap_or(next))).await;
            } else {
                let pass = self.pass().await;
                self.settle(pass.as_ref());
            }
        }
        if let Some(line) = self.line.take() {
            line.close().await;
        }
    }

    /// Waits for a question, with nothing to look at.
    async fn attend(&mut self) {
        let stopped = self.stop.is_cancelled();
        tokio::select! {
            () = self.desk.listen() => {}
            () = self.stop.cancelled(), if !stopped => {}
        }
    }

    fn next_pass(&self, now: Instant) -> Instant {
        match self.backoff.retry_at() {
            Some(retry) => retry,
            None if self.news || self.backoff.owes_a_try() => now,
            None => self.schedule.next_pass(&self.desk, &self.memory, now),
        }
    }

    /// One pass over the folders, on a new connection where there is none. `None` where it failed.
    async fn pass(&mut self) -> Option<Pass> {
        let began = Moment::now();
        self.news = false;
        let aim = self.schedule.aim(&self.desk, &self.memory, began.instant);
        let limit = self.schedule.limit(&self.desk, &self.memory, began.instant);
        let stop = self.stop.clone();
        let result = tokio::select! {
            result = tokio::time::timeout_at(limit, self.look(aim)) => result,
            () = stop.cancelled() => {
                self.line = None;
                return None;
            }
        };
        self.schedule.passed(aim, began.instant);
        let late = || Failure::Timeout("looking at the folders took longer than there was time".to_owned());
        match result.unwrap_or_else(|_| Err(late())) {
            Ok((pass, None)) => {
                self.backoff.clear();
                self.gaps.close();
                self.desk.rounds += u32::from(pass.covers(&pass.candidates));
                Some(pass)
            }
            Ok((pass, Some(failure))) => {
                self.note(began, &failure);
                Some(pass)
            }
            Err(failure) => {
                self.line = None;
                self.note(began, &failure);
                None
            }
        }
    }

    async fn look(&mut self, aim: Aim) -> Result<(Pass, Option<Failure>), Failure> {
        let line = match &mut self.line {
            Some(line) => line,
            none => none.insert(Line::open(&self.account, &self.net, &mut self.memory).await?),
        };
        line.pass(aim, &self.account, &self.marks, &mut self.memory, &mut self.desk)
            .await
    }

    fn note(&mut self, began: Moment, failure: &Failure) {
        tracing::debug!(mailbox = %self.account.seed.name, code = failure.code(), "{}", failure.detail());
        self.gaps.open(began.wall, &failure.why());
        self.backoff.note(failure);
        if self.backoff.is_down() {
            self.line = None;
        }
    }

    /// Sleeps until `wake`, or until somebody asks, or until the inbox changes where the server can tell.
    async fn rest(&mut self, wake: Instant) {
        let stop = self.stop.clone();
        let before = Moment::now();
        if let Some(line) = self.line.as_mut().filter(|line| line.idles()) {
            let desk = &mut self.desk;
            let called = async {
                tokio::select! {
                    () = desk.listen() => {}
                    () = stop.cancelled() => {}
                }
            };
            let slept = match line.rest(&self.memory, wake, called).await {
                Ok(rest) => {
                    self.news = rest == Rest::News;
                    rest != Rest::Impossible
                }
                Err(failure) => {
                    self.line = None;
                    self.note(before, &failure);
                    true
                }
            };
            if slept {
                return;
            }
        }
        tokio::select! {
            () = tokio::time::sleep_until(wake) => {}
            () = self.desk.listen() => {}
            () = stop.cancelled() => {}
        }
    }

    /// Answers every case that can be answered.
    fn settle(&mut self, pass: Option<&Pass>) {
        let blind = self.gaps.current();
        let around = Circumstances {
            now: Instant::now(),
            pass,
            blind: blind.as_ref(),
            down: self.backoff.is_down(),
            hopeless: self.backoff.is_final(),
        };
        let mut answers = Vec::new();
        for case in &mut self.desk.cases {
            if let Some(arrival) = verdict::judge(case, self.memory.trace(&case.token), &around) {
                answers.push((case.token.clone(), arrival));
            }
        }
        for (token, arrival) in answers {
            self.answer(&token, arrival);
        }
    }

    /// Ends every case that was asked for: with what was seen, or as interrupted.
    fn interrupt(&mut self) {
        let asked = self.desk.cases.iter().filter(|case| case.timing.is_some());
        let answers: Vec<_> = asked
            .map(|case| {
                let arrival = verdict::interrupted(case, self.memory.trace(&case.token));
                (case.token.clone(), arrival)
            })
            .collect();
        for (token, arrival) in answers {
            self.answer(&token, arrival);
        }
    }

    fn answer(&mut self, token: &Token, arrival: Probe<Arrival>) {
        let Some(at) = self.desk.cases.iter().position(|case| case.token == *token) else {
            return;
        };
        let mut case = self.desk.cases.swap_remove(at);
        // All Mail tells nothing of when a message came, and may be the first place where it is seen.
        let told = |seen: &&Seen| seen.role != FolderRole::All;
        let first = self.memory.trace(token).and_then(|trace| trace.seen.iter().find(told));
        if let (Some(first), Some(timing)) = (first, case.timing) {
            self.skew
                .learn(first, Skew::sent(case.expected.wall, timing.accepted_at));
        }
        let log = WatchLog {
            baseline: self.marks.clone(),
            rounds: self.desk.rounds.saturating_sub(case.rounds_before),
            gaps: self.gaps.since(case.expected.wall),
            clock_skew_ms: self.skew.millis(),
            ended_by: None,
        };
        self.memory.forget(token);
        case.answer(Watched { arrival, log });
    }
}

/// Why a watcher that is gone can not answer.
pub fn gone() -> Why {
    Why::new(
        "watcher-closed",
        "the watcher of this mailbox ended before the message was looked for",
    )
}
