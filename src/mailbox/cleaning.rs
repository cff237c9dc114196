//! Old test messages: finding them, and removing them. The one place that writes to a seed, and only ever to messages whose own header
//! carries our token: each is asked for it right before it is removed.

use super::account::{Account, TlsSession};
use super::decode::quoted;
use super::failure::Failure;
use super::folders::{Folder, Folders};
use super::wire::Command;
use crate::mail::filing;
use crate::mail::headers::Headers;
use crate::mail::received;
use crate::model::delivery::{DELIVERY_HEADER, TOKEN_HEADER};
use crate::model::{FolderRole, Token, Why};
use crate::net::Net;
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

/// Newest messages of a folder that are looked at before cleaning.
const NEWEST: usize = 5_000;
/// The same for a count that nobody waits long for.
const A_FEW: usize = 500;
/// Outlook's notes of why it filed a message where it did.
const OUTLOOK_FILED: &str = "X-Microsoft-Antispam-Mailbox-Delivery";
/// Messages of one command.
const BATCH: usize = 100;

/// A message of some run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestMessage {
    /// Folder, for people.
    pub folder: String,
    /// UID in it.
    pub uid: u32,
    /// INTERNALDATE.
    pub arrived_at: Option<OffsetDateTime>,
    /// Its Date: when it was composed, by our clock.
    pub dated: Option<OffsetDateTime>,
    /// Which delivery it was of (`suite/case/route/mailbox`), as its header says.
    pub delivery: Option<String>,
    /// Outlook let a rule of the user's decide about it (`OFR:`), such as `TrustedSenderList`.
    pub user_override: Option<String>,
}

/// What was found, and what was not looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TestMail {
    /// The messages, by folder.
    pub messages: Vec<TestMessage>,
    /// Older messages that were not looked at, in words.
    pub unseen: Vec<String>,
}

/// What became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Removed for good.
    pub removed: usize,
    /// Moved to the trash, for providers where deleting means only taking a label away, or that can not remove single messages.
    pub to_trash: usize,
    /// What could not be removed, in words.
    pub left: Vec<String>,
}

/// Looks for messages of earlier runs, by what their own headers say. Nothing is changed. Codes as in [`Failure::code`].
pub async fn find_tests(account: &Account, net: &Net, until: OffsetDateTime) -> Result<TestMail, Why> {
    let finding = async {
        let (mut session, _) = account.log_in(net).await?;
        let folders = account.folders(&mut session).await?;
        let found = search(&mut session, &folders, until, NEWEST).await?;
        session.logout().await;
        Ok::<TestMail, Failure>(found)
    };
    finding.await.map_err(|failure| failure.why())
}

/// A quick look for messages of earlier runs, in a session that is open.
pub(super) async fn count_tests(session: &mut TlsSession, folders: &Folders) -> Result<TestMail, Failure> {
    search(session, folders, OffsetDateTime::now_utc(), A_FEW).await
}

async fn search(
    session: &mut TlsSession,
    folders: &Folders,
    until: OffsetDateTime,
    newest: usize,
) -> Result<TestMail, Failure> {
    let mut found = TestMail::default();
    for folder in searched(folders, session.is_gmail()) {
        let examined = match session.examine(&folder.raw).await {
            Err(failure) if failure.session_lives() => {
                found
                    .unseen
                    .push(format!("folder {}: {}", folder.name, failure.detail()));
                continue;
            }
            done => done?,
        };
        if examined.exists > 0 {
            look(session, folder, until, newest, &mut found).await?;
        }
    }
    Ok(found)
}

/// At Gmail everything but junk and trash is in All Mail; what is in the trash already goes by itself.
fn searched(folders: &Folders, gmail: bool) -> impl Iterator<Item = &Folder> {
    let all_mail = gmail && folders.all.iter().any(|folder| folder.role == FolderRole::All);
    folders.all.iter().filter(move |folder| match folder.role {
        FolderRole::Trash => !gmail,
        FolderRole::All => gmail,
        FolderRole::Junk => true,
        _ => !all_mail,
    })
}

async fn look(
    session: &mut TlsSession,
    folder: &Folder,
    until: OffsetDateTime,
    newest: usize,
    found: &mut TestMail,
) -> Result<(), Failure> {
    let mut entries = session.entries(1).await?;
    if entries.len() > newest {
        let older = entries.len() - newest;
        found.unseen.push(format!("{older} older messages in {}", folder.name));
        entries.drain(..older);
    }
    entries.retain(|entry| entry.internal_date.is_none_or(|date| date < until));
    for batch in entries.chunks(BATCH) {
        let uids: Vec<u32> = batch.iter().map(|entry| entry.uid).collect();
        let ours = marked(session, &uids).await?;
        found.messages.extend(batch.iter().filter_map(|entry| {
            let marks = ours.get(&entry.uid)?.clone();
            Some(TestMessage {
                folder: folder.name.clone(),
                uid: entry.uid,
                arrived_at: entry.internal_date,
                dated: marks.dated,
                delivery: marks.delivery,
                user_override: marks.user_override,
            })
        }));
    }
    Ok(())
}

