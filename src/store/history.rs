//! The runs of the store by date, without reading their evidence.

use super::error::StoreError;
use super::schema::{Store, time_of};
use crate::model::{Totals, Verdict, attempts};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

/// One run in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Run id.
    pub id: String,
    /// Suite slugs, joined by a comma.
    pub suite: String,
    /// `lab` or `real`.
    pub world: String,
    /// UTC.
    pub started_at: OffsetDateTime,
    /// UTC; `None` for a run that is still going on or was killed.
    pub finished_at: Option<OffsetDateTime>,
    /// Stopped by a signal.
    pub interrupted: bool,
    /// Deliveries by verdict, as far as they were saved, each by the attempt that decides it; what a run that was killed had begun and not
    /// judged is blind.
    pub totals: Totals,
    /// How many of them were well only after another try.
    pub flaky: u32,
    /// The worst verdict of all, run-level findings included; of a run that never finished, of its deliveries.
    pub worst: Verdict,
}

impl Store {
    /// The latest `limit` runs, latest first.
    pub async fn history(&self, limit: u32) -> Result<Vec<RunSummary>, StoreError> {
        let rows = sqlx::query(
            "select id, suite, world, started_at, finished_at, interrupted, worst,
                (select count(*) from judged where run = run.id and verdict = 'pass') as pass,
                (select count(*) from judged where run = run.id and verdict = 'warn') as warn,
                (select count(*) from judged where run = run.id and verdict = 'fail') as fail,
                (select count(*) from judged where run = run.id and verdict = 'skip') as skip,
                (select count(*) from judged where run = run.id and verdict = 'blind')
                + (select count(distinct delivery || ' ' || attempt) from try where run = run.id and run.finished_at is null and not exists
                    (select 1 from judged where judged.run = run.id and subject = delivery and judged.attempt = try.attempt)) as blind
             from run order by started_at desc, id desc limit $1",
        )
        .bind(limit)
        .fetch_all(&self.writer)
        .await?;
        let mut runs: Vec<RunSummary> = rows.iter().map(summary).collect::<Result<_, _>>()?;
        for run in &mut runs {
            let retried: Vec<RetriedRow> = sqlx::query_as(
                "select judged.subject, retry.attempt is not null, judged.verdict from judged
                 left join retry on retry.run = judged.run and retry.subject = judged.subject and retry.attempt = judged.attempt
                 where judged.run = $1 and judged.subject in (select subject from retry where run = $1)
                 order by judged.subject, judged.attempt",
            )
            .bind(&run.id)
            .fetch_all(&self.writer)
            .await?;
            count_once(run, retried);
        }
        Ok(runs)
    }
}

/// Subject, is it a retry, verdict.
type RetriedRow = (String, bool, String);

/// Takes the attempts that do not decide out of the counts.
fn count_once(run: &mut RunSummary, retried: Vec<RetriedRow>) {
    let attempt = |(subject, retry, word): RetriedRow| (subject, retry, verdict(&word));
    let attempts: Vec<attempts::Attempt<String>> = retried.into_iter().map(attempt).collect();
    for (standing, (.., verdict)) in attempts::standings(&attempts).into_iter().zip(&attempts) {
        if !standing.decides {
            run.totals.uncount(*verdict);
        }
        run.flaky += u32::from(standing.flaky);
    }
    if run.finished_at.is_none() {
        run.worst = worst_of(&run.totals);
    }
}

fn summary(row: &SqliteRow) -> Result<RunSummary, StoreError> {
    let mut totals = Totals {
        pass: row.try_get("pass")?,
        warn: row.try_get("warn")?,
        fail: row.try_get("fail")?,
        skip: row.try_get("skip")?,
        blind: row.try_get("blind")?,
        deliveries: 0,
    };
    totals.deliveries = totals.pass + totals.warn + totals.fail + totals.skip + totals.blind;
    let finished_at: Option<i64> = row.try_get("finished_at")?;
    let worst: Option<String> = row.try_get("worst")?;
    Ok(RunSummary {
        id: row.try_get("id")?,
        suite: row.try_get("suite")?,
        world: row.try_get("world")?,
        started_at: time_of(row.try_get("started_at")?),
        finished_at: finished_at.map(time_of),
        interrupted: row.try_get("interrupted")?,
        worst: worst.as_deref().map_or_else(|| worst_of(&totals), verdict),
        totals,
        flaky: 0,
    })
}

fn verdict(word: &str) -> Verdict {
    let all = [Verdict::Skip, Verdict::Pass, Verdict::Warn, Verdict::Blind];
    all.into_iter()
        .find(|verdict| verdict.as_str() == word)
        .unwrap_or(Verdict::Fail)
}

fn worst_of(totals: &Totals) -> Verdict {
    let counted = [
        (Verdict::Pass, totals.pass),
        (Verdict::Warn, totals.warn),
        (Verdict::Fail, totals.fail),
        (Verdict::Blind, totals.blind),
    ];
    let present = counted.into_iter().filter(|(_, count)| *count > 0);
    present.fold(Verdict::Skip, |worst, (verdict, _)| worst.worse(verdict))
}
