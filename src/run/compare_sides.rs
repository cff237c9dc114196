//! What two deliveries of one case to one mailbox have that can be told apart: placement, verdicts, authentication, links, tracking, words.

use crate::mail::reading::Reading;
use crate::model::comparison::Aspect;
use crate::model::{DkimResult, DmarcResult, JudgedDelivery, LinkRow, Placement, Purpose, SpfResult, Verdict};
use similar::{ChangeTag, TextDiff};
use std::collections::BTreeSet;

/// Words and links told of one difference.
const TOLD: usize = 8;
/// Words of a message that are compared.
const WORDS: usize = 20_000;

/// One thing that differs, in the words of both sides.
pub struct Trait {
    /// What it is about.
    pub aspect: Aspect,
    /// The old way.
    pub old: String,
    /// The new way.
    pub new: String,
}

/// Everything that differs between the deliveries of one mailbox.
pub fn traits(old: &[&JudgedDelivery], new: &[&JudgedDelivery]) -> Vec<Trait> {
    let mut found = Vec::new();
    let mut tell = |aspect, old: String, new: String| {
        if old != new {
            found.push(Trait { aspect, old, new });
        }
    };
    tell(Aspect::Placement, set(old, placement), set(new, placement));
    tell(Aspect::Checks, set(old, troubles), set(new, troubles));
    let (Some(old), Some(new)) = (seen(old), seen(new)) else {
        return found;
    };
    tell(Aspect::Authentication, authentication(old), authentication(new));
    let (gone, come) = apart(&destinations(old), &destinations(new));
    tell(Aspect::Links, gone, come);
    tell(Aspect::Tracking, tracking(old), tracking(new));
    for (old, new) in content(old, new) {
        tell(Aspect::Content, old, new);
    }
    found
}

/// One word list of all attempts.
fn set(side: &[&JudgedDelivery], of: fn(&JudgedDelivery) -> Vec<String>) -> String {
    let all: BTreeSet<String> = side.iter().flat_map(|judged| of(judged)).collect();
    listed(all.into_iter().collect())
}

/// The first attempt whose bytes are there.
fn seen<'r>(side: &[&'r JudgedDelivery]) -> Option<&'r JudgedDelivery> {
    side.iter().find(|judged| judged.evidence.raw().is_some()).copied()
}

