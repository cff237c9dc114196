//! The shared store of all seed mailboxes: the receiving side files mail here, IMAP sessions read it and are woken.
//! A handle is cheap to clone and may be used from any thread.

use super::layout::{self, FolderPlan};
use super::mailbox::{At, Mailbox, Message, Row};
use super::seed;
use crate::model::FolderRole;
use crate::model::profile::Dialect;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use time::OffsetDateTime;
use tokio::sync::watch;

/// The store.
#[derive(Clone, Default)]
pub struct MailStore {
    shelves: Arc<Mutex<BTreeMap<String, Shelf>>>,
}

struct Shelf {
    mailbox: Mailbox,
    /// Counts changes; sessions wait on it.
    changes: watch::Sender<u64>,
}

/// There is no such mailbox or folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoSuchPlace {
    /// The mailbox asked for.
    pub mailbox: String,
    /// The folder asked for, or its role.
    pub folder: String,
}

impl fmt::Display for NoSuchPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mailbox '{}' has no folder '{}'", self.mailbox, self.folder)
    }
}

impl std::error::Error for NoSuchPlace {}

/// Where a message was filed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filed {
    /// Folder name.
    pub folder: String,
    /// UID there.
    pub uid: u32,
}

/// Everything in a mailbox that a reader must leave as it is: flags of every message and each folder's `\Recent` mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagSnapshot(BTreeMap<(String, u32), String>);

impl FlagSnapshot {
    /// What differs now from an earlier snapshot, one line each; messages that are new now do not count.
    pub fn changes_since(&self, before: &FlagSnapshot) -> Vec<String> {
        let changed = |((folder, uid), was): (&(String, u32), &String)| {
            let now = self.0.get(&(folder.clone(), *uid));
            (now != Some(was)).then(|| {
                let now = now.map_or("gone", String::as_str);
                format!("{folder} {uid}: was {was}, is {now}")
            })
        };
        before.0.iter().filter_map(changed).collect()
    }
}

impl MailStore {
    /// An empty store.
    pub fn new() -> MailStore {
        MailStore::default()
    }

    /// Adds a mailbox with its provider's usual folders and some old mail. A mailbox of the same name is replaced.
    pub fn add_mailbox(&self, name: &str, dialect: Dialect) {
        self.add_mailbox_with(name, dialect, layout::usual(dialect));
    }

    /// Adds a mailbox with folders of its own.
    pub fn add_mailbox_with(&self, name: &str, dialect: Dialect, folders: Vec<FolderPlan>) {
        let shelf = Shelf {
            mailbox: seed::furnished(dialect, folders),
            changes: watch::Sender::new(0),
        };
        self.lock().insert(name.to_owned(), shelf);
    }

    /// Files a message in the folder of a role; in Gmail's inbox under the tab `primary`.
    pub fn deliver(
        &self,
        mailbox: &str,
        place: FolderRole,
        raw: Vec<u8>,
        internal_date: OffsetDateTime,
    ) -> Result<Filed, NoSuchPlace> {
        let tab = (place == FolderRole::Inbox).then_some("primary");
        let at = |mailbox: &Mailbox| mailbox.role(place);
        self.file(mailbox, &format!("{place:?}"), at, tab, raw, internal_date)
    }

    /// Files a message in the inbox under a tab (`promotions`). Providers without tabs ignore the tab.
    pub fn deliver_to_tab(
        &self,
        mailbox: &str,
        tab: &str,
        raw: Vec<u8>,
        internal_date: OffsetDateTime,
    ) -> Result<Filed, NoSuchPlace> {
        let at = |mailbox: &Mailbox| mailbox.role(FolderRole::Inbox);
        self.file(mailbox, "Inbox", at, Some(tab), raw, internal_date)
    }

    /// Files a message in a folder by name; a folder that is not there is made, as a user's rule does.
    pub fn deliver_to_folder(
        &self,
        mailbox: &str,
        folder: &str,
        raw: Vec<u8>,
        internal_date: OffsetDateTime,
    ) -> Result<Filed, NoSuchPlace> {
        self.change(mailbox, folder, |mailbox| Some(mailbox.make(folder)))?;
        let at = |mailbox: &Mailbox| mailbox.find(folder);
        self.file(mailbox, folder, at, None, raw, internal_date)
    }

    fn file(
        &self,
        mailbox: &str,
        folder: &str,
        at: impl FnOnce(&Mailbox) -> Option<At>,
        tab: Option<&str>,
        raw: Vec<u8>,
        internal_date: OffsetDateTime,
    ) -> Result<Filed, NoSuchPlace> {
        self.change(mailbox, folder, |mailbox| {
            let at = at(mailbox)?;
            let message = Message {
                raw: Arc::from(raw),
                internal_date,
                flags: BTreeSet::new(),
                tab: tab.map(str::to_owned),
                gmail_id: 0,
            };
            let uid = mailbox.file(at, message)?;
            let folder = mailbox.folders().get(at)?.plan.name.clone();
            Some(Filed { folder, uid })
        })
    }

