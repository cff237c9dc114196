//! `inboxqa run`: load, plan, open the world, run, report.

use super::args::RunArgs;
use super::exit::Exit;
use super::signals::Signals;
use super::world::{Faults, World};
use super::{annotate, drills, files, live, reports, terminal};
use crate::config::filter::{self, Filter};
use crate::config::{Loaded, SeedsFile};
use crate::model::{Diagnostic, Secret};
use crate::net::Net;
use crate::report::redact::Redacted;
use crate::run::plan::{self, Plan, Request};
use crate::run::runner::{self, Ran, Setup};
use crate::run::stored::Sources;
use crate::store::Store;
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use time::OffsetDateTime;
use time::macros::format_description;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(args: RunArgs) -> Exit {
    match prepared(&args).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn prepared(args: &RunArgs) -> Result<Exit, Exit> {
    if args.retries > 0 && args.repeat > 1 {
        let why = "--repeat measures every attempt, and retries would hide those that came to nothing";
        return Err(fatal(&format!("--retries can not be used with --repeat: {why}")));
    }
    // From here on a signal ends in an orderly way, whatever the step.
    let stop = CancellationToken::new();
    let signals = Signals::listen(stop.clone());
    let faults = Faults::parse(&args.faults).map_err(|error| fatal(&format!("--fault: {error}")))?;
    let seeds = files::mailboxes(args.mailboxes.as_ref(), &args.suites, files::Reach::by(args.lab));
    let loaded = files::load(&args.suites, &seeds.from)?;
    let plan = make_plan(args, &loaded)?;
    if plan.deliveries.is_empty() {
        return Ok(nothing_selected(args));
    }
    if args.dry_run {
        terminal::out(&preview(&plan));
        return Ok(Exit::Pass);
    }
    let mut spared = files::read(&loaded, &args.suites, &seeds.from);
    spared.push(args.store.store.clone());
    reports::writable(&args.reports, &spared)?;
    let opened = if args.lab {
        World::lab(&plan, faults)
    } else {
        World::real(&loaded, &plan)
    };
    let mut world = opened.map_err(|problems| files::show(&problems, &loaded.sources))?;
    world.notices.extend(seeds.notice);
    if !args.lab && !args.yes && !agreed(&plan) {
        return Ok(Exit::Usage);
    }
    let sources = sources(args, &seeds.from);
    execute(args, &loaded, (plan, sources), world, (stop, signals)).await
}

/// An empty part of a partition is no mistake; a filter that selects nothing is.
fn nothing_selected(args: &RunArgs) -> Exit {
    if args.partition.is_some() && args.filter.is_none() {
        terminal::note("no delivery falls into this part");
        return Exit::Pass;
    }
    terminal::error("the filter selected no delivery");
    Exit::Nothing
}

async fn execute(
    args: &RunArgs,
    loaded: &Loaded,
    (plan, sources): (Plan, Sources),
    mut world: World,
    (stop, signals): (CancellationToken, Signals),
) -> Result<Exit, Exit> {
    let net = Net::open(world.endpoints.clone(), loaded.network.allow.clone()).map_err(|why| fatal(&why.detail))?;
    let store = Store::open(&args.store.store)
        .await
        .map_err(|error| fatal(&error.to_string()))?;
    tell_unsettled(&store).await;
    let logs = drills::logs(&plan.routes, &world.routes, &net);
    drills::take_up(&store, &logs, world.name).await;
    let (events, listener) = live::start();
    let secrets: Vec<Secret> = std::mem::take(&mut world.secrets);
    let setup = Setup {
        id: run_id(OffsetDateTime::now_utc()),
        world: world.name.to_owned(),
        plan,
        mailboxes_file: args.mailboxes.as_ref().map(|file| file.display().to_string()),
        net,
        store,
        routes: std::mem::take(&mut world.routes),
        accounts: std::mem::take(&mut world.accounts),
        faults: std::mem::take(&mut world.faults),
        notices: refusals(loaded)
            .chain(std::mem::take(&mut world.notices))
            .chain(super::world::spam_notice(&loaded.spam))
            .collect(),
        stop,
        events,
        sources,
        resumed: None,
    };
    let ran = runner::run(setup).await;
    listener.finish().await;
    let Ran { mut report, unkept } = ran.map_err(|error| fatal(&error.to_string()))?;
    report.notices.extend(world.rotations.take());
    let exit = Exit::of(&report, args.strict, signals.first());
    let run = report.id.clone();
    let redacted = Redacted::new(report, &secrets);
    let lost = reports::tell(&redacted, &args.reports);
    annotate::report(&redacted, loaded);
    Ok(reports::after_sending(&run, &args.store.store, unkept, lost, exit))
}

/// The files of the run, wherever a resume is typed.
fn sources(args: &RunArgs, seeds: &SeedsFile) -> Sources {
    let absolute = |file: &PathBuf| std::path::absolute(file).unwrap_or_else(|_| file.clone());
    Sources {
        suites: args.suites.iter().map(absolute).collect(),
        mailboxes: absolute(&PathBuf::from(seeds.name())),
    }
}

fn make_plan(args: &RunArgs, loaded: &Loaded) -> Result<Plan, Exit> {
    let show = |problems: &[Diagnostic]| files::show(problems, &loaded.sources);
    let filter = args
        .filter
        .as_deref()
        .map(Filter::parse)
        .transpose()
        .map_err(|problem| {
            let sources = BTreeMap::from([(filter::SOURCE.to_owned(), args.filter.clone().unwrap_or_default())]);
            files::show(&[problem], &sources)
        })?;
    let random = SystemRandom::new();
    let mut draw = || {
        let mut bytes = [0u8; 16];
        // The system's generator fails only where there is none; a token of zeros would be guessable, so that is fatal.
        if random.fill(&mut bytes).is_err() {
            terminal::error("the system has no random numbers");
            std::process::exit(2);
        }
        bytes
    };
    let request = Request {
        filter: filter.as_ref(),
        repeat: args.repeat,
        retries: args.retries,
        partition: args.partition,
        now: OffsetDateTime::now_utc(),
        random: &mut draw,
    };
    plan::plan(loaded, request).map_err(|problems| show(&problems))
}

/// Sends of earlier runs whose answer was never recorded (a crash, a power cut): whether they left is not known.
async fn tell_unsettled(store: &Store) {
    let Ok(unsettled) = store.unsettled().await else { return };
    if let Some(last) = unsettled.last() {
        terminal::note(&format!(
            "{} of earlier runs ended between handing over and the answer (last: {} of run {}): they may have been sent, and are not sent again (`inboxqa resume` looks for them)",
            unsettled.len(),
            last.delivery,
            last.run
        ));
    }
}

pub(super) fn fatal(text: &str) -> Exit {
    terminal::error(text);
    Exit::Usage
}

/// Who would be sent what, by which route.
fn preview(plan: &Plan) -> String {
    let line = |planned: &plan::Planned| {
        let id = &planned.delivery.id;
        format!(
            "  {:<28} {:<18} {} <{}>",
            id.case, id.route, id.mailbox, planned.envelope_to
        )
    };
    let lines: Vec<String> = plan.deliveries.iter().map(line).collect();
    format!(
        "{}\n{}{} would be sent{}; nothing was.",
        lines.join("\n"),
        drills::preview(plan),
        counted(plan.messages()),
        more(plan)
    )
}

fn counted(messages: usize) -> String {
    format!("{messages} message{}", if messages == 1 { "" } else { "s" })
}

/// What retries may add.
fn more(plan: &Plan) -> String {
    match plan.spares() {
        0 => String::new(),
        spares => format!(", and up to {spares} more where one is late, missing or not taken"),
    }
}

/// Asks before anything real is sent; without a terminal the answer is no.
fn agreed(plan: &Plan) -> bool {
    let addresses: BTreeSet<&str> = plan.attempts().map(|planned| planned.envelope_to.as_str()).collect();
    let routes: Vec<&str> = plan.routes.keys().map(String::as_str).collect();
    let summary = format!(
        "{} will be sent by {} to {}{}{}",
        counted(plan.messages()),
        routes.join(", "),
        addresses.into_iter().collect::<Vec<_>>().join(", "),
        more(plan),
        drills::warning(plan)
    );
    let otherwise = "Nothing was sent: say --yes to send without being asked.";
    terminal::confirmed(&summary, "Send?", otherwise)
}

/// `20261123-101502-7f3k`: sortable, readable, unique enough to be typed.
pub(super) fn run_id(at: OffsetDateTime) -> String {
    let stamp = at
        .format(format_description!("[year][month][day]-[hour][minute][second]"))
        .unwrap_or_else(|_| "run".to_owned());
    let mut tail = [0u8; 4];
    let _ = SystemRandom::new().fill(&mut tail);
    let letters: String = tail
        .iter()
        .map(|byte| char::from(b"0123456789abcdefghjkmnpqrstvwxyz"[usize::from(byte % 32)]))
        .collect();
    format!("{stamp}-{letters}")
}

/// Cases that are there to be refused, and were.
fn refusals(loaded: &Loaded) -> impl Iterator<Item = String> + '_ {
    let refused = loaded.suites.iter().flat_map(|suite| &suite.refused);
    refused.map(|(case, why)| format!("case {case} is refused, as it expects: {why}"))
}
