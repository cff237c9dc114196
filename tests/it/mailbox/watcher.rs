//! The watcher on the lab's servers: what arrives is seen, what is not there is proven, and what can not be looked into is
//! never called missing.

use super::seed::{LONG, SEED, SHORT, Seed, arrival, blind, mail, timing, token, watch};
use inboxqa::lab::imap::layout;
use inboxqa::mailbox::{Teller, Watcher};
use inboxqa::model::profile::Dialect;
use inboxqa::model::{EspId, FolderRole, LogKind, MatchedBy, Probe};
use std::time::Duration;
use time::OffsetDateTime;

const DIALECTS: [Dialect; 4] = [Dialect::Gmail, Dialect::Yahoo, Dialect::Outlook, Dialect::Generic];

#[tokio::test]
async fn inbox_and_junk_are_seen_at_every_provider_and_the_seed_stays_as_it_was() {
    for dialect in DIALECTS {
        let seed = Seed::start(dialect).await;
        let watcher = seed.watcher().await;
        let (first, second) = (watcher.expect(token(1)), watcher.expect(token(2)));
        seed.deliver(FolderRole::Inbox, &mail(&token(1)));
        seed.deliver(FolderRole::Junk, &mail(&token(2)));
        let flags = seed.store.flags(SEED).unwrap();
        let (first, second) = tokio::join!(watch(first, LONG), watch(second, LONG));
        for (watched, token, role) in [
            (&first, token(1), FolderRole::Inbox),
            (&second, token(2), FolderRole::Junk),
        ] {
            let arrival = arrival(watched);
            assert_eq!(arrival.resting().role, role, "{dialect:?}: {:?}", arrival.sightings);
            assert_eq!(arrival.copies.len(), 1, "{dialect:?}: {:?}", arrival.sightings);
            assert_eq!(
                arrival.raw.0,
                mail(&token),
                "{dialect:?}: the bytes are the delivered ones"
            );
            assert_eq!(arrival.resting().matched_by, MatchedBy::Header);
            assert!(arrival.resting().internal_date.is_some());
            let quiet = arrival.quiet_look.as_ref().expect("a look after the quiet time");
            assert!(quiet.iter().any(|look| look.folder == arrival.resting().folder));
            assert!(watched.log.gaps.is_empty(), "{:?}", watched.log.gaps);
            assert!(watched.log.rounds > 0);
        }
        assert!(seed.store.flags(SEED).unwrap().changes_since(&flags).is_empty());
        watcher.close().await;
        let commands = seed.commands();
        let writes = ["SELECT", "STORE", "EXPUNGE", "APPEND", "MOVE", "COPY", "BODY["];
        let written = commands
            .iter()
            .find(|line| writes.iter().any(|verb| line.contains(verb)));
        assert_eq!(written, None, "{dialect:?}");
        assert!(commands.last().unwrap().contains("LOGOUT"), "{:?}", commands.last());
    }
}

#[tokio::test]
async fn nothing_is_called_missing_before_every_folder_was_swept_after_the_end() {
    for dialect in DIALECTS {
        let seed = Seed::start(dialect).await;
        let watcher = seed.watcher().await;
        let ticket = watcher.expect(token(1));
        let timing = timing(SHORT);
        let end = timing.accepted_at + SHORT;
        let watched = ticket.watch(timing).await;
        let Probe::Absent(looked) = &watched.arrival else {
            panic!("{dialect:?}: {:?}", watched.arrival)
        };
        assert!(looked.swept_at() >= end);
        let marks = seed.marks().await;
        assert_eq!(looked.folders().len(), marks.len());
        for mark in marks {
            let look = looked.folders().iter().find(|look| look.folder == mark.folder).unwrap();
            assert_eq!((look.from_uid, look.uid_validity), (mark.uid_next, mark.uid_validity));
        }
        watcher.close().await;
    }
}

#[tokio::test]
async fn what_a_rule_files_away_is_found_by_the_sweep() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    seed.store
        .deliver_to_folder(SEED, "Belege.Größen & Maße", mail(&token(1)), OffsetDateTime::now_utc())
        .unwrap();
    let watched = watch(ticket, SHORT).await;
    let arrival = arrival(&watched);
    assert_eq!(arrival.resting().role, FolderRole::Other);
    assert_eq!(arrival.resting().folder, "Belege.Größen & Maße");
    assert_eq!(arrival.copies.len(), 1);
}

