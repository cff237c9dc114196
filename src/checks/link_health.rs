//! `link-health`: does every link lead to a page?

use super::check::{Check, Needs, Rule, Subject};
use super::web::{self, Outcome};
use crate::model::{CheckId, Finding, LinkKind, Verdict};
use std::collections::{BTreeMap, BTreeSet};

const ID: CheckId = CheckId::LinkHealth;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "every link leads to a page",
    explain: "Every link of both parts is followed with plain GETs, hop by hop, each URL once a delivery, at most 10 requests. 404 and 410, server errors, \
redirects in a circle or without end, from https to http, to a bad certificate, to a private address or to something that is no http(s) URL fail. \
401, 403, 407, 429 and bot challenges are blind: the server does not talk to a checker, which says nothing about readers. So is a host that does not answer. \
Links that unsubscribe, links marked `data-inboxqa=\"no-follow\"` and those of `links.skip` are never requested, not even behind a redirect.\n\
Why it matters: a dead button in a receipt is a support ticket; a redirect into a private network or to http is a finding for whoever attacks you.\n\
What to do: the finding names the hop. If it is the tracking host, ask the sending service; if it is your page, the page.",
    reasons: &[
        ("ok", "every link that was requested leads to a page"),
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
        ("no-links", "there are no links to the web"),
        ("not-requested", "no link was requested, on purpose"),
        ("unreadable", "the HTML part could not be searched for links"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let page = subject.reading.page();
    let sorted = sort(subject);
    let mut findings: Vec<Finding> = sorted
        .bad
        .iter()
        .map(|(code, bad)| bad.finding(code, sorted.all))
        .collect();
    findings.sort_by_key(|finding| finding.verdict != Verdict::Fail);
    if let (true, Err(unreadable)) = (findings.is_empty(), page) {
        let summary = "the HTML part could not be searched for links";
        let finding =
            Finding::new(ID, Verdict::Blind, "unreadable", summary).with("links that can be read", unreadable.words());
        findings.push(finding.help(
            "Nothing is known about its links. A part this large or this nested also fails in readers' programs.",
        ));
    }
    if findings.is_empty() {
        findings.push(sorted.good());
    }
    findings
}

/// Links by what they came to; the same URL counts once.
#[derive(Default)]
struct Sorted {
    all: usize,
    fine: usize,
    not_requested: usize,
    bad: BTreeMap<&'static str, Bad>,
}

/// Links that came to the same.
struct Bad {
    verdict: Verdict,
    told: Vec<String>,
}

fn sort(subject: &Subject<'_>) -> Sorted {
    let mut sorted = Sorted::default();
    let mut known = BTreeSet::new();
    let links = subject.reading.links().iter();
    for link in links.filter(|link| link.is_web() && known.insert(link.url.as_str())) {
        sorted.all += 1;
        let probe = subject.evidence.url(&link.url).filter(|_| link.kind == LinkKind::Link);
        let (verdict, code, words) = match probe.map(web::outcome) {
            Some(Outcome::Fine(_)) => {
                sorted.fine += 1;
                continue;
            }
            None | Some(Outcome::NotRequested(_)) => {
                sorted.not_requested += 1;
                continue;
            }
            Some(Outcome::Broken(code, words)) => (Verdict::Fail, code, words),
            Some(Outcome::Unknown(code, words)) => (Verdict::Blind, code, words),
        };
        let bad = sorted.bad.entry(code).or_insert_with(|| Bad {
            verdict,
            told: Vec::new(),
        });
        bad.told.push(format!("{}: {words}", web::name(link)));
    }
    sorted
}

impl Sorted {
    fn good(&self) -> Finding {
        let count = |number: usize| {
            if number == 1 {
                "1 link".to_owned()
            } else {
                format!("{number} links")
            }
        };
        match (self.fine, self.not_requested) {
            (0, 0) => Finding::new(ID, Verdict::Skip, "no-links", "there are no links to the web"),
            (0, not_requested) => {
                let summary = format!("{} not requested, on purpose", count(not_requested));
                Finding::new(ID, Verdict::Skip, "not-requested", summary)
            }
            (fine, 0) => Finding::new(ID, Verdict::Pass, "ok", format!("{} followed to a page", count(fine))),
            (fine, not_requested) => {
                let summary = format!(
                    "{} followed to a page, {not_requested} not requested on purpose",
                    count(fine)
                );
                Finding::new(ID, Verdict::Pass, "ok", summary)
            }
        }
    }
}

impl Bad {
    fn finding(&self, code: &str, all: usize) -> Finding {
        let help = match self.verdict {
            Verdict::Blind => {
                "Readers may well get through: open the link by hand. If the server refuses programs, let it know this one \
                 (its User-Agent begins with inboxqa), or list the link in the case's `links.skip`."
            }
            _ => {
                "Readers who click end here. The hop that is named decides who mends it: the tracking host is the sending service's, the rest is yours."
            }
        };
        let what = match self.verdict {
            Verdict::Blind => "not judged",
            _ => "broken",
        };
        let summary = format!(
            "{} of {all} links {what}: {}",
            self.told.len(),
            self.told.first().map_or("", String::as_str)
        );
        Finding::new(ID, self.verdict, code, summary)
            .with("every link leads to a page", web::listed(&self.told))
            .help(help)
    }
}
