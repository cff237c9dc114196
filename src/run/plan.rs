//! The plan: suite × route × mailbox, each with its rendered message and its resolved policy. Pure: nothing is asked, nothing
//! is sent; every problem with templates or addresses is found here.

use crate::compose::message::{self, Letter};
use crate::compose::template::{self, Globals, Rendered};
use crate::compose::token;
use crate::config::Loaded;
use crate::config::filter::{Filter, FilterSubject};
use crate::mail::reading::Reading;
use crate::model::policy::ProviderFacts;
use crate::model::route::RouteKind;
use crate::model::{
    Case, Delivery, DeliveryId, Diagnostic, Gate, LinkPolicy, LogKind, Policy, Route, SeedMailbox, Suite,
};
use crate::route::postmark_payload;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use time::OffsetDateTime;

/// What to plan.
pub struct Request<'a> {
    /// `-E`.
    pub filter: Option<&'a Filter>,
    /// Attempts of each delivery (at least 1).
    pub repeat: u32,
    /// `hash:m/n`: the m-th (from 1) of n parts, stable by delivery id.
    pub partition: Option<(u64, u64)>,
    /// The time written into messages, UTC.
    pub now: OffsetDateTime,
    /// Random bytes for tokens and Message-IDs.
    pub random: &'a mut dyn FnMut() -> [u8; 16],
}

/// One delivery, ready to be sent.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Identity and token.
    pub delivery: Delivery,
    /// What is expected of it.
    pub policy: Policy,
    /// MAIL FROM.
    pub envelope_from: String,
    /// RCPT TO: an address of the mailboxes file.
    pub envelope_to: String,
    /// The whole message.
    pub raw: Vec<u8>,
    /// What the route takes instead of it, where it takes no whole message.
    pub payload: Option<Vec<u8>>,
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
}

/// Makes the plan. Any diagnostic means that nothing may be sent.
pub fn plan(loaded: &Loaded, mut request: Request<'_>) -> Result<Plan, Vec<Diagnostic>> {
    let mut plan = Plan::default();
    let mut problems = Vec::new();
    for suite in &loaded.suites {
        for case in &suite.cases {
            for (route, mailbox) in pairs(loaded, case) {
                let id = delivery_id(suite, case, route, mailbox);
                if !selected(&id, case, mailbox, &request) {
                    continue;
                }
                for attempt in 1..=request.repeat.max(1) {
                    match planned(suite, case, route, mailbox, id.clone(), attempt, &mut request) {
                        Ok(planned) => plan.add(planned, suite, route, mailbox),
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

fn planned(
    suite: &Suite,
    case: &Case,
    route: &Route,
    mailbox: &SeedMailbox,
    id: DeliveryId,
    attempt: u32,
    request: &mut Request<'_>,
) -> Result<Planned, Vec<Diagnostic>> {
    let delivery = Delivery {
        id,
        attempt,
        token: token::mint((request.random)()),
    };
    let globals = Globals {
        token: delivery.token.as_str().to_owned(),
        route: route.name.clone(),
        mailbox: mailbox.name.clone(),
        now: request.now,
    };
    let rendered = template::render(case, &globals)?;
    let letter = letter(case, route, mailbox, &delivery, rendered, request)?;
    let raw = message::build(&letter).map_err(|problem| vec![problem])?;
    let from_address = Reading::new(&raw)
        .from()
        .first()
        .map(|address| address.address.clone())
        .unwrap_or_default();
    let (envelope_from, payload) = match &route.kind {
        RouteKind::Smtp(smtp) => (smtp.envelope_from.clone().unwrap_or(from_address), None),
        // The service chooses its own.
        RouteKind::Postmark(postmark) => (String::new(), Some(postmark_payload(postmark, &letter))),
    };
    Ok(Planned {
        delivery,
        policy: policy(suite, case, route, mailbox),
        envelope_from,
        envelope_to: mailbox.address.clone(),
        raw,
        payload,
    })
}

fn letter(
    case: &Case,
    route: &Route,
    mailbox: &SeedMailbox,
    delivery: &Delivery,
    rendered: Rendered,
    request: &mut Request<'_>,
) -> Result<Letter, Vec<Diagnostic>> {
    let from = case
        .from
        .clone()
        .or_else(|| route.contract.from.clone())
        .ok_or_else(|| {
            vec![Diagnostic {
                message: format!("case `{}` has no From on route `{}`", case.name, route.name),
                place: Some(case.at.clone()),
                label: "neither this case nor the route's contract names a sender".to_owned(),
                help: Some(format!(
                    "add `from = \"Name <address>\"` here or to [route.{}.contract]",
                    route.name
                )),
            }]
        })?;
    let mut headers = route.kind.headers().clone();
    headers.extend(case.headers.clone());
    // The service finds the message in its log by this; it is removed before delivery.
    let by_smtp = matches!(route.kind, RouteKind::Smtp(_));
    if by_smtp && route.logs.iter().any(|log| log.kind == LogKind::Postmark) {
        let token = delivery.token.as_str().to_owned();
        headers.insert("X-PM-Metadata-inboxqa".to_owned(), token);
    }
    Ok(Letter {
        from,
        reply_to: case.reply_to.clone().or_else(|| route.contract.reply_to.clone()),
        to: mailbox.address.clone(),
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        headers,
        message_id: (request.random)(),
        date: request.now,
        token: delivery.token.clone(),
        delivery_id: delivery.id.clone(),
    })
}

fn policy(suite: &Suite, case: &Case, route: &Route, mailbox: &SeedMailbox) -> Policy {
    let stated = case
        .placement
        .get(&mailbox.provider)
        .or_else(|| case.placement.get("default"));
    Policy {
        category: case.category,
        within_ms: case.within_ms,
        give_up_ms: suite.give_up_ms,
        quiet_ms: suite.quiet_ms,
        placement: stated.cloned().unwrap_or_else(|| vec!["inbox".to_owned()]),
        contract: route.contract.clone(),
        provider: ProviderFacts {
            provider: mailbox.provider.clone(),
            byte_exact: mailbox.profile.byte_exact,
            authres: mailbox.profile.authres.clone(),
            received_by: mailbox.profile.received_by.clone(),
        },
        severity: case.checks.clone(),
        links: LinkPolicy {
            probe: case.probe,
            skip: case.skip_links.clone(),
            expected: case.expected_links.clone(),
        },
        allowed_tags: case.allowed_tags.clone(),
    }
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
