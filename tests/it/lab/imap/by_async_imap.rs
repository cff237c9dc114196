//! What the client library of the product makes of the server.

use super::host::{Host, LIMIT, MAILBOX, PASSWORD, TOKEN, USER};
use async_imap::Authenticator;
use async_imap::extensions::idle::IdleResponse;
use async_imap::types::{Fetch, Flag, NameAttribute};
use futures_util::TryStreamExt;
use inboxqa::model::profile::Dialect::{self, Generic, Gmail, Outlook, Yahoo};

const ALL: [Dialect; 4] = [Gmail, Yahoo, Outlook, Generic];
const RAW: &[u8] = b"From: a@brand.example\r\nX-InboxQA-Token: 00ff\r\nSubject: {400000000}\r\n\r\nbody {3}\r\n)\r\n";

#[tokio::test]
async fn a_new_message_is_found_byte_for_byte() {
    for dialect in ALL {
        let host = Host::start(dialect).await;
        let mut session = host.session().await;
        let before = session.examine("INBOX").await.unwrap();
        let uid = host.deliver(RAW);
        assert_eq!(before.uid_next, Some(uid), "{dialect:?}");
        session.examine("INBOX").await.unwrap();
        let query = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])";
        let stream = session.uid_fetch(format!("{uid}:*"), query).await.unwrap();
        let fetched: Vec<Fetch> = stream.try_collect().await.unwrap();
        assert_eq!(fetched.len(), 1);
        assert_eq!(fetched[0].uid, Some(uid));
        assert_eq!(fetched[0].body().unwrap(), RAW, "{dialect:?}");
        let date = fetched[0].internal_date().unwrap();
        assert_eq!(date.timestamp(), super::host::AT.unix_timestamp(), "{dialect:?}");
        assert!(!fetched[0].flags().any(|flag| flag == Flag::Seen));
        session.logout().await.unwrap();
    }
}

#[tokio::test]
async fn nothing_new_still_gives_the_last_message() {
    let host = Host::start(Yahoo).await;
    let mut session = host.session().await;
    let next = session.examine("INBOX").await.unwrap().uid_next.unwrap();
    let stream = session.uid_fetch(format!("{next}:*"), "(UID)").await.unwrap();
    let fetched: Vec<Fetch> = stream.try_collect().await.unwrap();
    assert_eq!(fetched.len(), 1);
    assert!(fetched[0].uid.unwrap() < next);
}

#[tokio::test]
async fn the_junk_folder_shows_itself_by_attribute_or_by_name_alone() {
    for (dialect, name, attribute) in [
        (Gmail, "[Gmail]/Spam", true),
        (Yahoo, "Bulk", true),
        (Outlook, "Junk", false),
        (Generic, "Junk", true),
    ] {
        let host = Host::start(dialect).await;
        let mut session = host.session().await;
        let names: Vec<_> = session
            .list(None, Some("*"))
            .await
            .unwrap()
            .try_collect()
            .await
            .unwrap();
        let junk = names.iter().find(|found| found.name() == name).unwrap();
        let marked = junk.attributes().contains(&NameAttribute::Junk);
        assert_eq!(marked, attribute, "{dialect:?}");
        for found in &names {
            let open = session.examine(found.name()).await;
            let selectable = !found.attributes().contains(&NameAttribute::NoSelect);
            assert_eq!(open.is_ok(), selectable, "{dialect:?} {}", found.name());
        }
    }
}

#[tokio::test]
async fn idle_is_woken_by_mail() {
    for dialect in [Gmail, Outlook, Generic] {
        let host = Host::start(dialect).await;
        let mut session = host.session().await;
        let before = session.examine("INBOX").await.unwrap().exists;
        let mut idle = session.idle();
        idle.init().await.unwrap();
        let (wait, _stop) = idle.wait_with_timeout(LIMIT);
        host.deliver(RAW);
        let IdleResponse::NewData(data) = wait.await.unwrap() else {
            panic!("{dialect:?}: no news");
        };
        let exists = format!("{:?}", data.parsed());
        assert!(exists.contains(&format!("Exists({})", before + 1)), "{exists}");
        let mut session = idle.done().await.unwrap();
        session.noop().await.unwrap();
    }
    let host = Host::start(Yahoo).await;
    let mut session = host.session().await;
    assert!(!session.capabilities().await.unwrap().has_str("IDLE"));
}

struct XOAuth2 {
    token: &'static str,
    challenges: Vec<String>,
}

impl Authenticator for &mut XOAuth2 {
    type Response = String;

    fn process(&mut self, challenge: &[u8]) -> String {
        self.challenges.push(String::from_utf8_lossy(challenge).into_owned());
        match self.challenges.len() {
            1 => format!("user={USER}\x01auth=Bearer {}\x01\x01", self.token),
            _ => String::new(),
        }
    }
}

#[tokio::test]
async fn a_token_is_accepted_and_a_bad_one_explained() {
    for dialect in ALL {
        let host = Host::start(dialect).await;
        let mut good = XOAuth2 {
            token: TOKEN,
            challenges: Vec::new(),
        };
        let session = host.client().await.authenticate("XOAUTH2", &mut good).await;
        session.map_err(|(error, _)| error).unwrap().logout().await.unwrap();
        let mut bad = XOAuth2 {
            token: "expired",
            challenges: Vec::new(),
        };
        let refused = host.client().await.authenticate("XOAUTH2", &mut bad).await;
        assert!(refused.is_err(), "{dialect:?}");
        assert_eq!(bad.challenges.len(), 2);
        assert!(bad.challenges[1].starts_with("{\"status\":"), "{:?}", bad.challenges);
    }
}

#[tokio::test]
async fn gmail_tells_message_ids_labels_and_tabs() {
    let host = Host::start(Gmail).await;
    let filed = host
        .store
        .deliver_to_tab(MAILBOX, "promotions", RAW.to_vec(), super::host::AT)
        .unwrap();
    let mut session = host.session().await;
    session.examine("INBOX").await.unwrap();
    let found = session.uid_search("X-GM-RAW \"category:promotions\"").await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [filed.uid]);
    let items = "(UID X-GM-MSGID X-GM-LABELS)";
    let stream = session.uid_fetch(filed.uid.to_string(), items).await.unwrap();
    let inbox: Vec<Fetch> = stream.try_collect().await.unwrap();
    session.examine("[Gmail]/All Mail").await.unwrap();
    let stream = session.uid_fetch("*", items).await.unwrap();
    let all: Vec<Fetch> = stream.try_collect().await.unwrap();
    assert!(inbox[0].gmail_msg_id().is_some());
    assert_eq!(inbox[0].gmail_msg_id(), all[0].gmail_msg_id());
    let labels: Vec<String> = all[0].gmail_labels().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(labels, ["\\\\Inbox"], "the library leaves the escape in");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_never_written_down() {
    for dialect in ALL {
        let host = Host::start(dialect).await;
        let refused = host.client().await.login(USER, "guess-4711").await;
        assert!(refused.is_err());
        host.session().await.logout().await.unwrap();
        let said = format!("{:?}", host.world.transcripts.all());
        assert!(said.contains(" OK "), "{said}");
        for secret in [PASSWORD, "p w", "guess-4711"] {
            assert!(!said.contains(secret), "{secret} in {said}");
        }
        assert_eq!(host.world.transcripts.of(MAILBOX).len(), 1);
    }
}
