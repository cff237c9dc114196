//! The journal of unsubscribe drills: that a seed is about to be unsubscribed is on disk before the request, so that whatever ends the
//! process, the next start knows whom to reactivate.

use super::error::StoreError;
use super::owner;
use super::schema::{Store, nanos, time_of};
use time::OffsetDateTime;

/// Who is unsubscribed from what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribing {
    /// Run id.
    pub run: String,
    /// Delivery id (`suite/case/route/mailbox`).
    pub delivery: String,
    /// Route name.
    pub route: String,
    /// Whose list (`postmark`).
    pub log: String,
    /// Stream.
    pub stream: String,
    /// The seed's address.
    pub address: String,
}

/// The proof that it is on disk. Open until it is settled.
#[derive(Debug)]
#[must_use = "a drill that is not settled is taken up by the next start"]
pub struct Begun {
    row: i64,
    /// When, UTC.
    pub at: OffsetDateTime,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The seed is reactivated.
    Reactivated,
    /// It was not unsubscribed after all.
    Nothing,
    /// The service does not let us: nothing more can be done here.
    Stuck,
}

/// A drill that an earlier process did not settle.
#[derive(Debug)]
pub struct Unfinished {
    /// Its open row.
    pub begun: Begun,
    /// What it was about.
    pub what: Unsubscribing,
    /// `lab` or `real`.
    pub world: String,
}

type Row = (String, i64, i64, String, String, String, String, String, String, String);

impl Store {
    /// Writes down that a seed is about to be unsubscribed; when this returns, the row is on disk.
    pub async fn begin_drill(&self, what: &Unsubscribing) -> Result<Begun, StoreError> {
        let at = OffsetDateTime::now_utc();
        let done = sqlx::query(
            "insert into drill (run, delivery, route, log, stream, address, owner, state, begun_at)
             values ($1, $2, $3, $4, $5, $6, $7, 'begun', $8)",
        )
        .bind(&what.run)
        .bind(&what.delivery)
        .bind(&what.route)
        .bind(&what.log)
        .bind(&what.stream)
        .bind(&what.address)
        .bind(self.owner.id())
        .bind(nanos(at))
        .execute(&self.writer)
        .await?;
        Ok(Begun {
            row: done.last_insert_rowid(),
            at,
        })
    }

    /// Writes down how it ended.
    pub async fn settle_drill(&self, begun: Begun, settled: Settled) -> Result<(), StoreError> {
        let state = match settled {
            Settled::Reactivated => "reactivated",
            Settled::Nothing => "nothing",
            Settled::Stuck => "stuck",
        };
        sqlx::query("update drill set state = $1, settled_at = $2 where id = $3 and state = 'begun'")
            .bind(state)
            .bind(nanos(OffsetDateTime::now_utc()))
            .bind(begun.row)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// The drills that a process which is no more at work left open, oldest first.
    pub async fn unfinished_drills(&self) -> Result<Vec<Unfinished>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select drill.owner, drill.id, drill.begun_at, drill.run, drill.delivery, drill.route, drill.log, drill.stream,
                    drill.address, run.world
             from drill join run on run.id = drill.run where drill.state = 'begun' order by drill.id",
        )
        .fetch_all(&self.writer)
        .await?;
        let dead = |row: &Row| row.0 != self.owner.id() && !owner::alive(&self.path, &row.0);
        Ok(rows.into_iter().filter(dead).map(unfinished).collect())
    }
}

fn unfinished((_, row, at, run, delivery, route, log, stream, address, world): Row) -> Unfinished {
    Unfinished {
        begun: Begun { row, at: time_of(at) },
        what: Unsubscribing {
            run,
            delivery,
            route,
            log,
            stream,
            address,
        },
        world,
    }
}
