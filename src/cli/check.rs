//! `inboxqa check FILE…`: judges saved messages.

use super::args::CheckArgs;
use super::exit::Exit;
use super::signals::Signals;
use super::streamed::Streamed;
use super::{files, reports, run, terminal};
use crate::config::{self, Loaded};
use crate::model::policy::ProviderFacts;
use crate::model::spam::{SpamEngine, SpamPolicy};
use crate::model::{Category, Contract, Endpoints, Report};
use crate::net::Net;
use crate::run::inspect::{self, Dns, Setup, Source, Stated};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio_util::sync::CancellationToken;

pub(super) async fn check(args: CheckArgs) -> Exit {
    match checked(&args).await {
        Ok(exit) | Err(exit) => exit,
    }
}

async fn checked(args: &CheckArgs) -> Result<Exit, Exit> {
    let stop = CancellationToken::new();
    let signals = Signals::listen(stop.clone());
    let sources: Vec<Source> = args
        .files
        .iter()
        .map(|file| inspect::source(file).map_err(|error| run::fatal(&error)))
        .collect::<Result<_, _>>()?;
    spare(args)?;
    let (setup, mut notices) = setup(args)?;
    notices.extend(args.files.iter().filter_map(|file| passed_over(file)));
    let spared = [args.routes.clone(), args.dns_file.clone()];
    reports::writable(&args.reports, &spared.into_iter().flatten().collect::<Vec<_>>())?;
    let width = sources.iter().map(|source| source.name().chars().count()).max();
    let mut streamed = Streamed::open(&args.reports, head(notices), width.unwrap_or(0));
    inspect::inspect(setup, sources, stop.clone(), |judged| streamed.put(judged)).await;
    if streamed.counts().totals.deliveries == 0 && !stop.is_cancelled() {
        terminal::error("there is no message in it");
        return Err(Exit::Nothing);
    }
    let exit = Exit::by(streamed.counts(), stop.is_cancelled(), args.strict, signals.first());
    Ok(streamed.end(stop.is_cancelled()).unwrap_or(exit))
}

/// A folder may hold more than what is judged of it.
fn passed_over(folder: &Path) -> Option<String> {
    const TOLD: usize = 3;
    let names = inspect::passed_over(folder);
    let more = match names.len() {
        0 => return None,
        count if count > TOLD => format!(" and {} more", count - TOLD),
        _ => String::new(),
    };
    Some(format!(
        "of {} only .eml and .html files are judged, not {}{more}: name them to have them judged",
        folder.display(),
        names[..names.len().min(TOLD)].join(", ")
    ))
}

/// Refuses to write a report over what is to be judged: `check --html page.html` would.
fn spare(args: &CheckArgs) -> Result<(), Exit> {
    for report in reports::wanted(&args.reports) {
        let judged = args.files.iter().any(|file| reports::is_same(file, report));
        if judged || args.files.is_empty() {
            let file = report.display();
            let help = format!("the option names where the report goes; to judge {file}: inboxqa check {file}");
            let wrong = match judged {
                true => format!("the report would be written over {file}, which is to be judged"),
                false => "no file is named that is to be judged".to_owned(),
            };
            return Err(run::fatal(&format!("{wrong}: {help}")));
        }
    }
    Ok(())
}

/// The report before its first message.
fn head(notices: Vec<String>) -> Report {
    let started_at = OffsetDateTime::now_utc();
    Report {
        id: run::run_id(started_at),
        suite: "check".to_owned(),
        files: Vec::new(),
        mailboxes_file: None,
        world: Report::SAVED.to_owned(),
        started_at,
        finished_at: started_at,
        interrupted: false,
        notices,
        gates: BTreeMap::new(),
        deliveries: Vec::new(),
        run_findings: Vec::new(),
        waivers: Vec::new(),
        unjudged: Vec::new(),
    }
}

