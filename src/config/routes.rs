//! The routes file into routes, their policy and the exceptions from how the network is used.

use super::checked::{all_checked, checked, host_problem};
use super::contract::{allows, category, contract};
use super::defaults::DEFAULTS;
use super::desk::Desk;
use super::either::OneOrMany;
use super::files::Source;
use super::routes_file::{RawNetwork, RawRoute, RawSecurity, RoutesFile};
use super::{address, logs, names, reference, suggest};
use crate::model::route::{RouteKind, Security, SmtpRoute};
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
        let name = name.into_inner();
        let entry = entry.into_inner();
        for (field, secret) in [("username", &entry.username), ("password", &entry.password)] {
            if let Some(secret) = secret {
                reference::check(secret, source, desk);
                read.secrets
                    .insert(format!("{name}.{field}"), source.place(secret.span()));
            }
        }
        if let Some(route) = route(&name, entry, &mut read.secrets, source, desk) {
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
    read
}

fn route(
    name: &str,
    raw: RawRoute,
    secrets: &mut BTreeMap<String, Place>,
    source: &Source,
    desk: &mut Desk,
) -> Option<Route> {
    let contract = contract(raw.contract, source, desk);
    let headers = super::content::headers(raw.headers, source, desk);
    let envelope_from = checked(raw.envelope_from, address::problem, "an address", source, desk);
    if let (Some(username), None) = (&raw.username, &raw.password) {
        desk.at(
            source,
            username.span(),
            format!("route `{name}` has a username and no password"),
            "a login needs both",
            None,
        );
    }
    let listed = raw.log.map(OneOrMany::into_vec).unwrap_or_default();
    let logs = logs::logs(name, listed, &headers, secrets, source, desk);
    let host = checked(raw.host, host_problem, "a host name", source, desk)?;
    raw.kind?;
    let port = raw
        .port
        .as_ref()
        .and_then(|port| u16::try_from(*port.get_ref()).ok())
        .unwrap_or(DEFAULTS.port);
    let security = match raw.security {
        Some(RawSecurity::Starttls) => Security::Starttls,
        Some(RawSecurity::Tls) => Security::Tls,
        None if port == 465 => Security::Tls,
        None => Security::Starttls,
    };
    let smtp = SmtpRoute {
        host,
        port,
        security,
        username: raw.username.map(Spanned::into_inner),
        password: raw.password.map(Spanned::into_inner),
        headers,
        envelope_from,
        ca_file: raw.ca,
    };
    Some(Route {
        name: name.to_owned(),
        kind: RouteKind::Smtp(smtp),
        concurrency: raw
            .concurrency
            .and_then(|count| u32::try_from(*count.get_ref()).ok())
            .unwrap_or(DEFAULTS.concurrency),
        rate_per_second: raw.rate.map_or(DEFAULTS.rate, |rate| *rate.get_ref()),
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