#[tokio::test]
async fn a_message_seen_before_its_acceptance_is_known_has_no_negative_age() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    seed.deliver(FolderRole::Inbox, &mail(&token(1)));
    seed.has_read().await;
    let watched = watch(ticket, LONG).await;
    let sighting = arrival(&watched).resting();
    assert_eq!(sighting.after_ms, 0);
    assert_eq!(sighting.absent_until_ms.unwrap_or(0), 0);
}

#[tokio::test]
async fn two_deliveries_are_two_copies_also_across_folders() {
    for dialect in DIALECTS {
        for second in [FolderRole::Inbox, FolderRole::Junk] {
            let seed = Seed::start(dialect).await;
            let watcher = seed.watcher().await;
            let ticket = watcher.expect(token(1));
            seed.deliver(FolderRole::Inbox, &mail(&token(1)));
            seed.deliver(second, &mail(&token(1)));
            let watched = watch(ticket, LONG).await;
            let arrival = arrival(&watched);
            assert_eq!(arrival.copies.len(), 2, "{dialect:?}: {:?}", arrival.sightings);
            assert!(arrival.quiet_look.is_some());
        }
    }
}

#[tokio::test]
async fn a_message_that_moves_is_one_copy_with_two_sightings() {
    for dialect in DIALECTS {
        let seed = Seed::start(dialect).await;
        let junk = seed.marks().await;
        let junk = junk
            .iter()
            .map(|mark| mark.folder.as_str())
            .find(|name| ["[Gmail]/Spam", "Bulk", "Junk"].contains(name))
            .unwrap()
            .to_owned();
        let watcher = seed.watcher().await;
        let ticket = watcher.expect(token(1));
        let filed = seed.deliver(FolderRole::Inbox, &mail(&token(1)));
        let mut timing = timing(LONG);
        timing.quiet = Duration::from_secs(1);
        let watching = tokio::spawn(ticket.watch(timing));
        seed.has_read().await;
        seed.store.move_message(SEED, &filed, &junk).unwrap();
        let watched = watching.await.unwrap();
        let arrival = arrival(&watched);
        assert_eq!(
            arrival.sightings[0].role,
            FolderRole::Inbox,
            "{dialect:?}: {:?}",
            arrival.sightings
        );
        assert_eq!(
            arrival.resting().role,
            FolderRole::Junk,
            "{dialect:?}: {:?}",
            arrival.sightings
        );
        assert_eq!(arrival.copies.len(), 1, "{dialect:?}: {:?}", arrival.sightings);
    }
}

#[tokio::test]
async fn new_uids_do_not_make_a_second_copy_nor_hide_a_message() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let (before, after) = (watcher.expect(token(1)), watcher.expect(token(2)));
    seed.deliver(FolderRole::Inbox, &mail(&token(1)));
    let mut slow = timing(LONG);
    slow.quiet = Duration::from_secs(1);
    let before = tokio::spawn(before.watch(slow));
    seed.has_read().await;
    seed.store.bump_uidvalidity(SEED, "INBOX").unwrap();
    seed.deliver(FolderRole::Inbox, &mail(&token(2)));
    let (before, after) = tokio::join!(before, watch(after, LONG));
    let before = before.unwrap();
    assert_eq!(arrival(&before).copies.len(), 1, "{:?}", arrival(&before).sightings);
    assert_eq!(arrival(&before).sightings.len(), 2);
    assert_eq!(arrival(&after).copies.len(), 1);
}

