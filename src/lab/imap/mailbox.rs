//! One seed mailbox as data: folders, messages, and what filing, moving and removing mean at its provider. Pure: time and
//! bytes are arguments.

use super::layout::FolderPlan;
use crate::model::FolderRole;
use crate::model::profile::Dialect;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use time::OffsetDateTime;

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The bytes, as delivered.
    pub raw: Arc<[u8]>,
    /// When the server took it (INTERNALDATE); whole seconds are shown.
    pub internal_date: OffsetDateTime,
    /// Flags, without `\Recent`.
    pub flags: BTreeSet<String>,
    /// Gmail's category, where it has one.
    pub tab: Option<String>,
    /// X-GM-MSGID, and the base of EMAILID: one a message, however many labels it has.
    pub gmail_id: u64,
}

/// A message in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// UID in this folder.
    pub uid: u32,
    /// The message; shared between labels at Gmail.
    pub message: Arc<Message>,
}

/// Finds a message among the rows of a folder, which are in the order of their UIDs.
pub fn by_uid(rows: &[Row], uid: u32) -> Option<&Row> {
    let found = rows.binary_search_by_key(&uid, |row| row.uid);
    found.ok().and_then(|at| rows.get(at))
}

/// A folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// Name, role and attributes.
    pub plan: FolderPlan,
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT.
    pub uid_next: u32,
    /// First UID that no session has claimed as `\Recent` yet; only SELECT moves it (RFC 3501 §2.3.2).
    pub recent_from: u32,
    entries: Vec<(u32, u64)>,
}

impl Folder {
    /// An empty folder.
    pub fn new(plan: FolderPlan, uid_validity: u32) -> Folder {
        Folder {
            plan,
            uid_validity,
            uid_next: 1,
            recent_from: 1,
            entries: Vec::new(),
        }
    }

    fn add(&mut self, key: u64) -> u32 {
        let uid = self.uid_next;
        self.uid_next += 1;
        self.entries.push((uid, key));
        uid
    }

    fn holds(&self, key: u64) -> bool {
        self.entries.iter().any(|(_, held)| *held == key)
    }

    fn key(&self, uid: u32) -> Option<u64> {
        self.entries.iter().find(|(held, _)| *held == uid).map(|(_, key)| *key)
    }
}

/// A mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    /// Its provider's kind.
    pub dialect: Dialect,
    /// Gmail: the inbox has tabs.
    pub tabs: bool,
    folders: Vec<Folder>,
    messages: BTreeMap<u64, Arc<Message>>,
    next_key: u64,
}

/// Index of a folder in its mailbox.
pub type At = usize;

impl Mailbox {
    /// An empty mailbox.
    pub fn new(dialect: Dialect, folders: Vec<Folder>) -> Mailbox {
        Mailbox {
            dialect,
            tabs: dialect == Dialect::Gmail,
            folders,
            messages: BTreeMap::new(),
            next_key: 1_850_000_000_000_000_001,
        }
    }

    /// All folders, in the order of LIST.
    pub fn folders(&self) -> &[Folder] {
        &self.folders
    }

    /// A folder for changes of its counters.
    pub fn folder_mut(&mut self, at: At) -> Option<&mut Folder> {
        self.folders.get_mut(at)
    }

    /// Finds a folder by name; INBOX in any case (RFC 3501 §5.1), others exactly.
    pub fn find(&self, name: &str) -> Option<At> {
        let inbox = name.eq_ignore_ascii_case("INBOX");
        let is = |folder: &Folder| folder.plan.name == name || (inbox && folder.plan.role == FolderRole::Inbox);
        self.folders.iter().position(is)
    }

    /// Finds a folder by name, or makes it.
    pub fn make(&mut self, name: &str) -> At {
        self.find(name).unwrap_or_else(|| {
            let highest = self.folders.iter().map(|folder| folder.uid_validity).max().unwrap_or(0);
            let plan = FolderPlan::new(name, FolderRole::Other, &[]);
            self.folders.push(Folder::new(plan, highest.wrapping_add(1).max(1)));
            self.folders.len() - 1
        })
    }

    /// Finds the folder of a role.
    pub fn role(&self, role: FolderRole) -> Option<At> {
        self.folders
            .iter()
            .position(|folder| folder.plan.role == role && folder.plan.selectable)
    }

    /// The messages of a folder, by UID.
    pub fn rows(&self, at: At) -> Vec<Row> {
        let entries = self.folders.get(at).map(|folder| folder.entries.as_slice());
        let row = |(uid, key): &(u32, u64)| {
            let message = Arc::clone(self.messages.get(key)?);
            Some(Row { uid: *uid, message })
        };
        entries.unwrap_or_default().iter().filter_map(row).collect()
    }

