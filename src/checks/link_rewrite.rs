//! `link-rewrite`: does every link go through the agreed tracking host, and only where that is agreed?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use super::words::count;
use crate::mail::links::{Link, Part};
use crate::mail::{pairing, vendors};
use crate::model::route::Tracking;
use crate::model::{CheckId, Evidence, Finding, LinkKind, Verdict};
use std::collections::BTreeMap;

const ID: CheckId = CheckId::LinkRewrite;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "links go through the agreed tracking host",
    explain: "The contract says by which host clicks are counted and in which parts (`contract.clicks`). Each link we composed is found again in the delivered \
message, one by one; the agreed host must be somewhere in its chain of wrappers, or of the redirects that were followed. Wrappers of other services around or inside it \
are no matter of this check. Links of `clicks.except` (`unsubscribe`, or globs of URLs) stay as they are; where one is wrapped all the same the check warns. With \
`clicks = \"off\"` no link is wrapped by a sending service. Without a composed message every delivered link is looked at.\n\
Why it matters: what is not rewritten is not counted, and a host nobody agreed to is one that DNS, certificates and filters do not know.\n\
What to do: check the link tracking setting of the route (Postmark: X-PM-TrackLinks, per stream; Customer.io: per message) and its tracking domain.",
    sources: &[
        "Postmark, Link tracking (X-PM-TrackLinks)",
        "Customer.io, Link tracking and custom tracking domains",
    ],
    reasons: &[
        ("ok", "every link goes through the agreed host"),
        ("off", "no link is tracked, as agreed"),
        (
            "not-rewritten",
            "a link goes to its destination without the tracking host",
        ),
        ("wrong-host", "a link is wrapped, but by another host"),
        ("unexpected", "a link is wrapped although clicks are not to be counted"),
        ("excepted-rewritten", "a link that was to stay as it is was wrapped"),
        ("not-stated", "the contract says nothing about clicks"),
        ("no-links", "there is no link that would have to be rewritten"),
        ("unreadable", "the HTML part could not be searched for links"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HELP: &str = "Clicks on these links are not counted as agreed. Check the route's link tracking setting and its tracking domain, or correct the contract.";

/// What the contract agrees on.
struct Agreed<'a> {
    host: &'a str,
    parts: &'a [String],
    except: &'a [String],
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let agreed = match &subject.policy.contract.clicks {
        Tracking::Unstated => {
            return vec![Finding::new(
                ID,
                Verdict::Skip,
                "not-stated",
                "the contract says nothing about clicks",
            )];
        }
        Tracking::Off => None,
        Tracking::Host { host, parts, except } => Some(Agreed { host, parts, except }),
    };
    let links = links(subject);
    let mut findings = match &agreed {
        None => off(&links),
        Some(agreed) => on(subject.evidence, agreed, &links),
    };
    let html_counts = agreed.as_ref().is_none_or(|agreed| agreed.covers(Part::Html));
    let whole = !findings.iter().any(|finding| finding.verdict == Verdict::Fail);
    if let (true, true, Err(unreadable)) = (html_counts, whole, subject.reading.page()) {
        let summary = "the HTML part could not be searched for links";
        let finding =
            Finding::new(ID, Verdict::Blind, "unreadable", summary).with("links that can be read", unreadable.words());
        findings = vec![finding.help(HELP)];
    }
    findings
}

/// The delivered links that are ours to look at: those we composed, where we did, with their composed form.
fn links<'s>(subject: &Subject<'s>) -> Vec<(&'s Link, Option<&'s Link>)> {
    let delivered = subject.reading.links();
    let Some(original) = subject.original else {
        return delivered
            .iter()
            .filter(|link| link.is_web())
            .map(|link| (link, None))
            .collect();
    };
    let composed = original.links();
    let pairing = pairing::pair(composed, delivered);
    let paired = composed.iter().zip(&pairing.delivered);
    let paired = paired.filter_map(|(one, index)| Some((delivered.get((*index)?)?, Some(one))));
    paired
        .filter(|(link, one)| link.is_web() && one.is_none_or(Link::is_web))
        .collect()
}

fn off(links: &[(&Link, Option<&Link>)]) -> Vec<Finding> {
    let wrapped = |(link, original): &&(&Link, Option<&Link>)| {
        let by_route = vendors::peel(&link.url).layers.iter().any(|layer| !layer.receiver);
        by_route && original.is_none_or(|original| original.url != link.url)
    };
    let found: Vec<String> = links.iter().filter(wrapped).map(|(link, _)| told(link)).collect();
    if found.is_empty() {
        return vec![Finding::new(ID, Verdict::Pass, "off", "no link is tracked, as agreed")];
    }
    let summary = format!(
        "{} of {} tracked although clicks are not to be counted",
        found.len(),
        count(links.len(), "link", "links")
    );
    vec![
        Finding::new(ID, Verdict::Fail, "unexpected", summary)
            .with("no tracked links", web::listed(&found))
            .help(HELP),
    ]
}

