//! The seeds' IMAP hosts: one server a host and port, the accounts of its mailboxes, their faults.

use crate::lab::addresses::Addresses;
use crate::lab::fault::Fault;
use crate::lab::fault_kind::FaultKind;
use crate::lab::imap::{self, ImapAccount, ImapFaults, ImapWorld, MailStore, Transcripts};
use crate::lab::pki::Authority;
use crate::lab::post_office::Stored;
use crate::model::{Endpoints, Secret, SeedMailbox, Why};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Starts a server for every host of the seeds; they stop with the runtime. Returns what will be said to all of them.
///
/// # Errors
/// `lab-imap`: no socket, or a fault the IMAP server does not understand.
pub async fn start(
    mailboxes: &[SeedMailbox],
    passwords: &BTreeMap<String, Secret>,
    faults: &[Fault],
    store: &MailStore,
    authority: &Authority,
    addresses: &mut Addresses,
    net: &mut Endpoints,
) -> Result<Transcripts, Why> {
    let transcripts = Transcripts::new();
    let mut hosts: BTreeMap<(String, u16), ImapWorld> = BTreeMap::new();
    for seed in mailboxes {
        let profile = &seed.profile;
        store.add_mailbox(&seed.name, profile.dialect);
        let key = (profile.host.to_ascii_lowercase(), profile.port);
        let host = hosts.entry(key).or_insert_with(|| ImapWorld {
            transcripts: transcripts.clone(),
            ..ImapWorld::new(profile.dialect, store.clone())
        });
        if let Some(password) = passwords.get(&seed.name) {
            let account = ImapAccount::with_password(&seed.name, password.clone());
            host.accounts.insert(seed.username.clone(), account);
        }
        host.faults.insert(seed.name.clone(), faults_of(&seed.name, faults)?);
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

fn faults_of(mailbox: &str, faults: &[Fault]) -> Result<ImapFaults, Why> {
    let armed = ImapFaults::new();
    for fault in faults.iter().filter(|fault| fault.matches_mailbox(mailbox)) {
        let imap = matches!(
            fault.kind,
            FaultKind::ImapRefuseLogin | FaultKind::ImapDrop | FaultKind::ImapNo | FaultKind::ImapSlow
        );
        if imap {
            let value = fault.written();
            armed
                .arm(fault.kind.name(), value.as_deref())
                .map_err(|error| Why::new("lab-imap", error))?;
        }
    }
    Ok(armed)
}

/// Files a message that arrived.
pub fn file(store: &MailStore, stored: Stored) {
    // A mailbox of the blueprint has every folder a message can be meant for; without one there is nobody to tell.
    let _ = match stored.tab {
        Some(tab) => store.deliver_to_tab(&stored.mailbox, tab, stored.raw, stored.at),
        None => store.deliver(&stored.mailbox, stored.place, stored.raw, stored.at),
    };
}
