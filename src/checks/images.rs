//! `images`: do the pictures load, and does who does not load them miss nothing?

use super::check::{Check, Needs, Rule, Subject};
use super::merge_tags;
use super::web::{self, Outcome};
use super::words::count;
use crate::mail::page::Image;
use crate::mail::vendors;
use crate::model::{CheckId, Finding, UrlProbe, Verdict};

const ID: CheckId = CheckId::Images;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "pictures load, over https, and have words for those who do not load them",
    explain: "Looks at every `<img>` but the open pixel: it has an `alt` (an empty one says \"decoration\"), its address is https, absolute and not `data:` (Gmail shows none), a `cid:` has its part in the message; each is requested \
once, and must answer with an image. Pictures that together weigh more than 2 MB warn. A server that does not talk to a checker, or does not answer, is blind.\n\
Why it matters: many readers see no images at first, and a broken one says that nobody looked.\n\
What to do: give every picture words, serve it by https from a host that the public reaches, and keep it small.",
    sources: &[
        "WCAG 2.2, 1.1.1 (text alternatives)",
        "RFC 2392 (cid:)",
        "Gmail Help, \"Turn images on or off in Gmail\" (the image proxy)",
    ],
    reasons: &[
        ("ok", "all load and have words"),
        ("none", "there is no picture"),
        ("broken", "a picture does not load, or is none"),
        ("broken-reference", "a picture has no address that leads anywhere"),
        ("no-alt", "a picture has no `alt`"),
        ("not-https", "a picture is not https"),
        ("data-uri", "a picture stands in the HTML itself"),
        ("heavy", "pictures weigh more than 2 MB together"),
        ("unknown", "whether a picture loads could not be found out"),
        ("unreadable", "the HTML part could not be searched"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

/// Bytes. Phones on the road load no more before the reader has gone on.
const HEAVY: u64 = 2 * 1024 * 1024;
const HELP: &str = "Many readers see no images at first, and a broken one says that nobody looked. ";

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let page = match subject.reading.page() {
        Ok(page) => page,
        Err(unreadable) => {
            let finding = Finding::new(ID, Verdict::Blind, "unreadable", "the HTML part could not be searched");
            return vec![
                finding
                    .with("pictures that can be looked at", unreadable.words())
                    .help("Nothing is known about its pictures."),
            ];
        }
    };
    let pixels = subject.reading.pixels();
    let images: Vec<&Image> = page
        .images
        .iter()
        .filter(|image| !pixels.iter().any(|pixel| pixel.url == image.src))
        .collect();
    if images.is_empty() {
        return vec![Finding::new(ID, Verdict::Pass, "none", "there is no picture")];
    }
    let mut findings = written(subject, &images);
    findings.extend(loaded(subject, &images));
    if findings.is_empty() {
        findings.push(sound(subject, &images));
    }
    findings
}

/// What is wrong with how they are written.
fn written(subject: &Subject<'_>, images: &[&Image]) -> Vec<Finding> {
    let kind = |image: &Image| kind(subject, &image.src);
    let named = |wanted: Kind| -> Vec<String> {
        images
            .iter()
            .filter(|image| kind(image) == wanted)
            .map(|image| name(image))
            .collect()
    };
    let silent: Vec<String> = images
        .iter()
        .filter(|image| image.alt.is_none())
        .map(|image| name(image))
        .collect();
    let table = [
        (
            Verdict::Fail,
            "broken-reference",
            named(Kind::Nowhere),
            "an absolute https address",
            "A relative address or a cid: without its part leads nowhere in a mailbox.",
        ),
        (
            Verdict::Warn,
            "not-https",
            named(Kind::Http),
            "https",
            "Mail programs and proxies block or mark it.",
        ),
        (
            Verdict::Warn,
            "data-uri",
            named(Kind::Data),
            "an https address",
            "Gmail shows no data: pictures.",
        ),
        (
            Verdict::Warn,
            "no-alt",
            silent,
            "alt on every picture",
            "Screen readers read the file name, and who loads no images sees nothing: alt=\"\" says that it is decoration.",
        ),
    ];
    let told = |(verdict, code, found, expected, help): (Verdict, &str, Vec<String>, &str, &str)| {
        (!found.is_empty()).then(|| {
            let summary = format!("{} of {} pictures: {}", found.len(), images.len(), words(code));
            Finding::new(ID, verdict, code, summary)
                .with(expected, web::listed(&found))
                .help(format!("{HELP}{help}"))
        })
    };
    table.into_iter().filter_map(told).collect()
}

fn words(code: &str) -> &'static str {
    match code {
        "broken-reference" => "no address that leads anywhere",
        "not-https" => "not https",
        "data-uri" => "in the HTML itself",
        _ => "no alt",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Https,
    Http,
    Data,
    Inline,
    Nowhere,
}

fn kind(subject: &Subject<'_>, src: &str) -> Kind {
    let lower = src.to_ascii_lowercase();
    match () {
        () if lower.starts_with("https://") => Kind::Https,
        // What the tag will be filled with nobody knows.
        () if subject.is_template() && !merge_tags::find_tags(src).is_empty() => Kind::Https,
        () if lower.starts_with("http://") => Kind::Http,
        () if lower.starts_with("data:") => Kind::Data,
        () if lower.strip_prefix("cid:").is_some_and(|id| has_part(subject, id)) => Kind::Inline,
        () => Kind::Nowhere,
    }
}

/// Is there a part with this Content-ID (RFC 2392)? The field may be folded, and have no blank behind its colon.
fn has_part(subject: &Subject<'_>, id: &str) -> bool {
    let raw = String::from_utf8_lossy(subject.evidence.raw().unwrap_or_default()).to_ascii_lowercase();
    let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    let values = raw
        .match_indices("\ncontent-id:")
        .map(|(at, name)| &raw[at + name.len()..]);
    let named = values.filter_map(|rest| rest.trim_start().strip_prefix('<')?.split_once('>'));
    named.into_iter().any(|(found, _)| found.trim() == id)
}

/// What requesting them came to.
fn loaded(subject: &Subject<'_>, images: &[&Image]) -> Vec<Finding> {
    let mut broken = Vec::new();
    let mut unknown = Vec::new();
    for (image, probe) in probes(subject, images) {
        match web::outcome(probe) {
            Outcome::Fine(_) if !is_image(probe) => {
                broken.push(format!("{}: no image but {}", name(image), content_type(probe)))
            }
            Outcome::Broken(_, words) => broken.push(format!("{}: {words}", name(image))),
            Outcome::Unknown(_, words) => unknown.push(format!("{}: {words}", name(image))),
            Outcome::Fine(_) | Outcome::NotRequested(_) => {}
        }
    }
    let weight: u64 = probes(subject, images)
        .filter_map(|(_, probe)| probe.hops.last())
        .map(|hop| hop.body_bytes)
        .sum();
    let told = |verdict, code, summary: String, found: &[String], help: &str| {
        Finding::new(ID, verdict, code, summary)
            .with("an image", web::listed(found))
            .help(format!("{HELP}{help}"))
    };
    let mut findings = Vec::new();
    if !broken.is_empty() {
        let summary = format!("{} of {} pictures do not load", broken.len(), images.len());
        findings.push(told(
            Verdict::Fail,
            "broken",
            summary,
            &broken,
            "Look at the address and at what its server says.",
        ));
    } else if !unknown.is_empty() {
        let summary = format!(
            "whether {} of {} pictures load is not known",
            unknown.len(),
            images.len()
        );
        findings.push(told(
            Verdict::Blind,
            "unknown",
            summary,
            &unknown,
            "Nothing is known about them: try again.",
        ));
    }
    if weight > HEAVY {
        let summary = format!("pictures of {}.{} MB", weight >> 20, ((weight & 0xf_ffff) * 10) >> 20);
        let finding = Finding::new(ID, Verdict::Warn, "heavy", summary.clone());
        findings.push(finding.with("at most 2 MB together", summary).help(format!(
            "{HELP}Phones on the road load no more before the reader has gone on: scale and compress them."
        )));
    }
    findings
}

fn probes<'s>(subject: &Subject<'s>, images: &'s [&'s Image]) -> impl Iterator<Item = (&'s Image, &'s UrlProbe)> {
    let evidence = subject.evidence;
    let mut seen = std::collections::BTreeSet::new();
    images
        .iter()
        .filter(move |image| seen.insert(image.src.as_str()))
        .filter_map(move |image| Some((*image, evidence.url(&image.src)?)))
}

