//! The times in which a mailbox could not be looked at.

use crate::model::{Gap, Why};
use time::OffsetDateTime;

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