    /// Fills a folder with `count` small messages of long ago, as a mailbox that is in use for years holds them.
    pub fn fill(&self, mailbox: &str, folder: &str, count: usize) -> Result<(), NoSuchPlace> {
        let raw: Arc<[u8]> = Arc::from(b"From: a@b.example\r\nSubject: old\r\n\r\nold\r\n".as_slice());
        let message = Message {
            raw,
            internal_date: OffsetDateTime::UNIX_EPOCH,
            flags: BTreeSet::new(),
            tab: None,
            gmail_id: 0,
        };
        self.change(mailbox, folder, |mailbox| {
            let at = mailbox.find(folder)?;
            (0..count).try_for_each(|_| mailbox.file(at, message.clone()).map(drop))
        })
    }

    /// Moves a message, as a filter or the user would. Returns its new place.
    pub fn move_message(&self, mailbox: &str, from: &Filed, to: &str) -> Result<Filed, NoSuchPlace> {
        self.change(mailbox, to, |mailbox| {
            let target = mailbox.find(to)?;
            let uid = mailbox.transfer(mailbox.find(&from.folder)?, from.uid, target, true)?;
            let folder = mailbox.folders().get(target)?.plan.name.clone();
            Some(Filed { folder, uid })
        })
    }

    /// Moves a message to the folder of a role.
    pub fn move_to_role(&self, mailbox: &str, from: &Filed, to: FolderRole) -> Result<Filed, NoSuchPlace> {
        let name = self.read(mailbox, |mailbox| {
            let at = mailbox.role(to)?;
            mailbox.folders().get(at).map(|folder| folder.plan.name.clone())
        });
        let name = name.flatten().ok_or_else(|| nowhere(mailbox, &format!("{to:?}")))?;
        self.move_message(mailbox, from, &name)
    }

    /// Gives a folder a new UIDVALIDITY and new UIDs, as after a rebuilt index.
    pub fn bump_uidvalidity(&self, mailbox: &str, folder: &str) -> Result<(), NoSuchPlace> {
        self.change(mailbox, folder, |mailbox| {
            let at = mailbox.find(folder)?;
            mailbox.renumber(at);
            Some(())
        })
    }

    /// Switches Gmail's tabs off (or on) for a mailbox: mail delivered from now on has no category.
    pub fn set_tabs(&self, mailbox: &str, tabs: bool) -> Result<(), NoSuchPlace> {
        self.change(mailbox, "", |mailbox| {
            mailbox.tabs = tabs;
            Some(())
        })
    }

    /// The flags of every message in every folder.
    pub fn flags(&self, mailbox: &str) -> Result<FlagSnapshot, NoSuchPlace> {
        let snapshot = self.read(mailbox, |mailbox| {
            let folders = mailbox.folders().iter().enumerate();
            let rows = folders.flat_map(|(at, folder)| {
                let marked = move |row: Row| {
                    let mut flags: Vec<String> = row.message.flags.iter().cloned().collect();
                    flags.extend((row.uid >= folder.recent_from).then(|| "\\Recent".to_owned()));
                    ((folder.plan.name.clone(), row.uid), format!("({})", flags.join(" ")))
                };
                mailbox.rows(at).into_iter().map(marked)
            });
            FlagSnapshot(rows.collect())
        });
        snapshot.ok_or_else(|| nowhere(mailbox, ""))
    }

    /// The messages of a folder, with their UIDs.
    pub fn messages(&self, mailbox: &str, folder: &str) -> Result<Vec<Row>, NoSuchPlace> {
        let rows = self.read(mailbox, |mailbox| mailbox.find(folder).map(|at| mailbox.rows(at)));
        rows.flatten().ok_or_else(|| nowhere(mailbox, folder))
    }

    /// Looks at a mailbox under the lock; `None` where there is none of that name.
    pub(super) fn read<T>(&self, mailbox: &str, look: impl FnOnce(&Mailbox) -> T) -> Option<T> {
        self.lock().get(mailbox).map(|shelf| look(&shelf.mailbox))
    }

    /// Changes a mailbox under the lock and wakes its sessions.
    pub(super) fn change<T>(
        &self,
        mailbox: &str,
        folder: &str,
        change: impl FnOnce(&mut Mailbox) -> Option<T>,
    ) -> Result<T, NoSuchPlace> {
        let mut shelves = self.lock();
        let shelf = shelves.get_mut(mailbox).ok_or_else(|| nowhere(mailbox, folder))?;
        let done = change(&mut shelf.mailbox).ok_or_else(|| nowhere(mailbox, folder));
        shelf.changes.send_modify(|count| *count += 1);
        done
    }

    /// How often a mailbox was changed.
    pub(super) fn changes(&self, mailbox: &str) -> Option<u64> {
        self.lock().get(mailbox).map(|shelf| *shelf.changes.borrow())
    }

    /// A receiver that is told of every change from now on.
    pub(super) fn subscribe(&self, mailbox: &str) -> Option<watch::Receiver<u64>> {
        self.lock().get(mailbox).map(|shelf| shelf.changes.subscribe())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Shelf>> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nowhere(mailbox: &str, folder: &str) -> NoSuchPlace {
    NoSuchPlace {
        mailbox: mailbox.to_owned(),
        folder: folder.to_owned(),
    }
}
