//! Follows the links and pixels of a message, one GET a hop, and records exactly what came. Each URL is requested at most once a
//! delivery, and nothing that unsubscribes is ever requested, wherever in a chain it turns up.

use crate::mail::Reading;
use crate::mail::links::Link;
use crate::mail::{pairing, unsubscribe, vendors};
use crate::model::{Hop, HopEnd, LinkKind, LinkPolicy, Policy, Purpose, UrlProbe};
use crate::net::{Answer, GetError, Net};
use futures_util::{StreamExt, stream};
use globset::GlobBuilder;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use url::Url;

/// Requests of one chain.
pub const MAX_HOPS: u32 = 10;
/// Chains followed at the same time.
const CONCURRENCY: usize = 6;
/// URLs of one message that are looked at.
const MAX_URLS: usize = 500;
/// Pictures of one message that are requested.
const MAX_IMAGES: usize = 40;
/// Time for one whole chain.
const PATIENCE: Duration = Duration::from_secs(45);
/// Bytes of a body kept in the evidence: enough for an image's magic number.
const BODY_HEAD: usize = 64;

/// One URL to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The URL as delivered.
    pub url: String,
    /// What it is for.
    pub purpose: Purpose,
    /// Why it must not be requested, where it must not: it is recorded as such.
    pub refuse: Option<HopEnd>,
    /// URIs of the message's List-Unsubscribe: never requested behind a redirect either.
    pub never: Vec<String>,
}

/// What to ask about a delivered message: every web link and every pixel once, in order of appearance. A link that unsubscribes, that
/// was marked in the delivered or the composed message, or that the case skips is asked about with its refusal.
pub fn asks(reading: &Reading<'_>, original: Option<&Reading<'_>>, policy: &Policy) -> Vec<Ask> {
    let never = &reading.list_headers().unsubscribe;
    let composed = original.map_or(&[][..], |original| original.links());
    let pairing = pairing::pair(composed, reading.links());
    let mut asks: Vec<Ask> = Vec::new();
    let mut add = |url: &str, purpose, refuse: Option<HopEnd>| {
        if let Some(known) = asks.iter_mut().find(|ask| ask.url == url) {
            known.refuse = known.refuse.take().or(refuse);
        } else if asks.len() < MAX_URLS {
            asks.push(Ask {
                url: url.to_owned(),
                purpose,
                refuse,
                never: never.clone(),
            });
        }
    };
    for (index, link) in reading.links().iter().enumerate().filter(|(_, link)| link.is_web()) {
        let composed = pairing.original_of(index).and_then(|index| composed.get(index));
        add(&link.url, Purpose::Link, refusal(link, composed, &policy.links));
    }
    for pixel in reading.pixels() {
        let refuse = unsubscribe::by_url(&pixel.url, never).map(HopEnd::Unsubscribe);
        add(&pixel.url, Purpose::Pixel, refuse.or_else(|| probe_off(&policy.links)));
    }
    let images = reading.page().map_or(&[][..], |page| &page.images);
    let web = images.iter().filter(|image| vendors::host(&image.src).is_some());
    for image in web.take(MAX_IMAGES) {
        let refuse = unsubscribe::by_url(&image.src, never).map(HopEnd::Unsubscribe);
        add(&image.src, Purpose::Image, refuse.or_else(|| probe_off(&policy.links)));
    }
    asks
}

fn refusal(link: &Link, composed: Option<&Link>, policy: &LinkPolicy) -> Option<HopEnd> {
    let of_kind = |kind| {
        [Some(link), composed]
            .into_iter()
            .flatten()
            .find(move |link| link.kind == kind)
    };
    if let Some(link) = of_kind(LinkKind::Unsubscribe) {
        return Some(HopEnd::Unsubscribe(link.because.clone()));
    }
    if let Some(link) = of_kind(LinkKind::NoFollow) {
        return Some(HopEnd::NotRequested(link.because.clone()));
    }
    let peeled = vendors::peel(&link.url);
    let skipped = policy
        .skip
        .iter()
        .find(|glob| peeled.urls().any(|url| matches(glob, url)));
    let skipped = skipped.map(|glob| HopEnd::NotRequested(format!("the case skips links like {glob}")));
    skipped.or_else(|| probe_off(policy))
}

fn probe_off(policy: &LinkPolicy) -> Option<HopEnd> {
    (!policy.probe).then(|| {
        HopEnd::NotRequested("nobody asked for requests (probe = false, or a saved message without --probe)".to_owned())
    })
}

fn matches(glob: &str, url: &str) -> bool {
    GlobBuilder::new(glob)
        .build()
        .is_ok_and(|glob| glob.compile_matcher().is_match(url))
}

/// Follows every URL to the end of its chain, a few at a time; answers in the order asked. The same URL asked for twice is
/// requested once.
pub async fn follow(net: &Net, asks: &[Ask]) -> Vec<UrlProbe> {
    let mut known = BTreeSet::new();
    let distinct = asks.iter().filter(|ask| known.insert(ask.url.as_str()));
    let chains: Vec<_> = distinct.map(|ask| chain(net, ask)).collect();
    stream::iter(chains).buffered(CONCURRENCY).collect().await
}

