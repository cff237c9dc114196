//! The watcher on servers that cheat while they answer: nothing they do becomes a false "missing", a judged fragment, or a loop.

use super::script::{Act, Ask, LIST, Server, leave, say};
use super::seed::{LONG, arrival, blind, mail, timing, token};
use inboxqa::mailbox::{Account, Watched, Watcher, baseline};
use inboxqa::model::{MatchedBy, Probe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Watches one message on a scripted server that is asked for its baseline first (connection 0).
async fn watched(server: &Server, give_up: Duration) -> Watched {
    watched_as(server, server.account(), give_up).await
}

async fn watched_as(server: &Server, account: Account, give_up: Duration) -> Watched {
    let marks = baseline(&account, &server.net).await.unwrap();
    let watcher = Watcher::open(account, server.net.clone(), marks, CancellationToken::new());
    watcher.expect(token(1)).watch(timing(give_up)).await
}

/// Answers as a mailbox with one new message, UID 10, in INBOX.
fn inbox(ask: &Ask) -> Option<Act> {
    let raw = String::from_utf8(mail(&token(1))).unwrap();
    let header = &raw[..raw.find("\r\n\r\n").unwrap() + 4];
    let fetch = |section: &str, text: &str| {
        say(&format!(
            "* 4 FETCH (UID 10 {section} {{{}}}\r\n{text})\r\n{{tag}} OK done\r\n",
            text.len()
        ))
    };
    match (ask.verb.as_str(), ask.rest.as_str()) {
        ("LIST", _) => say("* LIST () \"/\" INBOX\r\n{tag} OK done\r\n"),
        ("FETCH", rest) if ask.connection == 0 || !rest.starts_with("10") => say("{tag} OK done\r\n"),
        ("FETCH", rest) if rest.contains("RFC822.SIZE") => say(&format!(
            "* 4 FETCH (UID 10 RFC822.SIZE {} INTERNALDATE \"23-Nov-2026 10:00:00 +0000\")\r\n{{tag}} OK done\r\n",
            raw.len()
        )),
        ("FETCH", rest) if rest.contains("[HEADER]") => fetch("BODY[HEADER]", header),
        ("FETCH", _) => fetch("BODY[]", &raw),
        _ => None,
    }
}

#[tokio::test]
async fn a_well_behaved_script_is_seen() {
    let server = Server::start(inbox).await;
    assert_eq!(arrival(&watched(&server, LONG).await).raw.0, mail(&token(1)));
}

#[tokio::test]
async fn a_body_that_is_cut_is_fetched_again_and_never_judged() {
    let whole = mail(&token(1)).len();
    for cut in [0, 1, whole / 2, whole - 1] {
        let cuts = AtomicUsize::new(0);
        let server = Server::start(move |ask| {
            let body = ask.verb == "FETCH" && ask.rest.contains("BODY.PEEK[])");
            if body && cuts.fetch_add(1, Ordering::SeqCst) == 0 {
                let mut part = format!("* 4 FETCH (UID 10 BODY[] {{{whole}}}\r\n").into_bytes();
                part.extend_from_slice(&mail(&token(1))[..cut]);
                return Some(Act::SayAndClose(part));
            }
            inbox(ask)
        })
        .await;
        let watched = watched(&server, LONG).await;
        assert_eq!(arrival(&watched).raw.0, mail(&token(1)), "cut at {cut}");
        assert_eq!(watched.log.gaps[0].code, "imap-dropped");
    }
}

#[tokio::test]
async fn a_message_that_is_listed_but_never_handed_out_proves_nothing() {
    // Exchange answers OK with nothing for some messages, at the headers or at the body.
    for silent in ["[HEADER]", "BODY.PEEK[])"] {
        let server = Server::start(move |ask| {
            if ask.verb == "FETCH" && ask.rest.contains(silent) {
                return say("{tag} OK done\r\n");
            }
            inbox(ask)
        })
        .await;
        let watched = watched(&server, Duration::from_millis(300)).await;
        assert_eq!(blind(&watched), "imap-unreadable", "{silent}: {:?}", watched.arrival);
    }
}

#[tokio::test]
async fn one_bad_message_does_not_hide_the_others() {
    let server = Server::start(|ask| {
        if ask.connection > 0 && ask.verb == "FETCH" && ask.rest.contains("RFC822.SIZE") && ask.rest.starts_with("10") {
            return say(
                "* 3 FETCH (UID 10 RFC822.SIZE 400)\r\n* 4 FETCH (UID 11 RFC822.SIZE 400)\r\n{tag} OK done\r\n",
            );
        }
        if ask.verb == "FETCH" && ask.rest.starts_with("11 ") {
            return say("{tag} NO [SERVERBUG] FETCH Server error - Please try again later\r\n");
        }
        if ask.verb == "FETCH" && ask.rest.starts_with("10,11 ") {
            return say("{tag} NO [SERVERBUG] FETCH Server error - Please try again later\r\n");
        }
        inbox(ask)
    })
    .await;
    let watched = watched(&server, Duration::from_secs(1)).await;
    let arrival = arrival(&watched);
    assert_eq!(arrival.raw.0, mail(&token(1)));
    assert!(arrival.quiet_look.is_none(), "the bad one might be a second copy");
}

#[tokio::test]
async fn a_message_that_vanishes_between_two_commands_is_no_crash() {
    let server = Server::start(|ask| {
        let listing = ask.verb == "FETCH" && ask.rest.contains("RFC822.SIZE");
        if ask.connection > 0 && listing && ask.rest.starts_with("10:") {
            return say("* 4 FETCH (UID 10 RFC822.SIZE 400)\r\n{tag} OK done\r\n");
        }
        if ask.verb == "FETCH" {
            return say("* 4 EXPUNGE\r\n{tag} OK done\r\n");
        }
        inbox(ask)
    })
    .await;
    let watched = watched(&server, Duration::from_millis(300)).await;
    assert!(
        !matches!(watched.arrival, Probe::Absent(_) | Probe::Seen(_)),
        "{:?}",
        watched.arrival
    );
}

#[tokio::test]
async fn a_folder_that_is_not_listed_any_more_proves_nothing() {
    let server = Server::start(|ask| match (ask.connection, ask.verb.as_str()) {
        (0, "LIST") => say(&format!("{LIST}{{tag}} OK done\r\n")),
        (_, "LIST") => say("* LIST () \"/\" INBOX\r\n{tag} OK done\r\n"),
        _ => None,
    })
    .await;
    let watched = watched(&server, Duration::from_millis(300)).await;
    assert_eq!(blind(&watched), "folder-hidden");
    let Probe::Blind(why) = &watched.arrival else { return };
    assert!(why.detail.contains("folder Junk was there"), "{}", why.detail);
}

#[tokio::test]
async fn a_server_that_ends_every_session_is_blind_in_time() {
    for act in ["* BYE Session invalidated\r\n", ""] {
        let server = Server::start(move |ask| (ask.connection > 0 && ask.verb == "EXAMINE").then(|| leave(act))?).await;
        let began = std::time::Instant::now();
        let watched = watched(&server, Duration::from_secs(2)).await;
        let code = if act.is_empty() { "imap-dropped" } else { "imap-bye" };
        assert_eq!(blind(&watched), code);
        assert!(began.elapsed() < LONG, "the end of the waiting holds");
        let connections = server.connections.load(Ordering::SeqCst);
        assert!(
            (3..12).contains(&connections),
            "{connections} connections in two seconds"
        );
    }
}

#[tokio::test]
async fn a_throttled_mailbox_is_left_alone() {
    let server = Server::start(|ask| {
        (ask.connection > 0 && ask.verb == "LOGIN")
            .then(|| say("{tag} NO Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n"))?
    })
    .await;
    let watched = watched(&server, Duration::from_secs(1)).await;
    assert_eq!(blind(&watched), "imap-login-refused");
    assert_eq!(
        server.connections.load(Ordering::SeqCst),
        2,
        "one for the baseline, one refused"
    );
}

#[tokio::test]
async fn a_server_that_cries_wolf_in_idle_does_not_keep_us_running() {
    let idles = Arc::new(AtomicUsize::new(0));
    let counter = idles.clone();
    let server = Server::start(move |ask| match ask.verb.as_str() {
        "IDLE" => {
            counter.fetch_add(1, Ordering::SeqCst);
            say("+ idling\r\n* 4 EXISTS\r\n")
        }
        "ANSWER" => say("{tag} OK woken\r\n"),
        _ => None,
    })
    .await;
    let mut account = server.account();
    account.seed.profile.poll_ms = 10_000;
    let watched = watched_as(&server, account, Duration::from_secs(1)).await;
    assert!(matches!(watched.arrival, Probe::Absent(_)), "{:?}", watched.arrival);
    assert!(
        idles.load(Ordering::SeqCst) < 120,
        "{} rounds in a second",
        idles.load(Ordering::SeqCst)
    );
}

#[tokio::test]
async fn a_foreign_tongue_and_wrong_tags_are_survived() {
    let server = Server::start(|ask| {
        let noise = "Q1 OK not yours\r\n* OK [NEWNAME a b]é\r\n* 17 RECENT\r\n* METADATA x {3}\r\nabc\r\n";
        match inbox(ask) {
            Some(Act::Say(bytes)) if ask.connection > 0 => Some(Act::Say([noise.as_bytes(), &bytes].concat())),
            other => other,
        }
    })
    .await;
    let watched = watched(&server, LONG).await;
    assert_eq!(arrival(&watched).resting().matched_by, MatchedBy::Header);
    assert!(watched.log.gaps.is_empty(), "{:?}", watched.log.gaps);
}
