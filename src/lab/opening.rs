//! The blueprint of a lab and how each part of it is started.

use crate::lab::addresses::Addresses;
use crate::lab::arrival::Stored;
use crate::lab::customerio_desk::CustomerIoDesk;
use crate::lab::describe;
use crate::lab::dns_server::{self, DnsServer, Failure, Outage, Zone};
use crate::lab::fault::Fault;
use crate::lab::fault_kind::FaultKind;
use crate::lab::held::HeldTemplate;
use crate::lab::ids;
use crate::lab::imap::{MailStore, Transcripts};
use crate::lab::keys::Keyring;
use crate::lab::ledger::Ledger;
use crate::lab::mail_hosts::{self, Seeds};
use crate::lab::oauth_desk::OAuthDesk;
use crate::lab::pki::Authority;
use crate::lab::plan::{POSTMARK_API, RoutePlan};
use crate::lab::post_office::{Counter, Deposit, PostOffice};
use crate::lab::postmark_desk::PostmarkDesk;
use crate::lab::smtp_door::{Login, Submission};
use crate::lab::smtp_server;
use crate::lab::tracking::Tracking;
use crate::lab::web_desk::{IMPOSTOR_PORT, Requests, Site};
use crate::lab::web_server;
use crate::lab::zone::{self, ZoneRecord};
use crate::model::{Endpoints, LogKind, Route, Secret, SeedMailbox, Why};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the lab has to play.
#[derive(Debug, Clone, Default)]
pub struct Blueprint {
    /// Routes, with their contracts.
    pub routes: Vec<Route>,
    /// Seeds, with their providers' facts.
    pub mailboxes: Vec<SeedMailbox>,
    /// Hosts of links and images in the templates.
    pub web_hosts: Vec<String>,
    /// Misbehaviours.
    pub faults: Vec<Fault>,
    /// Templates that the services hold.
    pub held: Vec<HeldTemplate>,
}

/// What is known of the lab once it runs.
#[derive(Clone)]
pub struct Open {
    /// How `net` reaches the lab.
    pub endpoints: Endpoints,
    /// The login minted for each route; `None` where it logs in with nothing.
    pub route_logins: BTreeMap<String, Option<(String, Secret)>>,
    /// Whose logs each route has, in their order.
    pub log_kinds: BTreeMap<String, Vec<LogKind>>,
    /// The password minted for each seed.
    pub mailbox_passwords: BTreeMap<String, Secret>,
    /// The authorization servers of the seeds' providers.
    pub oauth: OAuthDesk,
    /// Postmark's API.
    pub postmark: PostmarkDesk,
    /// Customer.io's APIs.
    pub customerio: CustomerIoDesk,
    /// The seeds' mailboxes.
    pub store: MailStore,
    /// Misbehaviours.
    pub faults: Arc<Vec<Fault>>,
    /// HTTP requests so far.
    pub requests: Requests,
    /// Clicks, pixels and unsubscribe links made so far.
    pub tracking: Arc<Tracking>,
    /// What was said on every IMAP connection.
    pub transcripts: Transcripts,
    /// The certificate authority, PEM.
    pub root_pem: String,
    /// How to reach everything, for people.
    pub description: String,
}

