//! The seam between the real internet and the lab: opens one or the other and hands on plain data.

use super::keys::{self, Rotations};
use crate::config::{Loaded, Network};
use crate::lab::attempt::Attempt;
use crate::lab::{Blueprint, Fault, HeldTemplate, World as Lab};
use crate::mailbox::Account;
use crate::mailbox::oauth::TokenSource;
use crate::model::spam::SpamPolicy;
use crate::model::{Delivery, Diagnostic, Endpoints, Secret, SecretRef, SeedMailbox, Token};
use crate::route::Credentials;
use crate::run::plan::Plan;
use crate::run::pool::RouteKeys;
use std::collections::BTreeMap;
use std::sync::Arc;

const LAB_POLL_MS: u64 = 500;

/// Misbehaviours of the lab, read before anything is opened.
pub(super) struct Faults(Vec<(String, Fault)>);

impl Faults {
    /// Reads `--fault` options. The error names the option and what could be meant.
    pub(super) fn parse(specs: &[String]) -> Result<Faults, String> {
        let read = |spec: &String| Fault::parse(spec).map(|fault| (spec.clone(), fault));
        specs.iter().map(read).collect::<Result<_, _>>().map(Faults)
    }
}

impl Faults {
    /// A fault that fits no delivery would prove nothing, silently.
    fn all_act(&self, plan: &Plan) -> Result<(), Vec<Diagnostic>> {
        let acts = |fault: &Fault| {
            plan.attempts().any(|planned| {
                let Delivery { id, attempt, .. } = &planned.delivery;
                fault.acts_on(&Attempt {
                    id: id.clone(),
                    number: *attempt,
                })
            })
        };
        let idle = self.0.iter().filter(|(_, fault)| !acts(fault)).map(|(spec, _)| {
            let help =
                "its case, route, mailbox and attempt must fit a selected delivery; --dry-run lists them".to_owned();
            Diagnostic::plain(format!("--fault {spec} fits no delivery of this run"), Some(help))
        });
        let idle: Vec<Diagnostic> = idle.collect();
        if idle.is_empty() { Ok(()) } else { Err(idle) }
    }
}

/// An opened world.
pub(super) struct World {
    /// `lab` or `real`.
    pub name: &'static str,
    /// How to reach it.
    pub endpoints: Endpoints,
    /// Keys by route.
    pub routes: BTreeMap<String, RouteKeys>,
    /// Accounts by mailbox.
    pub accounts: BTreeMap<String, Account>,
    /// Every secret in use, for redaction.
    pub secrets: Vec<Secret>,
    /// Active faults by attempt.
    pub faults: BTreeMap<Token, Vec<String>>,
    /// What must be said in every report.
    pub notices: Vec<String>,
    /// What will have to be said of refresh tokens.
    pub rotations: Rotations,
    /// Keeps the lab's servers alive.
    lab: Option<Lab>,
}

impl World {
    /// The real internet: secrets of the selected plan are read now, and only those.
    pub(super) fn real(loaded: &Loaded, plan: &Plan) -> Result<World, Vec<Diagnostic>> {
        let mut world = World::empty(
            "real",
            Endpoints {
                dns: loaded.network.dns.clone(),
                ..Endpoints::default()
            },
        );
        let env = |name: &str| std::env::var(name).ok();
        let mut problems = Vec::new();
        for (name, route) in &plan.routes {
            let login = loaded.unlock_route(route, &env).map_err(|found| problems.extend(found));
            let root = loaded.route_ca(route).map_err(|found| problems.push(found));
            let logs = loaded.unlock_logs(route, &env).map_err(|found| problems.extend(found));
            let track = loaded.unlock_track(route, &env).map_err(|found| problems.extend(found));
            let (Ok(login), Ok(extra_root_pem), Ok(logs), Ok(track)) = (login, root, logs, track) else {
                continue;
            };
            world.secrets.extend(
                login
                    .iter()
                    .chain(&track)
                    .flat_map(|(username, password)| [username.clone(), password.clone()]),
            );
            world.secrets.extend(logs.iter().cloned());
            let pair = |(username, password)| Credentials { username, password };
            world.routes.insert(
                name.clone(),
                RouteKeys {
                    credentials: login.map(pair),
                    track: track.map(pair),
                    extra_root_pem,
                    logs,
                },
            );
        }
        for (name, seed) in &plan.mailboxes {
            match keys::account(loaded, seed, &world.rotations) {
                Ok((account, secrets)) => {
                    world.secrets.extend(secrets);
                    world.accounts.insert(name.clone(), account);
                }
                Err(found) => problems.extend(found),
            }
        }
        world.notices = notices(loaded, plan);
        if problems.is_empty() { Ok(world) } else { Err(problems) }
    }

