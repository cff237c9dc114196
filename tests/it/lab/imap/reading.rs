//! Seeds stay as found: who reads with EXAMINE and BODY.PEEK leaves no trace, and who does not is seen.

use super::host::{AT, Host, MAILBOX};
use inboxqa::model::FolderRole;
use inboxqa::model::profile::Dialect::{Generic, Gmail, Outlook, Yahoo};

const RAW: &[u8] = b"From: a@brand.example\r\nSubject: novelty\r\n\r\nbody\r\n";

#[tokio::test]
async fn examine_and_peek_leave_every_flag() {
    for dialect in [Gmail, Yahoo, Outlook, Generic] {
        let host = Host::start(dialect).await;
        host.deliver(RAW);
        let before = host.store.flags(MAILBOX).unwrap();
        let mut raw = host.raw_session().await;
        for folder in ["INBOX", "Junk", "Bulk", "[Gmail]/Spam"] {
            raw.ask(&format!("EXAMINE \"{folder}\"")).await;
            raw.ask("UID FETCH 1:* (FLAGS BODY.PEEK[])").await;
            // Even a client that forgets to peek does no harm in a folder opened for reading.
            raw.ask("FETCH 1:* (BODY[] RFC822)").await;
            let refused = raw.ask("UID STORE 1:* +FLAGS (\\Seen)").await;
            assert!(!refused.last().unwrap().starts_with("tag OK"), "{refused:?}");
            let refused = raw.ask("EXPUNGE").await;
            assert!(!refused.last().unwrap().starts_with("tag OK"), "{refused:?}");
            raw.ask("CLOSE").await;
        }
        raw.ask("LOGOUT").await;
        let after = host.store.flags(MAILBOX).unwrap();
        assert_eq!(after.changes_since(&before), Vec::<String>::new());
        assert_eq!(after, before);
    }
}

#[tokio::test]
async fn a_careless_reader_is_seen() {
    let host = Host::start(Generic).await;
    let uid = host.deliver(RAW);
    let before = host.store.flags(MAILBOX).unwrap();
    let mut raw = host.raw_session().await;
    raw.ask("SELECT INBOX").await;
    let taken = host.store.flags(MAILBOX).unwrap().changes_since(&before);
    assert_eq!(taken, [format!("INBOX {uid}: was (\\Recent), is ()")]);
    let answer = raw.ask(&format!("UID FETCH {uid} (BODY[TEXT])")).await;
    assert!(answer.iter().any(|line| line.contains("\\Seen")), "{answer:?}");
    let seen = host.store.flags(MAILBOX).unwrap().changes_since(&before);
    assert_eq!(seen, [format!("INBOX {uid}: was (\\Recent), is (\\Seen)")]);
}

#[tokio::test]
async fn header_fields_parts_and_sizes() {
    let host = Host::start(Generic).await;
    let uid = host.deliver(b"From: a@brand.example\r\nX-Token: 1\r\n 2\r\nSubject: s\r\n\r\n0123456789\r\n");
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    let items = "(RFC822.SIZE BODY.PEEK[HEADER.FIELDS (x-token)] BODY.PEEK[TEXT]<2.3>)";
    let answer = raw.ask(&format!("UID FETCH {uid} {items}")).await;
    let answer = answer.join("\n");
    assert!(answer.contains("RFC822.SIZE 65 "), "{answer}");
    assert!(
        answer.contains("BODY[HEADER.FIELDS (x-token)] {18}\nX-Token: 1\n 2\n\n"),
        "{answer}"
    );
    assert!(answer.contains("BODY[TEXT]<2> {3}\n234)"), "{answer}");
}

#[tokio::test]
async fn mail_that_comes_shows_only_after_a_command_that_may_tell() {
    let host = Host::start(Outlook).await;
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    let uid = host.deliver(RAW);
    let answer = raw.ask(&format!("UID FETCH {uid}:* (UID)")).await;
    assert!(
        !answer[0].contains(&format!("UID {uid}")),
        "the client was not told yet: {answer:?}"
    );
    assert!(answer.contains(&"* 6 EXISTS".to_owned()), "but it is now: {answer:?}");
    let answer = raw.ask(&format!("UID FETCH {uid}:* (UID)")).await;
    assert_eq!(answer[0], format!("* 6 FETCH (UID {uid})"));
}

