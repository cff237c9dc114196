//! `drill` of a case: refused where it could not prove anything, or would unsubscribe a seed that nobody gave for that.

use super::suite_file::{RawCase, RawDrill};
use super::suites::{Reader, Receipts};
use super::{contract, suggest};
use crate::model::suite::Case;
use crate::model::{Category, DrillTerms};
use std::ops::Range;
use toml::Spanned;

/// How soon the list must name the seed, and how long the next message is looked for, where nothing is stated.
const USUAL_MS: u64 = 60_000;

impl Reader<'_> {
    /// What the cases of a suite are, before any of them is read.
    pub(super) fn receipts(&self, cases: &[Spanned<RawCase>]) -> Receipts {
        let of = |case: &Spanned<RawCase>| {
            let case = case.get_ref();
            let category = contract::category(*case.category.as_ref()?.get_ref());
            let stated = case.routes.as_ref().map(|routes| routes.get_ref());
            let routes = match stated {
                Some(routes) => routes.iter().map(|route| route.get_ref().clone()).collect(),
                None => self
                    .routes
                    .policy
                    .default_route
                    .get(&category)
                    .cloned()
                    .into_iter()
                    .collect(),
            };
            Some((case.name.as_ref()?.get_ref().clone(), (category, routes)))
        };
        cases.iter().filter_map(of).collect()
    }

    pub(super) fn drill(&mut self, raw: Option<Spanned<RawDrill>>, receipts: &Receipts, case: &mut Case) {
        let Some(raw) = raw else { return };
        let (span, raw) = (raw.span(), raw.into_inner());
        if case.category != Category::Marketing {
            let label = "receipts are not unsubscribed from";
            self.at(
                span.clone(),
                "an unsubscribe drill is for marketing mail".to_owned(),
                label,
                None,
            );
        }
        if case.load.is_some() {
            let label = "after the first there is nobody to send to";
            self.at(span.clone(), "a drill does not go with `load`".to_owned(), label, None);
        }
        self.list_can_be_asked(&case.routes, &span);
        self.seeds_allow_it(&case.mailboxes, &span);
        let noted_ms = self.duration(raw.noted.as_ref(), USUAL_MS);
        let within_ms = self.duration(raw.silence.as_ref(), USUAL_MS);
        // The schema has told what is missing.
        let Some(receipt) = raw.receipt else { return };
        let Some((category, routes)) = receipts.get(receipt.get_ref()) else {
            let help = suggest::help(receipt.get_ref(), receipts.keys().map(String::as_str));
            let message = format!("undefined case `{}`", receipt.get_ref().escape_debug());
            return self.at(receipt.span(), message, "not a case of this suite", help.as_deref());
        };
        if *category != Category::Transactional {
            let message = format!("case `{}` is no receipt: its category is {category}", receipt.get_ref());
            let label = "must be a transactional case";
            self.at(receipt.span(), message, label, None);
        }
        let at = raw.receipt_route.as_ref().map_or(receipt.span(), Spanned::span);
        let stated = raw.receipt_route.map(Spanned::into_inner);
        let route = stated.or_else(|| routes.first().cloned()).unwrap_or_default();
        if !routes.contains(&route) {
            let message = format!(
                "case `{}` does not take route `{}`",
                receipt.get_ref(),
                route.escape_debug()
            );
            let help = suggest::help(&route, routes.iter().map(String::as_str));
            self.at(at, message, "not one of its routes", help.as_deref());
        } else if case.routes.contains(&route) {
            let message = format!("the receipt takes route `{route}`, as the drilled case does");
            let help = "unsubscribing would stop it: name a receipt with a route of its own";
            self.at(at, message, "the same route", Some(help));
        }
        case.drill = Some(DrillTerms {
            receipt: receipt.into_inner(),
            receipt_route: route,
            noted_ms,
            within_ms,
        });
    }

    /// That nothing arrives proves no suppression: only the sending service's log does. And where mail passes a service whose list can
    /// not be changed, the seed could stay on it.
    fn list_can_be_asked(&mut self, routes: &[String], span: &Range<usize>) {
        for name in routes {
            let Some(route) = self.routes.routes.get(name) else {
                continue;
            };
            if route.has_lists() {
                continue;
            }
            let (why, help) = match route.logs.is_empty() {
                true => (
                    "it has no log",
                    format!("add [route.{name}.log] with kind and token to the routes file"),
                ),
                false => (
                    "a person who has unsubscribed could not be subscribed again",
                    "a drill at Customer.io needs a route of kind \"customerio\" with `site_id` and `track_key`"
                        .to_owned(),
                ),
            };
            let message = format!("no drill on route `{name}`: {why}");
            self.at(
                span.clone(),
                message,
                "that nothing arrives would prove nothing",
                Some(&help),
            );
        }
    }

    fn seeds_allow_it(&mut self, mailboxes: &[String], span: &Range<usize>) {
        let known = &self.mailboxes.seeds;
        let refused = mailboxes
            .iter()
            .filter(|name| known.get(*name).is_some_and(|seed| !seed.drill));
        let refused: Vec<String> = refused.map(|name| format!("`{name}`")).collect();
        if !refused.is_empty() {
            let message = format!("no drill at {}: not given for it", refused.join(", "));
            let help = "a drill unsubscribes a seed for a while: set drill = true in the mailboxes file, or name `mailboxes` of the case";
            self.at(span.clone(), message, "would unsubscribe these seeds", Some(help));
        }
    }
}