#[tokio::test]
async fn a_loss_or_a_refusal_that_passes_costs_nothing_but_a_gap() {
    for (name, value, code) in [
        ("imap-drop", "idle", "imap-dropped"),
        ("imap-drop", "fetch", "imap-dropped"),
        ("imap-no", "fetch", "imap-no"),
        ("imap-no", "examine", "imap-no"),
        ("imap-no", "fetch:3", "imap-no"),
    ] {
        let seed = Seed::start(Dialect::Generic).await;
        let watcher = seed.watcher().await;
        seed.faults.arm(name, Some(value)).unwrap();
        let ticket = watcher.expect(token(1));
        if (name, value) == ("imap-drop", "fetch") {
            // It is cut in the middle of a message, so there has to be one.
            seed.deliver(FolderRole::Inbox, &mail(&token(1)));
        }
        tokio::time::timeout(LONG, async {
            while seed.faults.fired(name) == 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("the fault strikes");
        if (name, value) != ("imap-drop", "fetch") {
            seed.deliver(FolderRole::Inbox, &mail(&token(1)));
        }
        let watched = watch(ticket, LONG).await;
        let arrival = arrival(&watched);
        assert_eq!(arrival.copies.len(), 1, "{name}={value}");
        assert_eq!(arrival.raw.0, mail(&token(1)), "a cut body is never judged");
        let gap = watched
            .log
            .gaps
            .first()
            .unwrap_or_else(|| panic!("{name}={value}: no gap"));
        assert_eq!(gap.code, code, "{name}={value}");
        assert!(gap.until.is_some_and(|until| until >= gap.from), "{name}={value}");
    }
}

#[tokio::test]
async fn what_never_recovers_is_blind_and_never_missing() {
    for (name, value, code) in [
        ("imap-drop", "fetch:always", "imap-dropped"),
        ("imap-no", "fetch:always", "imap-no"),
        ("imap-no", "examine:always", "imap-no"),
        ("imap-no", "list:always", "imap-no"),
    ] {
        let seed = Seed::start(Dialect::Generic).await;
        let watcher = seed.watcher().await;
        seed.faults.arm(name, Some(value)).unwrap();
        let ticket = watcher.expect(token(1));
        seed.deliver(FolderRole::Inbox, &mail(&token(1)));
        let watched = watch(ticket, Duration::from_secs(2)).await;
        assert_eq!(blind(&watched), code, "{name}={value}");
        assert!(watched.log.gaps.last().is_some_and(|gap| gap.until.is_none()));
    }
}

#[tokio::test]
async fn a_refused_login_is_blind_soon_and_does_not_hammer() {
    let seed = Seed::start(Dialect::Yahoo).await;
    let watcher = seed.watcher().await;
    seed.faults.arm("imap-refuse-login", None).unwrap();
    let watched = watch(watcher.expect(token(1)), LONG).await;
    assert_eq!(blind(&watched), "imap-login-refused");
    let again = watch(watcher.expect(token(2)), LONG).await;
    assert_eq!(blind(&again), "imap-login-refused");
    assert_eq!(seed.faults.fired("imap-refuse-login"), 2);
}

#[tokio::test]
async fn a_stop_ends_all_waiting() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let (seen, unseen, unasked) = (
        watcher.expect(token(1)),
        watcher.expect(token(2)),
        watcher.expect(token(3)),
    );
    seed.deliver(FolderRole::Inbox, &mail(&token(1)));
    let mut patient = timing(LONG);
    patient.quiet = LONG;
    let (seen, unseen) = (tokio::spawn(seen.watch(patient)), tokio::spawn(unseen.watch(patient)));
    seed.has_read().await;
    seed.stop.cancel();
    let (seen, unseen) = (seen.await.unwrap(), unseen.await.unwrap());
    assert!(arrival(&seen).quiet_look.is_none(), "duplicates can not be denied");
    assert_eq!(blind(&unseen), "interrupted");
    assert_eq!(blind(&watch(unasked, LONG).await), "interrupted");
    tokio::time::timeout(LONG, watcher.close()).await.expect("closing ends");
}

#[tokio::test]
async fn many_wait_at_one_mailbox_and_each_gets_its_own() {
    let seed = Seed::start(Dialect::Gmail).await;
    let watcher = seed.watcher().await;
    let tickets: Vec<_> = (0..60).map(|number| watcher.expect(token(number))).collect();
    for number in 0..60 {
        seed.deliver(FolderRole::Inbox, &mail(&token(number)));
    }
    let waiting: Vec<_> = tickets
        .into_iter()
        .map(|ticket| tokio::spawn(watch(ticket, LONG)))
        .collect();
    for (number, watched) in (0..).zip(waiting) {
        let watched = watched.await.unwrap();
        assert_eq!(arrival(&watched).raw.0, mail(&token(number)));
        assert_eq!(arrival(&watched).copies.len(), 1);
    }
    watcher.close().await;
    let logins = seed.commands().iter().filter(|line| line.contains("LOGIN")).count();
    assert_eq!(logins, 2, "one for the baseline, one for all");
}

#[tokio::test]
async fn a_stripped_header_leaves_body_and_address_and_strangers_stay_unread() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let (body, address) = (watcher.expect(token(1)), watcher.expect(token(2)));
    let by_body = format!(
        "From: a@brand.example\r\nTo: b@mail.example\r\n\r\nYour code: {}\r\n",
        token(1)
    );
    let by_address = format!(
        "From: a@brand.example\r\nTo: b+{}@mail.example\r\n\r\nHello\r\n",
        token(2)
    );
    let strangers = seed.deliver(FolderRole::Inbox, &mail(&token(99)));
    seed.deliver(FolderRole::Inbox, by_body.as_bytes());
    seed.deliver(FolderRole::Inbox, by_address.as_bytes());
    let (body, address) = tokio::join!(watch(body, LONG), watch(address, LONG));
    assert_eq!(arrival(&body).resting().matched_by, MatchedBy::Body);
    assert_eq!(arrival(&address).resting().matched_by, MatchedBy::Address);
    assert_eq!(arrival(&body).raw.0, by_body.as_bytes());
    let whole = format!("UID FETCH {} (UID BODY.PEEK[]", strangers.uid);
    assert!(
        !seed.commands().iter().any(|line| line.contains(&whole)),
        "another run's message was read"
    );
}

