//! What differs by route: `[case.on.ROUTE]`, and which route is asked for a template that its service holds. Every route of a case must
//! have something to send.

use super::suite_asks::RawOn;
use super::suites::Reader;
use super::written::{RawHeld, Written};
use super::{content, suggest};
use crate::model::route::RouteKind;
use crate::model::suite::{Asked, OnRoute};
use crate::model::{Held, Route};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

impl Reader<'_> {
    /// By route, for those where anything differs.
    pub(super) fn on_routes(
        &mut self,
        held: RawHeld,
        raw: BTreeMap<Spanned<String>, Spanned<RawOn>>,
        case: &Written<'_>,
    ) -> BTreeMap<String, OnRoute> {
        let common = self.held(held);
        let mut on = BTreeMap::new();
        for (route, raw) in raw {
            if !case.routes.contains(route.get_ref()) {
                let message = format!("the case does not use route `{}`", route.get_ref().escape_debug());
                let help = suggest::help(route.get_ref(), case.routes.iter().map(String::as_str));
                self.at(route.span(), message, "not among its `routes`", help.as_deref());
                continue;
            }
            let stated = self.suppressed_at(&raw.get_ref().expect.placement);
            let (differs, span) = self.differing(raw.into_inner(), case);
            if let Some(stated) = stated {
                self.suppression_is_provable(&differs.placement, std::slice::from_ref(route.get_ref()), stated);
            }
            on.insert(route.into_inner(), (differs, span));
        }
        // A case whose routes could not be read still needs something to send.
        if case.routes.is_empty() && common.is_none() {
            self.has_content(&OnRoute::default(), "", case);
        }
        let mut told = BTreeMap::new();
        for name in case.routes {
            let (mut differs, own) = on.remove(name).unwrap_or_default();
            let Some(route) = self.routes.routes.get(name) else {
                continue;
            };
            let span = match (own, &common) {
                (Some(own), _) => Some(own),
                (None, Some((asked, span))) if !case.copied || suits(asked, route) => {
                    differs.asked = Some(asked.clone());
                    Some(span.clone())
                }
                _ => None,
            };
            if let (Some(asked), Some(span)) = (&differs.asked, span) {
                let asked = asked.clone();
                self.fits(&asked, route, case.mailboxes, &span);
            }
            self.has_content(&differs, name, case);
            if differs != OnRoute::default() {
                told.insert(name.clone(), differs);
            }
        }
        told
    }

    fn differing(&mut self, raw: RawOn, case: &Written<'_>) -> (OnRoute, Option<Range<usize>>) {
        let held = self.held(RawHeld {
            template: raw.template,
            transactional: raw.transactional_message_id,
            event: raw.event,
            broadcast: raw.broadcast,
        });
        let (asked, span) = held.map_or((None, None), |(asked, span)| (Some(asked), Some(span)));
        let within = raw.expect.within.as_ref();
        let within_ms = within.map(|_| self.within(within, case.give_up_ms, case.give_up_ms));
        let differs = OnRoute {
            asked,
            headers: content::headers(raw.headers, self.source, self.desk),
            placement: self.placement(raw.expect.placement),
            within_ms,
        };
        (differs, span)
    }

    fn has_content(&mut self, differs: &OnRoute, route: &str, case: &Written<'_>) {
        if differs.asked.is_some() {
            return;
        }
        let many = case.routes.len() > 1;
        let on = if many {
            format!(" on route `{route}`")
        } else {
            String::new()
        };
        if !case.copied {
            let message = format!("the case has no content{on}");
            let help = "name a template file: html = \"templates/order.html\"";
            self.at(case.span.clone(), message, "neither `html` nor `text`", Some(help));
        } else if !case.titled {
            let help = "add `subject`: only a template that the service holds has its own";
            let message = format!("the case has no `subject`{on}");
            self.at(case.span.clone(), message, "`subject` is missing", Some(help));
        }
    }
}

fn suits(asked: &Asked, route: &Route) -> bool {
    match asked.held {
        Held::Template(_) => matches!(route.kind, RouteKind::Postmark(_)),
        _ => matches!(route.kind, RouteKind::CustomerIo(_)),
    }
}
