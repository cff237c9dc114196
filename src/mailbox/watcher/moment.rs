//! One moment on both clocks: the monotonic one measures, the wall clock tells people (and is compared with other machines').

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
}
