//! `inboxqa lint SUITE…`: judges the messages as they are composed; nothing is sent and nobody is asked.

use super::args::LintArgs;
use super::exit::Exit;
use super::{annotate, files, reports, run, terminal};
use crate::model::Report;
use crate::report::redact::Redacted;
use crate::run::plan::{self, Request};
use crate::run::{lint, waive};
use std::collections::BTreeMap;
use time::OffsetDateTime;

pub(super) fn lint(args: &LintArgs) -> Exit {
    match linted(args) {
        Ok(exit) | Err(exit) => exit,
    }
}

fn linted(args: &LintArgs) -> Result<Exit, Exit> {
    // Only the seeds' names are needed: the example will do.
    let seeds = files::mailboxes(args.mailboxes.as_ref(), &args.suites, files::Reach::Nobody);
    let loaded = files::load(&args.suites, &seeds.from)?;
    let started_at = OffsetDateTime::now_utc();
    // Nothing is sent, so the tokens need not be random.
    let request = Request {
        filter: None,
        repeat: 1,
        retries: 0,
        partition: None,
        now: started_at,
        random: &mut || [7; 16],
    };
    let plan = plan::plan(&loaded, request).map_err(|problems| files::show(&problems, &loaded.sources))?;
    reports::writable(&args.reports, &files::read(&loaded, &args.suites, &seeds.from))?;
    let deliveries = lint::lint(&plan);
    if deliveries.is_empty() {
        terminal::error("the suites have no case");
        return Err(Exit::Nothing);
    }
    let report = Report {
        id: run::run_id(started_at),
        suite: "lint".to_owned(),
        files: plan.files.clone(),
        mailboxes_file: None,
        world: Report::COMPOSED.to_owned(),
        started_at,
        finished_at: OffsetDateTime::now_utc(),
        interrupted: false,
        notices: plan.notices.into_iter().chain(seeds.notice).collect(),
        gates: BTreeMap::new(),
        waivers: waive::uses(&deliveries, &[]),
        unjudged: Vec::new(),
        deliveries,
        run_findings: Vec::new(),
    };
    let exit = Exit::of(&report, args.strict, None);
    let redacted = Redacted::new(report, &[]);
    let lost = reports::tell(&redacted, &args.reports);
    annotate::report(&redacted, &loaded);
    Ok(lost.unwrap_or(exit))
}
