//! `--retries`: what is sent once more, what never is, and what it comes to in the run, the store and everything that reads it.

use super::kit::{self, Ran};
use inboxqa::config;
use inboxqa::run::plan::{self, Plan, Request};
use inboxqa::store::Store;
use serde_json::Value;
use sqlx::sqlite::SqlitePoolOptions;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use time::OffsetDateTime;

const API: &str = r#"
[route.api]
kind  = "postmark"
token = "${env:NEVER_READ}"
[route.api.contract]
categories  = ["transactional"]
from        = "Brand Receipts <receipts@brand.example>"
reply_to    = "help@brand.example"
dkim        = ["brand.example"]
return_path = "pm-bounces.brand.example"
clicks      = { host = "click.pstmrk.it", parts = ["html", "text"], except = ["unsubscribe"] }
opens       = { host = "ea.pstmrk.it" }
"#;

const SUITE: &str = r#"
[suite]
name        = "Retries"
routes_file = "routes.toml"
mailboxes   = ["gmail-1"]
within      = "2s"
give_up     = "4s"
quiet       = "0.5s"
"#;

/// Case, its route, what goes wrong there, attempts, state of the last, verdict of the delivery.
const STORY: &[(&str, &str, &str, u64, &str, &str)] = &[
    ("sound", "postmark-tx", "", 1, "inbox", "pass"),
    ("lost-once", "postmark-tx", "drop@attempt=1", 2, "inbox", "flaky"),
    ("late-once", "postmark-tx", "delay=3@attempt=1", 2, "inbox", "flaky"),
    (
        "put-off-once",
        "postmark-tx",
        "greylist=60@attempt=1",
        2,
        "inbox",
        "flaky",
    ),
    ("lost", "postmark-tx", "drop", 2, "missing", "fail"),
    (
        "lost-then-junk",
        "postmark-tx",
        "drop@attempt=1+junk@attempt=2",
        2,
        "spam",
        "fail",
    ),
    ("junk", "postmark-tx", "junk", 1, "spam", "fail"),
    ("refused", "postmark-tx", "reject=550@attempt=1", 1, "rejected", "fail"),
    (
        "late-and-broken",
        "postmark-tx",
        "delay=3@attempt=1+break-body@attempt=1",
        1,
        "inbox",
        "fail",
    ),
    ("no-answer", "api", "esp-500-after-accept+drop", 1, "pending", "blind"),
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    let routes = folder.path().join("routes.toml");
    let text = std::fs::read_to_string(&routes).unwrap() + API;
    std::fs::write(routes, text).unwrap();
    let case = |(name, route, ..): &(&str, &str, &str, u64, &str, &str)| {
        format!(
            "[[case]]\nname = \"{name}\"\ncategory = \"transactional\"\nsubject = \"Order {{{{ order.number }}}}\"\n\
             html = \"templates/order_confirmation.html\"\ntext = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\n\
             routes = [\"{route}\"]\n"
        )
    };
    let suite: String = std::iter::once(SUITE.to_owned())
        .chain(STORY.iter().map(case))
        .collect();
    std::fs::write(folder.path().join("retries.toml"), suite).unwrap();
    let mailboxes = "[mailbox.gmail-1]\nprovider = \"gmail\"\naddress = \"seed@gmail.example\"\npassword = \"x\"\n";
    std::fs::write(folder.path().join("mailboxes.toml"), mailboxes).unwrap();
    folder
}

