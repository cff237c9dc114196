//! `inboxqa resume`: what was judged stays, what was handed over is looked for, the rest is sent, and nothing is sent twice. The lab outlives
//! the run that is interrupted, and its books are the witness.

use super::kit::{self, shipped};
use inboxqa::config::{self, Loaded};
use inboxqa::lab::tracking::Tracked;
use inboxqa::lab::{Blueprint, Fault, World};
use inboxqa::model::{Finding, JudgedDelivery, Probe, Report, Secret, SendOutcome, Verdict};
use inboxqa::net::Net;
use inboxqa::route::Credentials;
use inboxqa::run::past::Past;
use inboxqa::run::plan::{self, Plan, Request};
use inboxqa::run::pool::RouteKeys;
use inboxqa::run::runner::{self, Resumed, Setup};
use inboxqa::run::stored::StoredPlan;
use inboxqa::store::{Store, StoreError};
use ring::rand::{SecureRandom, SystemRandom};
use sqlx::sqlite::{SqlitePool, SqlitePoolOptions};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

const RUN: &str = "run-1";

struct Stage {
    folder: tempfile::TempDir,
    loaded: Loaded,
    world: World,
}

impl Stage {
    /// The shipped quickstart with short times: nine deliveries. Each route sends `rate` messages a second.
    fn set(rate: f64, faults: &[&str]) -> (Stage, Plan) {
        let folder = tempfile::tempdir().unwrap();
        kit::copy_suites(folder.path());
        let suite = folder.path().join("quickstart.toml");
        let text = std::fs::read_to_string(&suite).unwrap();
        let gate = text.lines().find(|line| line.starts_with("gate ")).unwrap();
        let text = text
            .replace(gate, "")
            .replace("\"60s\"", "\"8s\"")
            .replace(", within = \"20s\"", "");
        std::fs::write(&suite, text.replace("\"30s\"", "\"7s\"")).unwrap();
        let loaded = config::load(&[suite], &shipped("mailboxes.example.toml"));
        let mut loaded = loaded.unwrap_or_else(|problems| panic!("{:?}", problems.diagnostics));
        for route in loaded.routes.values_mut() {
            route.rate_per_second = rate;
        }
        let mut random = || {
            let mut bytes = [0; 16];
            SystemRandom::new().fill(&mut bytes).unwrap();
            bytes
        };
        let request = Request {
            filter: None,
            repeat: 1,
            retries: 1,
            partition: None,
            now: OffsetDateTime::now_utc(),
            random: &mut random,
        };
        let plan = plan::plan(&loaded, request).unwrap();
        let world = World::start(Blueprint {
            held: Vec::new(),
            routes: plan.routes.values().cloned().collect(),
            mailboxes: plan.mailboxes.values().cloned().collect(),
            web_hosts: plan.web_hosts.clone(),
            faults: faults.iter().map(|fault| Fault::parse(fault).unwrap()).collect(),
        });
        let world = world.unwrap();
        (Stage { folder, loaded, world }, plan)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("runs.sqlite")
    }

    async fn store(&self) -> Store {
        Store::open(&self.file()).await.unwrap()
    }

    fn setup(&self, plan: Plan, store: Store, stop: CancellationToken, resumed: Option<Resumed>) -> Setup {
        let keys = |name: &String| {
            let login = self.world.route_credentials(name);
            let credentials = login.map(|(username, password)| Credentials {
                username: Secret::new(username),
                password,
            });
            let keys = RouteKeys {
                credentials,
                ..RouteKeys::default()
            };
            (name.clone(), keys)
        };
        let accounts = plan.mailboxes.iter().map(|(name, seed)| {
            let mut seed = seed.clone();
            seed.profile.poll_ms = 200;
            (name.clone(), kit::lab_account(&self.world, seed))
        });
        Setup {
            id: RUN.to_owned(),
            world: "real".to_owned(),
            routes: plan.routes.keys().map(keys).collect(),
            accounts: accounts.collect(),
            plan,
            mailboxes_file: None,
            net: Net::open(self.world.endpoints(), vec![]).unwrap(),
            store,
            faults: BTreeMap::new(),
            notices: Vec::new(),
            stop,
            events: mpsc::unbounded_channel().0,
            sources: Default::default(),
            resumed,
        }
    }