fn is_image(probe: &UrlProbe) -> bool {
    content_type(probe).to_ascii_lowercase().starts_with("image/")
}

fn content_type(probe: &UrlProbe) -> String {
    let last = probe.hops.last().and_then(|hop| hop.content_type.clone());
    last.unwrap_or_else(|| "nothing named".to_owned())
}

fn sound(subject: &Subject<'_>, images: &[&Image]) -> Finding {
    let requested = probes(subject, images)
        .filter(|(_, probe)| !probe.hops.is_empty())
        .count();
    let hosts: std::collections::BTreeSet<String> =
        images.iter().filter_map(|image| vendors::host(&image.src)).collect();
    let from = match hosts.is_empty() {
        true => "in the message".to_owned(),
        false => format!("from {}", hosts.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let loaded = match requested {
        0 => "not requested".to_owned(),
        some => format!("{some} requested"),
    };
    Finding::new(
        ID,
        Verdict::Pass,
        "ok",
        format!("{} {from}, {loaded}", count(images.len(), "picture", "pictures")),
    )
}

fn name(image: &Image) -> String {
    match image.alt.as_deref().filter(|alt| !alt.is_empty()) {
        Some(alt) => format!("'{alt}' ({})", web::short(&image.src)),
        None if image.src.is_empty() => "one without an address".to_owned(),
        None => web::short(&image.src),
    }
}
