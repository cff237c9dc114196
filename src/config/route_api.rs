//! Routes that hand messages over by a service's own API: Postmark's and Customer.io's.

use super::desk::Desk;
use super::files::Source;
use super::route_entry::{Named, missing};
use super::routes_file::{RawRoute, RawTrackLinks};
use crate::model::route::{CustomerIoRoute, PostmarkRoute, TrackLinks};
use crate::model::{Region, SecretRef};
use toml::Spanned;

/// Postmark's API.
pub(super) fn postmark(route: Named<'_>, raw: RawRoute, desk: &mut Desk) -> Option<PostmarkRoute> {
    let control = |header: &&String| header.to_ascii_lowercase().starts_with("x-pm-");
    if let Some(header) = route.headers.keys().find(control) {
        let message = format!("header `{header}` is not read by Postmark's API");
        let help = "use the keys `stream`, `tag`, `track_opens` and `track_links`".to_owned();
        let label = "in the headers of this route";
        desk.at(route.source, route.name.span(), message, label, Some(help));
    }
    let Some(token) = raw.token else {
        missing(&route, "postmark", "token", "\"${env:POSTMARK_TOKEN}\"", desk);
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
        batch: raw.batch.is_some_and(Spanned::into_inner),
        headers: route.headers,
    })
}

/// Customer.io's APIs.
pub(super) fn customerio(route: Named<'_>, raw: RawRoute, desk: &mut Desk) -> Option<CustomerIoRoute> {
    let region = region(raw.region.as_ref(), route.source, desk);
    let track = track(raw.site_id, raw.track_key, route.source, desk);
    let Some(token) = raw.token else {
        missing(&route, "customerio", "token", "\"${env:CUSTOMERIO_APP_KEY}\"", desk);
        return None;
    };
    Some(CustomerIoRoute {
        region,
        token: token.into_inner(),
        track,
        headers: route.headers,
    })
}

fn track(
    site: Option<Spanned<SecretRef>>,
    key: Option<Spanned<SecretRef>>,
    source: &Source,
    desk: &mut Desk,
) -> Option<(SecretRef, SecretRef)> {
    match (site, key) {
        (Some(site), Some(key)) => Some((site.into_inner(), key.into_inner())),
        (None, None) => None,
        (Some(one), None) | (None, Some(one)) => {
            let message = "the Track API needs `site_id` and `track_key`".to_owned();
            let help = "both stand in Customer.io under Account Settings › API Credentials › Track API Keys".to_owned();
            desk.at(source, one.span(), message, "only one of them is there", Some(help));
            None
        }
    }
}

/// Where a Customer.io workspace lives.
pub(super) fn region(written: Option<&Spanned<String>>, source: &Source, desk: &mut Desk) -> Region {
    match written.map(|written| written.get_ref().as_str()) {
        None | Some("us") => Region::Us,
        Some("eu") => Region::Eu,
        Some(other) => {
            let message = format!("`{}` is no region of Customer.io", other.escape_debug());
            let span = written.map(Spanned::span).unwrap_or_default();
            let help = "write \"us\" or \"eu\" (Customer.io: Settings › Privacy › Data center)".to_owned();
            desk.at(source, span, message, "neither us nor eu", Some(help));
            Region::default()
        }
    }
}
