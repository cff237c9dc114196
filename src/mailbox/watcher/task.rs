//! The one task that owns a mailbox's session and serves everyone who waits there.

use super::desk::{Desk, Pass, Watched};
use super::eye;
use super::gaps::Gaps;
use super::memory::Memory;
use super::moment::Moment;
use super::pace::{self, Backoff};
use super::skew::Skew;
use super::verdict::{self, Circumstances};
use crate::mailbox::account::{Account, TlsSession};
use crate::mailbox::failure::Failure;
use crate::mailbox::folders::Folders;
use crate::mailbox::idle::Woken;
use crate::mailbox::survey::closed;
use crate::model::{Arrival, FolderRole, Mark, Probe, Token, WatchLog, Why};
use crate::net::Net;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A pass may take this long, unless a case ends earlier.
const PASS: Duration = Duration::from_secs(90);
/// While something is awaited all folders are swept this often: a rule may file a message anywhere.
const SWEEP_EVERY: Duration = Duration::from_secs(15);
/// But not more often than once in so many rounds.
const ROUNDS_A_SWEEP: u32 = 10;
/// Never look more often than this.
const LEAST_PAUSE: Duration = Duration::from_millis(10);

/// Which folders a pass looks at, and from where on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// Candidates, from where the last look ended.
    Round,
    /// Candidates, from the baseline on.
    Census,
    /// Every folder, from the baseline on.
    Sweep,
}

/// A live session and the folders it listed.
struct Line {
    session: TlsSession,
    folders: Folders,
    /// Does the server take IDLE?
    idles: bool,
    /// UIDNEXT of the inbox that already cut a sleep short: a message that can not be read must not keep us awake.
    alarmed: u32,
}

/// The task.
pub struct Task {
    account: Account,
    net: Net,
    stop: CancellationToken,
    marks: Vec<Mark>,
    desk: Desk,
    memory: Memory,
    gaps: Gaps,
    skew: Skew,
    backoff: Backoff,
    line: Option<Line>,
    /// Beginning and end of the last pass.
    last_pass: Option<(Instant, Instant)>,
    last_sweep: Option<Instant>,
}

