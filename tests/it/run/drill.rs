//! The unsubscribe drill: whole runs, each fault to its own check; who presses and who never does; and what is left of a drill that did
//! not end.

use super::kit::{self, shipped};
use inboxqa::config;
use inboxqa::lab::tracking::Tracked;
use inboxqa::lab::{Blueprint, Fault, World};
use inboxqa::model::{Reactivation, RunEvent, Secret};
use inboxqa::net::Net;
use inboxqa::route::{Credentials, Log};
use inboxqa::run::plan::{self, Plan, Request};
use inboxqa::run::pool::RouteKeys;
use inboxqa::run::reactivation::leftovers;
use inboxqa::run::runner::{self, Setup};
use inboxqa::store::{Store, Unsubscribing};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Faults of unsubscribing with their reds and the reason of the first.
const TABLE: &[(&str, &[&str], &str)] = &[
    ("sound", &[], ""),
    (
        "unsubscribe-redirects",
        &["unsubscribe-drill"],
        "unsubscribe-drill.redirects",
    ),
    (
        "unsubscribe-needs-cookie",
        &["unsubscribe-drill"],
        "unsubscribe-drill.needs-cookie",
    ),
    // The list stays silent, and that decides nothing: the next message does.
    (
        "ignore-unsubscribe",
        &["suppression", "unsubscribe-drill:warn"],
        "suppression.still-sent",
    ),
    ("receipt-suppressed", &["suppression"], "suppression.receipt-suppressed"),
    (
        "no-list-unsubscribe",
        &[
            "bulk-sender-gmail",
            "bulk-sender-yahoo",
            "list-unsubscribe",
            "unsubscribe-drill",
        ],
        "unsubscribe-drill.no-one-click",
    ),
    (
        "unsigned-list-unsubscribe",
        &[
            "bulk-sender-gmail",
            "bulk-sender-yahoo:warn",
            "list-unsubscribe",
            "unsubscribe-drill",
        ],
        "unsubscribe-drill.unsigned",
    ),
    // Nothing to press: arrival says why.
    ("suppressed-seed", &["arrival", "placement"], "arrival.suppressed"),
];

/// The same at Customer.io, whose messages leave through Postmark: two lists, of which one takes the reader off.
const AT_CUSTOMERIO: &[(&str, &[&str], &str)] = &[
    ("sound", &[], ""),
    (
        "unsubscribe-redirects",
        &["unsubscribe-drill"],
        "unsubscribe-drill.redirects",
    ),
    (
        "ignore-unsubscribe",
        &["suppression", "unsubscribe-drill:warn"],
        "suppression.still-sent",
    ),
    ("receipt-suppressed", &["suppression"], "suppression.receipt-suppressed"),
];

/// A case a fault, each at a seed of its own.
fn write_world(folder: &Path, route: &str, table: &[(&str, &[&str], &str)]) -> Vec<String> {
    kit::copy_suites(folder);
    let mut suite = String::from(
        "[suite]\nname = \"Drills\"\nroutes_file = \"routes.toml\"\nwithin = \"10s\"\ngive_up = \"12s\"\nquiet = \"1s\"\nmailboxes = [\"sound\"]\n\
         [[case]]\nname = \"receipt\"\ncategory = \"transactional\"\nsubject = \"x\"\nhtml = \"templates/order_confirmation.html\"\n\
         text = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\nroutes = [\"postmark-tx\"]\n",
    );
    let (mut mailboxes, mut options) = (String::new(), Vec::new());
    for (fault, ..) in table {
        suite += &format!(
            "[[case]]\nname = \"{fault}\"\ncategory = \"marketing\"\nsubject = \"x\"\nhtml = \"templates/spring_sale.html\"\n\
             text = \"templates/spring_sale.txt\"\ndata = \"data/sale.json\"\nroutes = [\"{route}\"]\nmailboxes = [\"{fault}\"]\n\
             expect = {{ placement = {{ default = [\"inbox\", \"tab:promotions\"] }} }}\n\
             drill = {{ kind = \"unsubscribe\", receipt = \"receipt\", noted = \"3s\", silence = \"6s\" }}\n"
        );
        mailboxes += &format!(
            "[mailbox.{fault}]\nprovider = \"gmail\"\naddress = \"{fault}@gmail.example\"\npassword = \"x\"\ndrill = true\n"
        );
        if *fault != "sound" {
            options.extend(["--fault".to_owned(), format!("{fault}@case={fault}")]);
        }
    }
    std::fs::write(folder.join("drills.toml"), suite).unwrap();
    std::fs::write(folder.join("mailboxes.toml"), mailboxes).unwrap();
    options
}

