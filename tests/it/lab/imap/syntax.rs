//! Every byte the server says in an ordinary session is IMAP by the judgement of a parser that others wrote.

use super::host::{Host, MAILBOX};
use async_imap::imap_proto::Response;
use inboxqa::lab::imap::Filed;
use inboxqa::model::profile::Dialect::{self, Generic, Gmail, Outlook, Yahoo};

const RAW: &[u8] = b"From: a@brand.example\r\nX-Token: 1\r\nSubject: {99}\r\n\r\nbody ) {5}\r\n* BYE\r\n";

/// What a curious client asks; what one dialect refuses another knows.
const SCRIPT: &[&str] = &[
    "CAPABILITY",
    "ID (\"name\" \"inboxqa\")",
    "ENABLE CONDSTORE",
    "LIST \"\" \"\"",
    "LIST \"\" \"*\"",
    "LIST (SPECIAL-USE) \"\" \"*\" RETURN (SPECIAL-USE)",
    "LSUB \"\" \"%\"",
    "STATUS INBOX (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN)",
    "EXAMINE Nowhere",
    "SELECT INBOX",
    "NOOP",
    "UID SEARCH ALL",
    "UID SEARCH UNSEEN HEADER X-Token 1",
    "UID SEARCH X-GM-RAW \"category:primary\"",
    "UID FETCH 1:* (UID FLAGS INTERNALDATE RFC822.SIZE)",
    "UID FETCH * (BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[TEXT])",
    "UID FETCH * (BODY.PEEK[HEADER.FIELDS (X-Token Subject)])",
    "UID FETCH * (X-GM-MSGID X-GM-LABELS)",
    "UID FETCH * (EMAILID)",
    "FETCH 1 (BODY[])",
    "UID STORE * +FLAGS (\\Flagged $Label)",
    "UID COPY * Trash",
    "UID MOVE * Trash",
    "STORE 1 +FLAGS (\\Deleted)",
    "EXPUNGE",
    "UNSELECT",
    "XYZZY",
    "LOGOUT",
];

async fn talk(dialect: Dialect) -> Vec<u8> {
    let host = Host::start(dialect).await;
    let inbox = inboxqa::model::FolderRole::Inbox;
    let filed = host
        .store
        .deliver(MAILBOX, inbox, RAW.to_vec(), super::host::AT)
        .unwrap();
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    // Something to tell in passing: one comes, one changes its flags, one goes.
    host.deliver(RAW);
    host.raw_session().await.ask("SELECT INBOX").await;
    let old = Filed { uid: 1003, ..filed };
    host.store.move_message(MAILBOX, &old, "Trash").ok();
    for (number, command) in SCRIPT.iter().enumerate() {
        raw.send(format!("a{number} {command}\r\n").as_bytes()).await;
    }
    raw.rest().await
}

#[tokio::test]
async fn another_parser_reads_every_answer() {
    for dialect in [Gmail, Yahoo, Outlook, Generic] {
        let said = talk(dialect).await;
        let mut rest = said.as_slice();
        let mut tagged = 0;
        while !rest.is_empty() {
            match Response::parse(rest) {
                Ok((after, response)) => {
                    tagged += usize::from(matches!(response, Response::Done { .. }));
                    rest = after;
                }
                Err(_) => panic!("{dialect:?}: {}", rest[..rest.len().min(200)].escape_ascii()),
            }
        }
        assert_eq!(tagged, SCRIPT.len(), "{dialect:?}");
    }
}
