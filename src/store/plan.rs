//! What a run that stopped before its end can go on with: its plan, what the journal tells of its sends, and its baselines.
//!
//! A plan belongs to the process that works on the run; another takes it over only from one that is dead. From then on what was left
//! `intended` is `unknown`: it may have been sent, and never is again.

use super::error::StoreError;
use super::journal::Baseline;
use super::owner;
use super::schema::{Store, nanos, time_of};
use crate::model::{Mark, Report, SendOutcome, Token, Try};
use time::OffsetDateTime;

/// A run that stopped before its end.
#[derive(Debug, Clone)]
pub struct Halted {
    /// What it had found.
    pub report: Report,
    /// Its plan, as it was kept.
    pub plan: String,
    owner: String,
}

/// A try of the journal with its outcome.
#[derive(Debug, Clone, PartialEq)]
pub struct PastTry {
    /// Whose.
    pub token: Token,
    /// When and what.
    pub told: Try,
    /// When that was written down, UTC.
    pub settled_at: OffsetDateTime,
}

/// Token, outcome, intended at, settled at.
type TryRow = (String, Option<String>, i64, Option<i64>);

/// What is known of a try whose process ended before it could say.
fn lost(intended_at: i64) -> Try {
    let text = "the run was interrupted between handing over and the answer";
    Try {
        at: time_of(intended_at),
        outcome: SendOutcome::Unknown(text.to_owned()),
        esp_id: None,
    }
}

impl Store {
    /// Keeps the plan of a run before anything of it is sent.
    pub async fn keep_plan(&self, run: &str, record: &str) -> Result<(), StoreError> {
        sqlx::query("insert into plan (run, owner, kept_at, record) values ($1, $2, $3, $4)")
            .bind(run)
            .bind(self.owner.id())
            .bind(nanos(OffsetDateTime::now_utc()))
            .bind(record)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// A run that stopped before its end, by id, by a beginning of it, or by the word `last`. Changes nothing.
    pub async fn halted(&self, asked: &str) -> Result<Halted, StoreError> {
        let id = self.find(asked).await?;
        let ended: Option<i64> =
            sqlx::query_scalar("select 1 from run where id = $1 and finished_at is not null and not interrupted")
                .bind(&id)
                .fetch_optional(&self.writer)
                .await?;
        if ended.is_some() {
            return Err(StoreError::Finished(id));
        }
        let kept: Option<(String, String)> = sqlx::query_as("select owner, record from plan where run = $1")
            .bind(&id)
            .fetch_optional(&self.writer)
            .await?;
        let (owner, plan) = kept.ok_or_else(|| StoreError::NoPlan(id.clone()))?;
        if owner::alive(&self.path, &owner) {
            return Err(StoreError::GoingOn(id));
        }
        let report = self.load(&id).await?;
        Ok(Halted { report, plan, owner })
    }

    /// Makes a halted run ours, and its open intents unknown.
    pub async fn take_over(&self, halted: &Halted) -> Result<(), StoreError> {
        let run = &halted.report.id;
        let mut change = self.writer.begin_with("begin immediate").await?;
        let taken = sqlx::query("update plan set owner = $1 where run = $2 and owner = $3")
            .bind(self.owner.id())
            .bind(run)
            .bind(&halted.owner)
            .execute(&mut *change)
            .await?;
        if taken.rows_affected() != 1 {
            return Err(StoreError::GoingOn(run.clone()));
        }
        let open: Vec<(i64, i64)> =
            sqlx::query_as("select id, intended_at from try where run = $1 and state = 'intended'")
                .bind(run)
                .fetch_all(&mut *change)
                .await?;
        for (row, intended_at) in open {
            sqlx::query("update try set state = 'unknown', settled_at = $1, outcome = $2 where id = $3")
                .bind(nanos(OffsetDateTime::now_utc()))
                .bind(serde_json::to_string(&lost(intended_at))?)
                .bind(row)
                .execute(&mut *change)
                .await?;
        }
        Ok(change.commit().await?)
    }

    /// Every try of a halted run, oldest first; one that is still `intended` is unknown.
    pub async fn tries(&self, run: &str) -> Result<Vec<PastTry>, StoreError> {
        let query = "select token, outcome, intended_at, settled_at from try where run = $1 order by id";
        let rows: Vec<TryRow> = sqlx::query_as(query).bind(run).fetch_all(&self.writer).await?;
        let read = |(token, outcome, intended_at, settled_at): TryRow| {
            let damaged = || StoreError::Damaged(format!("token {token}"));
            Ok(PastTry {
                token: Token::parse(&token).ok_or_else(damaged)?,
                told: match outcome {
                    Some(outcome) => serde_json::from_str(&outcome)?,
                    None => lost(intended_at),
                },
                settled_at: time_of(settled_at.unwrap_or(intended_at)),
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// What the folders of a mailbox held before the run sent anything there; `None` where it was never looked at.
    pub async fn first_baseline(&self, run: &str, mailbox: &str) -> Result<Option<(Baseline, Vec<Mark>)>, StoreError> {
        let query = "select id, marks from baseline where run = $1 and mailbox = $2 order by id limit 1";
        let row: Option<(i64, String)> = sqlx::query_as(query)
            .bind(run)
            .bind(mailbox)
            .fetch_optional(&self.writer)
            .await?;
        let read = |(row, marks): (i64, String)| {
            let baseline = Baseline {
                row,
                run: run.to_owned(),
                mailbox: mailbox.to_owned(),
            };
            Ok((baseline, serde_json::from_str(&marks)?))
        };
        row.map(read).transpose()
    }
}
