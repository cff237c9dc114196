//! Each fault does what its name says, as often as it says, and nothing else.

use super::host::{Host, MAILBOX};
use inboxqa::lab::imap::{Act, Point, Times};
use inboxqa::model::profile::Dialect::{Generic, Gmail, Outlook, Yahoo};

const RAW: &[u8] = b"From: a@brand.example\r\nSubject: new\r\n\r\nbody\r\n";

#[tokio::test]
async fn a_refused_login_knows_no_right_password() {
    let host = Host::start(Gmail).await;
    host.faults.arm("imap-refuse-login", None).unwrap();
    for _ in 0..3 {
        let login = host
            .client()
            .await
            .login(super::host::USER, super::host::PASSWORD)
            .await;
        assert!(login.is_err());
    }
    assert_eq!(host.faults.fired("imap-refuse-login"), 3);
}

#[tokio::test]
async fn a_fetch_is_cut_in_the_middle_and_works_the_next_time() {
    let host = Host::start(Generic).await;
    host.faults.arm("imap-drop", Some("fetch")).unwrap();
    let uid = host.deliver(&[b"Subject: long\r\n\r\n".as_slice(), &[b'x'; 10_000]].concat());
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    raw.send(format!("f UID FETCH {uid} (BODY.PEEK[])\r\n").as_bytes())
        .await;
    let cut = raw.rest().await;
    assert!(cut.len() > 1_000 && cut.len() < 10_000, "{} bytes", cut.len());
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    let answer = raw.ask(&format!("UID FETCH {uid} (BODY.PEEK[])")).await;
    assert!(answer.last().unwrap().starts_with("tag OK"));
}

#[tokio::test]
async fn a_fault_can_wait_for_the_message_and_never_recover() {
    let host = Host::start(Generic).await;
    host.faults.arm("imap-drop", Some("message:always")).unwrap();
    for _ in 0..4 {
        let mut raw = host.raw_session().await;
        raw.ask("EXAMINE INBOX").await;
        let listed = raw.ask("UID FETCH 1:* (UID FLAGS)").await;
        assert!(
            listed.last().unwrap().starts_with("tag OK"),
            "only bytes of messages are cut"
        );
        raw.send(b"f UID FETCH * (BODY.PEEK[HEADER])\r\n").await;
        let said = raw.rest().await;
        assert!(!String::from_utf8_lossy(&said).contains("f OK"));
    }
}

#[tokio::test]
async fn an_idle_is_cut_after_its_go_ahead() {
    let host = Host::start(Outlook).await;
    host.faults.arm("imap-drop", Some("idle")).unwrap();
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    raw.send(b"i IDLE\r\n").await;
    assert_eq!(raw.rest().await, b"+ idling\r\n");
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    raw.send(b"i IDLE\r\n").await;
    assert!(raw.line().await.unwrap().starts_with("+ "));
    host.deliver(RAW);
    assert_eq!(raw.line().await.unwrap(), "* 6 EXISTS\r\n");
}

#[tokio::test]
async fn a_no_is_worded_as_the_provider_would_and_leaves_the_session() {
    for (dialect, text) in [
        (Gmail, "tag NO System Error (Failure)"),
        (
            Yahoo,
            "tag NO [SERVERBUG] UID FETCH Server error - Please try again later",
        ),
        (Outlook, "tag NO Server Unavailable. 15"),
    ] {
        let host = Host::start(dialect).await;
        host.faults.arm("imap-no", Some("fetch:2")).unwrap();
        let mut raw = host.raw_session().await;
        raw.ask("EXAMINE INBOX").await;
        for _ in 0..2 {
            assert_eq!(raw.ask("UID FETCH 1:* (UID)").await, [text]);
        }
        let answer = raw.ask("UID FETCH 1:* (UID)").await;
        assert_eq!(answer.len(), 6, "{answer:?}");
    }
}

#[tokio::test]
async fn examine_and_list_can_be_refused() {
    let host = Host::start(Generic).await;
    host.faults.arm("imap-no", Some("examine")).unwrap();
    host.faults.arm("imap-no", Some("list")).unwrap();
    let mut raw = host.raw_session().await;
    for command in ["EXAMINE INBOX", "LIST \"\" \"*\""] {
        assert!(raw.ask(command).await[0].starts_with("tag NO [SERVERBUG]"));
        let open = raw.ask("UID FETCH * (UID)").await.last().unwrap().starts_with("tag OK");
        assert_eq!(
            open,
            command.starts_with("LIST"),
            "a refused EXAMINE leaves no folder open"
        );
        assert!(raw.ask(command).await.last().unwrap().starts_with("tag OK"));
    }
}