/// What the options say, and what must be told of them in every report.
fn setup(args: &CheckArgs) -> Result<(Setup, Vec<String>), Exit> {
    let loaded = routes(args)?;
    let contract = contract(args, &loaded)?;
    let providers = config::provider_facts();
    let provider = provider(args, &providers)?;
    let mut notices = Vec::new();
    let dns = match &args.dns_file {
        _ if args.offline => Dns::Offline,
        None => Dns::Live,
        Some(file) => {
            let zone = config::read_zone(file).map_err(|found| files::show(&found.diagnostics, &found.sources))?;
            notices.push(format!("DNS answered from {}", file.display()));
            Dns::Recorded(zone)
        }
    };
    if let Some(at) = args.at {
        notices.push(format!("judged as of {}", at.format(&Rfc3339).unwrap_or_default()));
    }
    let spam = spam(args, &loaded);
    notices.extend(super::world::spam_notice(&spam));
    let asks = args.probe || !spam.engines.is_empty();
    let net = match (&dns, asks) {
        (Dns::Recorded(_) | Dns::Offline, false) => None,
        _ => Some(open(&loaded, &mut notices)?),
    };
    let setup = Setup {
        dns,
        net,
        probe: args.probe,
        stated: Stated {
            contract,
            category: args.category.map(Category::from),
            provider,
            providers,
            spam,
            at: args.at,
        },
    };
    Ok((setup, notices))
}

/// The engines of the routes file, where it is read, and those of the options.
fn spam(args: &CheckArgs, loaded: &Loaded) -> SpamPolicy {
    let mut spam = loaded.spam.clone();
    spam.engines.extend(args.rspamd.clone().map(SpamEngine::Rspamd));
    spam.engines
        .extend(args.spamassassin.clone().map(SpamEngine::SpamAssassin));
    spam
}

fn open(loaded: &Loaded, notices: &mut Vec<String>) -> Result<Net, Exit> {
    notices.extend(super::world::network_notices(&loaded.network));
    let endpoints = Endpoints {
        dns: loaded.network.dns.clone(),
        ..Endpoints::default()
    };
    Net::open(endpoints, loaded.network.allow.clone()).map_err(|why| run::fatal(&why.detail))
}

/// The routes file is read where a route is named, or the file itself.
fn routes(args: &CheckArgs) -> Result<Loaded, Exit> {
    let usual = || ["routes.toml", "suites/routes.toml"].map(PathBuf::from).into_iter();
    let file = match (&args.routes, &args.route) {
        (Some(file), _) => file.clone(),
        (None, None) => return Ok(Loaded::default()),
        (None, Some(_)) => usual().find(|file| file.exists()).ok_or_else(|| {
            run::fatal("there is no routes.toml and no suites/routes.toml: name the file with --routes")
        })?,
    };
    config::load_routes(&file).map_err(|found| files::show(&found.diagnostics, &found.sources))
}

fn contract(args: &CheckArgs, loaded: &Loaded) -> Result<Option<Contract>, Exit> {
    let Some(name) = &args.route else { return Ok(None) };
    match loaded.routes.get(name) {
        Some(route) => Ok(Some(route.contract.clone())),
        None => {
            let known = loaded.routes.keys().map(String::as_str);
            let help = config::meant(name, known).unwrap_or_else(|| "the routes file has none".to_owned());
            Err(run::fatal(&format!("there is no route `{name}`: {help}")))
        }
    }
}

fn provider(args: &CheckArgs, known: &[ProviderFacts]) -> Result<Option<ProviderFacts>, Exit> {
    let Some(name) = &args.provider else { return Ok(None) };
    match known.iter().find(|facts| facts.provider == *name) {
        Some(facts) => Ok(Some(facts.clone())),
        None => {
            let help = config::meant(name, known.iter().map(|facts| facts.provider.as_str())).unwrap_or_default();
            Err(run::fatal(&format!("there is no provider `{name}`: {help}")))
        }
    }
}

/// An address of rspamd.
pub(super) fn rspamd(text: &str) -> Result<String, String> {
    config::spam::rspamd_problem(text).map_or_else(|| Ok(text.to_owned()), |why| Err(why.to_owned()))
}

/// An address of spamd.
pub(super) fn spamd(text: &str) -> Result<String, String> {
    config::spam::spamd_problem(text).map_or_else(|| Ok(text.to_owned()), |why| Err(why.to_owned()))
}

/// `2026-11-23T10:00:00Z`, a day alone (its beginning, UTC), or seconds since 1970 as `@1795428000`.
pub(super) fn time(text: &str) -> Result<OffsetDateTime, String> {
    let stamp = |seconds: &str| OffsetDateTime::from_unix_timestamp(i64::from_str(seconds).ok()?).ok();
    let parsed = match text.strip_prefix('@') {
        Some(seconds) => stamp(seconds),
        None => OffsetDateTime::parse(text, &Rfc3339)
            .ok()
            .or_else(|| config::day(text).map(|day| day.midnight().assume_utc())),
    };
    parsed.ok_or_else(|| format!("`{text}` is no time such as 2026-11-23T10:00:00Z, 2026-11-23 or @1795428000"))
}