/// One GET, and no redirect followed.
pub(super) async fn once(net: &Net, url: &str, purpose: Purpose) -> UrlProbe {
    let mut hops = Vec::new();
    let end = match Url::parse(url) {
        Err(error) => HopEnd::NotHttp(format!("no valid URL: {error}")),
        Ok(url) => match net.get(&url).await {
            Err(error) => failed(error, &url, &mut hops),
            Ok(answer) => {
                hops.push(hop(&url, &answer, None));
                HopEnd::Answered
            }
        },
    };
    UrlProbe {
        url: url.to_owned(),
        purpose,
        hops,
        end,
    }
}

/// Did the last request bring an answer, whatever it says?
pub(super) fn answered(probe: &UrlProbe) -> bool {
    probe.end == HopEnd::Answered
}

async fn chain(net: &Net, ask: &Ask) -> UrlProbe {
    let mut hops = Vec::new();
    let end = match &ask.refuse {
        Some(end) => end.clone(),
        None => walk(net, ask, &mut hops).await,
    };
    UrlProbe {
        url: ask.url.clone(),
        purpose: ask.purpose,
        hops,
        end,
    }
}

async fn walk(net: &Net, ask: &Ask, hops: &mut Vec<Hop>) -> HopEnd {
    let deadline = Instant::now() + PATIENCE;
    let mut visited = BTreeSet::new();
    let mut url = match Url::parse(&ask.url) {
        Ok(url) => url,
        Err(error) => return HopEnd::NotHttp(format!("no valid URL: {error}")),
    };
    loop {
        if let Some(because) = unsubscribe::by_url(url.as_str(), &ask.never) {
            return HopEnd::Unsubscribe(format!("{url}: {because}"));
        }
        if hops.len() >= MAX_HOPS as usize {
            return HopEnd::TooManyHops(MAX_HOPS);
        }
        visited.insert(without_fragment(&url));
        let answer = timeout_at(deadline, net.get(&url)).await.unwrap_or_else(|_| {
            Err(GetError::Failed {
                code: "timeout".to_owned(),
                text: format!("the chain took longer than {} s", PATIENCE.as_secs()),
            })
        });
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return failed(error, &url, hops),
        };
        let next = redirect(&url, &answer);
        hops.push(hop(&url, &answer, next.as_ref()));
        url = match next {
            None => return HopEnd::Answered,
            Some(Err(end)) => return end,
            Some(Ok(next)) => next,
        };
        if visited.contains(&without_fragment(&url)) {
            return HopEnd::Loop(url.into());
        }
    }
}

/// Where an answer sends us on to; `None` where it does not redirect.
fn redirect(from: &Url, answer: &Answer) -> Option<Result<Url, HopEnd>> {
    let location = answer
        .location
        .as_deref()
        .filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308))?;
    let next = match from.join(location) {
        Ok(next) => next,
        Err(error) => {
            return Some(Err(HopEnd::NotHttp(format!(
                "Location is no valid URL ({error}): {location}"
            ))));
        }
    };
    let end = match (from.scheme(), next.scheme()) {
        ("https", "http") => Some(HopEnd::Downgrade(next.to_string())),
        (_, "http" | "https") => None,
        _ => Some(HopEnd::NotHttp(next.to_string())),
    };
    Some(end.map_or(Ok(next), Err))
}

/// Records a request that brought no answer. What the fence refused was never requested and is no hop.
fn failed(error: GetError, url: &Url, hops: &mut Vec<Hop>) -> HopEnd {
    let (end, requested) = match error {
        GetError::Fenced(text) => (HopEnd::Fenced(format!("{url}: {text}")), false),
        GetError::NotHttp(text) => (HopEnd::NotHttp(text), false),
        GetError::BadCertificate(text) => (HopEnd::BadCertificate(text), true),
        GetError::Failed { code, text } => (HopEnd::Failed { code, text }, true),
    };
    if requested {
        hops.push(silent(url));
    }
    end
}

fn silent(url: &Url) -> Hop {
    Hop {
        url: url.to_string(),
        status: None,
        location: None,
        peer: None,
        tls: None,
        hsts: None,
        content_type: None,
        body_bytes: 0,
        body_head: String::new(),
        elapsed_ms: 0,
    }
}

fn hop(url: &Url, answer: &Answer, next: Option<&Result<Url, HopEnd>>) -> Hop {
    let location = match next {
        Some(Ok(next)) => Some(next.to_string()),
        _ => answer.location.clone(),
    };
    let head = &answer.body[..answer.body.len().min(BODY_HEAD)];
    Hop {
        status: Some(answer.status),
        location,
        peer: answer.peer,
        tls: answer.tls.clone(),
        hsts: answer.hsts.clone(),
        content_type: answer.content_type.clone(),
        body_bytes: answer.body.len() as u64,
        body_head: head.iter().map(|byte| format!("{byte:02x}")).collect(),
        elapsed_ms: answer.elapsed_ms,
        ..silent(url)
    }
}

fn without_fragment(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}
