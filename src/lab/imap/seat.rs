//! Where a logged-in client sits: its mailbox, the folder it has open, and what it was told of it. Message numbers mean
//! what the client was told, so news are told only where RFC 3501 §7.4.1 allows.

use super::fetch::{self, Manner};
use super::fetch_item::Item;
use super::mailbox::{At, Row, by_uid};
use super::reply::Reply;
use super::store::MailStore;
use crate::model::profile::Dialect;
use std::sync::Arc;

/// A logged-in client.
pub struct Seat {
    /// The store.
    pub store: MailStore,
    /// Its mailbox.
    pub mailbox: String,
    /// The provider's kind.
    pub dialect: Dialect,
    /// The open folder.
    pub opened: Option<Opened>,
}

/// An open folder, as the client knows it.
pub struct Opened {
    /// Which folder.
    pub at: At,
    /// Opened by EXAMINE.
    pub read_only: bool,
    /// UIDVALIDITY at opening.
    pub uid_validity: u32,
    /// UIDs from here on are `\Recent` for this client.
    pub recent_from: u32,
    /// Messages by number, as told.
    pub rows: Vec<Row>,
    /// The mailbox's count of changes when everything had been told.
    pub told: Option<u64>,
}

impl Opened {
    /// How answers about this folder are written.
    pub fn manner(&self, dialect: Dialect) -> Manner {
        Manner {
            dialect,
            recent_from: self.recent_from,
            tell_uid: false,
            tell_flags: false,
        }
    }

    /// Largest UID told.
    pub fn last_uid(&self) -> u32 {
        self.rows.last().map_or(0, |row| row.uid)
    }

    /// Number of messages told.
    pub fn count(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Messages with their numbers.
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &Row)> {
        (1..).zip(&self.rows)
    }
}

impl Seat {
    /// Adds to an answer what has happened to the open folder since the client was last told. Without `may_expunge`
    /// messages that are gone keep their numbers for now.
    pub fn tell_news(&mut self, may_expunge: bool, reply: &mut Reply) {
        let dialect = self.dialect;
        let Some(opened) = &mut self.opened else { return };
        let changes = self.store.changes(&self.mailbox);
        if changes == opened.told {
            return;
        }
        let now = self.store.read(&self.mailbox, |mailbox| {
            let folder = mailbox.folders().get(opened.at)?;
            Some((folder.uid_validity, mailbox.rows(opened.at)))
        });
        let Some((uid_validity, now)) = now.flatten() else {
            return;
        };
        if uid_validity != opened.uid_validity {
            reply.line("* BYE Mailbox UIDVALIDITY changed");
            reply.ends = true;
            return;
        }
        let last_told = opened.last_uid();
        if may_expunge {
            tell_expunged(opened, &now, reply);
            opened.told = changes;
        }
        tell_flags(opened, &now, dialect, reply);
        let before = opened.rows.len();
        opened.rows.extend(now.into_iter().filter(|row| row.uid > last_told));
        if opened.rows.len() > before {
            reply.line(&format!("* {} EXISTS", opened.rows.len()));
            if dialect != Dialect::Gmail {
                let recent = opened.rows.iter().filter(|row| row.uid >= opened.recent_from);
                reply.line(&format!("* {} RECENT", recent.count()));
            }
        }
    }
}

fn tell_expunged(opened: &mut Opened, now: &[Row], reply: &mut Reply) {
    let mut number = 0;
    opened.rows.retain(|row| {
        let stays = by_uid(now, row.uid).is_some();
        if stays {
            number += 1;
        } else {
            reply.line(&format!("* {} EXPUNGE", number + 1));
        }
        stays
    });
}

/// Flags that others changed. These lines carry no UID, as nobody asked for them.
fn tell_flags(opened: &mut Opened, now: &[Row], dialect: Dialect, reply: &mut Reply) {
    let manner = opened.manner(dialect);
    for (number, told) in (1..).zip(&mut opened.rows) {
        let Some(row) = by_uid(now, told.uid) else { continue };
        if !Arc::ptr_eq(&row.message, &told.message) && row.message.flags != told.message.flags {
            reply.data.extend(fetch::line(number, row, &[], &[Item::Flags], manner));
        }
        told.message = Arc::clone(&row.message);
    }
}
