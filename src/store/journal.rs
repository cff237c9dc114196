//! The write-ahead journal of sends: `Baseline ─► Intent ─► Sent`, each made only from a durable row.
//!
//! A send needs an [`Intent`], an intent needs a [`Baseline`] of the delivery's mailbox, and handing the message over uses the
//! intent up. So these do not compile, and the first block shows that nothing else is wrong with them:
//!
//! ```no_run
//! # use inboxqa::{model::{Delivery, Try}, store::{Baseline, Intent, Sent, Store, StoreError}};
//! # async fn submit(intent: Intent) -> Sent { intent.spent(unimplemented!()) }
//! async fn once(store: &Store, delivery: &Delivery, baseline: &Baseline) -> Result<Try, StoreError> {
//!     let intent = store.intend("run", delivery, baseline, "seed@gmail.example").await?;
//!     store.settle(submit(intent).await).await
//! }
//! ```
//! Submitting one intent twice:
//! ```compile_fail,E0382
//! # use inboxqa::{model::{Delivery, Try}, store::{Baseline, Intent, Sent, Store, StoreError}};
//! # async fn submit(intent: Intent) -> Sent { intent.spent(unimplemented!()) }
//! async fn twice(store: &Store, delivery: &Delivery, baseline: &Baseline) -> Result<Try, StoreError> {
//!     let intent = store.intend("run", delivery, baseline, "seed@gmail.example").await?;
//!     submit(intent).await;
//!     store.settle(submit(intent).await).await
//! }
//! ```
//! Copying one:
//! ```compile_fail,E0599
//! # use inboxqa::store::Intent;
//! fn copy(intent: Intent) -> (Intent, Intent) {
//!     (intent.clone(), intent)
//! }
//! ```
//! Forging one:
//! ```compile_fail,E0451
//! # use inboxqa::store::Intent;
//! fn forge() -> Intent {
//!     Intent { row: 1, envelope_to: String::new() }
//! }
//! ```
//! Intending without a baseline:
//! ```compile_fail,E0308
//! # use inboxqa::{model::Delivery, store::{Intent, Store, StoreError}};
//! async fn blindly(store: &Store, delivery: &Delivery) -> Result<Intent, StoreError> {
//!     store.intend("run", delivery, &(), "seed@gmail.example").await
//! }
//! ```
//! Forging a baseline:
//! ```compile_fail,E0451
//! # use inboxqa::store::Baseline;
//! fn forge() -> Baseline {
//!     Baseline { row: 1, run: String::new(), mailbox: String::new() }
//! }
//! ```
//! Settling what was never sent:
//! ```compile_fail,E0308
//! # use inboxqa::{model::Try, store::{Intent, Store, StoreError}};
//! async fn settle(store: &Store, intent: Intent) -> Result<Try, StoreError> {
//!     store.settle(intent).await
//! }
//! ```

use super::error::StoreError;
use super::owner;
use super::schema::{Store, nanos, time_of};
use crate::model::{Delivery, Mark, SendOutcome, Try};
use time::OffsetDateTime;

/// The proof that a mailbox was looked at, and what was there is on disk, before anything is sent to it.
#[derive(Debug)]
pub struct Baseline {
    pub(super) row: i64,
    pub(super) run: String,
    pub(super) mailbox: String,
}

impl Baseline {
    /// The mailbox's name.
    pub fn mailbox(&self) -> &str {
        &self.mailbox
    }
}

/// The permission for exactly one try at sending one message; its journal row is on disk. Dropped unspent, the row stays
/// `intended`, which the next start reads as unknown.
#[derive(Debug)]
#[must_use = "an intent that is not spent counts as sent, with an unknown outcome"]
pub struct Intent {
    row: i64,
    envelope_to: String,
}

impl Intent {
    /// The only address this try may be sent to.
    pub fn envelope_to(&self) -> &str {
        &self.envelope_to
    }

    /// Uses the permission up: the try was made and this is what became of it.
    pub fn spent(self, outcome: Try) -> Sent {
        Sent { row: self.row, outcome }
    }
}

/// A try that was made, not yet settled in the journal.
#[derive(Debug)]
#[must_use = "a try that is not settled counts as unknown"]
pub struct Sent {
    row: i64,
    outcome: Try,
}

impl Sent {
    /// What became of it.
    pub fn outcome(&self) -> &Try {
        &self.outcome
    }
}

/// A try whose process ended before it could say what became of it: it may or may not have been sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsettledIntent {
    /// Run id.
    pub run: String,
    /// Delivery id (`suite/case/route/mailbox`).
    pub delivery: String,
    /// Attempt.
    pub attempt: u32,
    /// The token to look for in the mailbox.
    pub token: String,
    /// Where it was to go.
    pub envelope_to: String,
    /// When, UTC.
    pub intended_at: OffsetDateTime,
}

