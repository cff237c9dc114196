//! What can go wrong with the store. Before a send every one of these means: nothing is sent.

use crate::model::Why;
use std::path::PathBuf;

/// A failure of the run store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder or the file can not be made or opened.
    #[error("cannot open the run store {path}: {text}")]
    Open {
        /// The database file.
        path: PathBuf,
        /// The system's or SQLite's words.
        text: String,
    },
    /// The file is a database, but not a run store, or one of a later version.
    #[error("{path} is not a run store of this version: {text}")]
    Foreign {
        /// The database file.
        path: PathBuf,
        /// What was found.
        text: String,
    },
    /// Reading or writing failed: disk full, read-only, damaged, or locked by another run for too long.
    #[error("the run store failed: {0}")]
    Database(String),
    /// A stored value can not be read back.
    #[error("the run store holds something unreadable: {0}")]
    Damaged(String),
    /// The delivery was tried before and that try is not certainly unsent.
    #[error("{delivery}, attempt {attempt}, was tried before and may have been sent: it is never sent twice")]
    AlreadyTried {
        /// The delivery's id.
        delivery: String,
        /// The attempt.
        attempt: u32,
    },
    /// The baseline is of another mailbox or another run.
    #[error("the baseline of {baseline} does not allow a send to {mailbox}")]
    WrongBaseline {
        /// Mailbox of the baseline.
        baseline: String,
        /// Mailbox of the delivery.
        mailbox: String,
    },
    /// The journal entry is not waiting for an outcome.
    #[error("journal entry {0} is not waiting for an outcome")]
    NotIntended(i64),
    /// No run has this id or prefix.
    #[error("no run matches `{0}`")]
    NoRun(String),
    /// A run that came to its end.
    #[error("run {0} came to its end: there is nothing to go on with (`inboxqa recheck {0}` judges it again)")]
    Finished(String),
    /// A run without a stored plan.
    #[error(
        "run {0} has no stored plan: it stopped before it sent anything, or a version of inboxqa began it that kept none; run it anew"
    )]
    NoPlan(String),
    /// Another process is at work on it.
    #[error("run {0} is still going on in another process")]
    GoingOn(String),
    /// Several runs have this prefix.
    #[error("`{asked}` matches several runs: {}", .found.join(", "))]
    AmbiguousRun {
        /// What was asked for.
        asked: String,
        /// Ids that match, at most ten.
        found: Vec<String>,
    },
}

impl StoreError {
    /// Stable machine code and words.
    pub fn why(&self) -> Why {
        let code = match self {
            StoreError::Open { .. } => "store-open",
            StoreError::Foreign { .. } => "store-foreign",
            StoreError::Database(_) => "store-failed",
            StoreError::Damaged(_) => "store-damaged",
            StoreError::AlreadyTried { .. } => "already-tried",
            StoreError::WrongBaseline { .. } => "no-baseline",
            StoreError::NotIntended(_) => "not-intended",
            StoreError::NoRun(_) => "no-run",
            StoreError::Finished(_) => "finished",
            StoreError::NoPlan(_) => "no-plan",
            StoreError::GoingOn(_) => "going-on",
            StoreError::AmbiguousRun { .. } => "ambiguous-run",
        };
        Why::new(code, self.to_string())
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::Database(error.to_string())
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        StoreError::Damaged(error.to_string())
    }
}
