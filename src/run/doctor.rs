//! Looks at everything a run depends on, and sends nothing: the DNS of every contract, tracking hosts, SMTP and IMAP logins. It
//! goes through the same login, session and DNS code as a run, so what it says holds for one.

mod beside;
mod customerio;
mod dns;
mod doors;
mod envelope;
mod line;
mod patient;
mod postmark;
mod seeds;
mod spf;
mod wanted;
mod webhooks;

pub use patient::{MailboxToExamine, RouteToExamine};

use crate::model::{DnsRecords, DoctorLine, Route};
use crate::net::Net;
use crate::probe;
use futures_util::future::join_all;

/// Rounds of looking up what the answers of the round before ask for: a chain of SPF includes is followed this far.
const MAX_ROUNDS: usize = 16;

/// Examines all routes and mailboxes at the same time; lines come in the given order.
pub async fn examine(routes: &[RouteToExamine], mailboxes: &[MailboxToExamine], net: &Net) -> Vec<DoctorLine> {
    let accounts = mailboxes.iter().filter_map(|patient| patient.account.as_ref().ok());
    let seeds: Vec<&str> = accounts.map(|account| account.seed.address.as_str()).collect();
    let routes = join_all(routes.iter().map(|patient| examine_route(patient, &seeds, net)));
    let mailboxes = join_all(mailboxes.iter().map(|patient| examine_mailbox(patient, net)));
    let (routes, mailboxes) = tokio::join!(routes, mailboxes);
    routes.into_iter().chain(mailboxes).flatten().collect()
}

async fn examine_route(patient: &RouteToExamine, seeds: &[&str], net: &Net) -> Vec<DoctorLine> {
    let contract = &patient.route.contract;
    let (mut lines, tracking, smtp, postmark, customerio) = tokio::join!(
        contract_dns(&patient.route, net),
        doors::tracking(contract, net),
        doors::smtp(patient, net),
        postmark::examine(patient, seeds, net),
        customerio::examine(patient, seeds, net)
    );
    lines.extend(tracking);
    lines.extend(smtp);
    lines.extend(postmark);
    lines.extend(customerio);
    lines.into_iter().map(|line| line.of(&patient.route.name)).collect()
}

/// Judges over what is recorded, looks up what is wanted, and judges again.
async fn contract_dns(route: &Route, net: &Net) -> line::Lines {
    let mut records = DnsRecords::default();
    for _ in 0..MAX_ROUNDS {
        let mut wanted = wanted::Wanted::new();
        let mut lines = dns::examine(route, &records, &mut wanted);
        if wanted.is_empty() {
            if let Some(from) = dns::from_domain(&route.contract) {
                lines.extend(beside::policy(&from, &records, net).await);
            }
            return lines;
        }
        wanted.sort();
        wanted.dedup();
        probe::dns::ask(net, &wanted, &mut records).await;
    }
    dns::examine(route, &records, &mut wanted::Wanted::new())
}

async fn examine_mailbox(patient: &MailboxToExamine, net: &Net) -> Vec<DoctorLine> {
    seeds::examine(patient, net)
        .await
        .into_iter()
        .map(|line| line.of(&patient.name))
        .collect()
}