impl Store {
    /// Records what the folders of a mailbox held before the run sends anything to it.
    pub async fn baseline(&self, run: &str, mailbox: &str, marks: &[Mark]) -> Result<Baseline, StoreError> {
        let done = sqlx::query("insert into baseline (run, mailbox, taken_at, marks) values ($1, $2, $3, $4)")
            .bind(run)
            .bind(mailbox)
            .bind(nanos(OffsetDateTime::now_utc()))
            .bind(serde_json::to_string(marks)?)
            .execute(&self.writer)
            .await?;
        Ok(Baseline {
            row: done.last_insert_rowid(),
            run: run.to_owned(),
            mailbox: mailbox.to_owned(),
        })
    }

    /// Writes down that `delivery` is about to be sent to `envelope_to`; when this returns, the row is on disk.
    ///
    /// Refuses unless the attempt was never tried, or every earlier try of it is settled as certainly not sent (deferred, not
    /// sent). The database itself holds this rule, so it also holds between processes.
    pub async fn intend(
        &self,
        run: &str,
        delivery: &Delivery,
        baseline: &Baseline,
        envelope_to: &str,
    ) -> Result<Intent, StoreError> {
        if baseline.run != run || baseline.mailbox != delivery.id.mailbox {
            return Err(StoreError::WrongBaseline {
                baseline: baseline.mailbox.clone(),
                mailbox: delivery.id.mailbox.clone(),
            });
        }
        let written = sqlx::query(
            "insert into try (run, delivery, attempt, token, envelope_to, baseline, owner, state, intended_at)
             values ($1, $2, $3, $4, $5, $6, $7, 'intended', $8)",
        )
        .bind(run)
        .bind(delivery.id.to_string())
        .bind(delivery.attempt)
        .bind(delivery.token.as_str())
        .bind(envelope_to)
        .bind(baseline.row)
        .bind(self.owner.id())
        .bind(nanos(OffsetDateTime::now_utc()))
        .execute(&self.writer)
        .await;
        let tried_before = |error: &sqlx::Error| {
            let database = error.as_database_error();
            database.is_some_and(|error| error.is_unique_violation())
        };
        match written {
            Ok(done) => Ok(Intent {
                row: done.last_insert_rowid(),
                envelope_to: envelope_to.to_owned(),
            }),
            Err(error) if tried_before(&error) => Err(StoreError::AlreadyTried {
                delivery: delivery.id.to_string(),
                attempt: delivery.attempt,
            }),
            Err(error) => Err(error.into()),
        }
    }

    /// Writes down what became of a try, and gives it back.
    pub async fn settle(&self, sent: Sent) -> Result<Try, StoreError> {
        let done = sqlx::query(
            "update try set state = $1, settled_at = $2, outcome = $3 where id = $4 and owner = $5 and state = 'intended'",
        )
        .bind(state(&sent.outcome.outcome))
        .bind(nanos(OffsetDateTime::now_utc()))
        .bind(serde_json::to_string(&sent.outcome)?)
        .bind(sent.row)
        .bind(self.owner.id())
        .execute(&self.writer)
        .await?;
        match done.rows_affected() {
            1 => Ok(sent.outcome),
            _ => Err(StoreError::NotIntended(sent.row)),
        }
    }

    /// The tries that an earlier process left without an outcome, oldest first: each may or may not have been sent, and is
    /// never sent again. Those of a process that is still at work are not among them.
    pub async fn unsettled(&self) -> Result<Vec<UnsettledIntent>, StoreError> {
        let rows: Vec<UnsettledRow> = sqlx::query_as(
            "select owner, run, delivery, attempt, token, envelope_to, intended_at from try
             where state = 'intended' and owner <> $1 order by id",
        )
        .bind(self.owner.id())
        .fetch_all(&self.writer)
        .await?;
        let dead = rows.into_iter().filter(|row| !owner::alive(&self.path, &row.0));
        Ok(dead.map(unsettled).collect())
    }
}

type UnsettledRow = (String, String, String, u32, String, String, i64);

fn unsettled((_, run, delivery, attempt, token, envelope_to, intended_at): UnsettledRow) -> UnsettledIntent {
    UnsettledIntent {
        run,
        delivery,
        attempt,
        token,
        envelope_to,
        intended_at: time_of(intended_at),
    }
}

fn state(outcome: &SendOutcome) -> &'static str {
    match outcome {
        SendOutcome::Accepted(_) => "accepted",
        SendOutcome::Refused(_) => "refused",
        SendOutcome::Suppressed(_) => "suppressed",
        SendOutcome::Deferred(_) => "deferred",
        SendOutcome::Unknown(_) => "unknown",
        SendOutcome::NotSent { .. } => "not-sent",
    }
}
