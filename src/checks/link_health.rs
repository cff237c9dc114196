//! `link-health`: does every link lead to a page?

use super::check::{Check, Needs, Rule, Subject};
use super::merge_tags;
use super::web::{self, Outcome};
use super::words::count;
use crate::mail::links::Part;
use crate::model::{CheckId, Evidence, Finding, HopEnd, LinkKind, Purpose, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

const ID: CheckId = CheckId::LinkHealth;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "every link leads to a page",
    explain: "Every link of both parts is followed with plain GETs, hop by hop, each URL once a delivery, at most 10 requests. 404 and 410, server errors, \
redirects in a circle or without end, from https to http, to a bad certificate, to a private address or to something that is no http(s) URL fail. \
A link that is http on a host below a domain whose HSTS policy includes its subdomains, and where https does not work, fails too: browsers that know the brand ask https. \
A link whose address is empty, `#`, without a scheme or no URL at all leads nowhere in a mail program, and fails without a request. \
401, 403, 407, 429 and bot challenges are blind: the server does not talk to a checker, which says nothing about readers. So is a host that does not answer. \
Links that unsubscribe, links marked `data-inboxqa=\"no-follow\"` and those of `links.skip` are never requested, not even behind a redirect.\n\
Why it matters: a dead button in a receipt is a support ticket; a redirect into a private network or to http is a finding for whoever attacks you.\n\
What to do: the finding names the hop. If it is the tracking host, ask the sending service; if it is your page, the page.",
    sources: &["RFC 9110 §15 (status codes)", "RFC 6797 (HSTS)"],
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
        HSTS,
        web::REFUSED_US,
        web::UNREACHABLE,
        (
            "no-address",
            "a link has no address that leads anywhere: empty, `#`, without https://, or no URL",
        ),
        ("no-links", "there are no links to the web"),
        ("not-requested", "no link was requested, on purpose"),
        ("unreadable", "the HTML part could not be searched for links"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

const HSTS: (&str, &str) = (
    "hsts",
    "the link is http, the brand's HSTS policy makes browsers ask https, and that does not work",
);

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let page = subject.reading.page();
    let sorted = sort(subject);
    let mut findings: Vec<Finding> = sorted
        .bad
        .iter()
        .map(|(code, bad)| bad.finding(code, sorted.all))
        .collect();
    findings.extend(nowhere(subject));
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

/// Links that no mail program can open. Those that say that they unsubscribe are `unsubscribe-link`'s, and leftover tags `merge-tags`'.
fn nowhere(subject: &Subject<'_>) -> Option<Finding> {
    let links = subject.reading.links();
    // In a text part what is no whole address is prose.
    let others = links.iter().filter(|link| link.part == Part::Html && !link.is_web());
    let others = others.filter(|link| link.kind != LinkKind::Unsubscribe);
    let others = others.filter(|link| merge_tags::find_tags(&link.url).is_empty());
    let found: Vec<String> = others
        .filter_map(|link| Some(format!("{}: {}", web::name(link), leads_nowhere(&link.url)?)))
        .collect();
    (!found.is_empty()).then(|| {
        let summary = format!("{} without an address that leads anywhere", count(found.len(), "link", "links"));
        Finding::new(ID, Verdict::Fail, "no-address", summary)
            .with("an address that begins with https://", web::listed(&found))
            .help("A message has no page that an address could be relative to: readers press, and nothing happens. Write the whole address, and look at what fills it.")
    })
}

/// Why an address that is none of the web leads nowhere; `None` for one of another kind (`mailto:`, `tel:`, an app's own, a place in the message).
fn leads_nowhere(url: &str) -> Option<String> {
    let shown = || web::short(url);
    match url {
        "" => return Some("empty".to_owned()),
        "#" => return Some("# alone".to_owned()),
        _ if url.starts_with('#') => return None,
        _ => {}
    }
    match Url::parse(url) {
        Err(url::ParseError::RelativeUrlWithoutBase) => Some(format!("{} has no https:// before it", shown())),
        Err(error) => Some(format!("{} is no URL ({error})", shown())),
        Ok(parsed) if parsed.scheme().starts_with("ht") => Some(format!("{} is neither http nor https", shown())),
        Ok(parsed) if ["javascript", "vbscript", "file"].contains(&parsed.scheme()) => {
            Some(format!("{}: is followed by no mail program", parsed.scheme()))
        }
        Ok(_) => None,
    }
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
        if let Some(words) = under_hsts(subject.evidence, &link.url) {
            sorted.note(Verdict::Fail, HSTS.0, format!("{}: {words}", web::name(link)));
            continue;
        }
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
        sorted.note(verdict, code, format!("{}: {words}", web::name(link)));
    }
    sorted
}

/// What a browser that knows the brand meets behind an http link.
fn under_hsts(evidence: &Evidence, url: &str) -> Option<String> {
    let url = Url::parse(url)
        .ok()
        .filter(|url| url.scheme() == "http" && url.port().is_none())?;
    let host = url.host_str()?.trim_end_matches('.');
    let asked = |host: &str| {
        let front_page = format!("https://{host}/");
        let mut probes = evidence.urls.iter();
        probes.find(|probe| probe.purpose == Purpose::Hsts && probe.url == front_page)
    };
    let why = match &asked(host)?.end {
        HopEnd::BadCertificate(why) => why.clone(),
        HopEnd::Failed { code, text } if ["refused", "closed", "protocol"].contains(&code.as_str()) => text.clone(),
        _ => return None,
    };
    let parents = host.match_indices('.').map(|(dot, _)| &host[dot + 1..]);
    let covers = |parent: &&str| {
        let policy = asked(parent).and_then(|probe| probe.hops.first()?.hsts.as_deref());
        policy.is_some_and(includes_subdomains)
    };
    let parent = parents.into_iter().find(covers)?;
    Some(format!(
        "http on {host}, {parent} has browsers ask https, and there: {why}"
    ))
}

/// RFC 6797 §6.1: directives in any order and case; `max-age=0` ends a policy.
fn includes_subdomains(policy: &str) -> bool {
    let directives: Vec<String> = policy
        .split(';')
        .map(|directive| directive.trim().to_ascii_lowercase())
        .collect();
    let age = directives
        .iter()
        .find_map(|directive| directive.strip_prefix("max-age="));
    let age: Option<u64> = age.and_then(|age| age.trim().trim_matches('"').parse().ok());
    age.is_some_and(|age| age > 0) && directives.iter().any(|directive| directive == "includesubdomains")
}

impl Sorted {
    fn note(&mut self, verdict: Verdict, code: &'static str, told: String) {
        let bad = self.bad.entry(code).or_insert_with(|| Bad {
            verdict,
            told: Vec::new(),
        });
        bad.told.push(told);
    }

    fn good(&self) -> Finding {
        let count = |number: usize| count(number, "link", "links");
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
            "{} of {} {what}: {}",
            self.told.len(),
            count(all, "link", "links"),
            self.told.first().map_or("", String::as_str)
        );
        Finding::new(ID, self.verdict, code, summary)
            .with("every link leads to a page", web::listed(&self.told))
            .help(help)
    }
}
