//! How a route hands messages over: the keys that belong to its kind, and those that do not; SMTP submission with its presets.

use super::address;
use super::checked::{checked, host_problem};
use super::defaults::DEFAULTS;
use super::desk::Desk;
use super::files::Source;
use super::presets::{self, Preset};
use super::route_api;
use super::route_entry::{Named, missing};
use super::routes_file::{RawKind, RawRoute, RawSecurity};
use crate::model::SecretRef;
use crate::model::route::{RouteKind, Security, SmtpRoute};
use std::ops::Range;
use toml::Spanned;

/// Reads the kind with its settings; what is wrong is reported.
pub(super) fn kind(route: Named<'_>, raw: RawRoute, desk: &mut Desk) -> Option<RouteKind> {
    if let Some(kind) = raw.kind {
        foreign(kind, &raw, route.source, desk);
    }
    match raw.kind {
        // The kind has its own report; what else is wrong is told all the same.
        None if raw.host.is_some() => smtp(route, raw, desk).and(None),
        None => None,
        Some(RawKind::Smtp) => smtp(route, raw, desk).map(RouteKind::Smtp),
        Some(RawKind::Postmark) => route_api::postmark(route, raw, desk).map(RouteKind::Postmark),
        Some(RawKind::CustomerIo) => route_api::customerio(route, raw, desk).map(RouteKind::CustomerIo),
    }
}

/// Where a key stands, if it is there.
fn at<T>(key: &Option<Spanned<T>>) -> Option<Range<usize>> {
    key.as_ref().map(Spanned::span)
}

/// Reports keys that another kind of route has.
fn foreign(kind: RawKind, raw: &RawRoute, source: &Source, desk: &mut Desk) {
    let smtp: &[&str] = &["smtp"];
    let postmark: &[&str] = &["postmark"];
    let customerio: &[&str] = &["customerio"];
    let keys = [
        ("preset", at(&raw.preset), smtp),
        ("host", at(&raw.host), smtp),
        ("port", at(&raw.port), smtp),
        ("username", at(&raw.username), smtp),
        ("password", at(&raw.password), smtp),
        ("envelope_from", at(&raw.envelope_from), smtp),
        ("token", at(&raw.token), &["postmark", "customerio"]),
        ("stream", at(&raw.stream), postmark),
        ("tag", at(&raw.tag), postmark),
        ("track_opens", at(&raw.track_opens), postmark),
        ("track_links", at(&raw.track_links), postmark),
        ("batch", at(&raw.batch), postmark),
        ("region", at(&raw.region), &["customerio", "smtp"]),
        ("site_id", at(&raw.site_id), customerio),
        ("track_key", at(&raw.track_key), customerio),
    ];
    let kind = match kind {
        RawKind::Smtp => "smtp",
        RawKind::Postmark => "postmark",
        RawKind::CustomerIo => "customerio",
    };
    for (key, span, kinds) in keys {
        if let Some(span) = span.filter(|_| !kinds.contains(&kind)) {
            let message = format!("`{key}` is not a key of a route of kind \"{kind}\"");
            let help = format!("it belongs to kind = \"{}\"", kinds.join("\" or \""));
            desk.at(source, span, message, "has no meaning here", Some(help));
        }
    }
}

fn smtp(route: Named<'_>, raw: RawRoute, desk: &mut Desk) -> Option<SmtpRoute> {
    let source = route.source;
    let preset = match &raw.preset {
        Some(name) => Some(presets::find(name, raw.region.as_ref(), source, desk)?),
        None => None,
    };
    if let (None, Some(region)) = (&raw.preset, &raw.region) {
        let label = "says where a preset's or Customer.io's servers are";
        let message = "`region` has no meaning without a preset".to_owned();
        desk.at(source, region.span(), message, label, None);
    }
    let envelope_from = checked(raw.envelope_from, address::problem, "an address", source, desk);
    if let (Some(username), None) = (&raw.username, &raw.password) {
        let message = format!("route `{}` has a username and no password", route.name.get_ref());
        desk.at(source, username.span(), message, "a login needs both", None);
    }
    if preset.is_some() && raw.password.is_none() {
        missing(&route, "smtp", "password", "\"${env:SMTP_PASSWORD}\"", desk);
    } else if let (Some(Preset { username: None, .. }), None) = (&preset, &raw.username) {
        missing(&route, "smtp", "username", "\"${env:SMTP_USERNAME}\"", desk);
    }
    let preset = preset.unwrap_or_default();
    if raw.host.is_none() && preset.host.is_empty() {
        missing(&route, "smtp", "host", "\"smtp.postmarkapp.com\"", desk);
    }
    let host = match raw.host {
        None if !preset.host.is_empty() => preset.host.clone(),
        host => checked(host, host_problem, "a host name", source, desk)?,
    };
    let (port, security) = door(raw.port.as_ref(), raw.security, &preset);
    let fixed = preset.username.map(SecretRef::parse);
    Some(SmtpRoute {
        host,
        port,
        security,
        username: raw.username.map(Spanned::into_inner).or(fixed),
        password: raw.password.map(Spanned::into_inner),
        headers: route.headers,
        envelope_from,
        ca_file: raw.ca,
    })
}

fn door(port: Option<&Spanned<i64>>, security: Option<RawSecurity>, preset: &Preset) -> (u16, Security) {
    let stated = port.and_then(|port| u16::try_from(*port.get_ref()).ok());
    let port = stated.or(preset.port).unwrap_or(DEFAULTS.port);
    let security = match security {
        Some(RawSecurity::Starttls) => Security::Starttls,
        Some(RawSecurity::Tls) => Security::Tls,
        None if port == 465 => Security::Tls,
        None => Security::Starttls,
    };
    (port, security)
}