    /// Runs in a runtime of its own, which is taken away at the moment `until` says: nothing is finished, nothing is closed.
    fn killed(&self, plan: Plan, until: impl AsyncFn(&SqlitePool) -> bool) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let setup = self.setup(plan, self.store().await, CancellationToken::new(), None);
            tokio::spawn(runner::run(setup));
            let journal = journal(&self.file()).await;
            while !until(&journal).await {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            journal.close().await;
        });
        runtime.shutdown_timeout(Duration::from_secs(10));
    }

    /// Goes on with it, as the command does.
    async fn resumed(&self) -> Report {
        let store = self.store().await;
        let halted = store.halted("last").await.unwrap();
        store.take_over(&halted).await.unwrap();
        let past = Past::of(halted.report.deliveries.clone(), store.tries(RUN).await.unwrap());
        let stored: StoredPlan = serde_json::from_str(&halted.plan).unwrap();
        let plan = stored.plan(&self.loaded, |_| true).unwrap();
        let resumed = Resumed {
            started_at: halted.report.started_at,
            past,
        };
        let setup = self.setup(plan, store, CancellationToken::new(), Some(resumed));
        runner::run(setup).await.unwrap().report
    }

    /// Messages that the lab's services took: each gets a pixel of its own.
    fn taken(&self) -> usize {
        let tracked = self.world.tracked();
        tracked
            .iter()
            .filter(|(_, kind)| matches!(kind, Tracked::Pixel(_)))
            .count()
    }
}

async fn journal(file: &Path) -> SqlitePool {
    let file = format!("sqlite:{}", file.display());
    SqlitePoolOptions::new()
        .max_connections(1)
        .connect(&file)
        .await
        .unwrap()
}

async fn count(journal: &SqlitePool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(journal).await.unwrap()
}

fn id(judged: &JudgedDelivery) -> String {
    judged.delivery().unwrap().id.to_string()
}

fn outcome(judged: &JudgedDelivery) -> &SendOutcome {
    judged.evidence.submission.as_ref().unwrap().outcome().unwrap()
}

#[test]
fn a_killed_run_goes_on_where_it_was() {
    let (stage, plan) = Stage::set(2.0, &["delay=2@mailbox=outlook-*"]);
    stage.killed(plan, async |journal| {
        count(journal, "select count(*) from try where state = 'accepted'").await >= 4
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let journal = journal(&stage.file()).await;
        let before = count(&journal, "select count(*) from try").await;
        assert!((4..9).contains(&before), "{before}");
        // Of one that was taken the answer is lost, and one more was killed before a byte of it left.
        let lost: String = sqlx::query_scalar(
            "update try set state = 'intended', settled_at = null, outcome = null where id =
                (select max(id) from try where delivery not in (select subject from judged)) returning delivery",
        )
        .fetch_one(&journal)
        .await
        .unwrap();
        let judged_before: Vec<(String, String)> = sqlx::query_as("select subject, record from judged")
            .fetch_all(&journal)
            .await
            .unwrap();
        let plan: String = sqlx::query_scalar("select record from plan")
            .fetch_one(&journal)
            .await
            .unwrap();
        let never = intend_one_more(&journal, &plan).await;
        journal.close().await;

        let report = stage.resumed().await;
        assert_eq!(
            (report.id.as_str(), report.interrupted, report.deliveries.len()),
            (RUN, false, 9)
        );
        // Nine but the one whose sending was only intended.
        assert_eq!(stage.taken(), 8);
        for judged in &report.deliveries {
            let id = id(judged);
            match id {
                _ if id == never => {
                    assert_eq!(judged.verdict(), Verdict::Blind, "{:?}", judged.findings);
                    assert!(matches!(judged.evidence.arrival, Probe::Absent(_)));
                    assert!(
                        judged
                            .findings
                            .iter()
                            .any(|finding| finding.reason == "arrival.pending")
                    );
                }
                _ => {
                    let quiet = |finding: &&Finding| matches!(finding.verdict, Verdict::Pass | Verdict::Skip);
                    let loud: Vec<_> = judged.findings.iter().filter(|finding| !quiet(finding)).collect();
                    assert!(loud.is_empty(), "{id}: {loud:?}");
                }
            }
            let unknown = matches!(outcome(judged), SendOutcome::Unknown(_));
            assert_eq!(unknown, id == never || id == lost, "{id}");
        }
        let store = stage.store().await;
        let loaded = store.load("last").await.unwrap();
        assert_eq!(loaded.deliveries.len(), 9);
        for (subject, record) in judged_before {
            let kept: JudgedDelivery = serde_json::from_str(&record).unwrap();
            assert!(
                loaded.deliveries.contains(&kept),
                "{subject} was judged before, and stays as it was"
            );
        }
        assert!(matches!(store.halted("last").await, Err(StoreError::Finished(_))));
        assert_eq!(store.history(5).await.unwrap().len(), 1);
    });
}

