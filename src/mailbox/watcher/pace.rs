//! How often to look, and how long to stay away from a server in trouble.

use super::super::failure::Failure;
use std::time::Duration;
use tokio::time::Instant;

/// The profile's interval holds for so long after something was sent; then it doubles every minute.
const BRISK: Duration = Duration::from_secs(120);
/// Longest interval and longest pause after a failure.
const LONGEST: Duration = Duration::from_secs(30);
/// Pause before the last try with credentials that were refused.
const SECOND_THOUGHTS: Duration = Duration::from_secs(5);

/// The time between the beginnings of two rounds.
pub fn interval(poll: Duration, newest: Instant, now: Instant) -> Duration {
    let waited = now.saturating_duration_since(newest);
    let minutes = waited.saturating_sub(BRISK).as_secs() / 60;
    let doublings = if waited > BRISK { minutes.min(16) + 1 } else { 0 };
    let slow = poll.saturating_mul(1 << doublings);
    slow.min(LONGEST.max(poll))
}

/// What failures in a row came to.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: u32,
    refusals: u32,
    retry_at: Option<Instant>,
}

impl Backoff {
    /// Something worked.
    pub fn clear(&mut self) {
        *self = Backoff::default();
    }

    /// One more failure. The first is tried again at once: connections do end now and then.
    pub fn note(&mut self, failure: &Failure) {
        self.failures += 1;
        if failure.hopeless() {
            self.refusals += 1;
        }
        let doubling = match self.failures {
            1 => Duration::ZERO,
            more => Duration::from_millis(250).saturating_mul(1 << more.saturating_sub(2).min(16)),
        };
        let least = if failure.hopeless() {
            SECOND_THOUGHTS
        } else {
            failure.stay_away().unwrap_or_default()
        };
        self.retry_at = Some(Instant::now() + doubling.min(LONGEST).max(least));
    }

    /// When to try again, where that is not now.
    pub fn retry_at(&self) -> Option<Instant> {
        self.retry_at.filter(|at| *at > Instant::now())
    }

    /// Something failed: once the pause is over, the next try does not wait for the pace of the profile.
    pub fn owes_a_try(&self) -> bool {
        self.failures > 0
    }

    /// Failed again after the reconnection that follows a loss: the mailbox is really out of reach.
    pub fn is_down(&self) -> bool {
        self.failures >= 2
    }

    /// Refused twice for something only a person can change: a third try would only help to lock the account.
    pub fn is_final(&self) -> bool {
        self.refusals >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_grow_rare_but_never_rarer_than_half_a_minute() {
        let start = Instant::now();
        let poll = Duration::from_secs(5);
        let after = |seconds| interval(poll, start, start + Duration::from_secs(seconds)).as_secs();
        assert_eq!([0, 119, 121, 181, 241, 3600].map(after), [5, 5, 10, 20, 30, 30]);
        let rare = Duration::from_secs(45);
        assert_eq!(interval(rare, start, start + Duration::from_secs(900)), rare);
        assert_eq!(
            interval(poll, start + Duration::from_secs(9), start),
            poll,
            "accepted later than now"
        );
    }

    #[test]
    fn the_first_loss_is_tried_again_at_once_and_the_servers_wish_is_obeyed() {
        let mut backoff = Backoff::default();
        backoff.note(&Failure::Dropped(String::new()));
        assert!(backoff.retry_at().is_none() && !backoff.is_down());
        backoff.note(&Failure::Dropped(String::new()));
        assert!(backoff.retry_at().is_some() && backoff.is_down());
        backoff.clear();
        backoff.note(&Failure::No {
            command: "LIST",
            text: "Request is throttled. Suggested Backoff Time: 92415 milliseconds".to_owned(),
        });
        let wait = backoff.retry_at().unwrap() - Instant::now();
        assert!(wait > Duration::from_secs(80), "{wait:?}");
    }
}
