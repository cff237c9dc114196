//! The database file: where it lives, its tables, and how it is opened (WAL, `synchronous = FULL`, one writer).

use super::error::StoreError;
use super::owner::Owner;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Where runs are kept unless the user says otherwise, relative to the working directory.
pub const DEFAULT_FILE: &str = ".inboxqa/runs.sqlite";

/// Marks the file as ours (`PRAGMA application_id`): "IQAs".
const APPLICATION: i64 = 1_230_061_939;
/// `PRAGMA user_version` of the tables below.
const VERSION: i64 = 1;
/// How long one run waits for another that is writing.
const BUSY: Duration = Duration::from_secs(10);
/// Pause between two tries at opening.
const RETRY: Duration = Duration::from_millis(20);

/// Times are Unix nanoseconds, UTC. `run.head` is the report without its deliveries, `judged.record` one delivery, both JSON. The two unique indexes are the rule against double sends: of one attempt, and of one token,
/// there is at most one try that may have been sent, whichever process asks.
const TABLES: &str = "
create table run (
    id text primary key not null,
    suite text not null,
    world text not null,
    started_at integer not null,
    finished_at integer,
    interrupted integer not null default 0,
    worst text,
    head text not null
) strict;
create table baseline (
    id integer primary key,
    run text not null references run(id),
    mailbox text not null,
    taken_at integer not null,
    marks text not null
) strict;
create table try (
    id integer primary key,
    run text not null references run(id),
    delivery text not null,
    attempt integer not null,
    token text not null,
    envelope_to text not null,
    baseline integer not null references baseline(id),
    owner text not null,
    state text not null check (state in
        ('intended', 'accepted', 'refused', 'suppressed', 'deferred', 'unknown', 'not-sent')),
    intended_at integer not null,
    settled_at integer,
    outcome text
) strict;
create unique index one_try_that_may_be_sent on try (run, delivery, attempt) where state not in ('deferred', 'not-sent');
create unique index one_token_that_may_be_sent on try (token) where state not in ('deferred', 'not-sent');
create table judged (
    run text not null references run(id),
    subject text not null,
    attempt integer not null,
    position integer not null,
    verdict text not null,
    saved_at integer not null,
    record text not null,
    primary key (run, subject, attempt)
) strict;
pragma application_id = 1230061939;
pragma user_version = 1;
";

/// Additive: a store without this table gets it when it is opened, and a program that does not know it does not mind.
const DRILLS: &str = "
create table if not exists drill (
    id integer primary key,
    run text not null references run(id),
    delivery text not null,
    route text not null,
    log text not null,
    stream text not null,
    address text not null,
    owner text not null,
    state text not null check (state in ('begun', 'reactivated', 'nothing', 'stuck')),
    begun_at integer not null,
    settled_at integer
) strict;
";

/// Additive likewise: which judged attempts are retries of the one before, so that runs can be counted without reading their evidence.
const RETRIES: &str = "
create table if not exists retry (
    run text not null references run(id),
    subject text not null,
    attempt integer not null,
    primary key (run, subject, attempt)
) strict;
";

/// Additive likewise: the plan of a run that has not ended, and the process that works on it.
const PLANS: &str = "
create table if not exists plan (
    run text primary key not null references run(id),
    owner text not null,
    kept_at integer not null,
    record text not null
) strict;
";

/// A run as it begins.
#[derive(Debug, Clone)]
pub struct RunRow {
    /// Run id.
    pub id: String,
    /// Suite slugs, joined by a comma.
    pub suite: String,
    /// The suite files as the user named them.
    pub files: Vec<String>,
    /// `lab` or `real`.
    pub world: String,
    /// UTC.
    pub started_at: OffsetDateTime,
}

/// The run store. Clones share the connection; any number of processes may use one file at once.
#[derive(Debug, Clone)]
pub struct Store {
    pub(super) path: PathBuf,
    pub(super) writer: SqlitePool,
    pub(super) owner: Arc<Owner>,
}

