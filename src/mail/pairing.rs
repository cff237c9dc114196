//! Which delivered link is which composed one? Matched one by one within a part: by the URL inside the wrappers, then by the visible
//! text, then by the place between links that are already matched.

use super::links::Link;
use super::vendors::{self, Peeled};
use std::collections::BTreeMap;

/// The outcome: for every composed link its delivered one, and what the route added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pairing {
    /// By index of the composed link: the index of the delivered link, or `None` where it is gone.
    pub delivered: Vec<Option<usize>>,
    /// Indices of delivered links that were not composed, in order.
    pub added: Vec<usize>,
}

impl Pairing {
    /// The composed link of a delivered one.
    pub fn original_of(&self, delivered: usize) -> Option<usize> {
        self.delivered.iter().position(|found| *found == Some(delivered))
    }
}

/// Matches composed with delivered links, both in order of appearance. Links of different parts never match.
pub fn pair(original: &[Link], delivered: &[Link]) -> Pairing {
    let peeled: Vec<Peeled> = delivered.iter().map(|link| vendors::peel(&link.url)).collect();
    let mut matching = Matching {
        original,
        delivered,
        to: vec![None; original.len()],
        used: vec![false; delivered.len()],
    };
    let mut inside: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, chain) in peeled.iter().enumerate() {
        for url in chain.urls() {
            inside.entry(url).or_default().push(index);
        }
    }
    let same_url = |link: &Link| inside.get(link.url.as_str()).cloned().unwrap_or_default();
    matching.take(same_url, |one, other| one.text == other.text);
    matching.take(same_url, |_, _| true);
    let mut texts: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, link) in delivered.iter().enumerate().filter(|(_, link)| !link.text.is_empty()) {
        texts.entry(link.text.as_str()).or_default().push(index);
    }
    matching.take(
        |link| texts.get(link.text.as_str()).cloned().unwrap_or_default(),
        |_, _| true,
    );
    matching.by_place();
    let added = (0..delivered.len()).filter(|index| !matching.used[*index]).collect();
    Pairing {
        delivered: matching.to,
        added,
    }
}

struct Matching<'l> {
    original: &'l [Link],
    delivered: &'l [Link],
    to: Vec<Option<usize>>,
    used: Vec<bool>,
}

impl Matching<'_> {
    /// Gives every composed link that has none yet its first free candidate, in order.
    fn take(&mut self, candidates: impl Fn(&Link) -> Vec<usize>, also: impl Fn(&Link, &Link) -> bool) {
        for index in 0..self.original.len() {
            if self.to[index].is_some() {
                continue;
            }
            let link = &self.original[index];
            let fits = |candidate: &usize| {
                let other = &self.delivered[*candidate];
                !self.used[*candidate] && other.part == link.part && also(link, other)
            };
            if let Some(found) = candidates(link).into_iter().find(fits) {
                self.to[index] = Some(found);
                self.used[found] = true;
            }
        }
    }

    /// Where, between two matched neighbours, as many composed as delivered links are left, they are each other's.
    fn by_place(&mut self) {
        let mut start = 0;
        while start < self.original.len() {
            let part = self.original[start].part;
            let open = |index: &usize| self.to[*index].is_none() && self.original[*index].part == part;
            let end = (start..self.original.len())
                .find(|index| !open(index))
                .unwrap_or(self.original.len());
            if end > start {
                self.fill(start, end);
            }
            start = end.max(start + 1);
        }
    }

    fn fill(&mut self, start: usize, end: usize) {
        let part = self.original[start].part;
        let neighbour = |index: Option<usize>| {
            let index = index.filter(|index| self.original.get(*index).is_some_and(|link| link.part == part));
            index.and_then(|index| self.to[index])
        };
        let from = neighbour(start.checked_sub(1)).map_or(0, |before| before + 1);
        let to = neighbour(Some(end)).unwrap_or(self.delivered.len());
        let free = |index: &usize| !self.used[*index] && self.delivered[*index].part == part;
        let gap: Vec<usize> = (from..to).filter(free).collect();
        if gap.len() == end - start {
            for (index, found) in (start..end).zip(gap) {
                self.to[index] = Some(found);
                self.used[found] = true;
            }
        }
    }
}
