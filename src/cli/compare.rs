//! `inboxqa compare`: two stored runs, or two routes in one run, with no network.

use super::args::CompareArgs;
use super::exit::Exit;
use super::terminal;
use crate::model::Report;
use crate::model::comparison::{Comparison, Readiness};
use crate::report::comparison;
use crate::report::style::Style;
use crate::run::compare as comparing;
use crate::store::Store;

pub(super) async fn compare(args: CompareArgs) -> Exit {
    if !args.store.store.exists() {
        terminal::error(&format!("there is no store at {}", args.store.store.display()));
        return Exit::Usage;
    }
    let compared = match Store::open(&args.store.store).await {
        Ok(store) => ask(&args, &store).await,
        Err(error) => Err(error.to_string()),
    };
    match compared {
        Ok(compared) => {
            let style = Style {
                color: terminal::colors_on_stdout(),
                width: terminal::width(),
            };
            terminal::out(&comparison::render(&compared, style));
            exit(&compared)
        }
        Err(error) => {
            terminal::error(&error);
            Exit::Usage
        }
    }
}

async fn ask(args: &CompareArgs, store: &Store) -> Result<Vec<Comparison>, String> {
    let load = async |run: &str| store.load(run).await.map_err(|error| error.to_string());
    let compared = match (&args.runs[..], &args.baseline_route) {
        ([old, new], None) => comparing::runs(&load(old).await?, &load(new).await?),
        ([] | [_], Some(baseline)) => {
            let report = load(args.runs.first().map_or("last", String::as_str)).await?;
            let found = comparing::routes(&report, baseline, args.route.as_deref());
            if found.is_empty() {
                return Err(no_pair(&report, baseline));
            }
            found
        }
        _ => return Err("name two runs, or one run and --baseline-route".to_owned()),
    };
    match compared.is_empty() {
        true => Err("the two runs have no case and route in common".to_owned()),
        false => Ok(compared),
    }
}

fn no_pair(report: &Report, baseline: &str) -> String {
    let mut routes: Vec<&str> = report
        .deliveries
        .iter()
        .filter_map(|judged| match &judged.evidence.subject {
            crate::model::Subject::Delivery(delivery) => Some(delivery.id.route.as_str()),
            crate::model::Subject::File(_) => None,
        })
        .collect();
    routes.sort_unstable();
    routes.dedup();
    format!(
        "no case of run {} went through `{baseline}` and another route (its routes: {}); give a case both: routes = [\"{baseline}\", \"…\"]",
        report.id,
        routes.join(", ")
    )
}

fn exit(compared: &[Comparison]) -> Exit {
    let any = |of: fn(&Readiness) -> bool| compared.iter().any(|one| of(&one.readiness));
    if any(|readiness| matches!(readiness, Readiness::NotReady(_))) {
        Exit::Fail
    } else if any(|readiness| matches!(readiness, Readiness::Unknown(_))) {
        Exit::Blind
    } else {
        Exit::Pass
    }
}
