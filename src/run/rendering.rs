//! Templates that Postmark holds and the repository has no copy of: rendered by Postmark itself before anything is sent, so that what
//! arrives can be compared with something. Nothing is sent for it.

use super::plan::Planned;
use super::pool::RouteKeys;
use crate::compose::message::{self, Letter};
use crate::model::{Held, LogKind, Why};
use crate::net::Net;
use crate::route::postmark_template_model;
use crate::route::postmark_templates::{self, Rendered, Template};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Gives each delivery of such a template the message it is to become, its spare attempts as well. What every report says of it comes
/// back: whose rendering it is, what Postmark finds fault with, or why there is none, so that links and words are not compared.
pub async fn render(deliveries: &mut [Planned], keys: &BTreeMap<String, RouteKeys>, net: &Net) -> Vec<String> {
    let mut desk = Desk {
        keys,
        net,
        templates: BTreeMap::new(),
        told: BTreeSet::new(),
    };
    for planned in deliveries {
        desk.render(planned).await;
        for spare in &mut planned.spares {
            desk.render(spare).await;
        }
    }
    desk.told.into_iter().collect()
}

struct Desk<'a> {
    keys: &'a BTreeMap<String, RouteKeys>,
    net: &'a Net,
    /// By route and name.
    templates: BTreeMap<(String, String), Result<Template, Why>>,
    told: BTreeSet<String>,
}

impl Desk<'_> {
    async fn render(&mut self, planned: &mut Planned) {
        let Some((name, model)) = asked(planned) else { return };
        let route = planned.delivery.id.route.clone();
        let login = self.keys.get(&route).and_then(|keys| keys.credentials.as_ref());
        let Some(login) = login else { return };
        let slot = (route.clone(), name.clone());
        if !self.templates.contains_key(&slot) {
            let found = postmark_templates::find(self.net, &login.password, &name).await;
            self.templates.insert(slot.clone(), found);
        }
        let rendered = match &self.templates[&slot] {
            Ok(template) => postmark_templates::render(self.net, &login.password, template, &model).await,
            Err(why) => Err(why.clone()),
        };
        let template = format!("template {name} of {route}");
        match rendered.and_then(|rendered| fill(planned, rendered)) {
            Ok(problems) => {
                self.told.insert(format!(
                    "{template} has no copy in the repository: what arrives is compared with Postmark's own rendering"
                ));
                self.told.extend(
                    problems
                        .into_iter()
                        .map(|problem| format!("{template}: Postmark says {problem}")),
                );
            }
            Err(why) => {
                self.told.insert(format!(
                    "{template} could not be rendered by Postmark ({}): its links and words are not compared",
                    why.detail
                ));
            }
        }
    }
}

/// Name and model of a template of Postmark's that the case has no copy of.
fn asked(planned: &Planned) -> Option<(String, Value)> {
    if planned.composed || planned.service != Some(LogKind::Postmark) {
        return None;
    }
    let (held @ Held::Template { .. }, _) = planned.held.as_ref()? else {
        return None;
    };
    Some((held.name(), postmark_template_model(planned.request.as_ref()?)))
}

fn fill(planned: &mut Planned, rendered: Rendered) -> Result<Vec<String>, Why> {
    if rendered.html.is_none() && rendered.text.is_none() {
        return Err(Why::new(
            "no-content",
            format!("it renders to nothing: {}", rendered.problems.join("; ")),
        ));
    }
    let Some((_, letter)) = &planned.held else {
        return Ok(Vec::new());
    };
    let letter = Letter {
        subject: rendered.subject,
        html: rendered.html,
        text: rendered.text,
        ..letter.clone()
    };
    planned.raw = message::build(&letter).map_err(|problem| Why::new("no-message", problem.message))?;
    planned.composed = true;
    Ok(rendered.problems)
}
