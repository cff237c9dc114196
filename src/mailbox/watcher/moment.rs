//! One moment on both clocks: the monotonic one measures, the wall clock tells people (and is compared with other machines').

use std::time::Duration;
use time::OffsetDateTime;
use tokio::time::Instant;

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// For differences.
    pub instant: Instant,
    /// For people, UTC.
    pub wall: OffsetDateTime,
}

impl Moment {
    /// Now.
    pub fn now() -> Moment {
        Moment {
            instant: Instant::now(),
            wall: OffsetDateTime::now_utc(),
        }
    }

    /// So long before.
    pub fn earlier(self, since: Duration) -> Moment {
        Moment {
            instant: self.instant.checked_sub(since).unwrap_or(self.instant),
            wall: self.wall - since,
        }
    }
}
