//! The times in which a mailbox could not be looked at.

use super::moment::Moment;
use crate::model::{Gap, Why};
use time::{Duration, OffsetDateTime};

/// Clocks drift and are nudged; this is more.
const JUMP: Duration = Duration::seconds(5);

/// Gaps in order of time; at most the last is open.
#[derive(Debug, Default)]
pub struct Gaps {
    gaps: Vec<Gap>,
}

impl Gaps {
    /// Looking failed, in a pass that began at `from`. A gap that is open goes on, with the latest reason.
    pub fn open(&mut self, from: OffsetDateTime, why: &Why) {
        match self.gaps.last_mut().filter(|gap| gap.until.is_none()) {
            Some(gap) => {
                gap.code.clone_from(&why.code);
                gap.detail.clone_from(&why.detail);
            }
            None => self.gaps.push(Gap {
                from,
                until: None,
                code: why.code.clone(),
                detail: why.detail.clone(),
            }),
        }
    }

    /// Everything could be looked at again.
    pub fn close(&mut self) {
        if let Some(gap) = self.gaps.last_mut().filter(|gap| gap.until.is_none()) {
            gap.until = Some(OffsetDateTime::now_utc());
        }
    }

    /// Reads both clocks again. Where they went apart, this machine slept or its clock was set: in between nothing was looked
    /// at, and times measured across it are not to be trusted.
    pub fn compare(&mut self, before: Moment) -> Moment {
        let now = Moment::now();
        let measured = now.instant.saturating_duration_since(before.instant);
        let jump = (now.wall - before.wall) - measured;
        if jump.abs() > JUMP {
            let at = self
                .gaps
                .iter()
                .position(|gap| gap.until.is_none())
                .unwrap_or(self.gaps.len());
            let gap = Gap {
                from: before.wall.min(now.wall),
                until: Some(now.wall.max(before.wall)),
                code: "clock-jump".to_owned(),
                detail: format!(
                    "the clock of this machine jumped by {} s: it slept, or its clock was set",
                    jump.as_seconds_f64().round()
                ),
            };
            self.gaps.insert(at, gap);
        }
        now
    }

    /// Why nothing can be seen just now.
    pub fn current(&self) -> Option<Why> {
        let open = self.gaps.last().filter(|gap| gap.until.is_none());
        open.map(|gap| Why::new(gap.code.clone(), gap.detail.clone()))
    }

    /// The gaps that reach beyond `since`.
    pub fn since(&self, since: OffsetDateTime) -> Vec<Gap> {
        let late = |gap: &&Gap| gap.until.is_none_or(|until| until >= since);
        self.gaps.iter().filter(late).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_goes_on_until_it_is_closed_and_keeps_its_latest_reason() {
        let mut gaps = Gaps::default();
        let start = OffsetDateTime::now_utc();
        gaps.open(start, &Why::new("imap-dropped", "gone"));
        gaps.open(start + Duration::SECOND, &Why::new("imap-connect", "refused"));
        assert_eq!(gaps.current().map(|why| why.code), Some("imap-connect".to_owned()));
        gaps.close();
        assert_eq!(gaps.current(), None);
        let told = gaps.since(start);
        assert_eq!((told.len(), told[0].from), (1, start));
        assert!(gaps.since(OffsetDateTime::now_utc() + Duration::HOUR).is_empty());
    }

    #[test]
    fn a_machine_that_slept_says_so() {
        let mut gaps = Gaps::default();
        let mut before = gaps.compare(Moment::now());
        assert!(gaps.since(before.wall).is_empty());
        before.wall -= Duration::minutes(10);
        gaps.open(before.wall, &Why::new("imap-dropped", "gone"));
        gaps.compare(before);
        let told = gaps.since(before.wall);
        assert_eq!(told[0].code, "clock-jump");
        assert!(told[0].detail.contains("600 s"), "{}", told[0].detail);
        assert!(gaps.current().is_some(), "an open gap stays open");
    }
}