fn listed(words: Vec<String>) -> String {
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

fn placement(judged: &JudgedDelivery) -> Vec<String> {
    let Some(placement) = Placement::of(&judged.evidence) else {
        return Vec::new();
    };
    vec![match (placement.tab, placement.folder) {
        (Some(tab), _) if tab != "primary" => format!("{}:{tab}", placement.state),
        (_, Some(folder)) if !folder.eq_ignore_ascii_case("inbox") => format!("{} ({folder})", placement.state),
        _ => placement.state.to_string(),
    }]
}

/// Whatever is not a pass or a skip.
fn troubles(judged: &JudgedDelivery) -> Vec<String> {
    let loud = judged
        .findings
        .iter()
        .filter(|finding| !matches!(finding.verdict, Verdict::Pass | Verdict::Skip));
    loud.map(|finding| format!("{} {}", finding.verdict, finding.reason))
        .collect()
}

fn authentication(judged: &JudgedDelivery) -> String {
    let Some(auth) = &judged.evidence.authentication else {
        return "not verified".to_owned();
    };
    let aligned = |yes: Option<bool>| if yes == Some(true) { " (aligned)" } else { "" };
    let mut words: Vec<String> = auth
        .dkim
        .iter()
        .enumerate()
        .map(|(at, fact)| {
            let rebuilt = !judged.policy.provider.byte_exact && fact.body_hash_ok == Some(false);
            let result = match fact.result {
                DkimResult::Pass => "pass",
                _ if rebuilt => "not judged (the provider rebuilt the body)",
                _ => fact.reason.as_str(),
            };
            let aligned = aligned(judged.digest.alignment.dkim.get(at).copied());
            format!("DKIM {} {result}{aligned}", fact.domain)
        })
        .collect();
    words.sort_unstable();
    words.dedup();
    words.extend(auth.spf.as_ref().map(|spf| {
        let result = if spf.result == SpfResult::Pass {
            "pass"
        } else {
            "not pass"
        };
        format!("SPF {} {result}{}", spf.domain, aligned(judged.digest.alignment.spf))
    }));
    words.push(match judged.digest.alignment.dmarc {
        DmarcResult::Pass => "DMARC pass".to_owned(),
        DmarcResult::None => "no DMARC record".to_owned(),
        _ => "DMARC not pass".to_owned(),
    });
    listed(words)
}

/// Where each link ends, or what it was composed to be where it was not followed.
fn destinations(judged: &JudgedDelivery) -> Vec<String> {
    let ends = |delivered: &str| {
        let probe = judged
            .evidence
            .urls
            .iter()
            .find(|probe| probe.url == delivered && probe.purpose == Purpose::Link)?;
        probe.hops.last().map(|hop| hop.url.clone())
    };
    let links = judged.digest.links.iter();
    links
        .map(|link| {
            ends(&link.delivered)
                .or_else(|| link.original.clone())
                .unwrap_or_else(|| link.delivered.clone())
        })
        .collect()
}

/// What only one of two lists has.
fn apart(old: &[String], new: &[String]) -> (String, String) {
    let only = |these: &[String], those: &[String]| {
        let mut rest = those.to_vec();
        let alone = these
            .iter()
            .filter(|word| match rest.iter().position(|other| other == *word) {
                Some(at) => {
                    rest.swap_remove(at);
                    false
                }
                None => true,
            });
        listed(alone.take(TOLD).cloned().collect())
    };
    (only(old, new), only(new, old))
}

/// `links: postmark at click.pstmrk.it (11); opens: postmark at ea.pstmrk.it (1)`.
fn tracking(judged: &JudgedDelivery) -> String {
    let elsewhere = |link: &&LinkRow| {
        link.original
            .as_deref()
            .is_some_and(|composed| host(composed) != host(&link.delivered))
    };
    let tracked = |link: &&LinkRow| link.vendor.is_some() || elsewhere(link);
    let links = judged.digest.links.iter().filter(tracked);
    let links = links.map(|link| tracker(link.vendor.as_deref(), &link.delivered));
    let opens = judged
        .digest
        .pixels
        .iter()
        .map(|pixel| tracker(pixel.vendor.as_deref(), &pixel.url));
    format!(
        "links: {}; opens: {}",
        counted(links.collect()),
        counted(opens.collect())
    )
}

fn tracker(vendor: Option<&str>, url: &str) -> String {
    let host = host(url).unwrap_or_else(|| "no host".to_owned());
    match vendor {
        Some(vendor) => format!("{vendor} at {host}"),
        None => host,
    }
}

fn host(url: &str) -> Option<String> {
    url::Url::parse(url).ok()?.host_str().map(str::to_owned)
}

fn counted(mut words: Vec<String>) -> String {
    words.sort_unstable();
    let chunks = words.chunk_by(|a, b| a == b);
    listed(chunks.map(|same| format!("{} ({})", same[0], same.len())).collect())
}

/// Sender, subject, and the words that changed.
fn content(old: &JudgedDelivery, new: &JudgedDelivery) -> Vec<(String, String)> {
    let read = |judged: &'_ JudgedDelivery| judged.evidence.raw().unwrap_or_default().to_vec();
    let (old_raw, new_raw) = (read(old), read(new));
    let (before, after) = (Reading::new(&old_raw), Reading::new(&new_raw));
    let field = |name: &str, reading: &Reading<'_>| {
        let value = reading.header(name).map(|header| header.decoded());
        format!("{name}: {}", value.unwrap_or_else(|| "none".to_owned()))
    };
    let mut told: Vec<(String, String)> = ["From", "Reply-To", "Subject"]
        .into_iter()
        .map(|name| (field(name, &before), field(name, &after)))
        .collect();
    told.push(changed_words(&words(&before), &words(&after)));
    told
}

/// The visible words, without addresses of the web and the correlation token, which differ by nature.
fn words(reading: &Reading<'_>) -> Vec<String> {
    let texts = reading.page().map(|page| page.texts.clone()).unwrap_or_default();
    let plain = reading.text().map(str::to_owned);
    let all = texts.into_iter().chain(plain);
    let is_word = |word: &&str| !word.contains("://") && !is_token(word);
    let words = all.flat_map(|text| {
        text.split_whitespace()
            .filter(is_word)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    });
    words.take(WORDS).collect()
}

fn is_token(word: &str) -> bool {
    let longest = word.split(|c: char| !c.is_ascii_hexdigit()).map(str::len).max();
    longest.is_some_and(|length| length >= crate::model::Token::LENGTH)
}

fn changed_words(old: &[String], new: &[String]) -> (String, String) {
    let (old, new): (Vec<&str>, Vec<&str>) = (
        old.iter().map(String::as_str).collect(),
        new.iter().map(String::as_str).collect(),
    );
    let diff = TextDiff::from_slices(&old, &new);
    let of = |tag| {
        let changes = diff.iter_all_changes().filter(|change| change.tag() == tag);
        let words: Vec<&str> = changes.map(|change| change.value()).collect();
        let more = words.len().saturating_sub(TOLD * 3);
        match (words.len(), more) {
            (0, _) => "no other words".to_owned(),
            (_, 0) => format!("words: {}", words.join(" ")),
            _ => format!("words: {} … and {more} more", words[..TOLD * 3].join(" ")),
        }
    };
    (of(ChangeTag::Delete), of(ChangeTag::Insert))
}