/// A message of Postmark's without any token of ours.
fn foreign(id: &str) -> Vec<u8> {
    format!("From: a@brand.example\r\nTo: b@mail.example\r\nX-PM-Message-Id: {id}\r\n\r\nHello\r\n").into_bytes()
}

#[tokio::test]
async fn a_message_without_a_token_is_known_by_the_services_id_whichever_comes_first() {
    const UUIDS: [&str; 3] = [
        "8fda00ab-7c0e-4a5e-9d6b-0a1b2c3d4e51",
        "8fda00ab-7c0e-4a5e-9d6b-0a1b2c3d4e52",
        "8fda00ab-7c0e-4a5e-9d6b-0a1b2c3d4e53",
    ];
    let id = |number: usize| EspId::new(LogKind::Postmark, UUIDS[number]).unwrap();
    for dialect in DIALECTS {
        let seed = Seed::start(dialect).await;
        let watcher = seed.watcher().await;
        let [early, late, never] = [1, 2, 3].map(|number| watcher.expect(token(number)));
        // The first message is there, and looked at, before its id is known.
        let passer = watcher.expect(token(4));
        seed.deliver(FolderRole::Junk, &foreign(UUIDS[0]));
        seed.deliver(FolderRole::Inbox, &mail(&token(4)));
        watch(passer, LONG).await;
        early.teller().known_as(id(0));
        late.teller().known_as(id(1));
        seed.deliver(FolderRole::Inbox, &foreign(UUIDS[1]));
        // Bears an id that nobody of this run was told.
        seed.deliver(FolderRole::Inbox, &foreign(UUIDS[2]));
        let (early, late) = tokio::join!(watch(early, LONG), watch(late, LONG));
        for (watched, number, role) in [(&early, 0, FolderRole::Junk), (&late, 1, FolderRole::Inbox)] {
            let arrival = arrival(watched);
            assert_eq!(arrival.raw.0, foreign(UUIDS[number]), "{dialect:?}");
            assert_eq!(arrival.resting().matched_by, MatchedBy::EspId);
            assert_eq!((arrival.resting().role, arrival.copies.len()), (role, 1), "{dialect:?}");
        }
        let watched = watch(never, SHORT).await;
        assert!(
            matches!(watched.arrival, Probe::Absent(_)),
            "{dialect:?}: {:?}",
            watched.arrival
        );
    }
}

#[tokio::test]
async fn a_token_of_another_test_outweighs_the_services_id() {
    let uuid = "8fda00ab-7c0e-4a5e-9d6b-0a1b2c3d4e51";
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    ticket.teller().known_as(EspId::new(LogKind::Postmark, uuid).unwrap());
    let mut raw = format!("X-PM-Message-Id: {uuid}\r\n").into_bytes();
    raw.extend(mail(&token(99)));
    seed.deliver(FolderRole::Inbox, &raw);
    let watched = watch(ticket, SHORT).await;
    assert!(matches!(watched.arrival, Probe::Absent(_)), "{:?}", watched.arrival);
}

/// Longer than any test: what ends, ends for another reason.
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn word_that_a_message_will_not_come_ends_the_waiting_after_one_look_at_every_folder() {
    for dialect in DIALECTS {
        let seed = Seed::start(dialect).await;
        let watcher = seed.watcher().await;
        let [lost, there] = [1, 2].map(|number| watcher.expect(token(number)));
        let tellers = [&lost, &there].map(|ticket| ticket.teller());
        // It came all the same, and lies where a rule put it: it is seen, whatever was said.
        seed.store
            .deliver_to_folder(SEED, "Filed", mail(&token(2)), OffsetDateTime::now_utc())
            .unwrap();
        tellers.iter().for_each(Teller::hurry);
        let (lost, there) = tokio::join!(watch(lost, HOUR), watch(there, LONG));
        match &lost.arrival {
            Probe::Absent(looked) => assert!(looked.folders().len() > 3, "{dialect:?}: {looked:?}"),
            other => panic!("{dialect:?}: {other:?}"),
        }
        assert_eq!(arrival(&there).raw.0, mail(&token(2)), "{dialect:?}");
    }
}

