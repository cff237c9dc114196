//! What lies in every seed mailbox before a run: old mail with all kinds of flags, UIDs with holes, counters far from 1.
//! A client that confuses numbers with UIDs, or forgets its baseline, meets them.

use super::layout::FolderPlan;
use super::mailbox::{Folder, Mailbox, Message};
use crate::model::FolderRole;
use crate::model::profile::Dialect;
use std::sync::Arc;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The oldest of the old mail.
const BEGINNING: OffsetDateTime = datetime!(2025-03-07 08:15:00 UTC);

/// Old mail by folder: UID, subject, flags.
const OLD: &[(FolderRole, &[OldMail])] = &[
    (
        FolderRole::Inbox,
        &[
            (1003, "Welcome to your new mailbox", &["\\Seen"]),
            (1017, "Your invoice for March", &["\\Seen", "\\Answered"]),
            (1018, "Minutes of Thursday", &["\\Seen", "\\Flagged"]),
            (1031, "Re: Minutes of Thursday", &[]),
            (1040, "Two factors are better than one", &[]),
        ],
    ),
    (
        FolderRole::Junk,
        &[(31, "You have won", &[]), (36, "Last chance", &["\\Seen"])],
    ),
    (FolderRole::Trash, &[(12, "Out of date", &["\\Seen"])]),
    (FolderRole::Archive, &[(7, "Kept for later", &["\\Seen"])]),
];

type OldMail = (u32, &'static str, &'static [&'static str]);

/// A mailbox with its folders and its old mail.
pub fn furnished(dialect: Dialect, plans: Vec<FolderPlan>) -> Mailbox {
    let numbered = plans.into_iter().zip(0..);
    let folders = numbered.map(|(plan, index)| Folder::new(plan, uid_validity(dialect, index)));
    let mut mailbox = Mailbox::new(dialect, folders.collect());
    let mut age = 0;
    for (role, mails) in OLD {
        let Some(at) = mailbox.role(*role) else { continue };
        for (uid, subject, flags) in *mails {
            if let Some(folder) = mailbox.folder_mut(at) {
                folder.uid_next = *uid;
            }
            age += 1;
            let date = BEGINNING + Duration::hours(31 * age);
            mailbox.file(at, old_message(subject, flags, date));
        }
    }
    for at in 0..mailbox.folders().len() {
        if let Some(folder) = mailbox.folder_mut(at) {
            // Something was here and is gone, except in folders that were never used.
            folder.uid_next += if folder.uid_next > 1 { 2 } else { 0 };
            folder.recent_from = folder.uid_next;
        }
    }
    mailbox
}

/// Yahoo gives every folder the same UIDVALIDITY; the others do not.
fn uid_validity(dialect: Dialect, index: u32) -> u32 {
    match dialect {
        Dialect::Gmail => 1 + index,
        Dialect::Yahoo => 1,
        Dialect::Outlook => 14 + index,
        Dialect::Generic => 1_741_335_300 + index,
    }
}

fn old_message(subject: &str, flags: &[&str], date: OffsetDateTime) -> Message {
    let rfc2822 = &time::format_description::well_known::Rfc2822;
    let stamp = date.format(rfc2822).unwrap_or_default();
    let id = date.unix_timestamp();
    let raw = format!(
        "Received: from out.letters.example (out.letters.example [192.0.2.25]) by mx.mailbox.example; {stamp}\r\n\
         From: Old Letters <post@letters.example>\r\n\
         To: seed@mailbox.example\r\n\
         Subject: {subject}\r\n\
         Date: {stamp}\r\n\
         Message-ID: <{id}@letters.example>\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=utf-8\r\n\
         \r\n\
         {subject}.\r\n\
         This message was here before.\r\n"
    );
    Message {
        raw: Arc::from(raw.into_bytes()),
        internal_date: date,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        tab: Some("primary".to_owned()),
        gmail_id: 0,
    }
}
