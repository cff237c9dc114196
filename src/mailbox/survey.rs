//! Looking at a mailbox without waiting for anything: the baseline before a run, and the report for `doctor`.

use super::account::{Account, TlsSession};
use super::cleaning::{TestMail, count_tests};
use super::failure::Failure;
use super::folders::{Folder, FoundBy};
use crate::model::{FolderRole, Mark, TlsFacts, Why};
use crate::net::Net;
use std::time::Duration;

/// How often a baseline is tried: without one nothing is sent to the mailbox.
const TRIES: u32 = 3;
/// First pause between two tries; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// Longest pause: a run does not wait minutes to begin.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What a login to a mailbox shows.
#[derive(Debug, Clone)]
pub struct LoginReport {
    /// `login`, `plain`, `xoauth2`, `oauthbearer` or `preauth`.
    pub method: &'static str,
    /// The connection.
    pub tls: TlsFacts,
    /// Capabilities after login, sorted.
    pub capabilities: Vec<String>,
    /// Every folder that can be opened.
    pub folders: Vec<FolderReport>,
    /// What is wrong with the mailbox as a seed, in words.
    pub warnings: Vec<String>,
    /// Bytes used and allowed, where the server tells (RFC 9208).
    pub quota: Option<(u64, u64)>,
    /// Messages of earlier runs among the newest of each folder.
    pub tests: TestMail,
}

/// One folder of a [`LoginReport`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderReport {
    /// Name for people.
    pub name: String,
    /// What it is for.
    pub role: FolderRole,
    /// How that is known.
    pub found_by: FoundBy,
}

/// UIDVALIDITY and UIDNEXT of every folder that can be opened. Passing troubles are tried again; codes as in [`Failure::code`].
pub async fn baseline(account: &Account, net: &Net) -> Result<Vec<Mark>, Why> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        match try_baseline(account, net).await {
            Err(failure) if !failure.hopeless() => {
                tokio::time::sleep(failure.stay_away().unwrap_or(pause).min(LONGEST_PAUSE)).await;
                pause *= 2;
            }
            done => return done.map_err(|failure| failure.why()),
        }
    }
    try_baseline(account, net).await.map_err(|failure| failure.why())
}

async fn try_baseline(account: &Account, net: &Net) -> Result<Vec<Mark>, Failure> {
    let (mut session, _) = account.log_in(net).await?;
    let folders = account.folders(&mut session).await?;
    let mut marks = Vec::with_capacity(folders.all.len());
    for folder in &folders.all {
        if let Some(mark) = mark(&mut session, folder).await? {
            marks.push(mark);
        }
    }
    session.logout().await;
    Ok(marks)
}

/// `None` for a folder that is listed but not ours to open.
async fn mark(session: &mut TlsSession, folder: &Folder) -> Result<Option<Mark>, Failure> {
    match session.examine(&folder.raw).await {
        Ok(examined) => Ok(Some(Mark {
            folder: folder.name.clone(),
            uid_validity: examined.uid_validity,
            uid_next: examined.uid_next,
        })),
        Err(failure) if closed(folder, &failure) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Is a folder without a role closed to us for good (RFC 5530 §3)? Shared folders may be listed and not readable.
pub fn closed(folder: &Folder, failure: &Failure) -> bool {
    let for_good = ["[NOPERM]", "[NONEXISTENT]", "[CANNOT]"];
    folder.role == FolderRole::Other
        && matches!(failure, Failure::No { text, .. } if for_good.iter().any(|code| text.to_uppercase().contains(code)))
}

/// Logs in and reports what is there; nothing is changed. Codes as in [`Failure::code`].
pub async fn examine_login(account: &Account, net: &Net) -> Result<LoginReport, Why> {
    report(account, net).await.map_err(|failure| failure.why())
}

async fn report(account: &Account, net: &Net) -> Result<LoginReport, Failure> {
    let (mut session, tls) = account.log_in(net).await?;
    let folders = account.folders(&mut session).await?;
    let mut warnings = folders.hidden.clone();
    for folder in folders.candidates() {
        match session.examine(&folder.raw).await {
            Ok(_) => {}
            Err(failure) if failure.session_lives() => {
                warnings.push(format!(
                    "folder {} can not be opened: {}",
                    folder.name,
                    failure.detail()
                ));
            }
            Err(failure) => return Err(failure),
        }
    }
    let tests = count_tests(&mut session, &folders).await?;
    // Last, because a server whose answer can not be read ends the session, and nothing else hangs on it.
    let quota = session.quota().await.unwrap_or_default();
    let report = LoginReport {
        quota,
        tests,
        method: session.method(),
        tls,
        capabilities: session.capabilities().iter().cloned().collect(),
        folders: folders.all.into_iter().map(told).collect(),
        warnings,
    };
    session.logout().await;
    Ok(report)
}

fn told(folder: Folder) -> FolderReport {
    FolderReport {
        name: folder.name,
        role: folder.role,
        found_by: folder.found_by,
    }
}
