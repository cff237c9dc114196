//! `inboxqa resume RUN`: a run that was interrupted goes on.

use super::args::ResumeArgs;
use super::exit::Exit;
use super::run::fatal;
use super::signals::Signals;
use super::world::{self, World};
use super::{drills, files, live, reports, terminal};
use crate::config::{self, Loaded, SeedsFile};
use crate::model::Secret;
use crate::net::Net;
use crate::report::redact::Redacted;
use crate::run::past::{Left, Past};
use crate::run::plan::Plan;
use crate::run::runner::{self, Ran, Resumed, Setup};
use crate::run::stored::StoredPlan;
use crate::store::{Halted, Store, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

pub(super) async fn resume(args: ResumeArgs) -> Exit {
    match resumed(&args).await {
        Ok(exit) | Err(exit) => exit,
    }
}

/// What is left of a run, read back.
struct Rest {
    halted: Halted,
    loaded: Loaded,
    plan: Plan,
    past: Past,
    mailboxes_file: Option<String>,
    notices: Vec<String>,
}

async fn resumed(args: &ResumeArgs) -> Result<Exit, Exit> {
    let stop = CancellationToken::new();
    let signals = Signals::listen(stop.clone());
    if !args.store.store.exists() {
        return Err(fatal(&format!("there is no store at {}", args.store.store.display())));
    }
    let store = Store::open(&args.store.store).await.map_err(refused)?;
    let halted = store.halted(&args.run).await.map_err(refused)?;
    if halted.report.world == "lab" {
        let why = "it was played in the lab, and the lab ended with it; run it anew";
        return Err(fatal(&format!("run {} can not go on: {why}", halted.report.id)));
    }
    let rest = rest(&store, halted, args).await?;
    let opened = World::real(&rest.loaded, &rest.plan);
    let world = opened.map_err(|problems| files::show(&problems, &rest.loaded.sources))?;
    if !agreed(&rest, args.yes) {
        return Ok(Exit::Usage);
    }
    // Only now does anything change: another process may not go on with it too.
    store.take_over(&rest.halted).await.map_err(refused)?;
    let tries = store.tries(&rest.halted.report.id).await.map_err(refused)?;
    let past = Past::of(rest.halted.report.deliveries.clone(), tries);
    go_on(args, store, Rest { past, ..rest }, world, (stop, signals)).await
}

fn refused(error: StoreError) -> Exit {
    fatal(&error.to_string())
}

/// Reads the plan back, and the files it was made from as of the day it was made.
async fn rest(store: &Store, halted: Halted, args: &ResumeArgs) -> Result<Rest, Exit> {
    let unreadable = |error: serde_json::Error| fatal(&format!("the plan of the run can not be read back: {error}"));
    let stored: StoredPlan = serde_json::from_str(&halted.plan).map_err(unreadable)?;
    let began = halted.report.started_at.date();
    let loaded = config::load_as_of(&stored.sources.suites, &stored.sources.mailboxes, began);
    let loaded = loaded.map_err(|problems| files::show(&problems.diagnostics, &problems.sources))?;
    let seeds = SeedsFile::at(&stored.sources.mailboxes);
    let mut spared = files::read(&loaded, &stored.sources.suites, &seeds);
    spared.push(args.store.store.clone());
    reports::writable(&args.reports, &spared)?;
    let tries = store.tries(&halted.report.id).await.map_err(refused)?;
    let past = Past::of(halted.report.deliveries.clone(), tries);
    let (mailboxes_file, notices) = (stored.mailboxes_file.clone(), stored.notices.clone());
    let open =
        |attempt: &crate::run::plan::Planned| attempt.attempts().any(|own| past.judged(&own.delivery.token).is_none());
    let plan = stored.plan(&loaded, open).map_err(|why| {
        fatal(&format!(
            "run {} can not go on: {why}; put it back, or run anew",
            halted.report.id
        ))
    })?;
    Ok(Rest {
        halted,
        loaded,
        plan,
        past,
        mailboxes_file,
        notices,
    })
}

/// Says what is left; asks before anything more is sent.
fn agreed(rest: &Rest, yes: bool) -> bool {
    let Left {
        deliveries,
        messages,
        spares,
        ..
    } = rest.past.left(&rest.plan);
    let kept = rest.plan.deliveries.len().saturating_sub(deliveries);
    terminal::note(&format!(
        "run {} goes on: {kept} judged already, {deliveries} left, {messages} of them to be sent; what was handed over is looked for and not sent again",
        rest.halted.report.id
    ));
    if yes || messages + spares == 0 {
        return true;
    }
    let untouched = rest
        .plan
        .attempts()
        .filter(|own| rest.past.is_untouched(&own.delivery.token));
    let addresses: BTreeSet<&str> = untouched.map(|own| own.envelope_to.as_str()).collect();
    let routes: Vec<&str> = rest.plan.routes.keys().map(String::as_str).collect();
    let more = match spares {
        0 => String::new(),
        spares => format!(", and up to {spares} more where one is late, missing or not taken"),
    };
    let summary = format!(
        "{messages} of run {} will be sent by {} to {}{more}{}",
        rest.halted.report.id,
        routes.join(", "),
        addresses.into_iter().collect::<Vec<_>>().join(", "),
        drills::warning(&rest.plan)
    );
    terminal::confirmed(
        &summary,
        "Send?",
        "Nothing was sent: say --yes to send without being asked.",
    )
}

async fn go_on(
    args: &ResumeArgs,
    store: Store,
    rest: Rest,
    mut world: World,
    (stop, signals): (CancellationToken, Signals),
) -> Result<Exit, Exit> {
    let net =
        Net::open(world.endpoints.clone(), rest.loaded.network.allow.clone()).map_err(|why| fatal(&why.detail))?;
    let logs = drills::logs(&rest.plan.routes, &world.routes, &net);
    drills::take_up(&store, &logs, world.name).await;
    let (events, listener) = live::start();
    let secrets: Vec<Secret> = std::mem::take(&mut world.secrets);
    let mut notices = rest.notices;
    let now = world.notices.drain(..).chain(world::spam_notice(&rest.loaded.spam));
    now.for_each(|notice| {
        if !notices.contains(&notice) {
            notices.push(notice);
        }
    });
    notices.push("the run was interrupted and resumed: nobody looked in between".to_owned());
    let report = &rest.halted.report;
    let setup = Setup {
        id: report.id.clone(),
        world: world.name.to_owned(),
        plan: rest.plan,
        mailboxes_file: rest.mailboxes_file,
        net,
        store,
        routes: std::mem::take(&mut world.routes),
        accounts: std::mem::take(&mut world.accounts),
        faults: BTreeMap::new(),
        notices,
        stop,
        events,
        sources: Default::default(),
        resumed: Some(Resumed {
            started_at: report.started_at,
            past: rest.past,
        }),
    };
    let ran = runner::run(setup).await;
    listener.finish().await;
    let Ran { mut report, unkept } = ran.map_err(refused)?;
    report.notices.extend(world.rotations.take());
    let exit = Exit::of(&report, args.strict, signals.first());
    let run = report.id.clone();
    let redacted = Redacted::new(report, &secrets);
    let lost = reports::tell(&redacted, &args.reports);
    Ok(reports::after_sending(&run, &args.store.store, unkept, lost, exit))
}
