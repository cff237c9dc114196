//! The provider's clock against ours, bounded by what must have happened in which order. Claimed only where zero is excluded:
//! INTERNALDATE has whole seconds, and a message may have been there a while before we saw it.

use super::trail::Seen;
use crate::model::FolderRole;
use time::{Duration, OffsetDateTime};

/// A relay may have stored the message this long before the route's answer reached us.
const HEAD_START: Duration = Duration::seconds(10);

/// Bounds of "provider's clock minus ours".
#[derive(Debug, Clone, Copy, Default)]
pub struct Skew {
    at_least: Option<Duration>,
    at_most: Option<Duration>,
}

impl Skew {
    /// Learns from the first sighting of a message that can not have been stored before `sent` (announcement or acceptance).
    pub fn learn(&mut self, seen: &Seen, sent: OffsetDateTime) {
        let Some(stamp) = seen.internal_date.filter(|_| seen.role != FolderRole::All) else {
            return;
        };
        // It was stored between `sent` and the sighting, and stamped with the beginning of its second.
        let least = stamp - seen.at.wall;
        let most = stamp + Duration::SECOND - sent;
        self.at_least = Some(self.at_least.map_or(least, |known| known.max(least)));
        self.at_most = Some(self.at_most.map_or(most, |known| known.min(most)));
    }

    /// The moment before which a message can not have been stored.
    pub fn sent(expected: OffsetDateTime, accepted: OffsetDateTime) -> OffsetDateTime {
        expected.max(accepted - HEAD_START)
    }

    /// Milliseconds, the smallest skew that explains what was seen; `None` where none is needed, or where none explains it.
    pub fn millis(&self) -> Option<i64> {
        let (least, most) = (self.at_least?, self.at_most?);
        let skew = match (least.is_positive(), most.is_negative()) {
            _ if least > most => return None,
            (true, _) => least,
            (_, true) => most,
            _ => return None,
        };
        i64::try_from(skew.whole_milliseconds()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::moment::Moment;
    use super::*;
    use crate::model::MatchedBy;
    use time::macros::datetime;
    use tokio::time::Instant;

    const SENT: OffsetDateTime = datetime!(2026-11-23 10:00:00 UTC);

    fn learned(stamps: &[(i64, i64)]) -> Option<i64> {
        let mut skew = Skew::default();
        for (stamp, seen_after) in stamps {
            let seen = Seen {
                folder: "INBOX".to_owned(),
                role: FolderRole::Inbox,
                uid_validity: 1,
                uid: 1,
                at: Moment {
                    instant: Instant::now(),
                    wall: SENT + Duration::seconds(*seen_after),
                },
                absent_until: None,
                last_present: Instant::now(),
                gone: false,
                size: 1,
                internal_date: Some(SENT + Duration::seconds(*stamp)),
                gmail_id: None,
                tab: None,
                matched_by: MatchedBy::Header,
                message_id: None,
                from: None,
                digest: None,
            };
            skew.learn(&seen, SENT);
        }
        skew.millis()
    }

    #[test]
    fn only_what_resolution_can_not_explain_is_claimed() {
        assert_eq!(learned(&[(0, 5)]), None);
        assert_eq!(learned(&[(5, 5)]), None);
        assert_eq!(learned(&[(-1, 5)]), None, "the second it was sent in");
        assert_eq!(
            learned(&[(65, 5)]),
            Some(60_000),
            "stamped after it was seen: their clock is ahead"
        );
        assert_eq!(
            learned(&[(-61, 5)]),
            Some(-60_000),
            "stamped before it was sent: their clock is behind"
        );
        assert_eq!(learned(&[(65, 5), (66, 5)]), Some(61_000), "two messages narrow it");
        assert_eq!(learned(&[(65, 5), (-61, 5)]), None, "no one clock explains both");
        assert_eq!(learned(&[]), None);
    }
}
