//! When to look next, and at what: the profile's pace, and the moments at which a case can end.

use super::desk::{Case, Desk};
use super::memory::{Memory, Trace};
use super::pace;
use super::verdict;
use std::time::Duration;
use tokio::time::Instant;

/// While something is awaited all folders are swept this often: a rule may file a message anywhere.
const SWEEP_EVERY: Duration = Duration::from_secs(15);
/// But not more often than once in so many rounds.
const ROUNDS_A_SWEEP: u32 = 10;
/// Never look more often than this.
pub const LEAST_PAUSE: Duration = Duration::from_millis(10);
/// A pass may take this long, unless a case ends earlier.
const PASS: Duration = Duration::from_secs(90);

/// And it is let go on for this long, whatever ends meanwhile: broken off it would show nothing, and the next one would be as slow.
const BREATH: Duration = Duration::from_secs(10);

/// Which folders a pass looks at, and from where on; a later one includes the earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Aim {
    /// Candidates, from where the last look ended.
    Round,
    /// Candidates, from the baseline on.
    Census,
    /// Every folder, from the baseline on.
    Sweep,
}

/// The schedule of one mailbox.
#[derive(Debug)]
pub struct Schedule {
    poll: Duration,
    last_pass: Option<(Instant, Instant)>,
    last_sweep: Option<Instant>,
}

impl Schedule {
    /// With the profile's poll interval.
    pub fn new(poll_ms: u64) -> Schedule {
        Schedule {
            poll: Duration::from_millis(poll_ms.max(1)),
            last_pass: None,
            last_sweep: None,
        }
    }

    /// A pass ended, well or not.
    pub fn passed(&mut self, aim: Aim, began: Instant) {
        self.last_pass = Some((began, Instant::now()));
        if aim == Aim::Sweep {
            self.last_sweep = Some(began);
        }
    }

    /// What a pass that begins now has to look at.
    pub fn aim(&self, desk: &Desk, memory: &Memory, now: Instant) -> Aim {
        let wanted = |case: &Case| self.wanted(case, memory.trace(&case.token), now);
        desk.cases.iter().map(wanted).max().unwrap_or(Aim::Round)
    }

    fn wanted(&self, case: &Case, trace: Option<&Trace>, now: Instant) -> Aim {
        match trace.filter(|trace| !trace.seen.is_empty()) {
            Some(_) if case.confirming => Aim::Sweep,
            Some(trace) => {
                let due = case.timing.and_then(|timing| verdict::quiet_due(&timing, trace));
                if due.is_some_and(|due| now >= due) {
                    Aim::Census
                } else {
                    Aim::Round
                }
            }
            None => {
                let given_up = case.give_up_at().is_some_and(|at| now >= at);
                let hurried = case.hurried.filter(|_| case.timing.is_some());
                let hurried = hurried.is_some_and(|since| self.last_sweep.is_none_or(|last| last < since));
                let announced = case.expected.instant;
                let since = self.last_sweep.map_or(announced, |last| last.max(announced));
                let rare = SWEEP_EVERY.max(self.poll * ROUNDS_A_SWEEP);
                if given_up || hurried || now.saturating_duration_since(since) >= rare {
                    Aim::Sweep
                } else {
                    Aim::Round
                }
            }
        }
    }

    /// The next moment at which a case can end or wants a look of its own.
    pub fn next_due(&self, desk: &Desk, memory: &Memory, now: Instant) -> Option<Instant> {
        let dues = desk.cases.iter().flat_map(|case| {
            let trace = memory.trace(&case.token);
            let quiet = trace
                .zip(case.timing.as_ref())
                .and_then(|(trace, timing)| verdict::quiet_due(timing, trace));
            [quiet, case.give_up_at(), verdict::final_at(case, trace)]
        });
        dues.flatten().filter(|due| *due > now).min()
    }

    /// When the next pass begins: at the pace of the profile, or when something is due.
    pub fn next_pass(&self, desk: &Desk, memory: &Memory, now: Instant) -> Instant {
        let Some((began, ended)) = self.last_pass else {
            return now;
        };
        let newest = desk.cases.iter().map(|case| {
            let accepted = case.timing.map_or(case.expected.instant, |timing| timing.accepted);
            accepted.max(case.expected.instant)
        });
        let interval = pace::interval(self.poll, newest.max().unwrap_or(now), now);
        let soonest = ended + (self.poll / 4).max(LEAST_PAUSE);
        let due = match self.aim(desk, memory, now) {
            Aim::Round => self.next_due(desk, memory, now).unwrap_or(now + interval),
            Aim::Census | Aim::Sweep => soonest,
        };
        (began + interval).min(due).max(soonest)
    }

    /// When a pass that begins now is broken off.
    pub fn limit(&self, desk: &Desk, memory: &Memory, now: Instant) -> Instant {
        let ends = desk
            .cases
            .iter()
            .filter_map(|case| verdict::final_at(case, memory.trace(&case.token)));
        ends.min().unwrap_or(now + PASS).clamp(now + BREATH, now + PASS)
    }
}
