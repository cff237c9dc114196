//! `inboxqa doctor`: examines what a run depends on. A secret that is not set is a line of the report here, not the end of it.

use super::args::DoctorArgs;
use super::exit::Exit;
use super::keys::{self, Rotations};
use super::world::{Faults, World};
use super::{drills, files, terminal};
use crate::config::Loaded;
use crate::model::{Diagnostic, DoctorLine, Endpoints, Level, Secret};
use crate::net::Net;
use crate::report::redact::RedactedLines;
use crate::report::style::Style;
use crate::report::{doctor_json, doctor_text};
use crate::route::Credentials;
use crate::run::doctor::{MailboxToExamine, RouteToExamine, examine};
use crate::run::plan::{self, Plan, Request};
use crate::run::pool::RouteKeys;
use crate::store::Store;
use std::path::Path;
use time::OffsetDateTime;

/// What is to be examined, and by which way it is reached.
struct Ward {
    routes: Vec<RouteToExamine>,
    mailboxes: Vec<MailboxToExamine>,
    endpoints: Endpoints,
    secrets: Vec<Secret>,
    /// Keeps the lab's servers alive.
    _lab: Option<World>,
}

pub(super) async fn doctor(args: DoctorArgs) -> Exit {
    match examined(&args).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn examined(args: &DoctorArgs) -> Result<Exit, Exit> {
    let fatal = |text: &str| {
        terminal::error(text);
        Exit::Usage
    };
    let faults = Faults::parse(&args.faults).map_err(|error| fatal(&format!("--fault: {error}")))?;
    let seeds = files::mailboxes(args.mailboxes.as_ref(), &args.suites, files::Reach::by(args.lab));
    let loaded = files::load(&args.suites, &seeds.told())?;
    let show = |problems: Vec<Diagnostic>| files::show(&problems, &loaded.sources);
    let plan = everything(&loaded).map_err(show)?;
    let ward = if args.lab {
        lab(plan, faults).map_err(show)?
    } else {
        real(&loaded, plan)
    };
    let net = Net::open(ward.endpoints.clone(), loaded.network.allow.clone()).map_err(|why| fatal(&why.detail))?;
    if !args.lab && args.store.store.exists() {
        take_up(&args.store.store, &ward.routes, &net).await;
    }
    let lines = examine(&ward.routes, &ward.mailboxes, &net).await;
    let exit = exit(&lines, args.strict);
    let redacted = RedactedLines::new(lines, &ward.secrets);
    let style = Style {
        color: terminal::colors_on_stdout(),
        width: terminal::width(),
    };
    terminal::out(&match args.json {
        true => doctor_json::render(&redacted),
        false => doctor_text::render(&redacted, style),
    });
    Ok(exit)
}

/// Seeds that a drill of an earlier run left unsubscribed are reactivated, as at the start of a run.
async fn take_up(store: &Path, routes: &[RouteToExamine], net: &Net) {
    let store = match Store::open(store).await {
        Ok(store) => store,
        Err(error) => return terminal::error(&error.to_string()),
    };
    let logs = routes.iter().map(|route| {
        let keys = RouteKeys {
            logs: route.logs.clone().unwrap_or_default(),
            track: route.track.clone().ok().flatten(),
            ..RouteKeys::default()
        };
        (route.route.name.clone(), drills::logs_of(&route.route, &keys, net))
    });
    drills::take_up(&store, &logs.collect(), "real").await;
}

/// A failure outranks blindness, as it does for a run.
fn exit(lines: &[DoctorLine], strict: bool) -> Exit {
    let any = |level: Level| lines.iter().any(|line| line.level == level && !line.blind);
    match (
        any(Level::Fail),
        any(Level::Warn) && strict,
        lines.iter().any(|line| line.blind),
    ) {
        (true, ..) | (_, true, _) => Exit::Fail,
        (_, _, true) => Exit::Blind,
        _ => Exit::Pass,
    }
}

/// All that the suites would send; making the plan also finds problems of templates. Its tokens are never used.
fn everything(loaded: &Loaded) -> Result<Plan, Vec<Diagnostic>> {
    let request = Request {
        filter: None,
        repeat: 1,
        retries: 0,
        partition: None,
        now: OffsetDateTime::now_utc(),
        random: &mut || [0; 16],
    };
    plan::plan(loaded, request)
}

fn real(loaded: &Loaded, plan: Plan) -> Ward {
    let env = |name: &str| std::env::var(name).ok();
    let words = |problems: Vec<Diagnostic>| problems.iter().map(said).collect::<Vec<_>>().join("; ");
    let mut secrets = Vec::new();
    let mut routes = Vec::new();
    for route in plan.routes.values().cloned() {
        let login = loaded.unlock_route(&route, &env).map_err(words);
        let login = login.and_then(|login| {
            loaded
                .route_ca(&route)
                .map(|root| (login, root))
                .map_err(|problem| said(&problem))
        });
        let (credentials, extra_root_pem) = match login {
            Ok((login, root)) => (
                Ok(login.map(|(username, password)| Credentials { username, password })),
                root,
            ),
            Err(why) => (Err(why), None),
        };
        if let Ok(Some(credentials)) = &credentials {
            secrets.extend([credentials.username.clone(), credentials.password.clone()]);
        }
        let pair = |(username, password)| Credentials { username, password };
        let track = loaded.unlock_track(&route, &env).map_err(words);
        let track = track.map(|login| login.map(pair));
        if let Ok(Some(login)) = &track {
            secrets.extend([login.username.clone(), login.password.clone()]);
        }
        let logs = loaded.unlock_logs(&route, &env).map_err(words);
        secrets.extend(logs.iter().flatten().cloned());
        let name = route.name.clone();
        routes.push(RouteToExamine {
            route,
            credentials,
            track,
            extra_root_pem,
            events: plan.events(&name),
            topics: plan.topics(&name),
            logs,
        });
    }
    let mut mailboxes = Vec::new();
    for (name, seed) in plan.mailboxes {
        let account = keys::account(loaded, &seed, &Rotations::default()).map(|(account, found)| {
            secrets.extend(found);
            account
        });
        mailboxes.push(MailboxToExamine {
            name,
            account: account.map_err(words),
        });
    }
    let endpoints = Endpoints {
        dns: loaded.network.dns.clone(),
        ..Endpoints::default()
    };
    Ward {
        routes,
        mailboxes,
        endpoints,
        secrets,
        _lab: None,
    }
}

fn said(problem: &Diagnostic) -> String {
    match &problem.place {
        Some(place) => format!("{} ({}:{}:{})", problem.message, place.file, place.line, place.column),
        None => problem.message.clone(),
    }
}

fn lab(plan: Plan, faults: Faults) -> Result<Ward, Vec<Diagnostic>> {
    let mut world = World::lab(&plan, faults)?;
    let routes = plan.routes.iter().map(|(name, route)| {
        let keys = world.routes.remove(name);
        let keys = keys.unwrap_or_default();
        RouteToExamine {
            route: route.clone(),
            credentials: Ok(keys.credentials),
            track: Ok(keys.track),
            extra_root_pem: keys.extra_root_pem,
            events: plan.events(name),
            topics: plan.topics(name),
            logs: Ok(keys.logs),
        }
    });
    let routes = routes.collect();
    let accounts = std::mem::take(&mut world.accounts).into_iter();
    let mailboxes = accounts.map(|(name, account)| MailboxToExamine {
        name,
        account: Ok(account),
    });
    Ok(Ward {
        routes,
        mailboxes: mailboxes.collect(),
        endpoints: world.endpoints.clone(),
        secrets: std::mem::take(&mut world.secrets),
        _lab: Some(world),
    })
}