#[tokio::test]
async fn a_moved_message_leaves_one_folder_and_comes_to_another() {
    let host = Host::start(Gmail).await;
    let filed = host
        .store
        .deliver(MAILBOX, FolderRole::Inbox, RAW.to_vec(), AT)
        .unwrap();
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    let before = raw.ask(&format!("UID FETCH {} (X-GM-MSGID)", filed.uid)).await;
    let moved = host.store.move_message(MAILBOX, &filed, "[Gmail]/Spam").unwrap();
    let gone = raw.ask(&format!("UID FETCH {} (X-GM-MSGID)", filed.uid)).await;
    assert_eq!(gone[0], "* 6 EXPUNGE", "{gone:?}");
    raw.ask("EXAMINE \"[Gmail]/All Mail\"").await;
    let all = raw.ask("UID SEARCH SUBJECT novelty").await;
    assert_eq!(all[0], "* SEARCH", "junk is not in All Mail");
    raw.ask("EXAMINE \"[Gmail]/Spam\"").await;
    let after = raw.ask(&format!("UID FETCH {} (X-GM-MSGID)", moved.uid)).await;
    let id = |lines: &[String]| lines[0].split("X-GM-MSGID ").nth(1).map(str::to_owned);
    assert_eq!(id(&before), id(&after));
}

#[tokio::test]
async fn a_new_uidvalidity_ends_the_session() {
    let host = Host::start(Generic).await;
    let mut raw = host.raw_session().await;
    let before = raw.ask("STATUS INBOX (UIDVALIDITY UIDNEXT)").await;
    raw.ask("EXAMINE INBOX").await;
    host.store.bump_uidvalidity(MAILBOX, "INBOX").unwrap();
    raw.ask("NOOP").await;
    assert!(raw.line().await.is_none());
    let after = host.raw_session().await.ask("STATUS INBOX (UIDVALIDITY UIDNEXT)").await;
    assert_ne!(before, after);
    assert!(after[0].ends_with("UIDNEXT 6)"), "{after:?}");
}

#[tokio::test]
async fn cleaning_up_removes_only_what_was_marked() {
    let host = Host::start(Generic).await;
    let before = host.store.flags(MAILBOX).unwrap();
    let uid = host.deliver(RAW);
    let mut raw = host.raw_session().await;
    raw.ask("SELECT INBOX").await;
    raw.ask(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await;
    let answer = raw.ask(&format!("UID EXPUNGE {uid}")).await;
    assert_eq!(answer[0], "* 6 EXPUNGE", "{answer:?}");
    raw.ask("LOGOUT").await;
    assert_eq!(host.store.flags(MAILBOX).unwrap(), before);
}

#[tokio::test]
async fn gmail_forgets_only_what_is_in_the_trash() {
    let host = Host::start(Gmail).await;
    let uid = host.deliver(RAW);
    let mut raw = host.raw_session().await;
    let holds = |folder: &str| {
        let rows = host.store.messages(MAILBOX, folder).unwrap();
        rows.iter().any(|row| &*row.message.raw == RAW)
    };
    raw.ask("SELECT INBOX").await;
    raw.ask(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)")).await;
    raw.ask("EXPUNGE").await;
    assert!(
        !holds("INBOX") && holds("[Gmail]/All Mail"),
        "expunged from the inbox is archived"
    );
    raw.ask("SELECT \"[Gmail]/All Mail\"").await;
    let moved = raw.ask("UID MOVE * \"[Gmail]/Trash\"").await;
    assert!(moved[0].starts_with("* OK [COPYUID "), "{moved:?}");
    assert!(!holds("[Gmail]/All Mail") && holds("[Gmail]/Trash"));
    raw.ask("SELECT \"[Gmail]/Trash\"").await;
    raw.ask("UID STORE * +FLAGS.SILENT (\\Deleted)").await;
    raw.ask("EXPUNGE").await;
    assert!(!holds("[Gmail]/Trash"));
}
