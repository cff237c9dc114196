//! `inboxqa history`: the stored runs.

use super::args::HistoryArgs;
use super::exit::Exit;
use super::terminal;
use crate::report::tally;
use crate::store::{RunSummary, Store};
use time::macros::format_description;

pub(super) async fn history(args: HistoryArgs) -> Exit {
    if !args.store.store.exists() {
        terminal::note(&format!(
            "no runs yet: there is no store at {}",
            args.store.store.display()
        ));
        return Exit::Pass;
    }
    let runs = match Store::open(&args.store.store).await {
        Ok(store) => store.history(args.count).await,
        Err(error) => Err(error),
    };
    match runs {
        Ok(runs) if runs.is_empty() => terminal::note("no runs yet"),
        Ok(runs) => runs.iter().for_each(|run| terminal::out(&line(run))),
        Err(error) => {
            terminal::error(&error.to_string());
            return Exit::Usage;
        }
    }
    Exit::Pass
}

fn line(run: &RunSummary) -> String {
    let when = run
        .started_at
        .format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]Z"));
    let totals = run.totals;
    let ended = match (run.finished_at, run.interrupted) {
        (None, _) => " (not finished)",
        (_, true) => " (interrupted)",
        _ => "",
    };
    let goes_on = run.world == "real" && !ended.is_empty();
    let resume = if goes_on {
        format!("; inboxqa resume {}", run.id)
    } else {
        String::new()
    };
    let flaky = match run.flaky {
        0 => String::new(),
        flaky => format!(" ({flaky} flaky)"),
    };
    format!(
        "{}  {}  {:<5} {:<5} {}: {} pass, {} warn, {} fail, {} blind, {} skip{flaky}  {}{ended}{resume}",
        run.id,
        when.unwrap_or_default(),
        run.world,
        run.worst,
        tally::counted(totals.deliveries as usize, "delivery"),
        totals.pass,
        totals.warn,
        totals.fail,
        totals.blind,
        totals.skip,
        run.suite
    )
}
