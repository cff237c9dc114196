//! `inboxqa recheck RUN`: judges stored evidence again, with no network.

use super::args::RecheckArgs;
use super::exit::Exit;
use super::{reports, terminal};
use crate::checks::arrival;
use crate::model::Report;
use crate::report::redact::Redacted;
use crate::run::{judge, waive};
use crate::store::Store;

pub(super) async fn recheck(args: RecheckArgs) -> Exit {
    if !args.store.store.exists() {
        terminal::error(&format!("there is no store at {}", args.store.store.display()));
        return Exit::Usage;
    }
    let loaded = match Store::open(&args.store.store).await {
        Ok(store) => store.load(&args.run).await,
        Err(error) => Err(error),
    };
    let stored = match loaded {
        Ok(report) => report,
        Err(error) => {
            terminal::error(&error.to_string());
            return Exit::Usage;
        }
    };
    if let Err(exit) = reports::writable(&args.reports, std::slice::from_ref(&args.store.store)) {
        return exit;
    }
    let report = again(stored);
    let exit = Exit::of(&report, args.strict, None);
    let redacted = Redacted::new(report, &[]);
    let lost = reports::tell(&redacted, &args.reports);
    lost.unwrap_or(exit)
}

/// The same report, judged anew.
fn again(report: Report) -> Report {
    let judged = report
        .deliveries
        .into_iter()
        .map(|stored| judge::judge(stored.evidence, stored.policy));
    let deliveries: Vec<_> = judged.collect();
    let mut run_findings = judge::judge_run(&deliveries, &report.gates);
    run_findings.extend(report.unjudged.iter().map(arrival::unjudged));
    Report {
        waivers: waive::uses(&deliveries, &run_findings),
        deliveries,
        run_findings,
        ..report
    }
}
