//! What is known of a mailbox across reconnections: per folder which UIDs were compared already, per token where it was seen.

use super::moment::Moment;
use super::strangers::Strangers;
use super::trail::Seen;
use crate::mailbox::folders::{Folder, Folders};
use crate::mailbox::session::{Entry, Examined};
use crate::model::{EspId, Mark, RawMessage, Token, Why};
use std::collections::{BTreeMap, BTreeSet};
use time::Duration;
use tokio::time::Instant;

/// After a UIDVALIDITY change only messages this young can be ours.
const RECENT: Duration = Duration::hours(24);

/// One folder.
#[derive(Debug)]
struct Known {
    uid_validity: u32,
    /// The baseline: what is below was there before.
    from: u32,
    /// First UID that no look has reached.
    next: u32,
    /// UIDs from the baseline on that were compared.
    compared: BTreeSet<u32>,
    /// Beginning of the last complete look.
    last_look: Option<Instant>,
    /// Is the baseline void, so that age tells what may be ours?
    by_age: bool,
}

/// What is known of one awaited message.
#[derive(Debug, Default)]
pub struct Trace {
    /// Sightings in order of time.
    pub seen: Vec<Seen>,
    /// The first copy's bytes.
    pub raw: Option<RawMessage>,
    /// Why the bytes could not be read, the last time it was tried.
    pub trouble: Option<Why>,
}

/// The memory of one mailbox.
#[derive(Debug)]
pub struct Memory {
    began: Moment,
    folders: BTreeMap<String, Known>,
    traces: BTreeMap<Token, Trace>,
    /// Messages of which nobody knows yet whose they are.
    pub strangers: Strangers,
}

impl Memory {
    /// Begins with the baseline.
    pub fn new(marks: &[Mark]) -> Memory {
        let known = |mark: &Mark| Known::from(mark.uid_validity, mark.uid_next, false);
        Memory {
            began: Moment::now(),
            folders: marks.iter().map(|mark| (mark.folder.clone(), known(mark))).collect(),
            traces: BTreeMap::new(),
            strangers: Strangers::default(),
        }
    }

    /// A folder was opened. Its UIDs mean nothing any more if UIDVALIDITY changed (RFC 9051 §2.3.1.1): what was seen in it is
    /// gone, and it is read anew. A folder without a baseline is new, and read whole.
    pub fn enter(&mut self, folder: &Folder, examined: Examined) {
        let known = self
            .folders
            .entry(folder.name.clone())
            .or_insert_with(|| Known::from(examined.uid_validity, 1, true));
        if known.uid_validity != examined.uid_validity {
            *known = Known::from(examined.uid_validity, 1, true);
            for seen in self.sightings() {
                seen.gone |= seen.folder == folder.name;
            }
        }
    }

    /// What was seen in a folder that is not listed any more is gone.
    pub fn prune(&mut self, folders: &Folders) {
        for seen in self.sightings() {
            seen.gone |= !folders.all.iter().any(|folder| folder.name == seen.folder);
        }
    }

    /// The UID a look begins at: the baseline for a whole look, else the first that no look has reached.
    pub fn first(&self, folder: &str, whole: bool) -> u32 {
        let known = self.folders.get(folder);
        known.map_or(1, |known| if whole { known.from } else { known.next })
    }

    /// The baseline's UIDNEXT.
    pub fn from(&self, folder: &str) -> u32 {
        self.first(folder, true)
    }

    /// Is there nothing new in a folder of which EXAMINE told this?
    pub fn is_current(&self, folder: &str, examined: Examined) -> bool {
        let known = self.folders.get(folder);
        known.is_some_and(|known| known.uid_validity == examined.uid_validity && known.next >= examined.uid_next)
    }

    /// Those of `entries` that were never compared with the tokens.
    pub fn fresh(&mut self, folder: &str, entries: Vec<Entry>) -> Vec<Entry> {
        let oldest = self.began.wall - RECENT;
        let Some(known) = self.folders.get_mut(folder) else {
            return entries;
        };
        let (mut fresh, mut old) = (Vec::new(), Vec::new());
        for entry in entries {
            let aged = known.by_age && entry.internal_date.is_some_and(|date| date < oldest);
            if aged {
                old.push(entry.uid);
            } else if !known.compared.contains(&entry.uid) {
                fresh.push(entry);
            }
        }
        known.compared.extend(old);
        fresh
    }

    /// A message was compared with every token.
    pub fn compared(&mut self, folder: &str, uid: u32) {
        if let Some(known) = self.folders.get_mut(folder) {
            known.compared.insert(uid);
        }
    }

    /// A whole look listed these UIDs: what was seen elsewhere in the folder is gone.
    pub fn present(&mut self, folder: &str, uids: &BTreeSet<u32>, at: Instant) {
        let uid_validity = self.folders.get(folder).map(|known| known.uid_validity);
        for seen in self.sightings() {
            if seen.folder == folder && uid_validity == Some(seen.uid_validity) {
                seen.gone = !uids.contains(&seen.uid);
                if !seen.gone {
                    seen.last_present = at;
                }
            }
        }
    }