/// How one link stands to the contract.
enum Standing {
    Tracked,
    Excepted,
    Astray(Verdict, &'static str),
}

fn on(evidence: &Evidence, agreed: &Agreed<'_>, links: &[(&Link, Option<&Link>)]) -> Vec<Finding> {
    let mut tracked = 0;
    let mut excepted = 0;
    let mut astray: BTreeMap<&str, (Verdict, Vec<String>)> = BTreeMap::new();
    for (link, original) in links.iter().filter(|(link, _)| agreed.covers(link.part)) {
        match agreed.standing(evidence, link, *original) {
            Standing::Tracked => tracked += 1,
            Standing::Excepted => excepted += 1,
            Standing::Astray(verdict, code) => {
                let entry = astray.entry(code).or_insert_with(|| (verdict, Vec::new()));
                entry.1.push(told(link));
            }
        }
    }
    let host = agreed.host;
    let mut findings: Vec<Finding> = astray
        .iter()
        .map(|(code, (verdict, found))| {
            let summary = format!(
                "{} of {} {}",
                found.len(),
                count(links.len(), "link", "links"),
                in_words(code, host)
            );
            Finding::new(ID, *verdict, code, summary)
                .with(agreed.words(), web::listed(found))
                .help(HELP)
        })
        .collect();
    if findings.is_empty() && tracked == 0 {
        let summary = format!("there is no link that would have to be rewritten ({excepted} excepted)");
        findings.push(Finding::new(ID, Verdict::Skip, "no-links", summary));
    } else if findings.is_empty() {
        let summary = match tracked {
            1 => format!("1 link goes through {host}, {excepted} excepted"),
            tracked => format!("{tracked} links go through {host}, {excepted} excepted"),
        };
        findings.push(Finding::new(ID, Verdict::Pass, "ok", summary));
    }
    findings
}

fn in_words(code: &str, host: &str) -> String {
    match code {
        "wrong-host" => format!("wrapped by another host than {host}"),
        "excepted-rewritten" => format!("wrapped by {host} although excepted"),
        _ => format!("not wrapped by {host}"),
    }
}

impl Agreed<'_> {
    fn covers(&self, part: Part) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|word| word.eq_ignore_ascii_case(part.as_str()))
    }

    fn words(&self) -> String {
        let except = match self.except.is_empty() {
            true => String::new(),
            false => format!(", except {}", self.except.join(", ")),
        };
        format!("links go through {}{except}", self.host)
    }

    fn standing(&self, evidence: &Evidence, link: &Link, original: Option<&Link>) -> Standing {
        let peeled = vendors::peel(&link.url);
        let is_agreed = |url: &str| vendors::host(url).is_some_and(|host| web::host_is(self.host, &host));
        let hops = evidence.url(&link.url).map_or(&[][..], |probe| &probe.hops);
        let tracked = peeled.urls().any(is_agreed) || hops.iter().any(|hop| is_agreed(&hop.url));
        if self.excepts(link, original) {
            let wrapped = peeled.layers.iter().any(|layer| web::host_is(self.host, &layer.host));
            return match wrapped {
                true => Standing::Astray(Verdict::Warn, "excepted-rewritten"),
                false => Standing::Excepted,
            };
        }
        match (tracked, peeled.layers.iter().any(|layer| !layer.receiver)) {
            (true, _) => Standing::Tracked,
            (false, true) => Standing::Astray(Verdict::Fail, "wrong-host"),
            (false, false) => Standing::Astray(Verdict::Fail, "not-rewritten"),
        }
    }

    /// By kind, or by a glob on any URL of the chain.
    fn excepts(&self, link: &Link, original: Option<&Link>) -> bool {
        let forms = || [Some(link), original].into_iter().flatten();
        self.except.iter().any(|except| match except.as_str() {
            "unsubscribe" => forms().any(|link| link.kind == LinkKind::Unsubscribe),
            glob => forms().any(|link| vendors::peel(&link.url).urls().any(|url| web::matches(glob, url))),
        })
    }
}

/// A link with the way it takes: each wrapper's host, then the destination.
fn told(link: &Link) -> String {
    let peeled = vendors::peel(&link.url);
    let layers = peeled
        .layers
        .iter()
        .map(|layer| format!("{} ({})", layer.host, layer.vendor));
    let way: Vec<String> = layers.chain(peeled.destination.as_deref().map(web::short)).collect();
    format!("{} → {}", web::name(link), way.join(" → "))
}
