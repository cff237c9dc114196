//! The plan: suite × route × mailbox, each with its rendered message and its resolved policy. Pure: nothing is asked, nothing
//! is sent; every problem with templates or addresses is found here.

use super::planned::Place;
use super::rehearsal;
use super::spares;
use super::waive;
use crate::config::Loaded;
use crate::config::filter::{Filter, FilterSubject};
use crate::mail::reading::Reading;
use crate::model::{Case, DeliveryId, Diagnostic, Gate, Held, Route, SeedMailbox, Suite};
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use time::OffsetDateTime;

pub use super::planned::{Planned, Rehearsal};

/// What to plan.
pub struct Request<'a> {
    /// `-E`.
    pub filter: Option<&'a Filter>,
    /// Attempts of each delivery (at least 1).
    pub repeat: u32,
    /// Further attempts at most of each delivery that came to nothing.
    pub retries: u32,
    /// `hash:m/n`: the m-th (from 1) of n parts, stable by delivery id.
    pub partition: Option<(u64, u64)>,
    /// The time written into messages, UTC.
    pub now: OffsetDateTime,
    /// Random bytes for tokens and Message-IDs.
    pub random: &'a mut dyn FnMut() -> [u8; 16],
}

/// The whole plan.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Deliveries, in suite order.
    pub deliveries: Vec<Planned>,
    /// The routes they use.
    pub routes: BTreeMap<String, Route>,
    /// The mailboxes they go to.
    pub mailboxes: BTreeMap<String, SeedMailbox>,
    /// Gates by suite slug.
    pub gates: BTreeMap<String, Gate>,
    /// The suite files, as the user named them.
    pub files: Vec<String>,
    /// Hosts of the links and pictures in the messages as composed.
    pub web_hosts: Vec<String>,
    /// What every report says of the suites themselves: waivers that hold for very long.
    pub notices: Vec<String>,
}

/// Makes the plan. Any diagnostic means that nothing may be sent.
pub fn plan(loaded: &Loaded, request: Request<'_>) -> Result<Plan, Vec<Diagnostic>> {
    let mut plan = Plan::default();
    let mut problems = Vec::new();
    for suite in &loaded.suites {
        problems.extend(suite.waivers.iter().filter_map(waive::problem));
        plan.notices.extend(
            suite
                .waivers
                .iter()
                .filter_map(|waiver| waive::far_ahead(waiver, request.now)),
        );
        for case in &suite.cases {
            for (route, mailbox) in pairs(loaded, case) {
                let id = delivery_id(suite, case, route, mailbox);
                if !selected(&id, case, mailbox, &request) {
                    continue;
                }
                let (messages, every_ms) = case.load.map_or((1, 0), |load| (load.messages, load.every_ms));
                for attempt in 1..=request.repeat.max(messages).max(1) {
                    let place = Place {
                        suite,
                        case,
                        route,
                        mailbox,
                        spam: &loaded.spam,
                        now: request.now,
                        start_ms: every_ms * u64::from(attempt - 1),
                    };
                    let first = rehearsal::planned(loaded, place, &id, attempt, request.random);
                    match first.and_then(|first| spares::with_spares(first, place, request.retries, request.random)) {
                        Ok(planned) => {
                            plan.add_receipt_route(loaded, &planned);
                            plan.add(planned, suite, route, mailbox);
                        }
                        Err(found) => problems.extend(found),
                    }
                }
            }
        }
    }
    if !problems.is_empty() {
        let mut seen = BTreeSet::new();
        problems.retain(|problem| seen.insert((problem.message.clone(), format!("{:?}", problem.place))));
        return Err(problems);
    }
    plan.web_hosts = web_hosts(&plan.deliveries);
    Ok(plan)
}