impl Store {
    /// Opens the database file `path`, making it and its folder where they are missing: the folder with mode 0700 and a
    /// `.gitignore` of its own, for evidence holds real mail. Fails where it can not be written to.
    pub async fn open(path: &Path) -> Result<Store, StoreError> {
        let failed = |text: String| StoreError::Open {
            path: path.to_owned(),
            text,
        };
        make_private(path).map_err(|error| failed(error.to_string()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let writer = connect(options).await.map_err(|error| failed(error.to_string()))?;
        let owner = Owner::enter(path).map_err(|error| failed(error.to_string()))?;
        let store = Store {
            path: path.to_owned(),
            writer,
            owner: Arc::new(owner),
        };
        store.make_tables().await?;
        Ok(store)
    }

    /// The database file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the row all others refer to.
    pub async fn begin_run(&self, run: &RunRow) -> Result<(), StoreError> {
        sqlx::query("insert into run (id, suite, world, started_at, head) values ($1, $2, $3, $4, $5)")
            .bind(&run.id)
            .bind(&run.suite)
            .bind(&run.world)
            .bind(nanos(run.started_at))
            .bind(begun(run)?)
            .execute(&self.writer)
            .await?;
        Ok(())
    }

    /// Takes the write lock first, so that two processes that open a new file do not both make it; also proves that the file
    /// can be written to.
    async fn make_tables(&self) -> Result<(), StoreError> {
        let mut change = self.writer.begin_with("begin immediate").await?;
        let (application, version, tables): (i64, i64, i64) = sqlx::query_as(
            "select (select application_id from pragma_application_id), (select user_version from pragma_user_version),
                    (select count(*) from sqlite_schema)",
        )
        .fetch_one(&mut *change)
        .await?;
        match (application, version, tables) {
            (APPLICATION, VERSION, _) => {}
            (0, 0, 0) => {
                sqlx::raw_sql(TABLES).execute(&mut *change).await?;
            }
            _ => {
                return Err(StoreError::Foreign {
                    path: self.path.clone(),
                    text: format!("application {application}, version {version}, {tables} tables and indexes"),
                });
            }
        }
        sqlx::raw_sql(DRILLS).execute(&mut *change).await?;
        sqlx::raw_sql(RETRIES).execute(&mut *change).await?;
        sqlx::raw_sql(PLANS).execute(&mut *change).await?;
        Ok(change.commit().await?)
    }
}

/// The head of a run of which nothing but its beginning is known.
fn begun(run: &RunRow) -> Result<String, StoreError> {
    let started_at = run
        .started_at
        .format(&Rfc3339)
        .map_err(|error| StoreError::Damaged(error.to_string()))?;
    let head = serde_json::json!({
        "id": run.id, "suite": run.suite, "files": run.files, "world": run.world,
        "started_at": started_at, "finished_at": started_at, "interrupted": true,
        "notices": [], "run_findings": [], "deliveries": [],
    });
    Ok(head.to_string())
}

/// Opens the one writing connection. While another process turns a new file into WAL mode SQLite answers "locked" at once,
/// without its busy timeout, so that wait is ours.
async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let until = Instant::now() + BUSY;
    loop {
        let pool = SqlitePoolOptions::new().max_connections(1);
        match pool.connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < until => tokio::time::sleep(RETRY).await,
            answer => return answer,
        }
    }
}

/// `SQLITE_BUSY` (5), in any of its extended codes.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    code.and_then(|code| code.parse::<u32>().ok())
        .is_some_and(|code| code & 0xff == 5)
}

/// Unix nanoseconds; a time beyond the year 2262 is pinned to the end.
pub(super) fn nanos(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos()).unwrap_or(i64::MAX)
}

/// The time of stored nanoseconds, UTC.
pub(super) fn time_of(nanos: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(nanos)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// Makes the folder (0700) and the file (0600); SQLite gives its side files the mode of the main one.
fn make_private(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        fs::write(folder.join(".gitignore"), "*\n")?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
