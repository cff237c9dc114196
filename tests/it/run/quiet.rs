//! What a run must not do: click an unsubscribe link, ask twice, touch the mail, or take another run's message for its own.
//! The lab's own books are the witness.

use super::kit::{self, shipped};
use inboxqa::config;
use inboxqa::lab::imap::FlagSnapshot;
use inboxqa::lab::tracking::Tracked;
use inboxqa::lab::{Blueprint, World};
use inboxqa::model::{Arrival, Probe, Report, Secret, Subject};
use inboxqa::net::Net;
use inboxqa::route::Credentials;
use inboxqa::run::plan::{self, Plan, Request};
use inboxqa::run::pool::RouteKeys;
use inboxqa::run::runner::{self, Setup};
use inboxqa::store::Store;
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Commands that change a mailbox, and those that could set `\Seen` or claim `\Recent`.
const FORBIDDEN: &[&str] = &[
    "STORE", "EXPUNGE", "MOVE", "COPY", "APPEND", "SELECT", "CREATE", "DELETE", "RENAME", "CLOSE",
];

/// The shipped quickstart, planned anew: its tokens are its own.
fn quickstart() -> Plan {
    let loaded = config::load(&[shipped("suites/quickstart.toml")], &shipped("mailboxes.example.toml"));
    let loaded = loaded.unwrap_or_else(|problems| panic!("{:?}", problems.diagnostics));
    let mut random = || {
        let mut bytes = [0; 16];
        SystemRandom::new().fill(&mut bytes).unwrap();
        bytes
    };
    let request = Request {
        filter: None,
        repeat: 1,
        retries: 0,
        partition: None,
        now: OffsetDateTime::now_utc(),
        random: &mut random,
    };
    plan::plan(&loaded, request).unwrap()
}

fn lab(plan: &Plan) -> World {
    World::start(Blueprint {
        held: Vec::new(),
        routes: plan.routes.values().cloned().collect(),
        mailboxes: plan.mailboxes.values().cloned().collect(),
        web_hosts: plan.web_hosts.clone(),
        faults: Vec::new(),
    })
    .unwrap()
}

async fn run(world: &World, id: &str, plan: Plan) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let keys = |name: &String| {
        let login = world.route_credentials(name);
        let credentials = login.map(|(username, password)| Credentials {
            username: Secret::new(username),
            password,
        });
        let extra_root_pem = None;
        (
            name.clone(),
            RouteKeys {
                track: None,
                credentials,
                extra_root_pem,
                logs: Vec::new(),
            },
        )
    };
    let accounts = plan.mailboxes.iter().map(|(name, seed)| {
        let mut seed = seed.clone();
        seed.profile.poll_ms = 200;
        (name.clone(), kit::lab_account(world, seed))
    });
    let setup = Setup {
        id: id.to_owned(),
        world: "lab".to_owned(),
        routes: plan.routes.keys().map(keys).collect(),
        accounts: accounts.collect(),
        plan,
        mailboxes_file: None,
        net: Net::open(world.endpoints(), vec![]).unwrap(),
        store: Store::open(&folder.path().join("runs.db")).await.unwrap(),
        faults: BTreeMap::new(),
        notices: Vec::new(),
        stop: CancellationToken::new(),
        events: mpsc::unbounded_channel().0,
        sources: Default::default(),
        resumed: None,
    };
    runner::run(setup).await.unwrap().report
}

fn arrivals(report: &Report) -> Vec<(String, String, &Arrival)> {
    let of = |judged: &'_ inboxqa::model::JudgedDelivery| match &judged.evidence.subject {
        Subject::Delivery(delivery) => (delivery.id.mailbox.clone(), delivery.token.as_str().to_owned()),
        Subject::File(path) => panic!("{path}"),
    };
    let one = |judged| {
        let (mailbox, token) = of(judged);
        match &judged.evidence.arrival {
            Probe::Seen(arrival) => (mailbox, token, arrival),
            other => panic!("{mailbox}: {other:?}"),
        }
    };
    report.deliveries.iter().map(one).collect()
}

/// Flags of every message of every seed.
fn flags(world: &World, seeds: &BTreeSet<String>) -> BTreeMap<String, FlagSnapshot> {
    let of = |seed: &String| (seed.clone(), world.store().flags(seed).unwrap());
    seeds.iter().map(of).collect()
}

