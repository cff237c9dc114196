//! One delivery of the plan: its message composed, what its route is given, what is expected of it. Pure.

use super::waive;
use crate::compose::message::{self, Letter};
use crate::compose::service_tags;
use crate::compose::template::{self, Globals, Rendered};
use crate::mail::reading::Reading;
use crate::model::policy::ProviderFacts;
use crate::model::raw;
use crate::model::route::RouteKind;
use crate::model::spam::SpamPolicy;
use crate::model::suite::OnRoute;
use crate::model::{
    Case, Category, Delivery, Diagnostic, DrillTerms, Held, LinkPolicy, LogKind, Policy, Route, SeedMailbox, Suite,
};
use crate::route::{Request, handover};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// One delivery, ready to be sent. Stored with its run, so that a run that was interrupted can go on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Planned {
    /// Identity and token.
    pub delivery: Delivery,
    /// What is expected of it.
    pub policy: Policy,
    /// When it is sent, ms after the run began sending.
    pub start_ms: u64,
    /// MAIL FROM.
    pub envelope_from: String,
    /// RCPT TO: an address of the mailboxes file, or a plus-address of it.
    pub envelope_to: String,
    /// The whole message.
    #[serde(with = "raw::bytes")]
    pub raw: Vec<u8>,
    /// The same with the tags filled in that its service fills in by itself, where it has some.
    #[serde(skip)]
    pub filled: Option<Vec<u8>>,
    /// Is `raw` what is to arrive? Not where the service holds the template and the case has no copy of it.
    pub composed: bool,
    /// What the route takes instead of it, where it takes no whole message.
    pub request: Option<Request>,
    /// The template the service holds, and what it says by the case's copy. Needed before sending begins, and not stored.
    #[serde(skip)]
    pub held: Option<(Held, Letter)>,
    /// The seed's plain address, by which a service knows it as a person.
    pub person: String,
    /// The topic of Customer.io's that it belongs to.
    pub topic: Option<String>,
    /// The service that answers with its own id of the message.
    pub service: Option<LogKind>,
    /// The further messages of its unsubscribe drill, where the case asks for one.
    pub drill: Option<Box<Rehearsal>>,
    /// Further attempts (`--retries`): one is sent where the one before it came to nothing.
    pub spares: Vec<Planned>,
}

impl Planned {
    /// This attempt, and those in spare.
    pub fn attempts(&self) -> impl Iterator<Item = &Planned> {
        std::iter::once(self).chain(&self.spares)
    }
}

/// What an unsubscribe drill sends besides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Rehearsal {
    /// What the case asks for.
    pub terms: DrillTerms,
    /// The case once more: must not arrive.
    pub again: Planned,
    /// The receipt: must arrive.
    pub receipt: Planned,
}

/// What a delivery is made of.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub suite: &'a Suite,
    pub case: &'a Case,
    pub route: &'a Route,
    pub mailbox: &'a SeedMailbox,
    /// When it is sent, ms after the run began sending.
    pub start_ms: u64,
    /// Spam engines that are asked about it.
    pub spam: &'a SpamPolicy,
    /// The time written into the message, UTC.
    pub now: OffsetDateTime,
}

/// Composes it, or tells everything that is wrong with it. `message_id`: random bytes of the Message-ID.
pub(super) fn planned(place: &Place<'_>, delivery: Delivery, message_id: [u8; 16]) -> Result<Planned, Vec<Diagnostic>> {
    let Place {
        case, route, mailbox, ..
    } = *place;
    let globals = Globals {
        token: delivery.token.as_str().to_owned(),
        route: route.name.clone(),
        mailbox: mailbox.name.clone(),
        now: place.now,
    };
    let nothing = OnRoute::default();
    let on = case.on.get(&route.name).unwrap_or(&nothing);
    let asked = on.asked.as_ref();
    let mut rendered = template::render(case, &globals)?;
    let composed = rendered.html.is_some() || rendered.text.is_some();
    if composed {
        nothing_is_empty(case, &rendered)?;
    } else {
        rendered.html = Some(stand_in(case));
    }
    let letter = letter(place, on, &delivery, rendered, message_id)?;
    let raw = message::build(&letter).map_err(|problem| vec![problem])?;
    let filled = match route.is_postmark() {
        true => filled(&letter).map(|letter| message::build(&letter)).transpose(),
        false => Ok(None),
    };
    let filled = filled.map_err(|problem| vec![problem])?;
    let from_address = Reading::new(&raw)
        .from()
        .first()
        .map(|address| address.address.clone())
        .unwrap_or_default();
    let envelope_from = match &route.kind {
        RouteKind::Smtp(smtp) => smtp.envelope_from.clone().unwrap_or(from_address),
        // The service chooses its own.
        RouteKind::Postmark(_) | RouteKind::CustomerIo(_) => String::new(),
    };
    let held = asked.map(|asked| (&asked.held, asked.data.as_ref().unwrap_or(&case.data)));
    Ok(Planned {
        policy: policy(place, on),
        start_ms: place.start_ms,
        envelope_from,
        envelope_to: letter.to.clone(),
        request: handover(route, &letter, held, case.category, &mailbox.address),
        raw,
        filled,
        composed,
        held: asked.map(|asked| (asked.held.clone(), letter)),
        person: mailbox.address.clone(),
        topic: case.topic.clone(),
        service: service(route),
        delivery,
        drill: None,
        spares: Vec::new(),
    })
}

