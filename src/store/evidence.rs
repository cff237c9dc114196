//! Judged deliveries in, whole reports out: what `recheck` and `compare` read, with no network.

use super::error::StoreError;
use super::schema::{Store, nanos, time_of};
use crate::model::report::Unjudged;
use crate::model::{JudgedDelivery, Report, Subject};
use sqlx::SqliteConnection;
use time::OffsetDateTime;

/// Position of a delivery that was saved before the run was finished: after all that have one.
const UNPLACED: i64 = i64::MAX;

impl Store {
    /// Saves one judged delivery as soon as it is known, so that a run that is killed loses nothing it had found.
    pub async fn save(&self, run: &str, judged: &JudgedDelivery) -> Result<(), StoreError> {
        let mut connection = self.writer.acquire().await?;
        write(&mut connection, run, judged, UNPLACED).await
    }

    /// Saves the whole report in one step: every delivery in its order, the run-level findings, the end of the run.
    pub async fn finish(&self, report: &Report) -> Result<(), StoreError> {
        let mut change = self.writer.begin_with("begin immediate").await?;
        sqlx::query(
            "insert into run (id, suite, world, started_at, finished_at, interrupted, worst, head)
             values ($1, $2, $3, $4, $5, $6, $7, $8)
             on conflict (id) do update set suite = excluded.suite, world = excluded.world, started_at = excluded.started_at,
                finished_at = excluded.finished_at, interrupted = excluded.interrupted, worst = excluded.worst,
                head = excluded.head",
        )
        .bind(&report.id)
        .bind(&report.suite)
        .bind(&report.world)
        .bind(nanos(report.started_at))
        .bind(nanos(report.finished_at))
        .bind(report.interrupted)
        .bind(report.worst().as_str())
        .bind(head(report)?)
        .execute(&mut *change)
        .await?;
        for (position, judged) in (0..).zip(&report.deliveries) {
            write(&mut change, &report.id, judged, position).await?;
        }
        if !report.interrupted {
            // Nothing is left to go on with.
            sqlx::query("delete from plan where run = $1")
                .bind(&report.id)
                .execute(&mut *change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Reads a run back, by id, by an unambiguous beginning of it, or by the word `last`. A run that never finished is
    /// returned with what was saved, as interrupted.
    pub async fn load(&self, run_or_prefix_or_last: &str) -> Result<Report, StoreError> {
        let id = self.find(run_or_prefix_or_last).await?;
        let (head, finished_at): (String, Option<i64>) =
            sqlx::query_as("select head, finished_at from run where id = $1")
                .bind(&id)
                .fetch_one(&self.writer)
                .await?;
        let rows: Vec<(String, i64)> =
            sqlx::query_as("select record, saved_at from judged where run = $1 order by position, subject, attempt")
                .bind(&id)
                .fetch_all(&self.writer)
                .await?;
        let mut report: Report = serde_json::from_str(&head)?;
        let last_saved = rows.iter().map(|(_, saved_at)| *saved_at).max();
        if let (None, Some(last_saved)) = (finished_at, last_saved) {
            report.finished_at = time_of(last_saved);
        }
        for (record, _) in &rows {
            report.deliveries.push(serde_json::from_str(record)?);
        }
        if finished_at.is_none() {
            report.unjudged = self.unjudged(&id).await?;
        }
        Ok(report)
    }

    /// Deliveries that were begun and never judged, each with the last word of the journal on it.
    async fn unjudged(&self, run: &str) -> Result<Vec<Unjudged>, StoreError> {
        let rows: Vec<(String, u32, String)> = sqlx::query_as(
            "select delivery, attempt, state from try
             where id in (select max(id) from try where run = $1 group by delivery, attempt) and not exists
                (select 1 from judged where judged.run = try.run and subject = delivery and judged.attempt = try.attempt)
             order by id",
        )
        .bind(run)
        .fetch_all(&self.writer)
        .await?;
        let told = rows.into_iter().map(|(delivery, attempt, state)| Unjudged {
            delivery,
            attempt,
            state,
        });
        Ok(told.collect())
    }

    /// The full id of what the user typed.
    pub(super) async fn find(&self, asked: &str) -> Result<String, StoreError> {
        let query = match asked {
            "last" => sqlx::query_scalar("select id from run order by started_at desc, id desc limit 1"),
            _ => sqlx::query_scalar(
                "select id from run where id = $1 union all
                 select id from (select id from run where id <> $1 and substr(id, 1, length($1)) = $1 order by id limit 10)",
            )
            .bind(asked),
        };
        let mut found: Vec<String> = query.fetch_all(&self.writer).await?;
        match found.as_slice() {
            [] => Err(StoreError::NoRun(asked.to_owned())),
            [first, rest @ ..] if rest.is_empty() || first == asked => Ok(found.swap_remove(0)),
            _ => Err(StoreError::AmbiguousRun {
                asked: asked.to_owned(),
                found,
            }),
        }
    }
}

/// The report without its deliveries, which have rows of their own.
fn head(report: &Report) -> Result<String, StoreError> {
    let mut head = serde_json::to_value(report)?;
    head["deliveries"] = serde_json::Value::Array(Vec::new());
    Ok(head.to_string())
}

async fn write(
    connection: &mut SqliteConnection,
    run: &str,
    judged: &JudgedDelivery,
    position: i64,
) -> Result<(), StoreError> {
    let (subject, attempt, retry) = match &judged.evidence.subject {
        Subject::Delivery(delivery) => (delivery.id.to_string(), delivery.attempt, delivery.retry),
        Subject::File(path) => (path.clone(), 0, false),
    };
    if retry {
        sqlx::query("insert or ignore into retry (run, subject, attempt) values ($1, $2, $3)")
            .bind(run)
            .bind(&subject)
            .bind(attempt)
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query(
        "insert into judged (run, subject, attempt, position, verdict, saved_at, record)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (run, subject, attempt) do update set
            position = excluded.position, verdict = excluded.verdict, saved_at = excluded.saved_at, record = excluded.record",
    )
    .bind(run)
    .bind(subject)
    .bind(attempt)
    .bind(position)
    .bind(judged.verdict().as_str())
    .bind(nanos(OffsetDateTime::now_utc()))
    .bind(serde_json::to_string(judged)?)
    .execute(connection)
    .await?;
    Ok(())
}