#[tokio::test]
async fn word_that_a_message_will_not_come_proves_nothing_where_a_folder_is_hidden() {
    let folders = layout::usual(Dialect::Gmail)
        .into_iter()
        .filter(|plan| plan.role != FolderRole::Junk);
    let seed = Seed::with_folders(Dialect::Gmail, folders.collect()).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    ticket.teller().hurry();
    assert_eq!(blind(&watch(ticket, SHORT).await), "folder-hidden");
}

/// A reply quotes the token: it is told by its author and its Message-ID, and is no second sending.
#[tokio::test]
async fn copies_are_told_by_what_they_call_themselves() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    let quoting = [
        b"From: Me <me@Other.example>\r\nMessage-ID: <2@other.example>\r\n".as_slice(),
        &mail(&token(1)),
    ]
    .concat();
    seed.deliver(FolderRole::Inbox, &mail(&token(1)));
    seed.deliver(FolderRole::Inbox, &quoting);
    let watched = watch(ticket, LONG).await;
    let arrival = arrival(&watched);
    assert_eq!(arrival.copies.len(), 2);
    let told = |index: usize| {
        let sighting = &arrival.sightings[arrival.copies[index]];
        (sighting.from.as_deref(), sighting.message_id.as_deref())
    };
    assert_eq!(told(1), (Some("me@other.example"), Some("<2@other.example>")));
    assert_ne!(told(0), told(1));
}

#[tokio::test]
async fn gmails_tab_is_asked_for() {
    let seed = Seed::start(Dialect::Gmail).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    seed.store
        .deliver_to_tab(SEED, "promotions", mail(&token(1)), OffsetDateTime::now_utc())
        .unwrap();
    let watched = watch(ticket, LONG).await;
    let resting = arrival(&watched).resting();
    assert_eq!(
        (resting.role, resting.tab.as_deref()),
        (FolderRole::Inbox, Some("promotions"))
    );
    assert!(resting.gmail_id.is_some());
}

#[tokio::test]
async fn a_provider_that_hides_its_junk_folder_proves_nothing() {
    let folders = layout::usual(Dialect::Gmail)
        .into_iter()
        .filter(|plan| plan.role != FolderRole::Junk);
    let seed = Seed::with_folders(Dialect::Gmail, folders.collect()).await;
    let watcher = seed.watcher().await;
    let watched = watch(watcher.expect(token(1)), SHORT).await;
    assert_eq!(blind(&watched), "folder-hidden");
}

#[tokio::test]
async fn a_wrong_clock_is_told_only_beyond_doubt() {
    for (ahead, claimed) in [(0, false), (3600, true), (-3600, true)] {
        let seed = Seed::start(Dialect::Generic).await;
        let watcher = seed.watcher().await;
        let ticket = watcher.expect(token(1));
        let stamp = OffsetDateTime::now_utc() + time::Duration::seconds(ahead);
        seed.store
            .deliver(SEED, FolderRole::Inbox, mail(&token(1)), stamp)
            .unwrap();
        let watched = watch(ticket, LONG).await;
        let skew = watched.log.clock_skew_ms;
        assert_eq!(skew.is_some(), claimed, "{ahead}: {skew:?}");
        let off = (skew.unwrap_or(0) - ahead * 1000).abs();
        assert!(off < 15_000, "{ahead}: {skew:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_blind_at_the_end_of_the_waiting() {
    let mut seed = Seed::start(Dialect::Generic).await;
    let marks = seed.marks().await;
    seed.account.seed.profile.port = 1;
    let watcher = Watcher::open(seed.account.clone(), seed.net.clone(), marks, seed.stop.clone());
    let watched = watch(watcher.expect(token(1)), Duration::from_secs(1)).await;
    assert_eq!(blind(&watched), "imap-connect");
}

#[tokio::test]
async fn a_ticket_that_outlives_its_watcher_is_answered() {
    let seed = Seed::start(Dialect::Generic).await;
    let watcher = seed.watcher().await;
    let ticket = watcher.expect(token(1));
    watcher.close().await;
    assert_eq!(blind(&watch(ticket, LONG).await), "watcher-closed");
}
