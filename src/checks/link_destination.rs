//! `link-destination`: behind its wrappers, does each link still lead where it was composed to lead?

use super::check::{Check, Needs, Rule, Subject};
use super::web;
use super::words::count;
use crate::mail::links::Link;
use crate::mail::url_diff::{Difference, differences};
use crate::mail::{pairing, vendors};
use crate::model::route::Tracking;
use crate::model::suite::LinkExpectation;
use crate::model::{CheckId, Finding, LinkKind, Verdict};
use std::collections::BTreeMap;

const ID: CheckId = CheckId::LinkDestination;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "links lead where they were composed to lead",
    explain: "Each link we composed is found again in the delivered message, one by one, and compared with the first URL off the tracking hosts: the first page the redirects \
led to, or, where the chain was not followed or stopped earlier, what can be read out of the wrapper. The whole URL counts, query and fragment included; \
parameters may only be added if the contract allows them (`contract.may_append`). Other spellings of the same URL are no difference. A chain that stops earlier is \
skipped (`unreached`), later redirects are `link-health`'s. For templates that the sending service holds, `[[case.link]]` states what must be there.\n\
Why it matters: a lost query string is a lost order number or voucher; `&amp;` escaped twice breaks every parameter but the first.\n\
What to do: the finding says exactly what differs. Look at how the template escapes URLs and at what the sending service appends.",
    sources: &["RFC 3986 §6.2.2 (which spellings mean the same)"],
    reasons: &[
        ("ok", "every link leads where it was composed to lead"),
        ("other-destination", "another host or path"),
        ("scheme", "http instead of https, or the reverse"),
        ("ampersand", "& arrived as &amp;, so parameters changed their names"),
        ("lost-parameter", "a parameter of the query is gone"),
        ("changed-parameter", "a parameter has another value"),
        (
            "added-parameter",
            "a parameter was added that the contract does not allow",
        ),
        ("fragment", "the part after # differs"),
        ("reordered", "the same parameters in another order"),
        (
            "missing-link",
            "a link that was composed or stated is not in the message",
        ),
        ("unreached", "no chain came off the tracking hosts"),
        ("no-original", "the composed message is not known and no link is stated"),
        ("no-links", "the composed message has no links to the web"),
        ("unreadable", "the HTML part could not be searched for links"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HELP: &str = "Readers land somewhere else, or without what the query carries. Look at how the template escapes URLs and at what the sending service does to them.";

/// What was found out about all links.
#[derive(Default)]
struct Sorted {
    good: usize,
    unreached: Vec<String>,
    bad: BTreeMap<&'static str, Vec<Bad>>,
}

/// One link that is not as it should be.
struct Bad {
    name: String,
    expected: String,
    found: String,
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let expectations = &subject.policy.links.expected;
    if subject.original.is_none() && expectations.is_empty() {
        let summary = "the composed message is not known and no link is stated";
        return vec![Finding::new(ID, Verdict::Skip, "no-original", summary)];
    }
    let pages = [Some(subject.reading), subject.original].into_iter().flatten();
    if let Some(unreadable) = pages.filter_map(|reading| reading.page().err()).next() {
        let finding = Finding::new(
            ID,
            Verdict::Blind,
            "unreadable",
            "the HTML part could not be searched for links",
        );
        return vec![finding.with("links that can be read", unreadable.words()).help(HELP)];
    }
    let mut sorted = Sorted::default();
    if let Some(original) = subject.original {
        compare(subject, original.links(), &mut sorted);
    }
    for expectation in expectations {
        look_for(subject, expectation, &mut sorted);
    }
    sorted.findings()
}

fn compare(subject: &Subject<'_>, composed: &[Link], sorted: &mut Sorted) {
    let delivered = subject.reading.links();
    let pairing = pairing::pair(composed, delivered);
    for (link, index) in composed
        .iter()
        .zip(&pairing.delivered)
        .filter(|(link, _)| link.is_web())
    {
        let Some(found) = index.and_then(|index| delivered.get(index)) else {
            sorted.add("missing-link", web::name(link), &link.url, "not there".to_owned());
            continue;
        };
        // A service may put its own unsubscribe link in the place of one; whether it works is not asked here.
        let replaced = link.kind == LinkKind::Unsubscribe && found.kind == LinkKind::Unsubscribe;
        match destination(subject, found, Some(&link.url)) {
            _ if replaced => sorted.good += 1,
            None => sorted.unreached.push(web::name(link)),
            Some(url) => {
                // What was composed may itself be a wrapped link: then its inside is where it leads.
                let inside = vendors::peel(&link.url).destination;
                let wanted = inside
                    .filter(|inside| differences(inside, &url, &[]).is_empty())
                    .unwrap_or_else(|| link.url.clone());
                sorted.compared(link, &differences(&wanted, &url, &subject.policy.contract.may_append));
            }
        }
    }
}

fn look_for(subject: &Subject<'_>, expectation: &LinkExpectation, sorted: &mut Sorted) {
    let text = expectation.text.trim();
    let name = format!("'{text}'");
    let links = || {
        subject
            .reading
            .links()
            .iter()
            .filter(|link| link.is_web() && link.text == text)
    };
    let found: Vec<Option<String>> = links().map(|link| destination(subject, link, None)).collect();
    let fits = |url: &Option<String>| url.as_deref().is_some_and(|url| web::matches(&expectation.to, url));
    if found.iter().any(fits) {
        sorted.good += 1;
    } else if found.is_empty() {
        sorted.add("missing-link", name, &expectation.to, "not there".to_owned());
    } else if let Some(Some(other)) = found.iter().find(|url| url.is_some()) {
        let found = format!("leads to {}", web::short(other));
        sorted.add("other-destination", name, &expectation.to, found);
    } else {
        sorted.unreached.push(name);
    }
}

/// The first URL of a delivered link that is off the tracking hosts. `wanted` is the composed URL: where it is anywhere in the
/// chain (it may be a wrapped link itself) it was reached.
fn destination(subject: &Subject<'_>, link: &Link, wanted: Option<&str>) -> Option<String> {
    let tracking = match &subject.policy.contract.clicks {
        Tracking::Host { host, .. } => Some(host.as_str()),
        _ => None,
    };
    let is_off = |url: &str| {
        let host = vendors::host(url).unwrap_or_default();
        tracking.is_none_or(|tracking| !web::host_is(tracking, &host))
    };
    let inside = |url: &str| vendors::peel(url).destination.filter(|inside| is_off(inside));
    let is_wanted = |url: &&str| wanted == Some(*url);
    // Where the click server really sent us outranks what its link promises.
    let hops = subject.evidence.url(&link.url).map_or(&[][..], |probe| &probe.hops);
    let mut followed = hops.iter().skip(1).map(|hop| hop.url.as_str());
    if let Some(reached) =
        followed.find_map(|url| Some(url).filter(is_wanted).map(str::to_owned).or_else(|| inside(url)))
    {
        return Some(reached);
    }
    let peeled = vendors::peel(&link.url);
    let promised = peeled.urls().find(is_wanted).map(str::to_owned);
    promised.or_else(|| peeled.destination.filter(|inside| is_off(inside)))
}

impl Sorted {
    fn add(&mut self, code: &'static str, name: String, expected: &str, found: String) {
        let expected = web::short(expected);
        self.bad.entry(code).or_default().push(Bad { name, expected, found });
    }

    fn compared(&mut self, link: &Link, differences: &[Difference]) {
        let Some(first) = differences.first() else {
            self.good += 1;
            return;
        };
        let words: Vec<String> = differences
            .iter()
            .map(|difference| web::short(&difference.to_string()))
            .collect();
        self.add(code(first), web::name(link), &link.url, words.join(", "));
    }

    fn findings(self) -> Vec<Finding> {
        let all = self.good + self.unreached.len() + self.bad.values().map(Vec::len).sum::<usize>();
        let mut findings: Vec<Finding> = Vec::new();
        for (code, bad) in &self.bad {
            let verdict = if *code == "reordered" {
                Verdict::Warn
            } else {
                Verdict::Fail
            };
            let first = bad
                .first()
                .map(|bad| format!("{} {}", bad.name, bad.found))
                .unwrap_or_default();
            let summary = format!(
                "{} of {} {}: {first}",
                bad.len(),
                count(all, "link", "links"),
                in_words(code)
            );
            let told = |what: fn(&Bad) -> &str| {
                let lines: Vec<String> = bad.iter().map(|bad| format!("{}: {}", bad.name, what(bad))).collect();
                web::listed(&lines)
            };
            let finding = Finding::new(ID, verdict, code, summary);
            findings.push(
                finding
                    .with(told(|bad| &bad.expected), told(|bad| &bad.found))
                    .help(HELP),
            );
        }
        if !findings.is_empty() {
            return findings;
        }
        let finding = match (self.good, self.unreached.len()) {
            (0, 0) => Finding::new(
                ID,
                Verdict::Skip,
                "no-links",
                "the composed message has no links to the web",
            ),
            (0, unreached) => {
                let what = count(unreached, "link", "links");
                let summary = format!("{what} not followed off the tracking hosts");
                Finding::new(ID, Verdict::Skip, "unreached", summary).with("", web::listed(&self.unreached))
            }
            (good, 0) => Finding::new(ID, Verdict::Pass, "ok", led(good)),
            (good, unreached) => {
                let summary = match unreached {
                    1 => format!("{}, 1 was not reached", led(good)),
                    _ => format!("{}, {unreached} were not reached", led(good)),
                };
                Finding::new(ID, Verdict::Pass, "ok", summary)
                    .with("", format!("not reached: {}", web::listed(&self.unreached)))
            }
        };
        vec![finding]
    }
}

fn led(good: usize) -> String {
    match good {
        1 => "1 link leads where it was composed to lead".to_owned(),
        good => format!("{good} links lead where they were composed to lead"),
    }
}

fn code(difference: &Difference) -> &'static str {
    match difference {
        Difference::Place(_) => "other-destination",
        Difference::Scheme(..) => "scheme",
        Difference::Ampersand(_) => "ampersand",
        Difference::Lost(..) => "lost-parameter",
        Difference::Changed(..) => "changed-parameter",
        Difference::Added(..) => "added-parameter",
        Difference::Fragment(..) => "fragment",
        Difference::Order => "reordered",
    }
}

fn in_words(code: &str) -> &'static str {
    match code {
        "other-destination" => "changed where they lead",
        "scheme" => "changed between https and http",
        "ampersand" => "have & escaped twice",
        "lost-parameter" => "lost a parameter",
        "changed-parameter" => "changed the value of a parameter",
        "added-parameter" => "gained a parameter nobody agreed to",
        "fragment" => "changed after #",
        "reordered" => "changed the order of parameters",
        _ => "missing",
    }
}