impl Plan {
    /// The events that deliveries of a route send, each once.
    pub fn events(&self, route: &str) -> Vec<String> {
        let of_route = self
            .deliveries
            .iter()
            .filter(|planned| planned.delivery.id.route == route);
        let events = of_route.filter_map(|planned| match &planned.held {
            Some((Held::Event { name, .. }, _)) => Some(name.clone()),
            _ => None,
        });
        events.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Seeds that are to get a message of a topic by this route: address and topic, each pair once.
    pub fn topics(&self, route: &str) -> Vec<(String, String)> {
        let of_route = self
            .deliveries
            .iter()
            .filter(|planned| planned.delivery.id.route == route);
        let to_come = of_route.filter(|planned| !planned.policy.placement.iter().any(|word| word == "suppressed"));
        let pairs = to_come.filter_map(|planned| Some((planned.person.clone(), planned.topic.clone()?)));
        pairs.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Messages in all, those of drills included, those of retries not.
    pub fn messages(&self) -> usize {
        self.deliveries.len() + 2 * self.drills().count()
    }

    /// Messages more at most, should deliveries come to nothing.
    pub fn spares(&self) -> usize {
        self.deliveries.iter().map(|planned| planned.spares.len()).sum()
    }

    /// Every attempt that may be sent, retries included, those of drills not.
    pub fn attempts(&self) -> impl Iterator<Item = &Planned> {
        self.deliveries.iter().flat_map(Planned::attempts)
    }

    /// Deliveries with a drill.
    pub fn drills(&self) -> impl Iterator<Item = (&Planned, &Rehearsal)> {
        let own = self.deliveries.iter();
        own.filter_map(|planned| Some((planned, planned.drill.as_deref()?)))
    }

    fn add_receipt_route(&mut self, loaded: &Loaded, planned: &Planned) {
        let named = planned.drill.as_ref().map(|drill| &drill.terms.receipt_route);
        if let Some(route) = named.and_then(|name| loaded.routes.get(name)) {
            self.routes.entry(route.name.clone()).or_insert_with(|| route.clone());
        }
    }

    fn add(&mut self, planned: Planned, suite: &Suite, route: &Route, mailbox: &SeedMailbox) {
        self.deliveries.push(planned);
        self.routes.entry(route.name.clone()).or_insert_with(|| route.clone());
        self.mailboxes
            .entry(mailbox.name.clone())
            .or_insert_with(|| mailbox.clone());
        if !self.files.contains(&suite.file) {
            self.files.push(suite.file.clone());
        }
        self.gates
            .entry(suite.slug.clone())
            .or_insert_with(|| suite.gate.clone());
    }
}

/// Routes and mailboxes of a case. Names were checked when the files were loaded.
fn pairs<'a>(loaded: &'a Loaded, case: &'a Case) -> impl Iterator<Item = (&'a Route, &'a SeedMailbox)> {
    case.routes
        .iter()
        .filter_map(|name| loaded.routes.get(name))
        .flat_map(move |route| {
            case.mailboxes
                .iter()
                .filter_map(move |name| loaded.mailboxes.get(name).map(|mailbox| (route, mailbox)))
        })
}

fn delivery_id(suite: &Suite, case: &Case, route: &Route, mailbox: &SeedMailbox) -> DeliveryId {
    DeliveryId {
        suite: suite.slug.clone(),
        case: case.name.clone(),
        route: route.name.clone(),
        mailbox: mailbox.name.clone(),
    }
}

fn selected(id: &DeliveryId, case: &Case, mailbox: &SeedMailbox, request: &Request<'_>) -> bool {
    let tags: Vec<&str> = case.tags.iter().chain(&mailbox.tags).map(String::as_str).collect();
    let subject = FilterSubject {
        case: &id.case,
        route: &id.route,
        mailbox: &id.mailbox,
        provider: &mailbox.provider,
        category: case.category,
        tags: &tags,
    };
    let in_part = request.partition.is_none_or(|(part, of)| {
        let mut hasher = DefaultHasher::new();
        id.to_string().hash(&mut hasher);
        hasher.finish() % of.max(1) == part.saturating_sub(1)
    });
    in_part && request.filter.is_none_or(|filter| filter.matches(&subject))
}

/// Hosts of http(s) links and pictures in the messages as composed.
fn web_hosts(deliveries: &[Planned]) -> Vec<String> {
    let mut hosts = BTreeSet::new();
    for planned in deliveries {
        let reading = Reading::new(&planned.raw);
        let images = reading.page().map_or(&[][..], |page| &page.images);
        let links = reading.links().iter().map(|link| link.url.as_str());
        let urls = links.chain(images.iter().map(|image| image.src.as_str()));
        let urls = urls.filter_map(|url| url::Url::parse(url).ok());
        hosts.extend(urls.filter_map(|url| url.host_str().map(str::to_owned)));
    }
    hosts.into_iter().collect()
}
