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

/// Gives each delivery of such a template the message it is to become. What every report says of it comes back: whose rendering it
/// is, what Postmark finds fault with, or why there is none, so that links and words are not compared.
pub async fn render(deliveries: &mut [Planned], keys: &BTreeMap<String, RouteKeys>, net: &Net) -> Vec<String> {
    let mut told = BTreeSet::new();
    let mut templates: BTreeMap<(String, String), Result<Template, Why>> = BTreeMap::new();
    for planned in deliveries.iter_mut() {
        let Some((name, model)) = asked(planned) else { continue };
        let route = planned.delivery.id.route.clone();
        let login = keys.get(&route).and_then(|keys| keys.credentials.as_ref());
        let Some(login) = login else { continue };
        let slot = (route.clone(), name.clone());
        if !templates.contains_key(&slot) {
            let found = postmark_templates::find(net, &login.password, &name).await;
            templates.insert(slot.clone(), found);
        }
        let rendered = match &templates[&slot] {
            Ok(template) => postmark_templates::render(net, &login.password, template, &model).await,
            Err(why) => Err(why.clone()),
        };
        let template = format!("template {name} of {route}");
        match rendered.and_then(|rendered| fill(planned, rendered)) {
            Ok(problems) => {
                told.insert(format!(
                    "{template} has no copy in the repository: what arrives is compared with Postmark's own rendering"
                ));
                told.extend(
                    problems
                        .into_iter()
                        .map(|problem| format!("{template}: Postmark says {problem}")),
                );
            }
            Err(why) => {
                told.insert(format!(
                    "{template} could not be rendered by Postmark ({}): its links and words are not compared",
                    why.detail
                ));
            }
        }
    }
    told.into_iter().collect()
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
