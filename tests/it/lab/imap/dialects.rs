//! What the providers do differently, line by line.

use super::host::{Host, MAILBOX, TOKEN, USER};
use base64::Engine;
use inboxqa::lab::imap::layout;
use inboxqa::model::profile::Dialect::{self, Generic, Gmail, Outlook, Yahoo};

fn has(answer: &[String], wanted: &str) -> bool {
    answer.iter().any(|line| line == wanted)
}

#[tokio::test]
async fn capabilities_before_and_after_login() {
    for (dialect, idle, special_use, gmail) in [
        (Gmail, true, true, true),
        (Yahoo, false, false, false),
        (Outlook, true, false, false),
        (Generic, true, true, false),
    ] {
        let host = Host::start(dialect).await;
        let before = host.raw().await.ask("CAPABILITY").await;
        let after = host.raw_session().await.ask("CAPABILITY").await;
        let words: Vec<&str> = after[0].split(' ').collect();
        assert!(before[0].contains("AUTH=PLAIN"));
        assert_eq!(words.contains(&"IDLE"), idle, "{dialect:?}");
        assert_eq!(words.contains(&"SPECIAL-USE"), special_use, "{dialect:?}");
        assert_eq!(words.contains(&"X-GM-EXT-1"), gmail, "{dialect:?}");
    }
}

#[tokio::test]
async fn folders_as_the_providers_list_them() {
    for (dialect, lines) in [
        (
            Gmail,
            &[
                r#"* LIST (\HasNoChildren) "/" "INBOX""#,
                r#"* LIST (\HasChildren \Noselect) "/" "[Gmail]""#,
                r#"* LIST (\All \HasNoChildren) "/" "[Gmail]/All Mail""#,
                r#"* LIST (\HasNoChildren \Junk) "/" "[Gmail]/Spam""#,
                r#"* LIST (\HasNoChildren) "/" "Gr&APYA3w-en &- Ma&AN8-e""#,
            ][..],
        ),
        (
            Yahoo,
            &[
                r#"* LIST (\Junk \HasNoChildren) "/" "Bulk""#,
                r#"* LIST (\HasNoChildren) "/" "Inbox""#,
            ],
        ),
        (
            Outlook,
            &[
                r#"* LIST (\HasNoChildren) "/" Junk"#,
                r#"* LIST (\HasNoChildren) "/" INBOX"#,
            ],
        ),
        (
            Generic,
            &[
                r#"* LIST (\HasNoChildren \Junk) "." Junk"#,
                r#"* LIST (\HasNoChildren) "." "Belege.Gr&APYA3w-en &- Ma&AN8-e""#,
            ],
        ),
    ] {
        let host = Host::start(dialect).await;
        let answer = host.raw_session().await.ask("LIST \"\" \"*\"").await;
        for line in lines {
            assert!(has(&answer, line), "{dialect:?} {line}: {answer:#?}");
        }
    }
}

