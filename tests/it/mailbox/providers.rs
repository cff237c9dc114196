//! Mailboxes as people really have them: in their own language, and full.

use super::seed::{LONG, SEED, Seed, arrival, mail, token, watch};
use inboxqa::lab::imap::layout::{self, FolderPlan};
use inboxqa::mailbox::{FoundBy, examine_login};
use inboxqa::model::FolderRole;
use inboxqa::model::profile::Dialect;

async fn junk_of(dialect: Dialect, folders: Vec<FolderPlan>) -> (String, FoundBy, String) {
    let seed = Seed::with_folders(dialect, folders).await;
    let report = examine_login(&seed.account, &seed.net).await.unwrap();
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    let known = report
        .folders
        .iter()
        .find(|folder| folder.role == FolderRole::Junk)
        .unwrap();
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    seed.deliver(FolderRole::Junk, &mail(&token(1)));
    let watched = watch(ticket, LONG).await;
    let resting = arrival(&watched).resting().clone();
    assert_eq!(resting.role, FolderRole::Junk);
    (known.name.clone(), known.found_by, resting.folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn junk_is_junk_in_german_and_in_french() {
    let (known, by, seen) = junk_of(Dialect::Gmail, layout::gmail_german()).await;
    assert_eq!(
        (known.as_str(), by, seen.as_str()),
        ("[Google Mail]/Spam", FoundBy::SpecialUse, "[Google Mail]/Spam")
    );
    let (known, by, seen) = junk_of(Dialect::Outlook, layout::microsoft365_french()).await;
    assert_eq!(
        (known.as_str(), by, seen.as_str()),
        ("Courrier indésirable", FoundBy::KnownName, "Courrier indésirable")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn among_two_hundred_thousand_messages_only_new_ones_are_asked_for() {
    let seed = Seed::start(Dialect::Outlook).await;
    seed.store.fill(SEED, "INBOX", 200_000).unwrap();
    let baseline = seed.marks().await;
    let inbox = baseline.iter().find(|mark| mark.folder == "INBOX").unwrap();
    assert!(inbox.uid_next > 200_000);
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    seed.deliver(FolderRole::Inbox, &mail(&token(1)));
    let watched = watch(ticket, LONG).await;
    assert_eq!(arrival(&watched).copies.len(), 1);
    watcher.close().await;
    let commands = seed.commands();
    let mut open = None;
    let mut fetched = 0;
    for line in &commands {
        if let Some(name) = line.split("EXAMINE ").nth(1) {
            open = baseline
                .iter()
                .find(|mark| name.trim_matches(['"', '\\']) == mark.folder);
        }
        let set = line.split("UID FETCH ").nth(1).and_then(|rest| rest.split(' ').next());
        if let (Some(set), Some(mark)) = (set, open) {
            let first: u32 = set.split([':', ',']).next().unwrap().parse().unwrap();
            assert!(
                first >= mark.uid_next,
                "{line} in {}: asks for what was there before",
                mark.folder
            );
            fetched += 1;
        }
    }
    assert!(
        fetched > 0 && commands.iter().all(|line| !line.contains("SEARCH ALL")),
        "{commands:?}"
    );
}
