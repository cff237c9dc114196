//! What one IMAP host serves: the mailboxes, who may log in, how it speaks, how it misbehaves, what was said.

use super::account::Accounts;
use super::faults::ImapFaults;
use super::store::MailStore;
use super::transcript::Transcripts;
use crate::model::profile::Dialect;
use std::collections::BTreeMap;

/// One IMAP host. Clones share store, counters and transcripts.
#[derive(Clone)]
pub struct ImapWorld {
    /// How the host speaks.
    pub dialect: Dialect,
    /// Accounts by user name.
    pub accounts: Accounts,
    /// All mailboxes.
    pub store: MailStore,
    /// Faults by mailbox.
    pub faults: BTreeMap<String, ImapFaults>,
    /// Transcripts of all connections.
    pub transcripts: Transcripts,
}

impl ImapWorld {
    /// A host without accounts.
    pub fn new(dialect: Dialect, store: MailStore) -> ImapWorld {
        ImapWorld {
            dialect,
            accounts: Accounts::new(),
            store,
            faults: BTreeMap::new(),
            transcripts: Transcripts::new(),
        }
    }
}