    /// A look ended. If it was complete, it is the last one that could have missed what comes next.
    pub fn looked(&mut self, folder: &str, began: Instant, reached: u32, complete: bool) {
        if let Some(known) = self.folders.get_mut(folder)
            && complete
        {
            known.next = known.next.max(reached);
            known.last_look = Some(began);
        }
    }

    /// Beginning of the last complete look at a folder.
    pub fn last_look(&self, folder: &str) -> Option<Instant> {
        self.folders.get(folder).and_then(|known| known.last_look)
    }

    fn sightings(&mut self) -> impl Iterator<Item = &mut Seen> {
        let known = self.traces.values_mut().flat_map(|trace| &mut trace.seen);
        known.chain(self.strangers.seen_mut())
    }

    /// What was seen of a message before its service told these ids of it.
    pub fn adopt(&mut self, token: &Token, ids: &BTreeSet<EspId>) {
        let claimed = self.strangers.claim(ids);
        if !claimed.is_empty() {
            let seen = &mut self.traces.entry(token.clone()).or_default().seen;
            seen.extend(claimed);
            seen.sort_by_key(|seen| seen.at.instant);
        }
    }

    /// Notes a sighting.
    pub fn sight(&mut self, token: Token, seen: Seen) {
        self.traces.entry(token).or_default().seen.push(seen);
    }

    /// What is known of a token.
    pub fn trace(&self, token: &Token) -> Option<&Trace> {
        self.traces.get(token)
    }

    /// The same, to be completed.
    pub fn trace_mut(&mut self, token: &Token) -> Option<&mut Trace> {
        self.traces.get_mut(token)
    }

    /// Nobody asks for the token any more.
    pub fn forget(&mut self, token: &Token) {
        self.traces.remove(token);
    }

    /// Sightings in the open folder whose bytes are still to be read: (token, index). Where the server has no ids of its own,
    /// the bytes of further copies tell a view from a copy.
    pub fn unread(&self, folder: &str, has_ids: bool) -> Vec<(Token, usize)> {
        const ENOUGH: usize = 8;
        let mut unread = Vec::new();
        for (token, trace) in &self.traces {
            for (index, seen) in trace.seen.iter().enumerate().take(ENOUGH) {
                let wanted = trace.raw.is_none() || (!has_ids && seen.digest.is_none());
                if wanted && seen.folder == folder && !seen.gone && seen.digest.is_none() {
                    unread.push((token.clone(), index));
                }
            }
        }
        unread
    }
}

impl Known {
    fn from(uid_validity: u32, from: u32, by_age: bool) -> Known {
        Known {
            uid_validity,
            from,
            next: from,
            compared: BTreeSet::new(),
            last_look: None,
            by_age,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::folders::FoundBy;
    use crate::model::FolderRole;

    fn inbox() -> Folder {
        Folder {
            raw: "INBOX".to_owned(),
            name: "INBOX".to_owned(),
            role: FolderRole::Inbox,
            found_by: FoundBy::Inbox,
        }
    }

    fn examined(uid_validity: u32) -> Examined {
        Examined {
            uid_validity,
            uid_next: 12,
            exists: 3,
        }
    }

    fn entry(uid: u32, age: Duration) -> Entry {
        Entry {
            uid,
            internal_date: Some(time::OffsetDateTime::now_utc() - age),
            ..Entry::default()
        }
    }

    #[test]
    fn looks_go_on_where_the_last_complete_one_ended() {
        let mark = Mark {
            folder: "INBOX".to_owned(),
            uid_validity: 7,
            uid_next: 10,
        };
        let mut memory = Memory::new(&[mark]);
        memory.enter(&inbox(), examined(7));
        assert_eq!(memory.first("INBOX", false), 10);
        memory.compared("INBOX", 10);
        memory.looked("INBOX", Instant::now(), 12, false);
        assert_eq!(memory.first("INBOX", false), 10, "an incomplete look does not count");
        let fresh = memory.fresh("INBOX", vec![entry(10, Duration::ZERO), entry(11, Duration::ZERO)]);
        assert_eq!(fresh.len(), 1);
        memory.looked("INBOX", Instant::now(), 12, true);
        assert_eq!((memory.first("INBOX", false), memory.first("INBOX", true)), (12, 10));
    }

    #[test]
    fn a_new_uidvalidity_begins_anew_with_what_is_young() {
        let mut memory = Memory::new(&[]);
        memory.enter(&inbox(), examined(7));
        memory.compared("INBOX", 5);
        memory.looked("INBOX", Instant::now(), 12, true);
        memory.enter(&inbox(), examined(8));
        assert_eq!(memory.first("INBOX", false), 1);
        assert!(memory.last_look("INBOX").is_none());
        let fresh = memory.fresh(
            "INBOX",
            vec![entry(5, Duration::hours(1)), entry(6, Duration::hours(30))],
        );
        assert_eq!(fresh.iter().map(|entry| entry.uid).collect::<Vec<_>>(), [5]);
    }
}