/// Starts every server; the DNS server is handed out because it stops when dropped.
///
/// # Errors
/// Codes `lab-…`.
pub async fn open(blueprint: Blueprint, watcher: Deposit) -> Result<(Open, DnsServer), Why> {
    let authority = Authority::new()?;
    let keys = Keyring::new()?;
    let mut services = BTreeMap::new();
    let plans: Vec<RoutePlan> = blueprint
        .routes
        .iter()
        .map(|route| RoutePlan::of(route, &mut services))
        .collect();
    let faults = Arc::new(blueprint.faults);
    let tracking = Arc::new(Tracking::default());
    let zone = Zone::new()?;
    let mut net = Endpoints {
        roots: vec![authority.root_der()],
        ..Endpoints::default()
    };
    let mut addresses = Addresses::default();

    let store = MailStore::new();
    let shelves = store.clone();
    let deposit = Arc::new(move |stored: Stored| {
        mail_hosts::file(&shelves, stored.clone());
        watcher(stored);
    });
    let ledger = Ledger::default();
    let held = Arc::new(blueprint.held);
    let office = Arc::new(PostOffice {
        ledger: ledger.clone(),
        plans: plans.iter().map(|plan| (plan.name.clone(), plan.clone())).collect(),
        mailboxes: blueprint.mailboxes.clone(),
        keys: keys.clone(),
        tracking: tracking.clone(),
        faults: faults.clone(),
        deposit,
        zone: zone.clone(),
        promotions: Default::default(),
        first_tried: Default::default(),
        renumbered: Default::default(),
    });
    let postmark = PostmarkDesk::new(&blueprint.routes, ledger.clone(), office.clone(), held.clone());
    let customerio = CustomerIoDesk::new(&blueprint.routes, ledger, office.clone(), held);
    let logins = mint_logins(&plans, &postmark, &customerio);
    submission(&plans, &logins, &authority, &office, &mut addresses, &mut net).await?;
    let seeds = &blueprint.mailboxes;
    let passwords: BTreeMap<String, Secret> = seeds
        .iter()
        .map(|seed| (seed.name.clone(), Secret::new(ids::word::<16>())))
        .collect();
    let oauth = OAuthDesk::new(seeds);
    let shelved = Seeds {
        mailboxes: seeds,
        passwords: &passwords,
        oauth: &oauth,
        faults: &faults,
        store: &store,
    };
    let transcripts = mail_hosts::start(shelved, &authority, &mut addresses, &mut net).await?;
    let web_hosts: BTreeSet<String> = blueprint
        .web_hosts
        .iter()
        .map(|host| host.to_ascii_lowercase())
        .collect();
    let site = Site {
        tracking: tracking.clone(),
        pages: web_hosts.clone(),
        oauth: oauth.clone(),
        postmark: postmark.clone(),
        customerio: customerio.clone(),
        requests: Requests::default(),
    };
    let requests = site.requests.clone();
    web(site, &plans, &authority, &mut addresses, &mut net).await?;

    let mut records = zone::records(&plans, &blueprint.mailboxes, &addresses, &keys);
    crowded(&faults, &plans, &mut records);
    zone.publish(&records).await?;
    let dns = dns_server::start(&zone, outages(&faults, &plans, &web_hosts)).await?;
    net.dns = vec![dns.address];
    let description = describe::lines(&plans, &logins, seeds, &passwords, &addresses, &net);
    let open = Open {
        endpoints: net,
        route_logins: logins,
        log_kinds: blueprint
            .routes
            .iter()
            .map(|route| (route.name.clone(), route.logs.iter().map(|log| log.kind).collect()))
            .collect(),
        mailbox_passwords: passwords,
        oauth,
        postmark,
        customerio,
        store,
        faults,
        requests,
        tracking,
        transcripts,
        root_pem: authority.root_pem(),
        description,
    };
    Ok((open, dns))
}

fn mint_logins(
    plans: &[RoutePlan],
    postmark: &PostmarkDesk,
    customerio: &CustomerIoDesk,
) -> BTreeMap<String, Option<(String, Secret)>> {
    let mint = |plan: &RoutePlan| {
        let token = match plan.service {
            LogKind::Postmark => postmark.token(&plan.name),
            LogKind::CustomerIo => customerio.token(&plan.name),
        };
        let login = match token.filter(|_| plan.api) {
            Some(token) => (token.expose().to_owned(), token),
            None => (format!("{}@lab", plan.name), Secret::new(ids::word::<16>())),
        };
        (plan.name.clone(), plan.login.then_some(login))
    };
    plans.iter().map(mint).collect()
}

