//! The mailbox room against a real Dovecot.

use super::script::account;
use super::seed::{LONG, SHORT, arrival, blind, mail, timing, token, watch};
use crate::real::dovecot::{Dovecot, PASSWORD};
use inboxqa::mailbox::{Account, FoundBy, Watcher, baseline, examine_login};
use inboxqa::model::profile::Dialect;
use inboxqa::model::{Endpoints, FolderRole, Probe, Secret};
use inboxqa::net::Net;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

pub const USER: &str = "seed@mail.example";

pub fn door(dovecot: &Dovecot) -> (Account, Net) {
    let mut account = account(dovecot.port, Dialect::Generic);
    account.password = Some(Secret::new(PASSWORD));
    let endpoints = Endpoints {
        roots: vec![dovecot.authority.clone()],
        ..Endpoints::default()
    };
    (account, Net::open(endpoints, vec![]).unwrap())
}

async fn watcher(dovecot: &Dovecot) -> Watcher {
    let (account, net) = door(dovecot);
    let marks = baseline(&account, &net).await.unwrap();
    Watcher::open(account, net, marks, CancellationToken::new())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_tells_folders_login_and_capabilities() {
    let Some(dovecot) = Dovecot::start("a_report_tells_folders_login_and_capabilities") else {
        return;
    };
    let (account, net) = door(&dovecot);
    let report = examine_login(&account, &net).await.unwrap();
    let junk = report
        .folders
        .iter()
        .find(|folder| folder.role == FolderRole::Junk)
        .unwrap();
    assert_eq!((junk.name.as_str(), junk.found_by), ("Junk", FoundBy::SpecialUse));
    assert!(
        report.folders.iter().any(|folder| folder.name == "Größen & Maße"),
        "{:?}",
        report.folders
    );
    assert!(report.capabilities.contains(&"IDLE".to_owned()));
    assert!(report.warnings.is_empty(), "{:?}", report.warnings);
    assert_eq!(report.tls.version, "TLSv1.3");
    let mut wrong = account.clone();
    wrong.password = Some(Secret::new("wrong"));
    let why = examine_login(&wrong, &net).await.unwrap_err();
    assert_eq!(why.code, "imap-login-refused");
    assert!(why.detail.contains("check user name and password"), "{}", why.detail);
    assert!(!why.detail.contains("wrong"), "{}", why.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn arrivals_in_inbox_junk_and_elsewhere_are_seen_byte_for_byte() {
    let Some(dovecot) = Dovecot::start("arrivals_in_inbox_junk_and_elsewhere_are_seen_byte_for_byte") else {
        return;
    };
    dovecot.deliver(USER, "INBOX", &mail(&token(99)));
    let watcher = watcher(&dovecot).await;
    let mut waiting = Vec::new();
    for (number, folder) in [(1, "INBOX"), (2, "Junk"), (3, "Größen & Maße"), (4, "Made by a rule")] {
        let ticket = watcher.expect(token(number));
        dovecot.deliver(USER, folder, &mail(&token(number)));
        let give_up = if number > 2 { SHORT } else { LONG };
        waiting.push((number, folder, tokio::spawn(watch(ticket, give_up))));
    }
    for (number, folder, watched) in waiting {
        let watched = watched.await.unwrap();
        let arrival = arrival(&watched);
        assert_eq!(arrival.resting().folder, folder);
        assert_eq!(arrival.copies.len(), 1, "{folder}");
        assert!(arrival.quiet_look.is_some(), "{folder}");
        let delivered = String::from_utf8_lossy(&arrival.raw.0).into_owned();
        assert!(
            delivered.ends_with(&String::from_utf8(mail(&token(number))).unwrap()),
            "{delivered}"
        );
    }
    watcher.close().await;
    let flags = dovecot.doveadm(&["fetch", "-u", USER, "flags", "all"]);
    assert!(!flags.contains("Seen"), "{flags}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kicked_session_is_a_gap_and_the_mail_is_found() {
    let Some(dovecot) = Dovecot::start("a_kicked_session_is_a_gap_and_the_mail_is_found") else {
        return;
    };
    let watcher = watcher(&dovecot).await;
    let ticket = watcher.expect(token(1));
    crate::real::daemon::wait_for("a session", || dovecot.doveadm(&["who"]).contains(USER).then_some(()));
    dovecot.doveadm(&["kick", USER]);
    let watching = tokio::spawn(watch(ticket, LONG));
    dovecot.deliver(USER, "INBOX", &mail(&token(1)));
    let watched = watching.await.unwrap();
    assert_eq!(arrival(&watched).copies.len(), 1);
    let codes: Vec<&str> = watched.log.gaps.iter().map(|gap| gap.code.as_str()).collect();
    assert!(
        codes.iter().all(|code| ["imap-bye", "imap-dropped"].contains(code)) && !codes.is_empty(),
        "{:?}",
        watched.log.gaps
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_absent_and_what_moves_is_one() {
    let Some(dovecot) = Dovecot::start("what_is_not_there_is_absent_and_what_moves_is_one") else {
        return;
    };
    let watcher = watcher(&dovecot).await;
    let (moved, never) = (watcher.expect(token(1)), watcher.expect(token(2)));
    dovecot.deliver(USER, "INBOX", &mail(&token(1)));
    let mut patient = timing(LONG);
    patient.quiet = Duration::from_secs(3);
    let moved = tokio::spawn(moved.watch(patient));
    let never = watch(never, SHORT).await;
    let Probe::Absent(looked) = &never.arrival else {
        panic!("{:?}", never.arrival)
    };
    assert!(looked.folders().iter().any(|look| look.folder == "Größen & Maße"));
    dovecot.doveadm(&["move", "-u", USER, "Junk", "mailbox", "INBOX", "all"]);
    let moved = moved.await.unwrap();
    assert_eq!(arrival(&moved).copies.len(), 1, "{:?}", arrival(&moved).sightings);
    assert_eq!(arrival(&moved).resting().role, FolderRole::Junk);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_virtual_all_mail_folder_does_not_double_a_message() {
    const VIRTUAL: &str = "mail_plugins = virtual\nnamespace virtual {\n prefix = virtual/\n separator = /\n \
                           location = virtual:DIR/virtual:INDEX=DIR/index\n mailbox All {\n  special_use = \\All\n }\n}\n";
    let Some(dovecot) = Dovecot::with("a_virtual_all_mail_folder_does_not_double_a_message", VIRTUAL) else {
        return;
    };
    dovecot.write("virtual/All/dovecot-virtual", "INBOX\nJunk\n  all\n");
    dovecot.write("index/.keep", "");
    let watcher = watcher(&dovecot).await;
    let (one, two) = (watcher.expect(token(1)), watcher.expect(token(2)));
    dovecot.deliver(USER, "INBOX", &mail(&token(1)));
    for _ in 0..2 {
        dovecot.deliver(USER, "INBOX", &mail(&token(2)));
    }
    let (one, two) = tokio::join!(watch(one, LONG), watch(two, LONG));
    let all = arrival(&one)
        .sightings
        .iter()
        .filter(|sighting| sighting.role == FolderRole::All);
    assert_eq!(all.count(), 1, "{:?}", arrival(&one).sightings);
    assert_eq!(arrival(&one).copies.len(), 1, "{:?}", arrival(&one).sightings);
    assert_eq!(arrival(&one).resting().role, FolderRole::Inbox);
    assert_eq!(arrival(&two).copies.len(), 2, "{:?}", arrival(&two).sightings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_is_blind() {
    let Some(dovecot) = Dovecot::start("a_server_that_ends_is_blind") else {
        return;
    };
    let watcher = watcher(&dovecot).await;
    let ticket = watcher.expect(token(1));
    drop(dovecot);
    assert_eq!(blind(&watch(ticket, Duration::from_secs(1)).await), "imap-connect");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_told_and_survived() {
    let Some(dovecot) = Dovecot::with(
        "one_connection_too_many_is_told_and_survived",
        "mail_max_userip_connections = 1\n",
    ) else {
        return;
    };
    let (account, net) = door(&dovecot);
    // Somebody else's client holds the only connection that the server allows.
    let (held, _) = account.log_in(&net).await.unwrap();
    let failure = account.log_in(&net).await.unwrap_err();
    assert!(!failure.hopeless(), "{failure:?}");
    assert!(
        failure.detail().contains("Maximum number of connections"),
        "{}",
        failure.detail()
    );
    assert!(failure.detail().contains("close some of them"), "{}", failure.detail());
    let waiting = tokio::spawn(async move { baseline(&account, &net).await });
    held.logout().await;
    assert!(waiting.await.unwrap().is_ok());
}
