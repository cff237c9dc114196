//! The routes file into routes, their policy and the exceptions from how the network is used.

use super::checked::{all_checked, host_problem};
use super::contract::{allows, category, contract};
use super::defaults::DEFAULTS;
use super::desk::Desk;
use super::either::OneOrMany;
use super::files::Source;
use super::route_entry::Named;
use super::routes_file::{RawNetwork, RawRoute, RoutesFile};
use super::{logs, names, reference, route_kind, spam, suggest};
use crate::model::spam::SpamPolicy;
use crate::model::{Place, Route, RoutePolicy};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use toml::Spanned;

/// What was read of one routes file.
#[derive(Debug, Default)]
pub(super) struct Routes {
    /// By name.
    pub routes: BTreeMap<String, Route>,
    /// Names that stand in the file, also those that could not be used.
    pub named: Vec<String>,
    /// `[policy]`.
    pub policy: RoutePolicy,
    /// `[network] allow`.
    pub allow: Vec<String>,
    /// `[spam]`.
    pub spam: SpamPolicy,
    /// `[network] dns`.
    pub dns: Vec<SocketAddr>,
    /// Where each secret stands, by `route.field`.
    pub secrets: BTreeMap<String, Place>,
}

/// Turns the raw file into routes.
pub(super) fn convert(raw: RoutesFile, source: &Source, desk: &mut Desk) -> Routes {
    let mut read = Routes::default();
    for (name, entry) in raw.route {
        if let Some(why) = names::table_problem(name.get_ref()) {
            desk.at(
                source,
                name.span(),
                format!("`{}` can not name a route", name.get_ref().escape_debug()),
                why,
                None,
            );
        }
        let spanned = name.clone();
        let name = name.into_inner();
        let entry = entry.into_inner();
        let held = [
            ("username", &entry.username),
            ("password", &entry.password),
            ("token", &entry.token),
            ("site_id", &entry.site_id),
            ("track_key", &entry.track_key),
        ];
        for (field, secret) in held {
            if let Some(secret) = secret {
                reference::check(secret, source, desk);
                read.secrets
                    .insert(format!("{name}.{field}"), source.place(secret.span()));
            }
        }
        if let Some(route) = route(&spanned, entry, &mut read.secrets, source, desk) {
            read.routes.insert(name.clone(), route);
        }
        read.named.push(name);
    }
    for (kind, route) in raw.policy.default_route {
        let kind = category(kind);
        if !read.named.contains(route.get_ref()) {
            let message = format!("undefined route `{}`", route.get_ref().escape_debug());
            desk.at(
                source,
                route.span(),
                message,
                "no [route.NAME] of this name",
                suggest::help(route.get_ref(), read.named.iter().map(String::as_str)),
            );
        } else if read
            .routes
            .get(route.get_ref())
            .is_some_and(|route| !allows(&route.contract, kind))
        {
            let message = format!("route `{}` does not carry {kind} mail", route.get_ref());
            desk.at(
                source,
                route.span(),
                message,
                "forbidden by the route's contract",
                Some(format!(
                    "add \"{kind}\" to its contract's `categories`, or name another route"
                )),
            );
        } else {
            read.policy.default_route.insert(kind, route.into_inner());
        }
    }
    network(raw.network, &mut read, source, desk);
    read.spam = spam::policy(raw.spam, source, desk);
    read
}

fn route(
    name: &Spanned<String>,
    mut raw: RawRoute,
    secrets: &mut BTreeMap<String, Place>,
    source: &Source,
    desk: &mut Desk,
) -> Option<Route> {
    let contract = contract(std::mem::take(&mut raw.contract), source, desk);
    let headers = super::content::headers(std::mem::take(&mut raw.headers), source, desk);
    let listed = raw.log.take().map(OneOrMany::into_vec).unwrap_or_default();
    let region = raw.region.as_ref();
    let logs = logs::logs(name.get_ref(), listed, &headers, region, secrets, source, desk);
    let concurrency = raw
        .concurrency
        .take()
        .and_then(|count| u32::try_from(*count.get_ref()).ok());
    let rate = raw.rate.take();
    let named = Named { name, headers, source };
    let kind = route_kind::kind(named, raw, desk)?;
    Some(Route {
        name: name.get_ref().clone(),
        kind,
        concurrency: concurrency.unwrap_or(DEFAULTS.concurrency),
        rate_per_second: rate.map_or(DEFAULTS.rate, |rate| *rate.get_ref()),
        logs,
        contract,
    })
}

fn network(raw: RawNetwork, read: &mut Routes, source: &Source, desk: &mut Desk) {
    read.allow = all_checked(raw.allow, host_problem, "a host name", source, desk);
    for server in raw.dns {
        match server.get_ref().parse() {
            Ok(address) => read.dns.push(address),
            Err(_) => {
                let message = format!("`{}` is not a DNS server", server.get_ref().escape_debug());
                desk.at(
                    source,
                    server.span(),
                    message,
                    "expected address and port",
                    Some("write \"127.0.0.1:5353\" or \"[::1]:5353\"".to_owned()),
                );
            }
        }
    }
}
