//! What went wrong while a template was rendered, by the number of its place. Tags share it with the one who renders.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gap {
    /// The value is not in the data.
    Missing,
    /// A filter refused, in its words.
    Failed(String),
}

/// Shared by all tags of one rendering.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    current: usize,
    steps: u64,
    gaps: BTreeMap<usize, Gap>,
}

impl Record {
    /// Rendering has come to a place.
    pub(super) fn at(&self, number: usize) {
        self.state().current = number;
    }

    /// Something is wrong there. A place within a loop is reported once.
    pub(super) fn put(&self, number: usize, gap: Gap) {
        self.state().gaps.entry(number).or_insert(gap);
    }

    /// Loops are about to take so many steps more; returns how many in all.
    pub(super) fn steps(&self, more: u64) -> u64 {
        let mut state = self.state();
        state.steps = state.steps.saturating_add(more);
        state.steps
    }

    /// The last place rendering came to, and all gaps.
    pub(super) fn read(&self) -> (usize, BTreeMap<usize, Gap>) {
        let state = self.state();
        (state.current, state.gaps.clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
