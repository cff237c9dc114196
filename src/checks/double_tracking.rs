//! `double-tracking`: do two services count the same click or open?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use super::words::count;
use crate::mail::links::Link;
use crate::mail::{pixel::Pixel, vendors};
use crate::model::{CheckId, Finding, Verdict};
use std::collections::BTreeSet;

const ID: CheckId = CheckId::DoubleTracking;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "clicks and opens are counted by one service",
    explain: "Peels every link and looks at whose forms it is wrapped in, and at whose open pixels the message holds. Two sending services in one link, or pixels of two, mean that both count: \
Customer.io over a Postmark SMTP stream whose own TrackLinks and TrackOpens are on is the usual case. What the receiving side wraps (Safe Links, urldefense, Google) does not count, and an image \
that has no known form is no second pixel. Judged by decoding alone, without a request.\n\
Why it matters: figures differ or double, each wrapper is one more host that can fail, and a link in two wrappers breaks on mixed schemes and at filters.\n\
What to do: switch tracking off at the inner transport (Postmark: stream or server settings, `X-PM-TrackLinks: None`, `X-PM-TrackOpens: false`) and let the service that owns the campaign count.",
    sources: &[
        "Postmark, Link tracking and Open tracking",
        "Customer.io, Use your SMTP server",
    ],
    reasons: &[
        ("ok", "at most one service counts"),
        ("links", "links are wrapped by two services"),
        ("pixels", "two services count opens"),
        ("none", "no link is wrapped and there is no pixel"),
        ("unreadable", "the HTML part could not be searched"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HELP: &str = "Figures double or differ, and every wrapper is one more host that can fail. Switch tracking off at the transport (Postmark: X-PM-TrackLinks: None, X-PM-TrackOpens: false) and let one service count.";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = [links(subject.reading.links()), pixels(subject.reading.pixels())]
        .into_iter()
        .flatten()
        .collect();
    if let (true, Err(unreadable)) = (
        findings.is_empty() && subject.reading.html().is_some(),
        subject.reading.page(),
    ) {
        let finding = Finding::new(ID, Verdict::Blind, "unreadable", "the HTML part could not be searched");
        return vec![
            finding
                .with("links and pixels that can be read", unreadable.words())
                .help("Nothing is known about its links."),
        ];
    }
    if findings.is_empty() {
        findings.push(single(subject));
    }
    findings
}

fn links(links: &[Link]) -> Option<Finding> {
    let twice: Vec<(&Link, Vec<String>)> = links
        .iter()
        .map(|link| (link, wrappers(link)))
        .filter(|(_, by)| by.len() > 1)
        .collect();
    let (_, by) = twice.first()?;
    let told: Vec<String> = twice
        .iter()
        .map(|(link, by)| format!("{}: {}", web::name(link), by.join(" around ")))
        .collect();
    let summary = format!(
        "{} of {} wrapped twice: {}",
        twice.len(),
        count(links.len(), "link", "links"),
        by.join(" around ")
    );
    Some(
        Finding::new(ID, Verdict::Fail, "links", summary)
            .with("links wrapped by one service", web::listed(&told))
            .help(HELP),
    )
}

/// The route's wrappers, outermost first, each with its host.
fn wrappers(link: &Link) -> Vec<String> {
    let peeled = vendors::peel(&link.url);
    let own = peeled.layers.iter().filter(|layer| !layer.receiver);
    own.map(|layer| format!("{} ({})", layer.vendor, layer.host)).collect()
}

fn pixels(pixels: &[Pixel]) -> Option<Finding> {
    let known: Vec<(&str, &Pixel)> = pixels.iter().filter_map(|pixel| Some((pixel.vendor?, pixel))).collect();
    let by: BTreeSet<&str> = known.iter().map(|(vendor, _)| *vendor).collect();
    if by.len() < 2 {
        return None;
    }
    let told: Vec<String> = known
        .iter()
        .map(|(vendor, pixel)| format!("{vendor}: {}", web::short(&pixel.url)))
        .collect();
    let names: Vec<&str> = by.into_iter().collect();
    let summary = format!("opens are counted by {}", names.join(" and by "));
    Some(
        Finding::new(ID, Verdict::Fail, "pixels", summary)
            .with("open pixels of one service", web::listed(&told))
            .help(HELP),
    )
}

fn single(subject: &Subject<'_>) -> Finding {
    let links = subject.reading.links().iter().flat_map(wrappers);
    let pixels = subject
        .reading
        .pixels()
        .iter()
        .filter_map(|pixel| pixel.vendor.map(|vendor| format!("{vendor} (pixel)")));
    let by: BTreeSet<String> = links.chain(pixels).collect();
    match by.is_empty() {
        true => Finding::new(
            ID,
            Verdict::Pass,
            "none",
            "no known service wraps links or counts opens",
        ),
        false => Finding::new(
            ID,
            Verdict::Pass,
            "ok",
            format!("counted by {}", by.into_iter().collect::<Vec<_>>().join(", ")),
        ),
    }
}
