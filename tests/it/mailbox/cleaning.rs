//! Removing old test messages: ours go, everything else stays, with every provider's way of removing.

use super::dovecot::{USER, door};
use super::seed::{SEED, Seed, mail, token};
use crate::real::dovecot::Dovecot;
use inboxqa::lab::imap::layout;
use inboxqa::mailbox::{find_tests, remove_tests};
use inboxqa::model::FolderRole;
use inboxqa::model::profile::Dialect;
use time::{Duration, OffsetDateTime};

fn soon() -> OffsetDateTime {
    OffsetDateTime::now_utc() + Duration::hours(1)
}

/// Every message of every folder, by folder and UID.
fn contents(seed: &Seed, dialect: Dialect) -> Vec<(String, Vec<u32>)> {
    let folders = layout::usual(dialect).into_iter().filter(|plan| plan.selectable);
    let of = |name: &str| {
        seed.store
            .messages(SEED, name)
            .unwrap()
            .iter()
            .map(|row| row.uid)
            .collect()
    };
    folders.map(|plan| (plan.name.clone(), of(&plan.name))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_go_and_everything_else_stays() {
    for dialect in [Dialect::Gmail, Dialect::Yahoo, Dialect::Outlook, Dialect::Generic] {
        let seed = Seed::start(dialect).await;
        let before = contents(&seed, dialect);
        let flags = seed.store.flags(SEED).unwrap();
        seed.deliver(FolderRole::Inbox, &mail(&token(1)));
        seed.deliver(FolderRole::Junk, &mail(&token(2)));
        let foreign = b"From: a@b.example\r\nSubject: X-InboxQA-Token: 00\r\nX-InboxQA-Token: not one\r\n\r\nX-InboxQA-Token: 11\r\n";
        let foreign = seed.deliver(FolderRole::Inbox, foreign);
        let found = find_tests(&seed.account, &seed.net, soon()).await.unwrap();
        assert_eq!(found.messages.len(), 2, "{dialect:?}: {found:?}");
        assert!(found.unseen.is_empty(), "{found:?}");
        assert!(
            seed.store.flags(SEED).unwrap().changes_since(&flags).is_empty(),
            "finding changed something"
        );

        let cleaned = remove_tests(&seed.account, &seed.net, &found.messages).await.unwrap();
        assert!(cleaned.left.is_empty(), "{cleaned:?}");
        let expected = if dialect == Dialect::Gmail { (0, 2) } else { (2, 0) };
        assert_eq!((cleaned.removed, cleaned.to_trash), expected, "{dialect:?}");
        for (folder, uids) in contents(&seed, dialect) {
            let before = &before.iter().find(|(name, _)| *name == folder).unwrap().1;
            let mut expected = before.clone();
            if folder == foreign.folder {
                expected.push(foreign.uid);
            }
            let ours_in_trash = folder.ends_with("/Trash") && dialect == Dialect::Gmail;
            let all_mail = folder.ends_with("/All Mail");
            if ours_in_trash {
                assert_eq!(uids.len(), before.len() + 2);
            } else if all_mail {
                assert_eq!(uids.len(), before.len() + 1, "the foreign message is in All Mail too");
            } else {
                assert_eq!(uids, expected, "{dialect:?} {folder}");
            }
        }
        assert!(
            seed.store.flags(SEED).unwrap().changes_since(&flags).is_empty(),
            "{dialect:?}: a foreign message was changed"
        );
        assert!(
            find_tests(&seed.account, &seed.net, soon())
                .await
                .unwrap()
                .messages
                .is_empty()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_young_stays_and_a_uid_that_means_something_else_now_is_left_alone() {
    let seed = Seed::start(Dialect::Outlook).await;
    seed.deliver(FolderRole::Inbox, &mail(&token(1)));
    let yesterday = OffsetDateTime::now_utc() - Duration::days(1);
    assert!(
        find_tests(&seed.account, &seed.net, yesterday)
            .await
            .unwrap()
            .messages
            .is_empty()
    );
    let mut found = find_tests(&seed.account, &seed.net, soon()).await.unwrap().messages;
    // Somebody else's message under the UID we were told of.
    let other = seed.deliver(FolderRole::Inbox, b"From: a@b.example\r\n\r\nkeep me\r\n");
    found[0].uid = other.uid;
    let cleaned = remove_tests(&seed.account, &seed.net, &found).await.unwrap();
    assert_eq!((cleaned.removed, cleaned.to_trash), (0, 0));
    assert!(cleaned.left[0].contains("not there any more"), "{cleaned:?}");
    let uids: Vec<u32> = seed
        .store
        .messages(SEED, "INBOX")
        .unwrap()
        .iter()
        .map(|row| row.uid)
        .collect();
    assert!(uids.contains(&other.uid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_dovecot_loses_ours_and_keeps_what_somebody_else_marked_as_deleted() {
    let Some(dovecot) = Dovecot::start("a_real_dovecot_loses_ours_and_keeps_what_somebody_else_marked_as_deleted")
    else {
        return;
    };
    dovecot.deliver(USER, "INBOX", b"From: a@b.example\r\nSubject: keep\r\n\r\nkeep me\r\n");
    dovecot.doveadm(&["flags", "add", "-u", USER, "\\Deleted", "mailbox", "INBOX", "all"]);
    dovecot.deliver(USER, "INBOX", &mail(&token(1)));
    dovecot.deliver(USER, "Größen & Maße", &mail(&token(2)));
    let (account, net) = door(&dovecot);
    let found = find_tests(&account, &net, soon()).await.unwrap();
    assert_eq!(found.messages.len(), 2, "{found:?}");
    let cleaned = remove_tests(&account, &net, &found.messages).await.unwrap();
    assert_eq!((cleaned.removed, cleaned.to_trash, cleaned.left.len()), (2, 0, 0));
    let left = dovecot.doveadm(&["fetch", "-u", USER, "hdr.subject", "all"]);
    assert_eq!(left.matches("hdr.subject").count(), 1, "{left}");
    assert!(left.contains("keep"), "{left}");
}
