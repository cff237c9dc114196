//! Starts the whole small internet on a runtime thread of its own and hands out plain data about it.

use crate::lab::addresses::Addresses;
use crate::lab::describe;
use crate::lab::dns_server::{self, DnsServer, Failure, Outage, Zone};
use crate::lab::fault::{Active, Fault};
use crate::lab::fault_kind::FaultKind;
use crate::lab::ids;
use crate::lab::imap::MailStore;
use crate::lab::keys::Keyring;
use crate::lab::mail_hosts;
use crate::lab::pki::Authority;
use crate::lab::plan::RoutePlan;
use crate::lab::post_office::{Counter, Deposit, PostOffice, Stored};
use crate::lab::smtp_server::{self, Login, Submission};
use crate::lab::tracking::Tracking;
use crate::lab::web_server::{self, IMPOSTOR_PORT, Requests, Site, WebRequest};
use crate::lab::zone;
use crate::model::{DeliveryId, Endpoints, Route, Secret, SeedMailbox, Why};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use tokio::runtime::Builder;
use tokio::sync::oneshot;

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
}

/// The running lab. Stops when dropped.
pub struct World {
    open: Open,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What is known of the lab once it runs.
#[derive(Clone)]
struct Open {
    endpoints: Endpoints,
    route_logins: BTreeMap<String, Option<(String, Secret)>>,
    mailbox_passwords: BTreeMap<String, Secret>,
    store: MailStore,
    faults: Arc<Vec<Fault>>,
    requests: Requests,
    root_pem: String,
    description: String,
}

impl World {
    /// Starts the lab. Returns when every server listens.
    ///
    /// # Errors
    /// Codes `lab-…`: a socket, a key or a thread could not be had, or the blueprint contradicts itself.
    pub fn start(blueprint: Blueprint) -> Result<World, Why> {
        World::start_watched(blueprint, Arc::new(|_| {}))
    }