#[tokio::test]
async fn listing_by_use_only_where_it_is_offered() {
    for (dialect, offered) in [(Gmail, true), (Yahoo, false), (Outlook, false), (Generic, true)] {
        let host = Host::start(dialect).await;
        let mut raw = host.raw_session().await;
        let answer = raw.ask("LIST (SPECIAL-USE) \"\" \"*\" RETURN (STATUS (UIDNEXT))").await;
        assert_eq!(answer.last().unwrap().starts_with("tag OK"), offered, "{answer:?}");
        if offered {
            assert!(answer.iter().any(|line| line.starts_with("* STATUS ")), "{answer:?}");
            assert!(!answer.iter().any(|line| line.ends_with("INBOX")), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn the_junk_folder_of_exchange_online_has_another_name() {
    let host = Host::start(Outlook).await;
    host.store.add_mailbox_with(MAILBOX, Outlook, layout::microsoft365());
    let mut raw = host.raw_session().await;
    let answer = raw.ask("LIST \"\" \"*\"").await;
    assert!(
        has(&answer, r#"* LIST (\HasNoChildren) "/" "Junk Email""#),
        "{answer:#?}"
    );
    assert!(
        raw.ask("EXAMINE \"Junk Email\"")
            .await
            .last()
            .unwrap()
            .starts_with("tag OK")
    );
    assert_eq!(raw.ask("EXAMINE Junk").await, ["tag NO Junk doesn't exist."]);
}

#[tokio::test]
async fn refusals_in_the_providers_words() {
    for (dialect, password, token, folder) in [
        (
            Gmail,
            "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
            "[AUTHENTICATIONFAILED] Invalid credentials (Failure)",
            "[NONEXISTENT] Unknown Mailbox: Nope (Failure)",
        ),
        (
            Yahoo,
            "[AUTHENTICATIONFAILED] LOGIN Invalid credentials",
            "[AUTHENTICATIONFAILED] (#AUTH901) The provided OAuth2 access token is invalid",
            "[TRYCREATE] EXAMINE error - Folder does not exist or server encountered an error",
        ),
        (Outlook, "LOGIN failed.", "AUTHENTICATE failed.", "Nope doesn't exist."),
    ] {
        let host = Host::start(dialect).await;
        let answer = host.raw().await.ask(&format!("LOGIN {USER} wrong")).await;
        assert_eq!(answer, [format!("tag NO {password}")]);
        let mut raw = host.raw().await;
        let expired = format!("user={USER}\x01auth=Bearer expired\x01\x01");
        let expired = base64::engine::general_purpose::STANDARD.encode(expired);
        raw.send(format!("a AUTHENTICATE XOAUTH2 {expired}\r\n").as_bytes())
            .await;
        assert!(raw.line().await.unwrap().starts_with("+ eyJ"));
        raw.send(b"\r\n").await;
        assert_eq!(raw.until("a").await, [format!("tag NO {token}")]);
        let answer = host.raw_session().await.ask("EXAMINE Nope").await;
        assert_eq!(answer, [format!("tag NO {folder}")]);
    }
}

#[tokio::test]
async fn passwords_can_be_out_of_use() {
    let mut host = Host::start(Outlook).await;
    let account = host.world.accounts.get_mut(USER).unwrap();
    account.password = None;
    let world = host.world.clone();
    let host = Host::serving(world, host.store.clone(), host.faults.clone()).await;
    let answer = host.raw().await.ask(&format!("LOGIN {USER} \"\"")).await;
    assert_eq!(answer, ["tag NO LOGIN failed."]);
    let good = base64::engine::general_purpose::STANDARD.encode(format!("user={USER}\x01auth=Bearer {TOKEN}\x01\x01"));
    let answer = host.raw().await.ask(&format!("AUTHENTICATE XOAUTH2 {good}")).await;
    assert_eq!(answer, ["tag OK AUTHENTICATE completed."]);
}

#[tokio::test]
async fn exchange_has_its_own_ideas() {
    let host = Host::start(Outlook).await;
    let mut raw = host.raw_session().await;
    assert!(raw.ask("ID ()").await[0].starts_with("tag BAD"));
    assert!(raw.ask("ID (\"name\" \"inboxqa\")").await[0].starts_with("* ID ("));
    raw.ask("EXAMINE INBOX").await;
    let uid = host.deliver(b"Subject: s\r\n\r\nx\r\n");
    // News come before the go-ahead.
    raw.send(b"i IDLE\r\n").await;
    assert_eq!(raw.line().await.unwrap(), "* 6 EXISTS\r\n");
    assert_eq!(raw.line().await.unwrap(), "* 1 RECENT\r\n");
    assert!(raw.line().await.unwrap().starts_with("+ "));
    raw.send(b"DONE\r\n").await;
    assert_eq!(raw.until("i").await, ["tag OK IDLE completed."]);
    let answer = raw.ask(&format!("UID FETCH {uid} (RFC822.SIZE)")).await;
    assert_eq!(
        answer[0],
        format!("* 6 FETCH (RFC822.SIZE 24 UID {uid})"),
        "17 bytes in truth"
    );
}

#[tokio::test]
async fn header_searches_find_nothing_where_the_index_has_none() {
    for (dialect, finds) in [(Gmail, true), (Yahoo, false), (Outlook, false), (Generic, true)] {
        let host = Host::start(dialect).await;
        let uid = host.deliver(b"X-Token: 00ff\r\nSubject: s\r\n\r\nx\r\n");
        let mut raw = host.raw_session().await;
        raw.ask("EXAMINE INBOX").await;
        let answer = raw.ask("UID SEARCH HEADER X-Token 00ff").await;
        let expected = if finds {
            format!("* SEARCH {uid}")
        } else {
            "* SEARCH".to_owned()
        };
        assert_eq!(answer[0], expected, "{dialect:?}");
        let gmail = raw.ask("UID SEARCH X-GM-RAW \"category:primary\"").await;
        assert_eq!(gmail.last().unwrap().starts_with("tag OK"), dialect == Gmail);
    }
}

#[tokio::test]
async fn without_tabs_there_is_no_category() {
    let host = Host::start(Gmail).await;
    host.store.set_tabs(MAILBOX, false).unwrap();
    let uid = host.deliver(b"Subject: s\r\n\r\nx\r\n");
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    let answer = raw.ask("UID SEARCH X-GM-RAW \"category:primary\"").await;
    assert!(!answer[0].contains(&uid.to_string()), "{answer:?}");
}

#[tokio::test]
async fn yahoo_writes_short_sections_in_quotes_and_gives_all_folders_one_uidvalidity() {
    let host = Host::start(Yahoo).await;
    let uid = host.deliver(b"Subject: s\r\n\r\nno line break");
    let mut raw = host.raw_session().await;
    let validity = |answer: Vec<String>| answer.into_iter().find(|line| line.contains("UIDVALIDITY"));
    let bulk = validity(raw.ask("EXAMINE Bulk").await);
    assert_eq!(validity(raw.ask("EXAMINE INBOX").await), bulk);
    let answer = raw.ask(&format!("UID FETCH {uid} (BODY.PEEK[TEXT])")).await;
    assert_eq!(answer[0], format!("* 6 FETCH (UID {uid} BODY[TEXT] \"no line break\")"));
}

#[tokio::test]
async fn no_mailbox_is_empty_before_a_run() {
    for dialect in [Gmail, Yahoo, Outlook, Generic] as [Dialect; 4] {
        let host = Host::start(dialect).await;
        let answer = host
            .raw_session()
            .await
            .ask("STATUS INBOX (MESSAGES UIDNEXT UNSEEN)")
            .await;
        assert!(answer[0].ends_with("(MESSAGES 5 UIDNEXT 1043 UNSEEN 2)"), "{answer:?}");
    }
}