    /// The lab: it mints every credential, and no secret of the user is read.
    pub(super) fn lab(plan: &Plan, faults: Faults) -> Result<World, Vec<Diagnostic>> {
        faults.all_act(plan)?;
        let blueprint = Blueprint {
            routes: plan.routes.values().cloned().collect(),
            mailboxes: plan.mailboxes.values().cloned().collect(),
            web_hosts: plan.web_hosts.clone(),
            faults: faults.0.into_iter().map(|(_, fault)| fault).collect(),
            held: held(plan),
        };
        let lab = Lab::start(blueprint).map_err(|why| {
            vec![Diagnostic::plain(
                format!("the lab can not be started: {}", why.detail),
                None,
            )]
        })?;
        let mut world = World::empty("lab", lab.endpoints());
        for name in plan.routes.keys() {
            let credentials = lab.route_credentials(name).map(|(username, password)| Credentials {
                username: Secret::new(username),
                password,
            });
            world
                .secrets
                .extend(credentials.iter().map(|credentials| credentials.password.clone()));
            let track = lab.track_credentials(name);
            let track = track.map(|(username, password)| Credentials { username, password });
            world.secrets.extend(track.iter().map(|track| track.password.clone()));
            let logs = lab.log_tokens(name);
            world.secrets.extend(logs.iter().cloned());
            world.routes.insert(
                name.clone(),
                RouteKeys {
                    credentials,
                    track,
                    extra_root_pem: None,
                    logs,
                },
            );
        }
        for (name, seed) in &plan.mailboxes {
            let (account, secrets) = lab_account(&lab, seed);
            world.secrets.extend(secrets);
            world.accounts.insert(name.clone(), account);
        }
        let attempts = plan.attempts().map(|planned| &planned.delivery);
        world.faults = attempts
            .map(|own| (own.token.clone(), lab.active_faults(&own.id, own.attempt)))
            .filter(|(_, faults)| !faults.is_empty())
            .collect();
        world.notices = written_out(plan).collect();
        world.lab = Some(lab);
        Ok(world)
    }

    /// How the lab's servers are reached; empty for the real internet.
    pub(super) fn describe(&self) -> String {
        self.lab.as_ref().map(Lab::describe).unwrap_or_default()
    }

    fn empty(name: &'static str, endpoints: Endpoints) -> World {
        World {
            name,
            endpoints,
            routes: BTreeMap::new(),
            accounts: BTreeMap::new(),
            secrets: Vec::new(),
            faults: BTreeMap::new(),
            notices: Vec::new(),
            rotations: Rotations::default(),
            lab: None,
        }
    }
}

/// The templates that services hold, each once: as the first case that asks for it says it looks.
fn held(plan: &Plan) -> Vec<HeldTemplate> {
    let mut templates: Vec<HeldTemplate> = Vec::new();
    let receipts = plan.drills().map(|(_, drill)| &drill.receipt);
    for planned in plan.deliveries.iter().chain(receipts) {
        let Some((held, letter)) = &planned.held else { continue };
        let route = &planned.delivery.id.route;
        let known = |template: &HeldTemplate| template.route == *route && template.held.name() == held.name();
        if !templates.iter().any(known) {
            templates.push(HeldTemplate {
                route: route.clone(),
                held: held.clone(),
                from: letter.from.clone(),
                reply_to: letter.reply_to.clone(),
                subject: letter.subject.clone(),
                html: letter.html.clone(),
                text: letter.text.clone(),
                token: letter.token.to_string(),
            });
        }
    }
    templates
}

/// One seed in a lab of its own.
pub(super) struct LabSeed {
    /// How the lab is reached.
    pub endpoints: Endpoints,
    /// The seed's account.
    pub account: Account,
    /// The secret of its OAuth client.
    pub client_secret: Option<Secret>,
    /// Keeps the lab's servers alive.
    _lab: Lab,
}

