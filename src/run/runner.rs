//! A whole run: baselines, all deliveries at once, the verdict over the run.

use super::again;
use super::deliver;
use super::past::Past;
use super::plan::{Plan, Planned};
use super::pool::{Pool, RouteKeys};
use super::stored::{Sources, StoredPlan};
use super::travel::{Seed, Shared};
use super::{judge, rendering, waive};
use crate::mailbox::{self, Account, Watcher};
use crate::model::{JudgedDelivery, Report, RunEvent, Token, Why};
use crate::net::Net;
use crate::store::{RunRow, Store, StoreError};
use std::collections::BTreeMap;
use std::sync::Arc;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Deliveries that ask DNS and HTTP at the same time.
const GATHERING: usize = 12;

/// Everything a run needs, opened by the caller.
pub struct Setup {
    /// Run id.
    pub id: String,
    /// `lab` or `real`.
    pub world: String,
    /// The plan.
    pub plan: Plan,
    /// The mailboxes file where the user named one.
    pub mailboxes_file: Option<String>,
    /// The door.
    pub net: Net,
    /// Store.
    pub store: Store,
    /// Keys by route.
    pub routes: BTreeMap<String, RouteKeys>,
    /// Accounts by mailbox.
    pub accounts: BTreeMap<String, Account>,
    /// Active lab faults by attempt.
    pub faults: BTreeMap<Token, Vec<String>>,
    /// Printed in every report.
    pub notices: Vec<String>,
    /// First signal: no new intents, no more waiting.
    pub stop: CancellationToken,
    /// Events.
    pub events: mpsc::UnboundedSender<RunEvent>,
    /// The files it comes from, kept for a resume.
    pub sources: Sources,
    /// The run that it goes on with; `None` for a new one.
    pub resumed: Option<Resumed>,
}

/// A run that was interrupted.
#[derive(Debug)]
pub struct Resumed {
    /// When it began, UTC.
    pub started_at: OffsetDateTime,
    /// What it did.
    pub past: Past,
}

/// What comes of a run.
#[derive(Debug)]
pub struct Ran {
    /// The report.
    pub report: Report,
    /// Why the store does not hold it to its end.
    pub unkept: Option<StoreError>,
}

/// Runs the plan. Fails only where the store can not be written before anything was sent.
pub async fn run(setup: Setup) -> Result<Ran, StoreError> {
    let Setup {
        id,
        world,
        mut plan,
        mailboxes_file,
        net,
        store,
        routes,
        accounts,
        faults,
        notices,
        stop,
        events,
        sources,
        resumed,
    } = setup;
    let suite = suite_names(&plan);
    let anew = resumed.is_none();
    let Resumed { started_at, past } = resumed.unwrap_or_else(|| Resumed {
        started_at: OffsetDateTime::now_utc(),
        past: Past::default(),
    });
    if anew {
        let row = RunRow {
            id: id.clone(),
            suite: suite.clone(),
            files: plan.files.clone(),
            world: world.clone(),
            started_at,
        };
        store.begin_run(&row).await?;
    }
    let left = past.left(&plan);
    let _ = events.send(RunEvent::Planned {
        deliveries: left.deliveries,
        messages: left.messages,
        spares: left.spares,
    });
    let seeds = open_seeds(&id, accounts, &net, &store, &stop).await?;
    if anew {
        plan.notices
            .extend(rendering::render(&mut plan.deliveries, &routes, &net).await);
        let kept = StoredPlan::of(&plan, sources, mailboxes_file.clone(), &notices)?;
        store.keep_plan(&id, &serde_json::to_string(&kept)?).await?;
    }
    let mut keys = routes;
    let pools = plan
        .routes
        .into_iter()
        .map(|(name, route)| {
            let keys = keys.remove(&name).unwrap_or_default();
            (name, Pool::new(route, keys, net.clone()))
        })
        .collect();
    let gathering = Semaphore::new(GATHERING);
    let shared = Arc::new(Shared {
        run: id.clone(),
        net,
        store,
        pools,
        seeds,
        faults,
        began: Instant::now().checked_sub(left.start).unwrap_or_else(Instant::now),
        stop: stop.clone(),
        past,
        gathering,
        events,
    });
    let deliveries = deliver_all(&shared, plan.deliveries).await;
    let run_findings = judge::judge_run(&deliveries, &plan.gates);
    let report = Report {
        id,
        suite,
        files: plan.files,
        mailboxes_file,
        world,
        started_at,
        finished_at: OffsetDateTime::now_utc(),
        interrupted: stop.is_cancelled(),
        notices: [plan.notices, notices].concat(),
        gates: plan.gates,
        waivers: waive::uses(&deliveries, &run_findings),
        unjudged: Vec::new(),
        deliveries,
        run_findings,
    };
    let unkept = match Arc::into_inner(shared) {
        Some(shared) => close(shared, &report).await.err(),
        None => None,
    };
    Ok(Ran { report, unkept })
}