/// One submission server a host and port.
async fn submission(
    plans: &[RoutePlan],
    logins: &BTreeMap<String, Option<(String, Secret)>>,
    authority: &Authority,
    office: &Arc<PostOffice>,
    addresses: &mut Addresses,
    net: &mut Endpoints,
) -> Result<(), Why> {
    let mut doors: BTreeMap<(&str, u16), Vec<&RoutePlan>> = BTreeMap::new();
    for plan in plans.iter().filter(|plan| !plan.api) {
        doors.entry((&plan.host, plan.port)).or_default().push(plan);
    }
    for ((host, port), routes) in doors {
        let starttls = routes.iter().any(|plan| plan.starttls);
        if routes.iter().any(|plan| plan.starttls != starttls) {
            let text = format!("routes disagree about the security of {host}:{port}");
            return Err(Why::new("lab-contradiction", text));
        }
        let login = |plan: &&RoutePlan| Login {
            route: plan.name.clone(),
            credentials: logins.get(&plan.name).cloned().flatten(),
        };
        let socket = smtp_server::start(Submission {
            host: host.to_owned(),
            starttls,
            logins: routes.iter().map(login).collect(),
            tls: authority.server(host, &[])?,
            desk: Arc::new(Counter(office.clone())),
        })
        .await?;
        net.forward.insert((addresses.give(host)?, port), socket);
    }
    Ok(())
}

/// The web for tracking hosts and for hosts of the templates.
async fn web(
    site: Site,
    plans: &[RoutePlan],
    authority: &Authority,
    addresses: &mut Addresses,
    net: &mut Endpoints,
) -> Result<(), Why> {
    let mut pages: BTreeSet<String> = site.pages.union(&site.oauth.hosts()).cloned().collect();
    if site.postmark.is_open() {
        pages.insert(POSTMARK_API.to_owned());
    }
    pages.extend(site.customerio.hosts());
    let sockets = web_server::start(site, authority).await?;
    let tracking: BTreeSet<String> = plans.iter().flat_map(RoutePlan::web_hosts).collect();
    for host in pages.union(&tracking) {
        let address = addresses.give(host)?;
        net.forward.insert((address, 443), sockets.https);
        net.forward.insert((address, 80), sockets.http);
        if tracking.contains(host) {
            net.forward.insert((address, IMPOSTOR_PORT), sockets.impostor);
        }
    }
    Ok(())
}

/// The SPF records that a fault makes too long.
fn crowded(faults: &[Fault], plans: &[RoutePlan], records: &mut Vec<ZoneRecord>) {
    for fault in faults.iter().filter(|fault| fault.kind == FaultKind::ManySpfLookups) {
        let hit = plans.iter().filter(|plan| fault.matches_route(&plan.name));
        hit.for_each(|plan| zone::crowd(plan, records));
    }
}

/// DNS faults as outages. Narrowed to routes, they hit the names of those routes; the lab's own mail hosts never fail.
fn outages(faults: &[Fault], plans: &[RoutePlan], web_hosts: &BTreeSet<String>) -> Vec<Outage> {
    let outage = |fault: &Fault| {
        let failure = match fault.kind {
            FaultKind::DnsServfail => Failure::ServFail,
            FaultKind::DnsTimeout => Failure::Silence,
            _ => return None,
        };
        let (hit, spared): (Vec<&RoutePlan>, Vec<&RoutePlan>) =
            plans.iter().partition(|plan| fault.matches_route(&plan.name));
        let names_of = |routes: &[&RoutePlan]| -> BTreeSet<String> {
            match fault.word() {
                "a" => routes.iter().flat_map(|plan| plan.tracking_hosts()).collect(),
                _ => routes.iter().flat_map(|plan| zone::mail_names(plan)).collect(),
            }
        };
        // A name that a spared route needs too keeps its answer, or the fault would leak.
        let mut names: BTreeSet<String> = names_of(&hit).difference(&names_of(&spared)).cloned().collect();
        if !fault.names_routes() {
            names.extend(web_hosts.iter().cloned());
        }
        let all_text = fault.word() == "txt" && !fault.names_routes();
        Some(Outage {
            failure,
            addresses: fault.word() == "a",
            names: (!all_text).then_some(names),
        })
    };
    faults.iter().filter_map(outage).collect()
}