/// A subject or part that rendered to nothing: a condition that nobody thought of, or an empty file.
fn nothing_is_empty(case: &Case, rendered: &Rendered) -> Result<(), Vec<Diagnostic>> {
    let is_empty = |text: &str| text.trim().is_empty();
    let subject = case.subject.is_some() && is_empty(&rendered.subject);
    let parts = [
        ("subject", subject),
        ("HTML part", rendered.html.as_deref().is_some_and(is_empty)),
        ("text part", rendered.text.as_deref().is_some_and(is_empty)),
    ];
    let problems: Vec<Diagnostic> = parts
        .into_iter()
        .filter(|(_, empty)| *empty)
        .map(|(what, _)| Diagnostic {
            message: format!("the {what} of case `{}` renders to nothing", case.name),
            place: Some(case.at.clone()),
            label: format!("its {what} is empty with this data"),
            help: Some("look at conditions and default filters in its template, and at an empty file".to_owned()),
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// The message as Postmark makes it of one with its tags; `None` where there are none.
fn filled(letter: &Letter) -> Option<Letter> {
    let html = letter.html.as_ref().and_then(|html| service_tags::filled(html, true));
    let text = letter.text.as_ref().and_then(|text| service_tags::filled(text, false));
    (html.is_some() || text.is_some()).then(|| Letter {
        html: html.or_else(|| letter.html.clone()),
        text: text.or_else(|| letter.text.clone()),
        ..letter.clone()
    })
}

/// Who answers a submission with an id of the message: the API; by SMTP Postmark, where its log says that the route goes through it.
fn service(route: &Route) -> Option<LogKind> {
    let behind = || {
        route
            .logs
            .iter()
            .map(|log| log.kind)
            .find(|kind| *kind == LogKind::Postmark)
    };
    route.kind.service().or_else(behind)
}

/// What is known of a template without a copy: the links that must be in it. Played by the lab, sent by nobody else.
fn stand_in(case: &Case) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let links = case.expected_links.iter().map(|link| {
        let to = link.to.replace(['*', '?'], "1");
        format!("<p><a href=\"{}\">{}</a></p>\n", escape(&to), escape(&link.text))
    });
    let links: String = links.collect();
    let leave = match case.category {
        Category::Transactional => "",
        _ => "<p><a href=\"{% unsubscribe_url %}\">Unsubscribe</a></p>\n",
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><body>\n<h1>{}</h1>\n{links}{leave}</body></html>\n",
        escape(&case.name)
    )
}

fn letter(
    place: &Place<'_>,
    on: &OnRoute,
    delivery: &Delivery,
    rendered: Rendered,
    message_id: [u8; 16],
) -> Result<Letter, Vec<Diagnostic>> {
    let Place {
        case, route, mailbox, ..
    } = *place;
    let from = case.from.clone().or_else(|| route.contract.from.clone());
    let from = from.ok_or_else(|| {
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
    headers.extend(on.headers.clone());
    // The service finds the message in its log by this; it is removed before delivery. Customer.io hands headers on to the Postmark
    // behind it.
    let as_header = !matches!(route.kind, RouteKind::Postmark(_));
    if as_header && route.logs.iter().any(|log| log.kind == LogKind::Postmark) {
        let token = delivery.token.as_str().to_owned();
        headers.insert("X-PM-Metadata-inboxqa".to_owned(), token);
    }
    let asked = on.asked.as_ref().map(|asked| &asked.held);
    let aimed = asked.is_some_and(|held| matches!(held, Held::Event { .. }) && !held.carries_token());
    let to = match aimed {
        true => plus_address(&mailbox.address, delivery.token.as_str()),
        false => mailbox.address.clone(),
    };
    let subject = match rendered.subject.is_empty() {
        true => case.name.clone(),
        false => rendered.subject,
    };
    Ok(Letter {
        from,
        reply_to: case.reply_to.clone().or_else(|| route.contract.reply_to.clone()),
        to,
        subject,
        html: rendered.html,
        text: rendered.text,
        headers,
        message_id,
        date: place.now,
        token: delivery.token.clone(),
        delivery_id: delivery.id.clone(),
        attempt: delivery.attempt,
    })
}

/// `seed+token@domain`.
fn plus_address(address: &str, token: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) => format!("{local}+{token}@{domain}"),
        None => address.to_owned(),
    }
}

fn policy(place: &Place<'_>, on: &OnRoute) -> Policy {
    let Place {
        suite,
        case,
        route,
        mailbox,
        spam,
        ..
    } = *place;
    let of = |placement: &BTreeMap<String, Vec<String>>| {
        let stated = placement.get(&mailbox.provider).or_else(|| placement.get("default"));
        stated.cloned()
    };
    let stated = of(&on.placement).or_else(|| of(&case.placement));
    Policy {
        category: case.category,
        within_ms: on.within_ms.unwrap_or(case.within_ms),
        give_up_ms: suite.give_up_ms,
        quiet_ms: suite.quiet_ms,
        placement: stated.unwrap_or_else(|| vec!["inbox".to_owned()]),
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
        triggered: on
            .asked
            .as_ref()
            .is_some_and(|asked| matches!(asked.held, Held::Event { .. } | Held::Broadcast { .. })),
        waivers: waive::for_pair(&suite.waivers, &case.name, &route.name),
        spam: spam.clone(),
    }
}