fn run(folder: &Path, more: &[&str], cases: &[&str]) -> Ran {
    let filter = format!("case({{{}}})", cases.join(","));
    let mut arguments = ["run", "retries.toml", "--lab", "--retries", "1", "-E", &filter]
        .map(String::from)
        .to_vec();
    arguments.extend(more.iter().map(|word| (*word).to_owned()));
    for (case, _, faults, ..) in STORY.iter().filter(|(case, ..)| cases.contains(case)) {
        for fault in faults.split('+').filter(|fault| !fault.is_empty()) {
            let separator = if fault.contains('@') { ',' } else { '@' };
            arguments.extend(["--fault".to_owned(), format!("{fault}{separator}case={case}")]);
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    kit::run_json(folder, &arguments)
}

/// Deliveries and tokens of everything that may have been sent, by the journal that is written before each send.
async fn journal(folder: &Path) -> Vec<(String, String)> {
    let file = format!("sqlite:{}", folder.join(".inboxqa/runs.sqlite").display());
    let store = SqlitePoolOptions::new().connect(&file).await.unwrap();
    let query = "select delivery, token from try where state not in ('deferred', 'not-sent') order by id";
    sqlx::query_as(query).fetch_all(&store).await.unwrap()
}

fn attempts<'r>(ran: &'r Ran, case: &str) -> Vec<&'r Value> {
    let own = |delivery: &&Value| delivery["case"] == case;
    ran.deliveries().iter().filter(own).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_sent_once_more_and_nothing_else() {
    let folder = folder();
    let cases: Vec<&str> = STORY.iter().map(|(case, ..)| *case).collect();
    let ran = run(folder.path(), &[], &cases);
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    let mut wrong = Vec::new();
    for (case, _, _, count, state, verdict) in STORY {
        let attempts = attempts(&ran, case);
        let numbers: Vec<u64> = attempts
            .iter()
            .map(|attempt| attempt["attempt"].as_u64().unwrap())
            .collect();
        let deciding: Vec<&&Value> = attempts.iter().filter(|attempt| attempt["decides"] == true).collect();
        let told = match deciding[0]["flaky"] == true {
            true => "flaky",
            false => deciding[0]["verdict"].as_str().unwrap(),
        };
        let last = attempts.last().unwrap();
        let seen = (
            &numbers,
            last["placement"]["state"].as_str().unwrap(),
            told,
            deciding.len(),
        );
        if seen != (&(1..=*count).collect::<Vec<_>>(), state, verdict, 1) {
            wrong.push(format!("{case}: {seen:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), ran.stdout);
    let journal = journal(folder.path()).await;
    let tokens: BTreeSet<&String> = journal.iter().map(|(_, token)| token).collect();
    assert_eq!(tokens.len(), journal.len(), "no token is used twice");
    let mut sent: BTreeMap<&str, usize> = BTreeMap::new();
    for (delivery, _) in &journal {
        *sent.entry(delivery.split('/').nth(1).unwrap()).or_default() += 1;
    }
    // What was put off was not taken: of its two attempts one may have been sent.
    assert_eq!(sent["put-off-once"], 1);
    assert_eq!((sent["lost-once"], sent["lost"]), (2, 2));
    assert_eq!((sent["no-answer"], sent["refused"], sent["junk"]), (1, 1, 1));
    let totals = &ran.json["totals"];
    assert_eq!(totals["deliveries"], STORY.len());
    assert_eq!(
        (&totals["pass"], &totals["flaky"], &totals["fail"]),
        (&4.into(), &3.into(), &5.into())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flaky_delivery_passes_and_is_counted_once_by_everything_that_reads_it() {
    let folder = folder();
    let cases = ["sound", "lost-once"];
    let ran = run(folder.path(), &[], &cases);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert!(ran.stdout.contains("FLAKY 2/2 ["), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("2 deliveries: 2 passed (1 flaky);"),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stderr.contains("2 messages to send, up to 2 more"),
        "{}",
        ran.stderr
    );
    let said = |arguments: &[&str]| {
        let output = kit::inboxqa(folder.path()).args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(said(&["recheck"]).0, Some(0));
    assert_eq!(said(&["recheck", "--strict"]).0, Some(1));
    let (_, history) = said(&["history"]);
    assert!(
        history.contains("2 deliveries: 2 pass, 0 warn, 0 fail, 0 blind, 0 skip (1 flaky)"),
        "{history}"
    );
    // For a comparison every message counts: a route that loses one in two is not ready.
    let (code, compared) = said(&["compare", "last", "last"]);
    assert_eq!(code, Some(1), "{compared}");
    assert!(compared.contains("arrival.missing at gmail-1"), "{compared}");
    let strict = run(folder.path(), &["--strict"], &cases);
    assert_eq!(strict.code, Some(1), "{}", strict.stdout);
    let store = Store::open(&folder.path().join(".inboxqa/runs.sqlite")).await.unwrap();
    let report = store.load("last").await.unwrap();
    assert_eq!(
        report.worst().as_str(),
        "pass",
        "--strict is the caller's, not the run's"
    );
}

#[test]
fn an_interval_of_numbers_and_the_repeats_are_told_apart() {
    let folder = folder();
    let said = |more: &[&str]| {
        let mut command = kit::inboxqa(folder.path());
        let output = command
            .args(["run", "retries.toml", "--lab"])
            .args(more)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    let (code, text) = said(&["--retries", "2", "--repeat", "3"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("--repeat measures every attempt"), "{text}");
    assert_eq!(said(&["--retries", "6"]).0, Some(2));
    let (code, text) = said(&["--retries", "2", "--dry-run"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("10 messages would be sent, and up to 20 more where one is late"),
        "{text}"
    );
    let (_, text) = said(&["--dry-run"]);
    assert!(text.contains("10 messages would be sent; nothing was."), "{text}");
    let (code, text) = said(&["--fault", "drop@attempt=2"]);
    assert_eq!(
        code,
        Some(2),
        "a fault of an attempt that is not planned proves nothing"
    );
    assert!(text.contains("fits no delivery"), "{text}");
}

fn planned(folder: &Path, suite: &str) -> Plan {
    let loaded = config::load(&[folder.join(suite)], &kit::shipped("mailboxes.example.toml"));
    let loaded = loaded.unwrap_or_else(|problems| panic!("{:?}", problems.diagnostics));
    let mut count = 0u128;
    let mut random = || {
        count += 1;
        count.to_be_bytes()
    };
    let request = Request {
        filter: None,
        repeat: 1,
        retries: 2,
        partition: None,
        now: OffsetDateTime::now_utc(),
        random: &mut random,
    };
    plan::plan(&loaded, request).unwrap()
}

#[test]
fn drills_loads_and_what_an_event_triggers_have_no_second_try() {
    let folder = folder();
    let has_spares = |suite: &str| -> BTreeMap<String, BTreeSet<usize>> {
        let mut found: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        for planned in planned(folder.path(), suite).deliveries {
            let case = planned.delivery.id.case.clone();
            found.entry(case).or_default().insert(planned.spares.len());
        }
        found
    };
    let drill = has_spares("drill.toml");
    assert_eq!(
        (&drill["spring-sale"], &drill["order-confirmation"]),
        (&[0].into(), &[2].into())
    );
    let launch = has_spares("launch.toml");
    assert!(launch.values().any(|spares| *spares == [0].into()), "{launch:?}");
    let triggered = planned(folder.path(), "postmark-in-customerio.toml");
    let events = triggered.deliveries.iter().filter(|planned| planned.policy.triggered);
    assert!(events.clone().count() > 0 && events.clone().all(|planned| planned.spares.is_empty()));
    let tokens: BTreeSet<String> = triggered
        .attempts()
        .map(|planned| planned.delivery.token.to_string())
        .collect();
    assert_eq!(tokens.len(), triggered.attempts().count());
}
