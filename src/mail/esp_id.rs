//! Which ids of sending services does a message bear? Whole ids only, from where the services write them: their own headers first, else
//! their links and pixels.

use super::headers::Headers;
use super::reading::Reading;
use super::vendors;
use crate::model::{EspId, LogKind};
use std::collections::BTreeSet;

/// The domain of Postmark's Message-IDs: `<id@mtasv.net>`, where the sender's own is not kept.
const POSTMARK_IDS: &str = "@mtasv.net";
const SERVICES: [LogKind; 2] = [LogKind::Postmark, LogKind::CustomerIo];

/// At most one id a service: what names several messages (a reply that quotes two, a digest) says nothing of which one it is. Nor does a
/// delivery report, which speaks of another message.
pub fn borne(raw: &[u8]) -> BTreeSet<EspId> {
    let headers = Headers::of(raw);
    let is_report = |value: String| value.to_ascii_lowercase().contains("multipart/report");
    if headers
        .first("Content-Type")
        .is_some_and(|field| is_report(field.unfolded()))
    {
        return BTreeSet::new();
    }
    let written = in_headers(&headers);
    let silent = |service: &LogKind| !written.iter().any(|id| id.service() == *service);
    // An answer quotes what it answers, links and all.
    let answers = ["In-Reply-To", "References"]
        .iter()
        .any(|name| headers.first(name).is_some());
    let linked = match SERVICES.iter().any(silent) && !answers {
        true => in_links(&Reading::new(raw)),
        false => BTreeSet::new(),
    };
    let one = |service: LogKind| {
        let place = if silent(&service) { &linked } else { &written };
        let mut own = place.iter().filter(|id| id.service() == service);
        own.next().filter(|_| own.next().is_none()).cloned()
    };
    SERVICES.into_iter().filter_map(one).collect()
}

fn in_headers(headers: &Headers<'_>) -> BTreeSet<EspId> {
    let values = |name: &'static str| headers.all(name).map(|field| field.unfolded().trim().to_owned());
    let own = values("X-PM-Message-Id").filter_map(|value| EspId::new(LogKind::Postmark, &value));
    let mut ids: BTreeSet<EspId> = own.collect();
    if ids.is_empty() {
        ids.extend(values("Message-ID").filter_map(|value| {
            let id = value.strip_prefix('<')?.strip_suffix('>')?.strip_suffix(POSTMARK_IDS)?;
            EspId::new(LogKind::Postmark, id)
        }));
    }
    ids.extend(values("X-Mailer").filter_map(|value| of_mailer(&value)));
    ids
}

/// `Customer.io (<delivery id>; +https://whatis.customeriomail.com)`.
fn of_mailer(value: &str) -> Option<EspId> {
    let rest = value.strip_prefix("Customer.io (")?;
    EspId::new(LogKind::CustomerIo, rest.split([';', ')']).next()?.trim())
}

fn in_links(reading: &Reading<'_>) -> BTreeSet<EspId> {
    let links = reading.links().iter().map(|link| link.url.as_str());
    let pixels = reading.pixels().iter().map(|pixel| pixel.url.as_str());
    links.chain(pixels).flat_map(vendors::message_ids).collect()
}
