//! The seeds' IMAP hosts: one server a host and port, the accounts of its mailboxes, their faults.

use crate::lab::addresses::Addresses;
use crate::lab::arrival::Stored;
use crate::lab::fault::Fault;
use crate::lab::fault_kind::FaultKind;
use crate::lab::imap::layout::{self, FolderPlan};
use crate::lab::imap::{self, Bearer, ImapAccount, ImapFaults, ImapWorld, MailStore, Transcripts};
use crate::lab::oauth_desk::OAuthDesk;
use crate::lab::pki::Authority;
use crate::model::{Endpoints, FolderRole, Secret, SeedMailbox, Why};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The seeds and what belongs to them.
pub struct Seeds<'a> {
    /// With their providers' facts.
    pub mailboxes: &'a [SeedMailbox],
    /// The password minted for each.
    pub passwords: &'a BTreeMap<String, Secret>,
    /// The authorization servers of their providers.
    pub oauth: &'a OAuthDesk,
    /// Misbehaviours.
    pub faults: &'a [Fault],
    /// Their mailboxes.
    pub store: &'a MailStore,
}

/// Starts a server for every host of the seeds; they stop with the runtime. Returns what will be said to all of them.
///
/// # Errors
/// `lab-imap`: no socket, or a fault the IMAP server does not understand.
pub async fn start(
    seeds: Seeds<'_>,
    authority: &Authority,
    addresses: &mut Addresses,
    net: &mut Endpoints,
) -> Result<Transcripts, Why> {
    let Seeds {
        mailboxes,
        passwords,
        oauth,
        faults,
        store,
    } = seeds;
    let transcripts = Transcripts::new();
    let mut hosts: BTreeMap<(String, u16), ImapWorld> = BTreeMap::new();
    for seed in mailboxes {
        let profile = &seed.profile;
        store.add_mailbox_with(&seed.name, profile.dialect, folders_of(seed, faults));
        let key = (profile.host.to_ascii_lowercase(), profile.port);
        let host = hosts.entry(key).or_insert_with(|| ImapWorld {
            transcripts: transcripts.clone(),
            ..ImapWorld::new(profile.dialect, store.clone())
        });
        host.accounts
            .insert(seed.username.clone(), account(seed, passwords, oauth));
        let armed = faults_of(&seed.name, faults)?;
        let (desk, mailbox) = (oauth.clone(), seed.name.clone());
        armed.along(FaultKind::TokenExpired.name(), Arc::new(move || desk.expire(&mailbox)));
        host.faults.insert(seed.name.clone(), armed);
    }
    for ((host, port), world) in hosts {
        let failed = |error: std::io::Error| Why::new("lab-imap", format!("the lab's IMAP server: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(failed)?;
        let socket = listener.local_addr().map_err(failed)?;
        net.forward.insert((addresses.give(&host)?, port), socket);
        tokio::spawn(imap::serve(listener, authority.server(&host, &[])?, world));
    }
    Ok(transcripts)
}

/// A mailbox that logs in by OAuth takes no password, as Microsoft's do not.
fn account(seed: &SeedMailbox, passwords: &BTreeMap<String, Secret>, oauth: &OAuthDesk) -> ImapAccount {
    let (desk, mailbox) = (oauth.clone(), seed.name.clone());
    let by_token = seed.oauth.is_some();
    ImapAccount {
        mailbox: seed.name.clone(),
        password: passwords.get(&seed.name).filter(|_| !by_token).cloned(),
        bearer: by_token.then(|| Bearer::by(move |token| desk.accepts(&mailbox, token))),
    }
}

fn faults_of(mailbox: &str, faults: &[Fault]) -> Result<ImapFaults, Why> {
    let armed = ImapFaults::new();
    for fault in faults.iter().filter(|fault| fault.matches_mailbox(mailbox)) {
        let imap = imap::FAULT_NAMES.iter().any(|(name, _)| *name == fault.kind.name());
        if imap {
            let value = fault.written();
            armed
                .arm(fault.kind.name(), value.as_deref())
                .map_err(|error| Why::new("lab-imap", error))?;
        }
    }
    Ok(armed)
}

/// The provider's usual folders; with a hidden junk folder where a fault wants that.
fn folders_of(seed: &SeedMailbox, faults: &[Fault]) -> Vec<FolderPlan> {
    let hides = |fault: &Fault| fault.kind == FaultKind::HiddenSpamFolder && fault.matches_mailbox(&seed.name);
    let hidden = faults.iter().any(hides);
    let mut plans = layout::usual(seed.profile.dialect);
    for plan in plans.iter_mut().filter(|plan| plan.role == FolderRole::Junk) {
        plan.listed = !hidden;
    }
    plans
}

/// Files a message that arrived; one that is to be moved later goes to junk then. Without a folder there is nobody to tell.
pub fn file(store: &MailStore, stored: Stored) {
    let mailbox = stored.mailbox.clone();
    if stored.renumber {
        let _ = store.bump_uidvalidity(&mailbox, "INBOX");
    }
    let filed = match (stored.folder, stored.tab) {
        (Some(folder), _) => store.deliver_to_folder(&mailbox, &folder, stored.raw, stored.at),
        (None, Some(tab)) => store.deliver_to_tab(&mailbox, tab, stored.raw, stored.at),
        (None, None) => store.deliver(&mailbox, stored.place, stored.raw, stored.at),
    };
    if let (Ok(filed), Some(after)) = (filed, stored.move_after) {
        let store = store.clone();
        tokio::spawn(async move {
            tokio::time::sleep(after).await;
            let _ = store.move_to_role(&mailbox, &filed, FolderRole::Junk);
        });
    }
}
