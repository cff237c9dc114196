//! Floor 3: IMAP seed mailboxes: sessions in which every command is checked, and the watcher.
