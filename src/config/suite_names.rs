//! The names a suite uses: of its cases, of routes, of mailboxes.

use super::suites::Reader;
use super::{contract, names, select, suggest};
use crate::model::Category;
use std::collections::HashMap;
use std::ops::Range;
use toml::Spanned;

impl Reader<'_> {
    pub(super) fn case_name(&mut self, name: Option<&Spanned<String>>, seen: &mut HashMap<String, usize>) {
        let Some(name) = name else { return };
        let shown = name.get_ref().escape_debug();
        if let Some(why) = names::case_problem(name.get_ref()) {
            let help = format!("for example `{}`", names::slug(name.get_ref()));
            self.at(name.span(), format!("`{shown}` can not name a case"), why, Some(&help));
        }
        if let Some(first) = seen.insert(name.get_ref().clone(), name.span().start) {
            let line = self.source.place(first..first).line;
            self.at(
                name.span(),
                format!("two cases are called `{shown}`"),
                &format!("the first is in line {line}"),
                Some("a case's name is part of its id"),
            );
        }
    }

    pub(super) fn routes(
        &mut self,
        list: Option<&Spanned<Vec<Spanned<String>>>>,
        category: Option<Category>,
        case: &Range<usize>,
    ) -> Vec<String> {
        let Some(list) = list else {
            return self.default_route(category, case);
        };
        if list.get_ref().is_empty() {
            self.at(
                list.span(),
                "the case has no route".to_owned(),
                "an empty list",
                Some("leave `routes` out to use the category's default route"),
            );
        }
        let mut names: Vec<String> = Vec::new();
        for name in list.get_ref() {
            let route = self.routes.routes.get(name.get_ref());
            if let Some(category) =
                category.filter(|category| route.is_some_and(|route| !contract::allows(&route.contract, *category)))
            {
                let help = format!(
                    "add \"{category}\" to `categories` of [route.{}.contract], or choose another route",
                    name.get_ref()
                );
                let message = format!("route `{}` does not carry {category} mail", name.get_ref());
                self.forbidden(name.span(), message, &help);
            } else if route.is_none() && self.routes_known && !self.routes.named.contains(name.get_ref()) {
                let help = suggest::help(name.get_ref(), self.routes.named.iter().map(String::as_str));
                self.at(
                    name.span(),
                    format!("undefined route `{}`", name.get_ref().escape_debug()),
                    "not in the routes file",
                    help.as_deref(),
                );
            } else if !names.contains(name.get_ref()) {
                names.push(name.get_ref().clone());
            }
        }
        names
    }

    fn default_route(&mut self, category: Option<Category>, case: &Range<usize>) -> Vec<String> {
        let Some(category) = category else { return Vec::new() };
        match self.routes.policy.default_route.get(&category) {
            Some(route) => vec![route.clone()],
            None => {
                if self.routes_known {
                    let help = format!(
                        "name `routes`, or give the routes file [policy] default_route = {{ {category} = \"…\" }}"
                    );
                    self.at(
                        case.clone(),
                        format!("no route for {category} mail"),
                        "the case names no route",
                        Some(&help),
                    );
                }
                Vec::new()
            }
        }
    }

    pub(super) fn mailboxes(&mut self, list: Option<&Spanned<Vec<Spanned<String>>>>) -> Vec<String> {
        if !self.mailboxes_known {
            return Vec::new();
        }
        select::mailboxes(list, self.mailboxes, self.source, self.desk)
    }

    /// What policy forbids: an error, or what a case expects.
    pub(super) fn forbidden(&mut self, span: Range<usize>, message: String, help: &str) {
        match &mut self.refusals {
            Some(refusals) => refusals.push(message),
            None => self.at(span, message, "forbidden by the route's contract", Some(help)),
        }
    }

    /// A case that is there to be refused: it is noted and never sent. Where policy allows it, the guard it proves is gone.
    pub(super) fn refused<T>(
        &mut self,
        name: Option<&Spanned<String>>,
        case: &Range<usize>,
        refusals: Vec<String>,
    ) -> Option<T> {
        let name = name.map(|name| name.get_ref().clone()).unwrap_or_default();
        match refusals.is_empty() {
            false => self.refused.push((name, refusals.join("; "))),
            true if !self.routes_known => {}
            true => {
                let help = "its routes carry this category and agree on this sender: correct [route.NAME.contract], or take `refused` away";
                let message = format!(
                    "case `{}` expects to be refused, and policy allows it",
                    name.escape_debug()
                );
                self.at(case.clone(), message, "nothing forbids it", Some(help));
            }
        }
        None
    }
}