/// Starts a lab for one seed. The error says why that is not possible.
pub(super) fn lab_seed(seed: &SeedMailbox) -> Result<LabSeed, String> {
    let blueprint = Blueprint {
        mailboxes: vec![seed.clone()],
        ..Blueprint::default()
    };
    let lab = Lab::start(blueprint).map_err(|why| format!("the lab can not be started: {}", why.detail))?;
    let (account, _) = lab_account(&lab, seed);
    Ok(LabSeed {
        endpoints: lab.endpoints(),
        account,
        client_secret: lab.oauth().client_secret(&seed.name),
        _lab: lab,
    })
}

/// A seed's account with what the lab minted for it.
fn lab_account(lab: &Lab, seed: &SeedMailbox) -> (Account, Vec<Secret>) {
    // The lab's servers have no manners to be kept: nobody waits for a provider's usual interval.
    let mut seed = seed.clone();
    seed.profile.poll_ms = seed.profile.poll_ms.min(LAB_POLL_MS);
    let desk = lab.oauth();
    let (password, secret, refresh) = match &seed.oauth {
        None => (lab.mailbox_password(&seed.name), None, None),
        Some(_) => (None, desk.client_secret(&seed.name), desk.refresh_token(&seed.name)),
    };
    let secrets = [&password, &secret, &refresh].into_iter().flatten().cloned().collect();
    let forget = Arc::new(|_: &Secret| {});
    let oauth = seed
        .oauth
        .clone()
        .map(|client| TokenSource::new(client, secret, refresh, forget));
    let account = Account {
        seed,
        password,
        oauth,
        extra_root_pem: None,
    };
    (account, secrets)
}

/// Who sees the messages besides their mailboxes.
pub(super) fn spam_notice(spam: &SpamPolicy) -> Option<String> {
    let engines: Vec<String> = spam.engines.iter().map(ToString::to_string).collect();
    (!engines.is_empty()).then(|| format!("messages are shown to {}", engines.join(" and ")))
}

/// Exceptions from how the network is used.
pub(super) fn network_notices(network: &Network) -> Vec<String> {
    let mut notices = Vec::new();
    if !network.allow.is_empty() {
        notices.push(format!("fence opened for {}", network.allow.join(", ")));
    }
    if !network.dns.is_empty() {
        let servers: Vec<String> = network.dns.iter().map(ToString::to_string).collect();
        notices.push(format!("DNS asked at {}", servers.join(", ")));
    }
    notices
}

/// Secrets that a file holds itself: whoever reads the repository has them.
fn written_out(plan: &Plan) -> impl Iterator<Item = String> + '_ {
    let routes = plan.routes.iter().filter(|(_, route)| {
        let login = route.kind.login().map(|(_, password)| password);
        let track = route.kind.track_login().map(|(_, key)| key);
        let logs = route.logs.iter().map(|log| &log.token);
        login.into_iter().chain(track).chain(logs).any(SecretRef::is_literal)
    });
    let mailboxes = plan.mailboxes.iter().filter(|(_, seed)| {
        let oauth = seed.oauth.as_ref();
        let tokens = oauth.and_then(|oauth| oauth.refresh_token.as_ref());
        let clients = oauth.and_then(|oauth| oauth.client_secret.as_ref());
        let all = [seed.password.as_ref(), tokens, clients];
        all.into_iter().flatten().any(SecretRef::is_literal)
    });
    let told =
        |what: &str, name: &str| format!("{what} {name} has a secret written out in its file: put ${{env:NAME}} there");
    routes
        .map(move |(name, _)| told("route", name))
        .chain(mailboxes.map(move |(name, _)| told("mailbox", name)))
}

/// Exceptions from the safe defaults.
fn notices(loaded: &Loaded, plan: &Plan) -> Vec<String> {
    let mut notices = network_notices(&loaded.network);
    notices.extend(written_out(plan));
    for (name, route) in &plan.routes {
        notices.extend(
            route
                .kind
                .ca_file()
                .iter()
                .map(|file| format!("route {name} trusts the certificate authority in {file}")),
        );
    }
    for (name, seed) in &plan.mailboxes {
        notices.extend(
            seed.ca_file
                .iter()
                .map(|file| format!("mailbox {name} trusts the certificate authority in {file}")),
        );
    }
    notices
}