/// Messages the seeds hold now, as (mailbox, folder, uid): with their flags as they were filed.
fn unflagged(world: &World, report: &Report) {
    for (mailbox, _, arrival) in arrivals(report) {
        let sighting = arrival.resting();
        let rows = world.store().messages(&mailbox, &sighting.folder).unwrap();
        let row = rows.iter().find(|row| row.uid == sighting.uid).unwrap();
        assert!(row.message.flags.is_empty(), "{mailbox}: {:?}", row.message.flags);
    }
}

fn nothing_was_changed(world: &World) {
    let transcripts = world.transcripts().all();
    let commands: Vec<String> = transcripts
        .into_iter()
        .flat_map(|transcript| transcript.lines)
        .filter_map(|line| line.strip_prefix("C: ").map(str::to_ascii_uppercase))
        .collect();
    assert!(
        commands.iter().any(|line| line.contains("BODY.PEEK[")),
        "the witness is deaf"
    );
    for line in &commands {
        let words: Vec<&str> = line.split(' ').collect();
        let verb = if words.get(1) == Some(&"UID") {
            words.get(2)
        } else {
            words.get(1)
        };
        assert!(!FORBIDDEN.contains(verb.unwrap_or(&"")), "{line}");
        assert!(
            !line.contains("BODY[") && !line.contains("RFC822 ") && !line.contains("RFC822.TEXT"),
            "{line}"
        );
    }
}

/// Each click and pixel the services made was asked for exactly once, and no unsubscribe link at all, by whatever method.
fn asked_once(world: &World) {
    let mut asked: BTreeMap<String, u32> = BTreeMap::new();
    for request in world.requests() {
        assert!(!request.url.to_ascii_lowercase().contains("unsubscribe"), "{request:?}");
        let bare = request.url.split_once("://").unwrap().1;
        *asked.entry(bare.to_owned()).or_default() += 1;
    }
    let tracked = world.tracked();
    let count = |wanted: fn(&Tracked) -> bool| tracked.iter().filter(|(_, kind)| wanted(kind)).count();
    assert!(count(|kind| matches!(kind, Tracked::Click { .. })) >= 9);
    assert_eq!(count(|kind| matches!(kind, Tracked::Pixel(_))), 9, "a pixel a message");
    assert!(
        count(|kind| matches!(kind, Tracked::Unsubscribe(_))) >= 3,
        "the sale can be unsubscribed from"
    );
    for (url, kind) in tracked {
        let expected = u32::from(!matches!(kind, Tracked::Unsubscribe(_)));
        assert_eq!(asked.get(&url).copied().unwrap_or(0), expected, "{url} {kind:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_unsubscribes_nobody_asks_once_and_leaves_the_mail_as_it_is() {
    let plan = quickstart();
    let world = lab(&plan);
    let seeds: BTreeSet<String> = plan.mailboxes.keys().cloned().collect();
    let before = flags(&world, &seeds);
    let report = run(&world, "run-1", plan).await;
    assert_eq!(report.deliveries.len(), 9);
    let after = flags(&world, &seeds);
    for seed in &seeds {
        assert_eq!(after[seed].changes_since(&before[seed]), Vec::<String>::new(), "{seed}");
    }
    unflagged(&world, &report);
    nothing_was_changed(&world);
    asked_once(&world);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_on_the_same_seeds_find_each_its_own_mail() {
    let (first, second) = (quickstart(), quickstart());
    let world = lab(&first);
    let (first, second) = tokio::join!(run(&world, "run-1", first), run(&world, "run-2", second));
    let mut places = BTreeSet::new();
    for (mailbox, token, arrival) in arrivals(&first).into_iter().chain(arrivals(&second)) {
        assert_eq!(arrival.copies.len(), 1, "{mailbox}: {:?}", arrival.sightings);
        let sighting = arrival.resting();
        assert!(
            places.insert((mailbox, sighting.folder.clone(), sighting.uid)),
            "one message for two"
        );
        assert!(String::from_utf8_lossy(&arrival.raw.0).contains(&token));
    }
    assert_eq!(places.len(), 18);
}