    /// Gmail's labels of a message as seen in a folder: names and attributes of the *other* folders that hold it.
    pub fn labels(&self, at: At, uid: u32) -> Vec<String> {
        let Some(key) = self.folders.get(at).and_then(|folder| folder.key(uid)) else {
            return Vec::new();
        };
        let label = |folder: &Folder| match (folder.plan.role, folder.plan.attributes.first()) {
            (FolderRole::Inbox, _) => Some("\\Inbox".to_owned()),
            (FolderRole::All | FolderRole::Junk | FolderRole::Trash, _) => None,
            (_, Some(attribute)) => Some((*attribute).to_owned()),
            (_, None) => Some(folder.plan.name.clone()),
        };
        let others = self.folders.iter().enumerate().filter(|(index, _)| *index != at);
        others
            .filter(|(_, folder)| folder.holds(key))
            .filter_map(|(_, folder)| label(folder))
            .collect()
    }

    /// Files a new message; at Gmail what is neither junk nor trash is in All Mail too. Returns its UID there.
    pub fn file(&mut self, at: At, mut message: Message) -> Option<u32> {
        let key = self.next_key;
        self.next_key += 9_973;
        message.gmail_id = key;
        message.tab = message.tab.filter(|_| self.tabs);
        self.messages.insert(key, Arc::new(message));
        let uid = self.folders.get_mut(at)?.add(key);
        self.keep_all_mail(key);
        Some(uid)
    }

    /// Moves a message; at Gmail into junk or trash means out of everything else. Returns its new UID.
    pub fn transfer(&mut self, from: At, uid: u32, to: At, take_away: bool) -> Option<u32> {
        let key = self.folders.get(from)?.key(uid)?;
        let apart = self.is_apart(to);
        let labelled = self.dialect == Dialect::Gmail;
        let key = match take_away || labelled {
            true => key,
            false => self.duplicate(key)?,
        };
        if take_away || (labelled && apart) {
            let goes = |index: At| index == from || (labelled && apart);
            for (index, folder) in self.folders.iter_mut().enumerate() {
                if index != to && goes(index) {
                    folder.entries.retain(|(_, held)| *held != key);
                }
            }
        }
        let target = self.folders.get_mut(to)?;
        let present = target.entries.iter().find(|(_, held)| *held == key && labelled);
        let uid = match present {
            Some((uid, _)) => *uid,
            None => target.add(key),
        };
        self.keep_all_mail(key);
        Some(uid)
    }

    /// Removes messages from a folder. Gmail takes the label away; only junk and trash forget the message.
    pub fn remove(&mut self, at: At, uids: &[u32]) {
        if let Some(folder) = self.folders.get_mut(at) {
            folder.entries.retain(|(uid, _)| !uids.contains(uid));
        }
        let folders = &self.folders;
        self.messages
            .retain(|key, _| folders.iter().any(|folder| folder.holds(*key)));
    }

    /// Changes a message's flags, for every label it has. `false` where there is no such message.
    pub fn change_flags(&mut self, at: At, uid: u32, change: impl FnOnce(&mut BTreeSet<String>)) -> bool {
        let key = self.folders.get(at).and_then(|folder| folder.key(uid));
        match key.and_then(|key| self.messages.get_mut(&key)) {
            Some(message) => {
                change(&mut Arc::make_mut(message).flags);
                true
            }
            None => false,
        }
    }

    /// Gives a folder a new UIDVALIDITY and numbers its messages anew from 1.
    pub fn renumber(&mut self, at: At) {
        if let Some(folder) = self.folders.get_mut(at) {
            folder.uid_validity = folder.uid_validity.wrapping_add(1).max(1);
            for (entry, uid) in folder.entries.iter_mut().zip(1..) {
                entry.0 = uid;
            }
            let count = u32::try_from(folder.entries.len()).unwrap_or(u32::MAX - 1);
            folder.uid_next = count + 1;
            folder.recent_from = folder.uid_next;
        }
    }

    /// Junk and trash stand apart from Gmail's labels.
    fn is_apart(&self, at: At) -> bool {
        let role = self.folders.get(at).map(|folder| folder.plan.role);
        matches!(role, Some(FolderRole::Junk | FolderRole::Trash))
    }

    fn keep_all_mail(&mut self, key: u64) {
        let apart = (0..self.folders.len()).any(|at| self.is_apart(at) && self.folders[at].holds(key));
        let all = self.role(FolderRole::All);
        if let (false, Some(folder)) = (apart, all.and_then(|at| self.folders.get_mut(at)))
            && !folder.holds(key)
        {
            folder.add(key);
        }
    }

    fn duplicate(&mut self, key: u64) -> Option<u64> {
        let mut copy = Message::clone(self.messages.get(&key)?);
        let key = self.next_key;
        self.next_key += 9_973;
        copy.gmail_id = key;
        self.messages.insert(key, Arc::new(copy));
        Some(key)
    }
}
