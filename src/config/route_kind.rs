//! How a route hands messages over: the keys that belong to its kind, and those that do not.

use super::address;
use super::checked::{checked, host_problem};
use super::defaults::DEFAULTS;
use super::desk::Desk;
use super::files::Source;
use super::routes_file::{RawKind, RawRoute, RawSecurity, RawTrackLinks};
use crate::model::route::{PostmarkRoute, RouteKind, Security, SmtpRoute, TrackLinks};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;

/// Reads the kind with its settings; what is wrong is reported.
pub(super) fn kind(
    name: &Spanned<String>,
    raw: RawRoute,
    headers: BTreeMap<String, String>,
    source: &Source,
    desk: &mut Desk,
) -> Option<RouteKind> {
    match raw.kind {
        // The kind has its own report; what else is wrong is told all the same.
        None if raw.host.is_some() => smtp(name, raw, headers, source, desk).and(None),
        None => None,
        Some(kind) => of(kind, name, raw, headers, source, desk),
    }
}

fn of(
    kind: RawKind,
    name: &Spanned<String>,
    raw: RawRoute,
    headers: BTreeMap<String, String>,
    source: &Source,
    desk: &mut Desk,
) -> Option<RouteKind> {
    match kind {
        RawKind::Smtp => smtp(name, raw, headers, source, desk).map(RouteKind::Smtp),
        RawKind::Postmark => postmark(name, raw, headers, source, desk).map(RouteKind::Postmark),
    }
}

/// Where a key stands, if it is there.
fn at<T>(key: &Option<Spanned<T>>) -> Option<Range<usize>> {
    key.as_ref().map(Spanned::span)
}

/// Reports keys that another kind of route has.
fn none_of(keys: &[(&str, Option<Range<usize>>)], kind: &str, other: &str, source: &Source, desk: &mut Desk) {
    for (key, span) in keys {
        if let Some(span) = span {
            let message = format!("`{key}` is not a key of a route of kind \"{kind}\"");
            let help = format!("it belongs to kind = \"{other}\"");
            desk.at(source, span.clone(), message, "has no meaning here", Some(help));
        }
    }
}

fn missing(name: &Spanned<String>, kind: &str, key: &str, example: &str, source: &Source, desk: &mut Desk) {
    let message = format!("[route.{}] of kind \"{kind}\" has no `{key}`", name.get_ref());
    let help = format!("add `{key} = {example}`");
    desk.at(source, name.span(), message, format!("`{key}` is missing"), Some(help));
}

fn smtp(
    name: &Spanned<String>,
    raw: RawRoute,
    headers: BTreeMap<String, String>,
    source: &Source,
    desk: &mut Desk,
) -> Option<SmtpRoute> {
    let foreign = [
        ("token", at(&raw.token)),
        ("stream", at(&raw.stream)),
        ("tag", at(&raw.tag)),
        ("track_opens", at(&raw.track_opens)),
        ("track_links", at(&raw.track_links)),
    ];
    none_of(&foreign, "smtp", "postmark", source, desk);
    let envelope_from = checked(raw.envelope_from, address::problem, "an address", source, desk);
    if let (Some(username), None) = (&raw.username, &raw.password) {
        desk.at(
            source,
            username.span(),
            format!("route `{}` has a username and no password", name.get_ref()),
            "a login needs both",
            None,
        );
    }
    if raw.host.is_none() {
        missing(name, "smtp", "host", "\"smtp.postmarkapp.com\"", source, desk);
    }
    let host = checked(raw.host, host_problem, "a host name", source, desk)?;
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
    Some(SmtpRoute {
        host,
        port,
        security,
        username: raw.username.map(Spanned::into_inner),
        password: raw.password.map(Spanned::into_inner),
        headers,
        envelope_from,
        ca_file: raw.ca,
    })
}

fn postmark(
    name: &Spanned<String>,
    raw: RawRoute,
    headers: BTreeMap<String, String>,
    source: &Source,
    desk: &mut Desk,
) -> Option<PostmarkRoute> {
    let foreign = [
        ("host", at(&raw.host)),
        ("port", at(&raw.port)),
        ("username", at(&raw.username)),
        ("password", at(&raw.password)),
        ("envelope_from", at(&raw.envelope_from)),
    ];
    none_of(&foreign, "postmark", "smtp", source, desk);
    if let Some(header) = headers
        .keys()
        .find(|header| header.to_ascii_lowercase().starts_with("x-pm-"))
    {
        let message = format!("header `{header}` is not read by Postmark's API");
        let help = "use the keys `stream`, `tag`, `track_opens` and `track_links`".to_owned();
        desk.at(source, name.span(), message, "in the headers of this route", Some(help));
    }
    let Some(token) = raw.token else {
        missing(name, "postmark", "token", "\"${env:POSTMARK_TOKEN}\"", source, desk);
        return None;
    };
    let links = |links| match links {
        RawTrackLinks::None => TrackLinks::None,
        RawTrackLinks::HtmlAndText => TrackLinks::HtmlAndText,
        RawTrackLinks::HtmlOnly => TrackLinks::HtmlOnly,
        RawTrackLinks::TextOnly => TrackLinks::TextOnly,
    };
    Some(PostmarkRoute {
        token: token.into_inner(),
        stream: raw.stream.map_or_else(|| "outbound".to_owned(), Spanned::into_inner),
        tag: raw.tag.map(Spanned::into_inner),
        track_opens: raw.track_opens.map(Spanned::into_inner),
        track_links: raw.track_links.map(|key| links(key.into_inner())),
        headers,
    })
}