#[tokio::test]
async fn slowness_delays_each_answer() {
    let host = Host::start(Generic).await;
    let mut raw = host.raw_session().await;
    host.faults.arm("imap-slow", Some("0.2")).unwrap();
    let begin = std::time::Instant::now();
    raw.ask("NOOP").await;
    raw.ask("NOOP").await;
    assert!(begin.elapsed() >= std::time::Duration::from_millis(400));
}

#[tokio::test]
async fn a_fault_belongs_to_its_mailbox() {
    let mut host = Host::start(Generic).await;
    host.store.add_mailbox("seed-2", Generic);
    let account = inboxqa::lab::imap::ImapAccount::with_password("seed-2", inboxqa::model::Secret::new("two"));
    host.world
        .accounts
        .insert("seed.two@mailbox.example".to_owned(), account);
    let host = Host::serving(host.world.clone(), host.store.clone(), host.faults.clone()).await;
    host.faults.arm("imap-refuse-login", None).unwrap();
    let answer = host.raw().await.ask("LOGIN seed.two@mailbox.example two").await;
    assert!(answer.last().unwrap().starts_with("tag OK"));
    assert!(host.world.transcripts.of(MAILBOX).is_empty());
}

#[tokio::test]
async fn a_goodbye_can_come_at_any_point() {
    let host = Host::start(Yahoo).await;
    let bye = |point| {
        host.faults.plan(
            "bye",
            point,
            Act::Bye("IMAP4rev1 Server logging out".into()),
            Times::Count(1),
        )
    };
    for (point, command) in [
        (Point::Examine, "EXAMINE INBOX"),
        (Point::List, "LIST \"\" *"),
        (Point::Fetch, "UID FETCH 1:* (UID)"),
    ] {
        let mut raw = host.raw_session().await;
        raw.ask("EXAMINE INBOX").await;
        bye(point);
        raw.send(format!("b {command}\r\n").as_bytes()).await;
        assert_eq!(raw.rest().await, b"* BYE IMAP4rev1 Server logging out\r\n", "{command}");
    }
    bye(Point::Login);
    let mut raw = host.raw().await;
    raw.send(format!("b LOGIN {} x\r\n", super::host::USER).as_bytes())
        .await;
    assert_eq!(raw.rest().await, b"* BYE IMAP4rev1 Server logging out\r\n");
}

#[tokio::test]
async fn a_refusal_can_have_any_words() {
    let host = Host::start(Outlook).await;
    let words = "Request is throttled. Suggested Backoff Time: 92415 milliseconds";
    host.faults.plan(
        "throttled",
        Point::Examine,
        Act::RefuseWith(words.into()),
        Times::Count(1),
    );
    let mut raw = host.raw_session().await;
    assert_eq!(raw.ask("EXAMINE INBOX").await, [format!("tag NO {words}")]);
    assert!(raw.ask("EXAMINE INBOX").await.last().unwrap().starts_with("tag OK"));
}

#[tokio::test]
async fn a_literal_can_lie_about_its_length() {
    let host = Host::start(Generic).await;
    let uid = host.deliver(RAW);
    host.faults
        .plan("huge", Point::Fetch, Act::FalseLiteral(400_000_000), Times::Count(1));
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    let answer = raw.ask(&format!("UID FETCH {uid} (BODY.PEEK[])")).await;
    assert_eq!(answer[0], format!("* 6 FETCH (UID {uid} BODY[] {{400000000}}"));
    let honest = raw.ask(&format!("UID FETCH {uid} (BODY.PEEK[])")).await;
    assert_eq!(honest[0], format!("* 6 FETCH (UID {uid} BODY[] {{{}}}", RAW.len()));
}

#[tokio::test]
async fn silence_keeps_the_connection_open_and_says_nothing() {
    let host = Host::start(Gmail).await;
    host.faults.plan("hang", Point::Idle, Act::Silence, Times::Count(1));
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    raw.send(b"i IDLE\r\n").await;
    assert!(raw.line().await.unwrap().starts_with("+ "));
    host.deliver(RAW);
    raw.send(b"DONE\r\n").await;
    raw.send(b"n NOOP\r\n").await;
    // What shows that nothing came is that a second session sees the mail while the first still has no line.
    let other = host.raw_session().await.ask("STATUS INBOX (MESSAGES)").await;
    assert!(other[0].contains("MESSAGES 6"));
    assert!(raw.is_silent());
}

#[tokio::test]
async fn a_cut_fetch_needs_no_message_to_be_cut() {
    let host = Host::start(Generic).await;
    host.faults.arm("imap-drop", Some("fetch:always")).unwrap();
    let mut raw = host.raw_session().await;
    raw.ask("EXAMINE INBOX").await;
    raw.send(b"f UID FETCH 1:* (UID)\r\n").await;
    let said = raw.rest().await;
    assert!(!String::from_utf8_lossy(&said).contains("f OK"));
}