    /// As [`World::start`]; `watcher` is told of every message that arrives.
    ///
    /// # Errors
    /// As for [`World::start`].
    pub fn start_watched(blueprint: Blueprint, watcher: Deposit) -> Result<World, Why> {
        let failed = |error: &dyn std::fmt::Display| Why::new("lab-thread", format!("the lab's thread: {error}"));
        let (ready, opened) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let run = move || {
            let runtime = match Builder::new_multi_thread().worker_threads(2).enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(Why::new("lab-thread", error.to_string())))),
            };
            runtime.block_on(async {
                match open(blueprint, watcher).await {
                    Ok((open, _dns)) => {
                        let _ = ready.send(Ok(open));
                        let _ = stopped.await;
                    }
                    Err(why) => drop(ready.send(Err(why))),
                }
            });
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new()
            .name("inboxqa-lab".to_owned())
            .spawn(run)
            .map_err(|error| failed(&error))?;
        let open = opened.recv().map_err(|error| failed(&error))??;
        Ok(World {
            open,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// How `net` reaches the lab.
    pub fn endpoints(&self) -> Endpoints {
        self.open.endpoints.clone()
    }

    /// The login minted for a route; `None` where the route logs in with nothing (or is unknown).
    pub fn route_credentials(&self, route: &str) -> Option<(String, Secret)> {
        self.open.route_logins.get(route).cloned().flatten()
    }

    /// The password minted for a seed mailbox.
    pub fn mailbox_password(&self, mailbox: &str) -> Option<Secret> {
        self.open.mailbox_passwords.get(mailbox).cloned()
    }

    /// The seeds' mailboxes, as their owner sees them.
    pub fn store(&self) -> MailStore {
        self.open.store.clone()
    }

    /// The faults that act on a delivery, as written without their scope.
    pub fn active_faults(&self, id: &DeliveryId) -> Vec<String> {
        Active::of(&self.open.faults, id).specs()
    }

    /// Every HTTP request so far, oldest first.
    pub fn requests(&self) -> Vec<WebRequest> {
        self.open.requests.all()
    }

    /// The lab's certificate authority, PEM.
    pub fn root_pem(&self) -> &str {
        &self.open.root_pem
    }

    /// How to reach everything, for people: hosts, ports, logins. Holds the minted passwords, which protect nothing.
    pub fn describe(&self) -> String {
        self.open.description.clone()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn open(blueprint: Blueprint, watcher: Deposit) -> Result<(Open, DnsServer), Why> {
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
    let office = Arc::new(PostOffice {
        plans: plans.iter().map(|plan| (plan.name.clone(), plan.clone())).collect(),
        mailboxes: blueprint.mailboxes.clone(),
        keys: keys.clone(),
        tracking: tracking.clone(),
        faults: faults.clone(),
        deposit,
        zone: zone.clone(),
        first_tried: Default::default(),
    });
    let logins = mint_logins(&plans);
    submission(&plans, &logins, &authority, &office, &mut addresses, &mut net).await?;
    let seeds = &blueprint.mailboxes;
    let passwords: BTreeMap<String, Secret> = seeds
        .iter()
        .map(|seed| (seed.name.clone(), Secret::new(ids::word::<16>())))
        .collect();
    mail_hosts::start(seeds, &passwords, &faults, &store, &authority, &mut addresses, &mut net).await?;
    let web_hosts: BTreeSet<String> = blueprint
        .web_hosts
        .iter()
        .map(|host| host.to_ascii_lowercase())
        .collect();
    let site = Site {
        tracking,
        pages: web_hosts.clone(),
        requests: Requests::default(),
    };
    let requests = site.requests.clone();
    web(site, &plans, &authority, &mut addresses, &mut net).await?;

    let records = zone::records(&plans, &blueprint.mailboxes, &addresses, &keys);
    zone.publish(&records).await?;
    let dns = dns_server::start(&zone, outages(&faults, &plans, &web_hosts)).await?;
    net.dns = vec![dns.address];
    let description = describe::lines(&plans, &logins, seeds, &passwords, &addresses, &net);
    let open = Open {
        endpoints: net,
        route_logins: logins,
        mailbox_passwords: passwords,
        store,
        faults,
        requests,
        root_pem: authority.root_pem(),
        description,
    };
    Ok((open, dns))
}

fn mint_logins(plans: &[RoutePlan]) -> BTreeMap<String, Option<(String, Secret)>> {
    let mint = |plan: &RoutePlan| {
        let login = (format!("{}@lab", plan.name), Secret::new(ids::word::<16>()));
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
    for plan in plans {
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
    let pages = site.pages.clone();
    let sockets = web_server::start(site, authority).await?;
    let tracking: BTreeSet<String> = plans.iter().flat_map(RoutePlan::tracking_hosts).collect();
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

/// DNS faults as outages. Narrowed to routes, they hit the names of those routes; the lab's own mail hosts never fail.
fn outages(faults: &[Fault], plans: &[RoutePlan], web_hosts: &BTreeSet<String>) -> Vec<Outage> {
    let outage = |fault: &Fault| {
        let failure = match fault.kind {
            FaultKind::DnsServfail => Failure::ServFail,
            FaultKind::DnsTimeout => Failure::Silence,
            _ => return None,
        };
        let routes = plans.iter().filter(|plan| fault.matches_route(&plan.name));
        let names: BTreeSet<String> = match fault.word() {
            "a" => {
                let everywhere = web_hosts.iter().filter(|_| !fault.names_routes()).cloned();
                routes.flat_map(RoutePlan::tracking_hosts).chain(everywhere).collect()
            }
            _ => routes.flat_map(zone::mail_names).collect(),
        };
        let all_text = fault.word() == "txt" && !fault.names_routes();
        Some(Outage {
            failure,
            addresses: fault.word() == "a",
            names: (!all_text).then_some(names),
        })
    };
    faults.iter().filter_map(outage).collect()
}