impl Task {
    /// A task that has not begun.
    pub fn new(account: Account, net: Net, marks: Vec<Mark>, desk: Desk, stop: CancellationToken) -> Task {
        Task {
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
            last_pass: None,
            last_sweep: None,
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
            if self.desk.cases.is_empty() || self.backoff.is_final() || self.stop.is_cancelled() {
                self.settle(None);
                self.attend().await;
                continue;
            }
            if let Some(retry) = self.backoff.retry_at() {
                self.settle(None);
                self.rest(retry.min(self.next_due().unwrap_or(retry))).await;
                if self.backoff.retry_at().is_some() {
                    continue;
                }
            }
            let pass = self.pass().await;
            self.settle(pass.as_ref());
            if self.backoff.retry_at().is_none() && !self.desk.cases.is_empty() {
                let wake = self.wake_at();
                self.rest(wake).await;
            }
        }
        if let Some(line) = self.line.take() {
            line.session.logout().await;
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

    /// One pass over the folders, on a new connection where there is none. `None` where it failed.
    async fn pass(&mut self) -> Option<Pass> {
        let began = Moment::now();
        let aim = self.aim(began.instant);
        let mut limit = began.instant + PASS;
        for case in &self.desk.cases {
            let end = verdict::final_at(case, self.memory.trace(&case.token));
            limit = limit.min(end.unwrap_or(limit).max(began.instant + LEAST_PAUSE));
        }
        let stop = self.stop.clone();
        let result = tokio::select! {
            result = tokio::time::timeout_at(limit, self.look(aim, began)) => result,
            () = stop.cancelled() => {
                self.line = None;
                return None;
            }
        };
        self.last_pass = Some((began.instant, Instant::now()));
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

    fn note(&mut self, began: Moment, failure: &Failure) {
        tracing::debug!(mailbox = %self.account.seed.name, code = failure.code(), "{}", failure.detail());
        self.gaps.open(began.wall, &failure.why());
        self.backoff.note(failure);
        if self.backoff.is_down() {
            self.line = None;
        }
    }

    /// Looks at the folders of an aim. A folder that the server refuses to open does not keep the others from being looked at:
    /// the first such refusal is returned beside what was seen.
    async fn look(&mut self, aim: Aim, began: Moment) -> Result<(Pass, Option<Failure>), Failure> {
        if self.line.is_none() {
            let line = self.connect().await?;
            self.memory.prune(&line.folders);
            self.line = Some(line);
        }
        let Some(line) = &mut self.line else {
            return Err(Failure::Dropped("no connection".to_owned()));
        };
        let (mut looks, mut shut, mut trouble) = (Vec::new(), Vec::new(), None);
        if aim == Aim::Sweep {
            // A rule may have made a folder since.
            line.folders = self.account.folders(&mut line.session).await?;
            self.memory.prune(&line.folders);
        }
        let targets = line.folders.all.clone();
        for folder in &targets {
            if aim != Aim::Sweep && folder.role == FolderRole::Other {
                continue;
            }
            let whole = aim != Aim::Round;
            match eye::look(&mut line.session, folder, &mut self.memory, &mut self.desk, whole).await {
                Ok(look) => looks.extend(look),
                Err(failure) if closed(folder, &failure) => shut.push(folder.name.clone()),
                Err(failure) if failure.session_lives() => trouble = trouble.or(Some(failure)),
                Err(failure) => return Err(failure),
            }
        }
        if aim == Aim::Sweep {
            self.last_sweep = Some(began.instant);
        }
        let names = |wanted: &dyn Fn(FolderRole) -> bool| -> Vec<String> {
            let folders = targets.iter().filter(|folder| wanted(folder.role));
            folders
                .map(|folder| folder.name.clone())
                .filter(|name| !shut.contains(name))
                .collect()
        };
        let pass = Pass {
            began,
            whole: aim != Aim::Round,
            selectable: names(&|_| true),
            candidates: names(&|role| role != FolderRole::Other),
            hidden: line.folders.hidden.clone(),
            looks,
        };
        self.ask_tabs(&pass).await?;
        Ok((pass, trouble))
    }

    async fn connect(&self) -> Result<Line, Failure> {
        let (mut session, _) = self.account.log_in(&self.net).await?;
        let folders = self.account.folders(&mut session).await?;
        let idles = self.account.seed.profile.idle && session.can_idle();
        Ok(Line {
            session,
            folders,
            idles,
            alarmed: 0,
        })
    }

    /// Before cases end as seen, Gmail is asked for their categories.
    async fn ask_tabs(&mut self, pass: &Pass) -> Result<(), Failure> {
        let Some(line) = self.line.as_mut().filter(|line| pass.whole && line.session.is_gmail()) else {
            return Ok(());
        };
        let Some(inbox) = line.folders.inbox().cloned() else {
            return Ok(());
        };
        let tokens: Vec<Token> = self.desk.cases.iter().map(|case| case.token.clone()).collect();
        eye::tabs(&mut line.session, &inbox, &mut self.memory, &tokens).await
    }

    fn aim(&self, now: Instant) -> Aim {
        let mut aim = Aim::Round;
        let sweep_every = SWEEP_EVERY.max(self.poll() * ROUNDS_A_SWEEP);
        for case in &self.desk.cases {
            let trace = self.memory.trace(&case.token).filter(|trace| !trace.seen.is_empty());
            match (trace, &case.timing) {
                (Some(_), _) if case.confirming => return Aim::Sweep,
                (Some(trace), Some(timing)) => {
                    if verdict::quiet_due(timing, trace).is_some_and(|due| now >= due) {
                        aim = Aim::Census;
                    }
                }
                (None, _) => {
                    let late = case.give_up_at().is_some_and(|at| now >= at);
                    let since = self
                        .last_sweep
                        .map_or(case.expected.instant, |last| last.max(case.expected.instant));
                    if late || now.saturating_duration_since(since) >= sweep_every {
                        return Aim::Sweep;
                    }
                }
                (Some(_), None) => {}
            }
        }
        aim
    }

    /// The next moment at which a case can end or wants a look of its own.
    fn next_due(&self) -> Option<Instant> {
        let now = Instant::now();
        let dues = self.desk.cases.iter().flat_map(|case| {
            let trace = self.memory.trace(&case.token);
            let quiet = trace
                .zip(case.timing.as_ref())
                .and_then(|(trace, timing)| verdict::quiet_due(timing, trace));
            [quiet, case.give_up_at(), verdict::final_at(case, trace)]
        });
        dues.flatten().filter(|due| *due > now).min()
    }

    /// When to look again: at the pace of the profile, or when something is due.
    fn wake_at(&self) -> Instant {
        let now = Instant::now();
        let poll = self.poll();
        let newest = self.desk.cases.iter().map(|case| {
            let accepted = case.timing.map_or(case.expected.instant, |timing| timing.accepted);
            accepted.max(case.expected.instant)
        });
        let interval = pace::interval(poll, newest.max().unwrap_or(now), now);
        let (began, ended) = self.last_pass.unwrap_or((now, now));
        let soonest = ended + (poll / 4).max(LEAST_PAUSE);
        let overdue = self.aim(now) != Aim::Round;
        let due = if overdue {
            soonest
        } else {
            self.next_due().unwrap_or(now + interval)
        };
        (began + interval).min(due).max(soonest)
    }

    fn poll(&self) -> Duration {
        Duration::from_millis(self.account.seed.profile.poll_ms.max(1))
    }

    /// Sleeps until `wake`, or until somebody asks, or until the inbox changes where the server can tell.
    async fn rest(&mut self, wake: Instant) {
        let stop = self.stop.clone();
        let before = Moment::now();
        if wake <= before.instant {
            return;
        }
        if let Some(line) = &mut self.line
            && line.idles
        {
            let desk = &mut self.desk;
            let called = async {
                tokio::select! {
                    () = desk.listen() => {}
                    () = stop.cancelled() => {}
                }
            };
            match doze(line, &self.memory, wake, called).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(failure) => {
                    self.line = None;
                    self.note(before, &failure);
                    return;
                }
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
        let tokens: Vec<Token> = self.desk.cases.iter().map(|case| case.token.clone()).collect();
        for token in tokens {
            let Some(case) = self
                .desk
                .cases
                .iter()
                .find(|case| case.token == token && case.timing.is_some())
            else {
                continue;
            };
            let arrival = verdict::interrupted(case, self.memory.trace(&token));
            self.answer(&token, arrival);
        }
    }

    fn answer(&mut self, token: &Token, arrival: Probe<Arrival>) {
        let Some(at) = self.desk.cases.iter().position(|case| case.token == *token) else {
            return;
        };
        let mut case = self.desk.cases.swap_remove(at);
        let first = self.memory.trace(token).and_then(|trace| trace.seen.first());
        if let (Some(first), Some(timing)) = (first, case.timing) {
            self.skew
                .learn(first, Skew::sent(case.expected.wall, timing.accepted_at));
        }
        let log = WatchLog {
            baseline: self.marks.clone(),
            rounds: self.desk.rounds.saturating_sub(case.rounds_before),
            gaps: self.gaps.since(case.expected.wall),
            clock_skew_ms: self.skew.millis(),
        };
        self.memory.forget(token);
        case.answer(Watched { arrival, log });
    }
}

/// IDLEs in the inbox where nothing is new in it; `false` where that is not possible. However it ends, the next thing is a look.
async fn doze(
    line: &mut Line,
    memory: &Memory,
    wake: Instant,
    called: impl Future<Output = ()>,
) -> Result<bool, Failure> {
    let Some(inbox) = line.folders.inbox() else {
        return Ok(false);
    };
    let examined = match line.session.examine(&inbox.raw).await {
        Err(failure) if failure.session_lives() => return Ok(false),
        done => done?,
    };
    if !memory.is_current(&inbox.name, examined) && line.alarmed != examined.uid_next {
        line.alarmed = examined.uid_next;
        return Ok(true);
    }
    match line.session.idle(wake, called).await? {
        Woken::Declined => {
            line.idles = false;
            Ok(false)
        }
        Woken::News => {
            // A server that always has news must not keep us spinning.
            tokio::time::sleep(LEAST_PAUSE).await;
            Ok(true)
        }
        Woken::Rested => Ok(true),
    }
}

/// Why a watcher that is gone can not answer.
pub fn gone() -> Why {
    Why::new(
        "watcher-closed",
        "the watcher of this mailbox ended before the message was looked for",
    )
}
