//! The line to a mailbox: a live session with the folders it listed, and passes over them.

use super::desk::{Desk, Pass};
use super::eye;
use super::memory::Memory;
use super::moment::Moment;
use super::schedule::{Aim, LEAST_PAUSE};
use crate::mailbox::account::{Account, TlsSession};
use crate::mailbox::failure::Failure;
use crate::mailbox::folders::{Folder, Folders};
use crate::mailbox::idle::Woken;
use crate::mailbox::survey::closed;
use crate::model::{FolderRole, Mark, Token};
use crate::net::Net;
use tokio::time::Instant;

/// The line.
pub struct Line {
    session: TlsSession,
    folders: Folders,
    /// Does the server take IDLE?
    idles: bool,
    /// UIDNEXT of the inbox that already cut a sleep short: a message that can not be read must not keep us awake.
    alarmed: u32,
}

/// How a rest ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Something changed.
    News,
    /// Nothing did.
    Quiet,
    /// This server can not be rested at: sleep without it.
    Impossible,
}

impl Line {
    /// Connects, logs in, lists.
    pub async fn open(account: &Account, net: &Net, memory: &mut Memory) -> Result<Line, Failure> {
        let (mut session, _) = account.log_in(net).await?;
        let folders = account.folders(&mut session).await?;
        memory.prune(&folders);
        let idles = account.seed.profile.idle && session.can_idle();
        Ok(Line {
            session,
            folders,
            idles,
            alarmed: 0,
        })
    }

    /// Does a rest here notice changes?
    pub fn idles(&self) -> bool {
        self.idles
    }

    /// Looks at the folders of an aim. A folder that the server refuses to open does not keep the others from being looked at:
    /// the first such refusal is returned beside what was seen.
    pub async fn pass(
        &mut self,
        aim: Aim,
        account: &Account,
        marks: &[Mark],
        memory: &mut Memory,
        desk: &mut Desk,
    ) -> Result<(Pass, Option<Failure>), Failure> {
        let began = Moment::now();
        if aim == Aim::Sweep {
            // A rule may have made a folder since.
            self.folders = account.folders(&mut self.session).await?;
            memory.prune(&self.folders);
        }
        let whole = aim != Aim::Round;
        let (mut looks, mut shut, mut trouble) = (Vec::new(), Vec::new(), None);
        for folder in &self.folders.all {
            if aim != Aim::Sweep && folder.role == FolderRole::Other {
                continue;
            }
            match eye::look(&mut self.session, folder, memory, desk, whole).await {
                Ok(look) => looks.extend(look),
                Err(failure) if closed(folder, &failure) => shut.push(folder.name.as_str()),
                Err(failure) if failure.session_lives() => trouble = trouble.or(Some(failure)),
                Err(failure) => return Err(failure),
            }
        }
        let open = |folder: &&Folder| !shut.contains(&folder.name.as_str());
        let name = |folder: &Folder| folder.name.clone();
        let pass = Pass {
            began,
            whole,
            selectable: self.folders.all.iter().filter(open).map(name).collect(),
            candidates: self.folders.candidates().map(name).collect(),
            hidden: self.hidden(marks),
            looks,
        };
        if whole && self.session.is_gmail() {
            self.ask_tabs(memory, desk).await?;
        }
        Ok((pass, trouble))
    }

    /// Folders in which a message could lie unseen: those a provider hides, and those that were there at the baseline and are
    /// not listed any more.
    fn hidden(&self, marks: &[Mark]) -> Vec<String> {
        let listed = |mark: &&Mark| self.folders.all.iter().any(|folder| folder.name == mark.folder);
        let lost = marks.iter().filter(|mark| !listed(mark));
        let told = lost.map(|mark| {
            format!(
                "folder {} was there before the run and is not listed any more",
                mark.folder
            )
        });
        self.folders.hidden.iter().cloned().chain(told).collect()
    }

    /// Before cases end as seen, Gmail is asked for their categories.
    async fn ask_tabs(&mut self, memory: &mut Memory, desk: &Desk) -> Result<(), Failure> {
        let Some(inbox) = self.folders.inbox() else {
            return Ok(());
        };
        let tokens: Vec<Token> = desk.cases.iter().map(|case| case.token.clone()).collect();
        eye::tabs(&mut self.session, inbox, memory, &tokens).await
    }

    /// IDLEs in the inbox where nothing is new in it.
    pub async fn rest(
        &mut self,
        memory: &Memory,
        wake: Instant,
        called: impl Future<Output = ()>,
    ) -> Result<Rest, Failure> {
        let Some(inbox) = self.folders.inbox() else {
            return Ok(Rest::Impossible);
        };
        let examined = match self.session.examine(&inbox.raw).await {
            Err(failure) if failure.session_lives() => return Ok(Rest::Impossible),
            done => done?,
        };
        if !memory.is_current(&inbox.name, examined) && self.alarmed != examined.uid_next {
            self.alarmed = examined.uid_next;
            return Ok(Rest::News);
        }
        match self.session.idle(wake, called).await? {
            Woken::Declined => {
                self.idles = false;
                Ok(Rest::Impossible)
            }
            Woken::News => {
                // A server that always has news must not keep us spinning.
                tokio::time::sleep(LEAST_PAUSE).await;
                Ok(Rest::News)
            }
            Woken::Rested => Ok(Rest::Quiet),
        }
    }

    /// Logs out.
    pub async fn close(self) {
        self.session.logout().await;
    }
}
