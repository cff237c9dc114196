//! The routes file into routes, their policy and the exceptions from how the network is used.

use super::defaults::DEFAULTS;
use super::desk::Desk;
use super::either::WordOr;
use super::files::Source;
use super::routes_file::{RawClicks, RawContract, RawNetwork, RawOpens, RawPart, RawRoute, RawSecurity, RoutesFile};
use super::suite_file::RawCategory;
use super::{address, names, suggest};
use crate::model::route::{RouteKind, Security, SmtpRoute, Tracking};
use crate::model::{Category, Contract, Place, Route, RoutePolicy};
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
                read.secrets
                    .insert(format!("{name}.{field}"), source.place(secret.span()));
            }
        }
        if let Some(route) = route(&name, entry, source, desk) {
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

/// May a category use a route? An empty list is no restriction.
pub(super) fn allows(contract: &Contract, category: Category) -> bool {
    contract.categories.is_empty() || contract.categories.contains(&category)
}

/// The model's word for a category.
pub(super) fn category(raw: RawCategory) -> Category {
    match raw {
        RawCategory::Transactional => Category::Transactional,
        RawCategory::Marketing => Category::Marketing,
        RawCategory::Hybrid => Category::Hybrid,
    }
}

fn route(name: &str, raw: RawRoute, source: &Source, desk: &mut Desk) -> Option<Route> {
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
    if let Some(log) = raw.log.filter(|log| !logs_have_kinds(log.get_ref())) {
        let help = Some("for example kind = \"postmark\"".to_owned());
        desk.at(
            source,
            log.span(),
            format!("a log of route `{name}` has no `kind`"),
            "who can be asked?",
            help,
        );
    }
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
        contract,
    })
}

fn contract(raw: RawContract, source: &Source, desk: &mut Desk) -> Contract {
    Contract {
        categories: raw.categories.into_iter().map(category).collect(),
        from: checked(raw.from, address::named_problem, "a From address", source, desk),
        reply_to: checked(raw.reply_to, address::named_problem, "an address", source, desk),
        dkim: all_checked(raw.dkim, host_problem, "a domain", source, desk),
        return_path: checked(raw.return_path, host_problem, "a domain", source, desk),
        clicks: raw
            .clicks
            .map(|clicks| tracked(clicks, clicks_host, "clicks", source, desk))
            .unwrap_or_default(),
        opens: raw
            .opens
            .map(|opens| tracked(opens, opens_host, "opens", source, desk))
            .unwrap_or_default(),
        may_append: all_checked(raw.may_append, super::content::glob_problem, "a glob", source, desk),
        selectors: raw.selectors,
    }
}

/// Each log says whom to ask; what else it needs depends on that.
fn logs_have_kinds(log: &toml::Value) -> bool {
    let has_kind = |log: &toml::Value| log.get("kind").is_some_and(toml::Value::is_str);
    match log {
        toml::Value::Array(logs) => logs.iter().all(has_kind),
        one => has_kind(one),
    }
}

/// Reads `"off"` or a table with a host.
fn tracked<T>(
    raw: Spanned<WordOr<T>>,
    host: impl Fn(T, &Source, &mut Desk) -> Option<Tracking>,
    key: &str,
    source: &Source,
    desk: &mut Desk,
) -> Tracking {
    let span = raw.span();
    match raw.into_inner() {
        WordOr::Word(word) if word == "off" => Tracking::Off,
        WordOr::Word(word) => {
            let help = format!("write \"off\", or {key} = {{ host = \"…\" }}");
            desk.at(
                source,
                span,
                format!("`{}` is not a value of `{key}`", word.escape_debug()),
                "unknown word",
                Some(help),
            );
            Tracking::Unstated
        }
        WordOr::Table(table) => host(table, source, desk).unwrap_or_default(),
    }
}

fn clicks_host(raw: RawClicks, source: &Source, desk: &mut Desk) -> Option<Tracking> {
    let except = all_checked(raw.except, super::content::glob_problem, "a glob", source, desk);
    let part = |part| match part {
        RawPart::Html => "html".to_owned(),
        RawPart::Text => "text".to_owned(),
    };
    let parts = raw
        .parts
        .map_or_else(|| DEFAULTS.parts.clone(), |parts| parts.into_iter().map(part).collect());
    checked(raw.host, host_problem, "a host name", source, desk).map(|host| Tracking::Host { host, parts, except })
}

fn opens_host(raw: RawOpens, source: &Source, desk: &mut Desk) -> Option<Tracking> {
    let html = vec!["html".to_owned()];
    checked(raw.host, host_problem, "a host name", source, desk).map(|host| Tracking::Host {
        host,
        parts: html,
        except: Vec::new(),
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

/// The value if it has no problem; the problem is reported.
fn checked(
    value: Option<Spanned<String>>,
    problem: fn(&str) -> Option<&'static str>,
    what: &str,
    source: &Source,
    desk: &mut Desk,
) -> Option<String> {
    let value = value?;
    match problem(value.get_ref()) {
        None => Some(value.into_inner()),
        Some(why) => {
            desk.at(
                source,
                value.span(),
                format!("`{}` is not {what}", value.get_ref().escape_debug()),
                why,
                None,
            );
            None
        }
    }
}

fn all_checked(
    values: Vec<Spanned<String>>,
    problem: fn(&str) -> Option<&'static str>,
    what: &str,
    source: &Source,
    desk: &mut Desk,
) -> Vec<String> {
    values
        .into_iter()
        .filter_map(|value| checked(Some(value), problem, what, source, desk))
        .collect()
}

fn host_problem(host: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '[' | ']');
    if host.starts_with("${") {
        Some("only secrets may be references")
    } else if host.is_empty() || host.len() > 253 || !host.chars().all(plain) {
        Some("expected a name such as mail.brand.example, without scheme, path or blanks")
    } else {
        None
    }
}