/// What the header of one of our messages says.
#[derive(Clone)]
struct Marks {
    dated: Option<OffsetDateTime>,
    delivery: Option<String>,
    user_override: Option<String>,
}

/// Those of the open folder whose header carries a token.
async fn marked(session: &mut TlsSession, uids: &[u32]) -> Result<BTreeMap<u32, Marks>, Failure> {
    let headers = session
        .fields(uids, &[TOKEN_HEADER, DELIVERY_HEADER, OUTLOOK_FILED, "Date"])
        .await?;
    let read = |(uid, raw): (u32, Vec<u8>)| {
        let headers = Headers::of(&raw);
        headers
            .all(TOKEN_HEADER)
            .find_map(|field| Token::parse(&field.unfolded()))?;
        let filed = headers.first(OUTLOOK_FILED).map(|field| field.unfolded());
        let marks = Marks {
            dated: headers
                .first("Date")
                .and_then(|field| received::stamp(&field.unfolded())),
            delivery: headers.first(DELIVERY_HEADER).map(|field| field.unfolded()),
            user_override: filed.as_deref().and_then(filing::user_override),
        };
        Some((uid, marks))
    };
    Ok(headers.into_iter().filter_map(read).collect())
}

/// Removes messages that [`find_tests`] found. Codes as in [`Failure::code`].
pub async fn remove_tests(account: &Account, net: &Net, messages: &[TestMessage]) -> Result<Cleaned, Why> {
    let removing = async {
        let (mut session, _) = account.log_in(net).await?;
        let folders = account.folders(&mut session).await?;
        let trash = folders.all.iter().find(|folder| folder.role == FolderRole::Trash);
        let mut cleaned = Cleaned::default();
        for folder in &folders.all {
            let here: Vec<u32> = messages
                .iter()
                .filter(|one| one.folder == folder.name)
                .map(|one| one.uid)
                .collect();
            for batch in here.chunks(BATCH) {
                remove(&mut session, folder, trash, batch, &mut cleaned).await?;
            }
        }
        session.logout().await;
        Ok::<Cleaned, Failure>(cleaned)
    };
    removing.await.map_err(|failure| failure.why())
}

async fn remove(
    session: &mut TlsSession,
    folder: &Folder,
    trash: Option<&Folder>,
    uids: &[u32],
    cleaned: &mut Cleaned,
) -> Result<(), Failure> {
    session.select(&folder.raw).await?;
    // UIDs may mean other messages by now: only what still carries our token is touched.
    let ours: BTreeSet<u32> = marked(session, uids).await?.into_keys().collect();
    let gone = uids.len() - ours.len();
    if gone > 0 {
        cleaned
            .left
            .push(format!("{gone} in {} are not there any more", folder.name));
    }
    if ours.is_empty() {
        return Ok(());
    }
    let set: Vec<String> = ours.iter().map(u32::to_string).collect();
    let set = set.join(",");
    let elsewhere = trash.filter(|trash| trash.raw != folder.raw && session.can_move());
    match elsewhere {
        // Taking a label away is no removal at Gmail; and without UIDPLUS an EXPUNGE would take other people's deletions along.
        Some(trash) if session.is_gmail() || !session.can_expunge_by_uid() => {
            session
                .order("MOVE", format!("UID MOVE {set} {}", quoted(&trash.raw)))
                .await?;
            cleaned.to_trash += ours.len();
        }
        _ if session.can_expunge_by_uid() => {
            session
                .order("STORE", format!("UID STORE {set} +FLAGS.SILENT (\\Deleted)"))
                .await?;
            session.order("EXPUNGE", format!("UID EXPUNGE {set}")).await?;
            cleaned.removed += ours.len();
        }
        _ => cleaned.left.push(format!(
            "{} in {}: the server can remove single messages neither by UIDPLUS nor by MOVE",
            ours.len(),
            folder.name
        )),
    }
    Ok(())
}

impl TlsSession {
    fn can_move(&self) -> bool {
        self.capabilities().contains("MOVE")
    }

    /// RFC 4315.
    fn can_expunge_by_uid(&self) -> bool {
        self.capabilities().contains("UIDPLUS")
    }

    /// Opens a folder for writing.
    async fn select(&mut self, raw: &str) -> Result<(), Failure> {
        self.order("SELECT", format!("SELECT {}", quoted(raw))).await
    }

    /// A command of which nothing but its OK is wanted.
    async fn order(&mut self, verb: &'static str, line: String) -> Result<(), Failure> {
        self.wire.checked(Command::new(verb, line), |_| ()).await.map(drop)
    }
}
