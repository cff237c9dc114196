//! `open-pixel`: exactly one open pixel of the agreed host, and it answers with an image.

use super::check::{Check, Needs, Rule, Subject};
use super::web::{self, Outcome};
use crate::mail::pixel::Pixel;
use crate::mail::vendors;
use crate::model::route::Tracking;
use crate::model::{CheckId, Finding, UrlProbe, Verdict};

const ID: CheckId = CheckId::OpenPixel;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "one open pixel, and it is an image",
    explain: "The contract says whether and by which host opens are counted (`contract.opens`). With a host, the HTML part holds exactly one pixel \
of that host, and a GET of it brings an image: the content type says so and the first bytes agree. Pixels are known by the forms of the sending \
services (Customer.io's has no width and height) and by being one by one or hidden; pixels of other hosts do not count here. With `opens = \"off\"` \
there is none of a known service. The pixel is requested once a delivery; that counts as an open of the seed.\n\
Why it matters: no pixel means no opens in the numbers, two mean every open twice, and a pixel that is no image is a broken picture in some clients.\n\
What to do: look at the open tracking settings of every service the message passes; two pixels mostly mean that two of them track.",
    sources: &[
        "Postmark, Open tracking (X-PM-TrackOpens)",
        "Customer.io, Open tracking",
    ],
    reasons: &[
        ("ok", "one pixel, and it answers with an image"),
        ("present", "one pixel; it was not requested"),
        ("none", "none, as agreed"),
        ("missing", "no pixel of the agreed host"),
        ("several", "more than one pixel of the agreed host"),
        ("unexpected", "a pixel, although opens are not to be counted"),
        ("not-image", "it answers, but not with an image"),
        web::DEAD,
        web::SERVER_ERROR,
        web::STATUS,
        web::LOOP,
        web::TOO_MANY_HOPS,
        web::DOWNGRADE,
        web::BAD_CERTIFICATE,
        web::FENCED,
        web::NOT_HTTP,
        web::NO_SUCH_HOST,
        web::REFUSED_US,
        web::UNREACHABLE,
        ("not-stated", "the contract says nothing about opens"),
        ("no-html", "there is no HTML part that could hold a pixel"),
        ("unreadable", "the HTML part could not be searched"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(|subject| vec![judge(subject)]),
};

const HELP: &str = "Without exactly one working pixel the open figures of this route are wrong. Look at the open tracking of every service the message passes.";

fn judge(subject: &Subject<'_>) -> Finding {
    let host = match &subject.policy.contract.opens {
        Tracking::Unstated => {
            return Finding::new(ID, Verdict::Skip, "not-stated", "the contract says nothing about opens");
        }
        Tracking::Off => None,
        Tracking::Host { host, .. } => Some(host),
    };
    if subject.reading.html().is_none() {
        return Finding::new(
            ID,
            Verdict::Skip,
            "no-html",
            "there is no HTML part that could hold a pixel",
        );
    }
    if let Err(unreadable) = subject.reading.page() {
        return spoken(Verdict::Blind, "unreadable", unreadable.words())
            .with("a pixel that can be looked for", unreadable.words());
    }
    let pixels = subject.reading.pixels();
    match host {
        None => off(pixels),
        Some(host) => on(subject, host, pixels),
    }
}

fn off(pixels: &[Pixel]) -> Finding {
    let known: Vec<String> = pixels.iter().filter(|pixel| pixel.vendor.is_some()).map(told).collect();
    if known.is_empty() {
        return Finding::new(ID, Verdict::Pass, "none", "no open pixel, as agreed");
    }
    spoken(
        Verdict::Fail,
        "unexpected",
        "opens are counted although they are not to be",
    )
    .with("no open pixel", web::listed(&known))
}

fn on(subject: &Subject<'_>, host: &str, pixels: &[Pixel]) -> Finding {
    let is_ours = |pixel: &&Pixel| vendors::host(&pixel.url).is_some_and(|found| web::host_is(host, &found));
    let ours: Vec<&Pixel> = pixels.iter().filter(is_ours).collect();
    let expected = format!("one pixel of {host}");
    match ours.as_slice() {
        [] => {
            let others: Vec<String> = pixels.iter().map(told).collect();
            let observed = match others.is_empty() {
                true => "no pixel at all".to_owned(),
                false => format!("only pixels of other hosts: {}", web::listed(&others)),
            };
            spoken(Verdict::Fail, "missing", format!("no open pixel of {host}")).with(expected, observed)
        }
        [one] => answers(subject.evidence.url(&one.url), one).with(expected, told(one)),
        several => {
            let told: Vec<String> = several.iter().map(|pixel| told(pixel)).collect();
            let summary = format!(
                "{} open pixels of {host}: every open is counted as many times",
                several.len()
            );
            spoken(Verdict::Fail, "several", summary).with(expected, web::listed(&told))
        }
    }
}

/// What a GET of the one pixel came to.
fn answers(probe: Option<&UrlProbe>, pixel: &Pixel) -> Finding {
    let present = |why: &str| {
        Finding::new(
            ID,
            Verdict::Pass,
            "present",
            format!("the pixel is there; not requested: {why}"),
        )
    };
    let Some(probe) = probe else {
        return present("nobody asked");
    };
    match web::outcome(probe) {
        Outcome::NotRequested(why) => present(&why),
        Outcome::Broken(code, words) => spoken(Verdict::Fail, code, format!("the open pixel does not work: {words}")),
        Outcome::Unknown(code, words) => spoken(
            Verdict::Blind,
            code,
            format!("nothing is known of the open pixel: {words}"),
        ),
        Outcome::Fine(status) => match no_image(probe) {
            None => Finding::new(
                ID,
                Verdict::Pass,
                "ok",
                format!("one pixel of {}, answers {status} with an image", owner(pixel)),
            ),
            Some(instead) => spoken(
                Verdict::Fail,
                "not-image",
                format!("the open pixel is no image: {instead}"),
            ),
        },
    }
}

/// What came instead of an image; `None` for an image.
fn no_image(probe: &UrlProbe) -> Option<String> {
    let last = probe.hops.last()?;
    let kind = last.content_type.as_deref().unwrap_or("no content type");
    if last.body_bytes == 0 {
        return Some(format!("{kind}, an empty body"));
    }
    let kind_is_image = kind.trim_start().to_ascii_lowercase().starts_with("image/");
    let is_svg = kind.to_ascii_lowercase().contains("svg");
    (!kind_is_image || !(is_svg || has_magic(&last.body_head))).then(|| {
        format!(
            "{kind}, the body begins with {}",
            last.body_head.get(..16).unwrap_or(&last.body_head)
        )
    })
}

/// The first bytes of GIF, PNG, JPEG, WebP (RIFF), BMP and ICO files, in hex.
fn has_magic(head: &str) -> bool {
    ["47494638", "89504e47", "ffd8ff", "52494646", "424d", "00000100"]
        .iter()
        .any(|magic| head.starts_with(magic))
}

fn owner(pixel: &Pixel) -> String {
    pixel
        .vendor
        .map_or_else(|| vendors::host(&pixel.url).unwrap_or_default(), str::to_owned)
}

fn told(pixel: &Pixel) -> String {
    let vendor = pixel.vendor.map(|vendor| format!(" ({vendor})")).unwrap_or_default();
    format!("{}{vendor}", web::short(&pixel.url))
}

fn spoken(verdict: Verdict, code: &str, summary: impl Into<String>) -> Finding {
    Finding::new(ID, verdict, code, summary).help(HELP)
}