fn suite_names(plan: &Plan) -> String {
    plan.gates.keys().cloned().collect::<Vec<_>>().join(",")
}

/// Reads every mailbox's baseline, all at once, and makes it durable. A mailbox that can not be read blinds only itself. One that the run
/// has a baseline of keeps it: what was sent before lies behind it.
async fn open_seeds(
    run: &str,
    accounts: BTreeMap<String, Account>,
    net: &Net,
    store: &Store,
    stop: &CancellationToken,
) -> Result<BTreeMap<String, Seed>, StoreError> {
    let mut reading = JoinSet::new();
    let mut seeds = BTreeMap::new();
    let ready = |account, baseline, marks| Seed::Ready {
        watcher: Watcher::open(account, net.clone(), marks, stop.clone()),
        baseline,
    };
    for (name, account) in accounts {
        if let Some((baseline, marks)) = store.first_baseline(run, &name).await? {
            seeds.insert(name, ready(account, baseline, marks));
            continue;
        }
        let net = net.clone();
        reading.spawn(async move {
            let marks = mailbox::baseline(&account, &net).await;
            (name, account, marks)
        });
    }
    while let Some(read) = reading.join_next().await {
        let Ok((name, account, marks)) = read else { continue };
        let seed = match marks {
            Err(why) => Seed::Blind(Why::new(
                why.code,
                format!("no baseline, so nothing was sent there: {}", why.detail),
            )),
            Ok(marks) => ready(account, store.baseline(run, &name, &marks).await?, marks),
        };
        seeds.insert(name, seed);
    }
    Ok(seeds)
}

/// Every delivery is its own task; results come back in plan order, its attempts one after the other. A task that breaks down leaves a blind delivery, never a
/// hole in the report.
async fn deliver_all(shared: &Arc<Shared>, planned: Vec<Planned>) -> Vec<JudgedDelivery> {
    let mut tasks = JoinSet::new();
    let mut judged: Vec<Option<Vec<JudgedDelivery>>> = vec![None; planned.len()];
    let (drills, rest): (Queue, Queue) = planned
        .iter()
        .cloned()
        .enumerate()
        .partition(|(_, one)| one.drill.is_some());
    let alone = rest.into_iter().map(|one| vec![one]).collect();
    // A drill takes its seed off a stream: it comes after all other mail, and one at a time at each seed.
    for wave in [alone, by_seed(drills)] {
        for queue in wave {
            tasks.spawn(one_by_one(shared.clone(), queue));
        }
        while let Some(done) = tasks.join_next().await {
            for (index, attempts) in done.unwrap_or_default() {
                judged[index] = Some(attempts);
            }
        }
    }
    let broken = |planned: &Planned| vec![judge::judge(deliver::broken_down(planned), planned.policy.clone())];
    judged
        .into_iter()
        .zip(&planned)
        .flat_map(|(judged, planned)| judged.unwrap_or_else(|| broken(planned)))
        .collect()
}

/// Deliveries that follow each other, with their places in the plan.
type Queue = Vec<(usize, Planned)>;

fn by_seed(drills: Queue) -> Vec<Queue> {
    let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
    for one in drills {
        queues.entry(one.1.delivery.id.mailbox.clone()).or_default().push(one);
    }
    queues.into_values().collect()
}

async fn one_by_one(shared: Arc<Shared>, queue: Queue) -> Vec<(usize, Vec<JudgedDelivery>)> {
    let mut judged = Vec::new();
    for (index, planned) in queue {
        judged.push((index, again::deliver(&shared, planned).await));
    }
    judged
}

async fn close(shared: Shared, report: &Report) -> Result<(), StoreError> {
    for pool in shared.pools.values() {
        pool.close().await;
    }
    for seed in shared.seeds.into_values() {
        if let Seed::Ready { watcher, .. } = seed {
            watcher.close().await;
        }
    }
    shared.store.finish(report).await
}