fn id(route: &str, case: &str) -> String {
    format!("drills/{case}/{route}/{case}")
}

fn findings(delivery: &Value) -> String {
    let loud = delivery["findings"].as_array().unwrap().iter();
    let loud = loud.filter(|finding| !matches!(finding["verdict"].as_str(), Some("pass" | "skip")));
    loud.map(|finding| format!("{finding}\n")).collect()
}

fn holds(route: &str, table: &[(&str, &[&str], &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let options = write_world(folder.path(), route, table);
    let mut arguments = vec!["run", "drills.toml", "--lab"];
    arguments.extend(options.iter().map(String::as_str));
    let ran = kit::run_json(folder.path(), &arguments);
    let reds = ran.reds();
    for (case, expected, reason) in table {
        let delivery = ran.delivery(&id(route, case));
        assert_eq!(reds[&id(route, case)], *expected, "{case}\n{}", findings(delivery));
        assert!(delivery["findings"].to_string().contains(reason), "{case}");
    }
    assert!(
        reds["drills/receipt/postmark-tx/sound"].is_empty(),
        "other mail to a drilled seed is not disturbed"
    );
    let sound = ran.delivery(&id(route, "sound"))["findings"].to_string();
    for reason in ["unsubscribe-drill.ok", "suppression.ok"] {
        assert!(sound.contains(reason), "{sound}");
    }
    assert!(!ran.stderr.contains("ATTENTION"), "{}", ran.stderr);
    let again = kit::run_json(folder.path(), &["recheck", "last"]);
    assert_eq!(
        ran.deliveries(),
        again.deliveries(),
        "a recheck must say the same, word for word"
    );
}

#[test]
fn each_fault_of_unsubscribing_turns_exactly_the_expected_checks_red_and_a_recheck_says_the_same() {
    holds("postmark-broadcast", TABLE);
}

#[test]
fn at_customerio_a_person_is_unsubscribed_and_subscribed_again() {
    holds("customerio", AT_CUSTOMERIO);
}

#[test]
fn a_dry_run_and_the_question_say_what_a_drill_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let mut command = kit::inboxqa(folder.path());
        command.arg("run").arg(shipped("suites/drill.toml")).arg("--mailboxes");
        command.arg(shipped("mailboxes.example.toml")).args(more);
        for name in ["POSTMARK_TOKEN", "SEED_GMAIL_1"] {
            command.env(name, "x");
        }
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, told, _) = run(&["--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(
        told.contains("seed.one@gmail.example would be unsubscribed from postmark-broadcast by one click")
            && told.contains("4 messages would be sent"),
        "{told}"
    );
    let (code, _, asked) = run(&[]);
    assert_eq!(code, Some(2), "{asked}");
    assert!(
        asked.contains("the drill will unsubscribe and reactivate 1 seed"),
        "{asked}"
    );
}

/// The shipped drill, planned anew, in a lab.
fn drill_plan() -> Plan {
    let loaded = config::load(&[shipped("suites/drill.toml")], &shipped("mailboxes.example.toml"));
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

fn lab(plan: &Plan, faults: &[&str]) -> World {
    World::start(Blueprint {
        routes: plan.routes.values().cloned().collect(),
        mailboxes: plan.mailboxes.values().cloned().collect(),
        web_hosts: plan.web_hosts.clone(),
        faults: faults.iter().map(|fault| Fault::parse(fault).unwrap()).collect(),
        held: Vec::new(),
    })
    .unwrap()
}

/// A run with the lab's keys whose store says that it is the real world, for only there something is left behind.
fn setup(world: &World, plan: Plan, store: Store) -> (Setup, mpsc::UnboundedReceiver<RunEvent>) {
    let keys = |name: &String| {
        let login = world.route_credentials(name);
        let credentials = login.map(|(username, password)| Credentials {
            username: Secret::new(username),
            password,
        });
        let keys = RouteKeys {
            credentials,
            track: None,
            extra_root_pem: None,
            logs: world.log_tokens(name),
        };
        (name.clone(), keys)
    };
    let accounts = plan.mailboxes.iter().map(|(name, seed)| {
        let mut seed = seed.clone();
        seed.profile.poll_ms = 200;
        (name.clone(), kit::lab_account(world, seed))
    });
    let (events, listener) = mpsc::unbounded_channel();
    let setup = Setup {
        id: "run-1".to_owned(),
        world: "real".to_owned(),
        routes: plan.routes.keys().map(keys).collect(),
        accounts: accounts.collect(),
        plan,
        mailboxes_file: None,
        net: Net::open(world.endpoints(), vec![]).unwrap(),
        store,
        faults: BTreeMap::new(),
        notices: Vec::new(),
        stop: CancellationToken::new(),
        events,
        sources: Default::default(),
        resumed: None,
    };
    (setup, listener)
}

fn logs(world: &World, plan: &Plan) -> BTreeMap<String, Vec<Log>> {
    let net = Net::open(world.endpoints(), vec![]).unwrap();
    let of = |(name, route): (&String, &inboxqa::model::Route)| {
        let pairs = route.logs.iter().zip(world.log_tokens(name));
        let logs = pairs.map(|(log, key)| Log::new(log, key, net.clone()));
        (name.clone(), logs.collect())
    };
    plan.routes.iter().map(of).collect()
}

const SEED: &str = "seed.one@gmail.example";

#[tokio::test(flavor = "multi_thread")]
async fn one_request_is_made_as_rfc_8058_says_and_the_seed_is_reactivated() {
    let folder = tempfile::tempdir().unwrap();
    let mut plan = drill_plan();
    for planned in &mut plan.deliveries {
        if let Some(drill) = &mut planned.drill {
            drill.again.policy.give_up_ms = 4_000;
        }
    }
    let world = lab(&plan, &[]);
    let logs = logs(&world, &plan);
    let store = Store::open(&folder.path().join("runs.sqlite")).await.unwrap();
    let (setup, _events) = setup(&world, plan, store);
    let report = runner::run(setup).await.unwrap().report;
    let drill = report.deliveries[0].evidence.drill.as_ref().unwrap();
    assert_eq!(drill.reactivation, Reactivation::Done);
    let unsubscribing = |url: &String| url.contains("unsubscribe");
    let requests: Vec<_> = world
        .requests()
        .into_iter()
        .filter(|request| unsubscribing(&request.url))
        .collect();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (
            request.method.as_str(),
            request.body.as_str(),
            request.content_type.as_str(),
            request.credentials
        ),
        (
            "POST",
            "List-Unsubscribe=One-Click",
            "application/x-www-form-urlencoded",
            false
        )
    );
    let made = world
        .tracked()
        .into_iter()
        .filter(|(_, kind)| matches!(kind, Tracked::Unsubscribe(_)));
    assert_eq!(
        made.count(),
        2,
        "both campaigns could be unsubscribed from, and one was"
    );
    let log = &logs["postmark-broadcast"][0];
    assert_eq!(log.suppressed("broadcast", SEED).await.unwrap(), None);
}

/// A process that died after the POST: another store of the same file, dropped with its row open.
async fn died(path: &Path, log: &str) {
    let store = Store::open(path).await.unwrap();
    let what = Unsubscribing {
        run: "run-1".to_owned(),
        delivery: "drill/spring-sale/postmark-broadcast/gmail-1".to_owned(),
        route: "postmark-broadcast".to_owned(),
        log: log.to_owned(),
        stream: "broadcast".to_owned(),
        address: SEED.to_owned(),
    };
    drop(store.begin_drill(&what).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_that_died_is_taken_up_by_the_next_start_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.sqlite");
    let mut plan = drill_plan();
    // The campaign alone, without a drill: somebody else presses.
    plan.deliveries.truncate(1);
    plan.deliveries[0].drill = None;
    let world = lab(&plan, &[]);
    let logs = logs(&world, &plan);
    let (setup, _events) = setup(&world, plan, Store::open(&path).await.unwrap());
    runner::run(setup).await.unwrap();
    died(&path, "postmark").await;
    let store = Store::open(&path).await.unwrap();
    // Nothing is listed yet, and it may still come: the row stays open.
    let told = leftovers(&store, &logs, "real").await;
    assert!(
        told[0].contains("may still be unsubscribed") && told[0].contains("the next start looks again"),
        "{told:?}"
    );
    press(&world).await;
    let log = &logs["postmark-broadcast"][0];
    assert!(log.suppressed("broadcast", SEED).await.unwrap().is_some());
    // Under the lab, or without the route's key, it is told and nothing else.
    for (logs, name) in [(&logs, "lab"), (&BTreeMap::new(), "real")] {
        let told = leftovers(&store, logs, name).await;
        assert!(told[0].contains("a run or `inboxqa doctor`"), "{told:?}");
    }
    let told = leftovers(&store, &logs, "real").await;
    assert!(
        told[0].contains(SEED) && told[0].contains("is reactivated now"),
        "{told:?}"
    );
    assert_eq!(log.suppressed("broadcast", SEED).await.unwrap(), None);
    assert!(leftovers(&store, &logs, "real").await.is_empty(), "once");
}

/// A reader's own press of the one campaign there is: a GET first, which unsubscribes nobody.
async fn press(world: &World) {
    let tracked = world.tracked();
    let mut links = tracked
        .iter()
        .filter(|(_, kind)| matches!(kind, Tracked::Unsubscribe(_)));
    let url = format!("https://{}", links.next().unwrap().0);
    let uris = [url.clone()];
    let net = Net::open(world.endpoints(), vec![]).unwrap();
    assert_eq!(net.get(&url::Url::parse(&url).unwrap()).await.unwrap().status, 200);
    let target = inboxqa::model::OneClick::approved(&uris, true, Ok(())).unwrap();
    assert_eq!(net.press(target).await.unwrap().status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_that_was_on_the_list_before_is_not_pressed_nor_taken_off() {
    let folder = tempfile::tempdir().unwrap();
    let plan = drill_plan();
    let world = lab(&plan, &["suppressed-seed@case=spring-sale"]);
    let logs = logs(&world, &plan);
    let store = Store::open(&folder.path().join("runs.sqlite")).await.unwrap();
    let mut plan = plan;
    plan.deliveries.truncate(1);
    plan.deliveries[0].policy.give_up_ms = 2_000;
    let (setup, _events) = setup(&world, plan, store);
    runner::run(setup).await.unwrap();
    assert!(
        world
            .requests()
            .iter()
            .all(|request| !request.url.contains("unsubscribe"))
    );
    let log = &logs["postmark-broadcast"][0];
    assert!(log.suppressed("broadcast", SEED).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_after_the_press_still_reactivates() {
    let folder = tempfile::tempdir().unwrap();
    let plan = drill_plan();
    let world = lab(&plan, &[]);
    let logs = logs(&world, &plan);
    let path = folder.path().join("runs.sqlite");
    let (setup, _events) = setup(&world, plan, Store::open(&path).await.unwrap());
    let stop = setup.stop.clone();
    let running = tokio::spawn(runner::run(setup));
    // The reader is off the list of the stream: the drill is in the middle of its work.
    let log = &logs["postmark-broadcast"][0];
    while log.suppressed("broadcast", SEED).await.unwrap().is_none() {
        assert!(!running.is_finished(), "the drill never pressed");
        tokio::task::yield_now().await;
    }
    stop.cancel();
    let report = running.await.unwrap().unwrap().report;
    assert!(report.interrupted);
    let store = Store::open(&path).await.unwrap();
    leftovers(&store, &logs, "real").await;
    assert_eq!(log.suppressed("broadcast", SEED).await.unwrap(), None);
    assert!(leftovers(&store, &logs, "real").await.is_empty());
}
