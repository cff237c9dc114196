//! The rows a report shows of a message's bytes, read once when the delivery is judged.

use crate::checks;
use crate::mail::address::Address;
use crate::mail::links::Link;
use crate::mail::pixel::Pixel;
use crate::mail::reading::Reading;
use crate::mail::{pairing, received, vendors};
use crate::model::digest::{Digest, LinkRow, PixelRow};
use crate::model::{Evidence, Policy};

/// Reads the rows. Empty where there are no bytes. Pure.
pub fn of(evidence: &Evidence, policy: &Policy) -> Digest {
    let Some(raw) = evidence.raw() else {
        return Digest::default();
    };
    let reading = Reading::new(raw);
    let original = evidence.original.as_ref().map(|raw| Reading::new(&raw.0));
    Digest {
        subject: reading.subject(),
        from: reading.from().first().map(Address::to_string),
        headers: headers(&reading),
        hops: received::hops(reading.received()),
        alignment: checks::alignment_row(evidence, policy),
        provider: reading.authentication_results(&policy.provider.authres).word(),
        links: links(&reading, original.as_ref()),
        pixels: pixels(&reading),
    }
}

fn headers(reading: &Reading<'_>) -> String {
    let section = reading.header_section();
    String::from_utf8_lossy(&section[..section.len().min(Digest::HEADERS_CAP)]).into_owned()
}

fn links(reading: &Reading<'_>, original: Option<&Reading<'_>>) -> Vec<LinkRow> {
    let composed = original.map(Reading::links).unwrap_or_default();
    let delivered = reading.links();
    let pairing = pairing::pair(composed, delivered);
    let row = |(index, link): (usize, &Link)| LinkRow {
        text: link.text.clone(),
        original: pairing
            .original_of(index)
            .and_then(|index| composed.get(index))
            .map(|link| link.url.clone()),
        delivered: link.url.clone(),
        vendor: vendors::peel(&link.url)
            .layers
            .first()
            .map(|layer| layer.vendor.to_owned()),
        kind: link.kind,
    };
    delivered.iter().enumerate().map(row).collect()
}

fn pixels(reading: &Reading<'_>) -> Vec<PixelRow> {
    let row = |pixel: &Pixel| PixelRow {
        url: pixel.url.clone(),
        vendor: pixel.vendor.map(str::to_owned),
    };
    reading.pixels().iter().map(row).collect()
}
