//! Messages that carry nobody's token and name an id of a sending service: whose they are may turn out later, when the service's answer
//! is in. A message can be faster than that answer, and must not be any less found for it.

use super::trail::Seen;
use crate::model::EspId;
use std::collections::BTreeSet;

/// So many are kept; a seed is written to by tests, not by the world.
const MOST: usize = 2_000;

/// Those of one mailbox.
#[derive(Debug, Default)]
pub struct Strangers(Vec<(BTreeSet<EspId>, Seen)>);

impl Strangers {
    /// Keeps one, if it names an id.
    pub fn keep(&mut self, ids: BTreeSet<EspId>, seen: Seen) {
        if !ids.is_empty() && self.0.len() < MOST {
            self.0.push((ids, seen));
        }
    }

    /// Gives those away that bear one of these ids, in order of sighting.
    pub fn claim(&mut self, ids: &BTreeSet<EspId>) -> Vec<Seen> {
        let claimed = self.0.extract_if(.., |(borne, _)| !borne.is_disjoint(ids));
        claimed.map(|(_, seen)| seen).collect()
    }

    /// The sightings, to be kept current.
    pub fn seen_mut(&mut self) -> impl Iterator<Item = &mut Seen> {
        self.0.iter_mut().map(|(_, seen)| seen)
    }
}