/// The row of a send that was killed between its intent and its first byte.
async fn intend_one_more(journal: &SqlitePool, plan: &str) -> String {
    let plan: serde_json::Value = serde_json::from_str(plan).unwrap();
    let tried: Vec<String> = sqlx::query_scalar("select delivery from try")
        .fetch_all(journal)
        .await
        .unwrap();
    let named = |delivery: &serde_json::Value| {
        let id = &delivery["delivery"]["id"];
        ["suite", "case", "route", "mailbox"]
            .map(|part| id[part].as_str().unwrap())
            .join("/")
    };
    let all = plan["deliveries"].as_array().unwrap();
    let next = all.iter().find(|delivery| !tried.contains(&named(delivery))).unwrap();
    sqlx::query(
        "insert into try (run, delivery, attempt, token, envelope_to, baseline, owner, state, intended_at)
         values ($1, $2, 1, $3, $4, (select max(id) from baseline where mailbox = $5), 'dead', 'intended', $6)",
    )
    .bind(RUN)
    .bind(named(next))
    .bind(next["delivery"]["token"].as_str().unwrap())
    .bind(next["envelope_to"].as_str().unwrap())
    .bind(next["delivery"]["id"]["mailbox"].as_str().unwrap())
    .bind(OffsetDateTime::now_utc().unix_timestamp_nanos() as i64)
    .execute(journal)
    .await
    .unwrap();
    named(next)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_signal_stopped_is_sent_and_looked_for_by_a_resume() {
    let (stage, plan) = Stage::set(4.0, &["delay=2"]);
    let stop = CancellationToken::new();
    let setup = stage.setup(plan, stage.store().await, stop.clone(), None);
    let running = tokio::spawn(runner::run(setup));
    let journal = journal(&stage.file()).await;
    while count(&journal, "select count(*) from try where state = 'accepted'").await < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let going_on = stage.store().await.halted("last").await;
    assert!(matches!(going_on, Err(StoreError::GoingOn(_))), "{going_on:?}");
    stop.cancel();
    let stopped = running.await.unwrap().unwrap().report;
    assert!(stopped.interrupted && stopped.worst() == Verdict::Blind);
    let report = stage.resumed().await;
    assert_eq!(stage.taken(), 9);
    let states: BTreeSet<&str> = report
        .deliveries
        .iter()
        .map(|judged| judged.verdict().as_str())
        .collect();
    assert!(
        states.iter().all(|verdict| ["pass", "warn"].contains(verdict)),
        "{states:?}"
    );
    let tokens = count(
        &journal,
        "select count(distinct token) from try where state = 'accepted'",
    )
    .await;
    assert_eq!((tokens, count(&journal, "select count(*) from try").await), (9, 9));
}

#[test]
fn a_retry_that_was_still_to_come_is_sent_by_a_resume() {
    let (stage, plan) = Stage::set(50.0, &["drop@attempt=1,mailbox=gmail-1,case=order-*"]);
    stage.killed(plan, async |journal| {
        count(journal, "select count(*) from judged").await >= 8
    });
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let report = stage.resumed().await;
        assert_eq!(report.deliveries.len(), 10, "nine, and one of them twice");
        assert_eq!(report.worst(), Verdict::Pass);
        assert_eq!(stage.taken(), 10);
    });
}

#[test]
fn what_can_not_go_on_says_why() {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    let mailboxes = folder.path().join("mailboxes.toml");
    std::fs::copy(shipped("mailboxes.example.toml"), mailboxes).unwrap();
    let said = |arguments: &[&str]| {
        let output = kit::inboxqa(folder.path()).args(arguments).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code(), text)
    };
    let (code, told) = said(&["resume"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("there is no store"), "{told}");
    let filter = "case(order-*) & provider(gmail)";
    assert_eq!(said(&["run", "quickstart.toml", "--lab", "-E", filter]).0, Some(0));
    let (code, told) = said(&["resume", "last"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("came to its end"), "{told}");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let change = |query: &'static str| {
        runtime.block_on(async {
            let store = journal(&folder.path().join(".inboxqa/runs.sqlite")).await;
            sqlx::query(query).execute(&store).await.unwrap();
            store.close().await;
        });
    };
    // As a version left it that kept no plan.
    change("update run set finished_at = null");
    let (code, told) = said(&["resume", "last"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("has no stored plan"), "{told}");
    change("insert into plan (run, owner, kept_at, record) select id, 'dead', 0, '{}' from run");
    let (code, told) = said(&["resume", "last"]);
    assert_eq!(code, Some(2));
    assert!(told.contains("played in the lab"), "{told}");
}

#[test]
fn a_message_goes_only_where_its_plan_says() {
    let (stage, plan) = Stage::set(50.0, &[]);
    let stored = StoredPlan::of(&plan, Default::default(), None, &[]).unwrap();
    let back = |loaded: &Loaded| stored.clone().plan(loaded, |_| true).map(|plan| plan.deliveries.len());
    assert_eq!(back(&stage.loaded), Ok(9));
    let text = serde_json::to_string(&stored).unwrap();
    assert!(!text.contains("password\":\"x"), "no secret is stored");
    let mut moved = stage.loaded.clone();
    moved.mailboxes.get_mut("gmail-1").unwrap().address = "somebody@else.example".into();
    assert_eq!(
        back(&moved),
        Err("mailbox gmail-1 has changed since the run began".into())
    );
    let mut gone = stage.loaded.clone();
    gone.routes.remove("campaigns");
    assert_eq!(back(&gone), Err("route campaigns is in the files no more".into()));
}
