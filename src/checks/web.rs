//! What a followed URL comes to, and how links are told in findings: shared by the checks of links and pixels.

use crate::mail::links::{Link, Part};
use crate::model::{Hop, HopEnd, UrlProbe};
use globset::GlobBuilder;

/// Links told by name in one finding.
const MAX_TOLD: usize = 5;
/// Characters told of a URL.
const MAX_URL: usize = 160;

/// What following a URL came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer a reader can use: its status.
    Fine(u16),
    /// It does not work: reason code and words.
    Broken(&'static str, String),
    /// Nothing can be said: reason code and words.
    Unknown(&'static str, String),
    /// Not requested, on purpose.
    NotRequested(String),
}

/// Reasons of [`Outcome::Broken`] and [`Outcome::Unknown`], for the rows of the checks.
pub(super) const DEAD: (&str, &str) = ("dead", "the page is not there (404, 410)");
pub(super) const SERVER_ERROR: (&str, &str) = ("server-error", "the server fails (5xx)");
pub(super) const STATUS: (&str, &str) = (
    "status",
    "an answer that is no page (another 4xx, a redirect to nowhere)",
);
pub(super) const LOOP: (&str, &str) = ("loop", "the redirects go in a circle");
pub(super) const TOO_MANY_HOPS: (&str, &str) = ("too-many-hops", "more than 10 requests without an end");
pub(super) const DOWNGRADE: (&str, &str) = ("downgrade", "a redirect leads from https to http");
pub(super) const BAD_CERTIFICATE: (&str, &str) = ("bad-certificate", "the certificate is not valid for the host");
pub(super) const FENCED: (&str, &str) = ("fenced", "it leads to a private or otherwise forbidden address");
pub(super) const NOT_HTTP: (&str, &str) = ("not-http", "it leads to something that is no http(s) URL");
pub(super) const NO_SUCH_HOST: (&str, &str) = ("no-such-host", "its host does not exist");
pub(super) const REFUSED_US: (&str, &str) = (
    "refused-us",
    "the server does not talk to a checker (401, 403, 407, 429, a bot challenge)",
);
pub(super) const UNREACHABLE: (&str, &str) = ("unreachable", "no answer: DNS failed, no connection, time over");

/// Reads the outcome off the recorded chain.
pub(super) fn outcome(probe: &UrlProbe) -> Outcome {
    let last = probe.hops.last();
    let broken = |reason: (&'static str, &str), words: String| Outcome::Broken(reason.0, words);
    match &probe.end {
        HopEnd::Answered => answered(last),
        HopEnd::Loop(url) => broken(LOOP, format!("redirects back to {}", short(url))),
        HopEnd::TooManyHops(most) => broken(TOO_MANY_HOPS, format!("still redirects after {most} requests")),
        HopEnd::Downgrade(url) => broken(DOWNGRADE, format!("redirects from https to {}", short(url))),
        HopEnd::NotHttp(what) => broken(NOT_HTTP, format!("leads to {}", short(what))),
        HopEnd::Fenced(what) => broken(FENCED, format!("leads to a forbidden address: {}", short(what))),
        HopEnd::BadCertificate(why) => broken(BAD_CERTIFICATE, format!("{}: {why}", host_of(last))),
        HopEnd::Failed { code, text } if code == NO_SUCH_HOST.0 => broken(NO_SUCH_HOST, text.clone()),
        HopEnd::Failed { code, text } => Outcome::Unknown(UNREACHABLE.0, format!("{}: {code}, {text}", host_of(last))),
        HopEnd::Unsubscribe(why) | HopEnd::NotRequested(why) => Outcome::NotRequested(why.clone()),
    }
}

fn answered(last: Option<&Hop>) -> Outcome {
    let Some((hop, status)) = last.and_then(|hop| Some((hop, hop.status?))) else {
        return Outcome::Unknown(UNREACHABLE.0, "no answer is recorded".to_owned());
    };
    let words = format!("{status} from {}", short(&hop.url));
    match status {
        200..=299 => Outcome::Fine(status),
        401 | 403 | 407 | 408 | 425 | 429 | 999 => Outcome::Unknown(REFUSED_US.0, words),
        _ if is_challenge(hop) => Outcome::Unknown(REFUSED_US.0, format!("{words}, a bot challenge")),
        404 | 410 => Outcome::Broken(DEAD.0, words),
        500..=599 => Outcome::Broken(SERVER_ERROR.0, words),
        _ => Outcome::Broken(STATUS.0, words),
    }
}

/// Challenge pages of the big content networks: by their path, or the first words of their title (hex of the body's beginning).
fn is_challenge(hop: &Hop) -> bool {
    const JUST_A_MOMENT: &str = "3c7469746c653e4a7573742061"; // "<title>Just a"
    hop.url.contains("/cdn-cgi/challenge") || hop.url.contains("captcha") || hop.body_head.contains(JUST_A_MOMENT)
}

fn host_of(hop: Option<&Hop>) -> String {
    let host = hop.and_then(|hop| crate::mail::vendors::host(&hop.url));
    host.unwrap_or_else(|| "the host".to_owned())
}

/// Does a host match a contract's host (a name, or a glob such as `*.awstrack.me`)?
pub(super) fn host_is(wanted: &str, host: &str) -> bool {
    let wanted = wanted.trim_end_matches('.');
    wanted.eq_ignore_ascii_case(host) || matches(wanted, host)
}

/// Does a glob match, without regard to case?
pub(super) fn matches(glob: &str, text: &str) -> bool {
    let built = GlobBuilder::new(glob).case_insensitive(true).build();
    built.is_ok_and(|glob| glob.compile_matcher().is_match(text))
}

/// A link by its visible text, or by its URL where it has none.
pub(super) fn name(link: &Link) -> String {
    let place = match link.part {
        Part::Html => "",
        Part::Text => " (text part)",
    };
    match link.text.as_str() {
        "" => format!("{}{place}", short(&link.url)),
        text => format!("'{text}'{place}"),
    }
}

/// A URL cut to what a line can hold.
pub(super) fn short(url: &str) -> String {
    match url.char_indices().nth(MAX_URL) {
        Some((end, _)) => format!("{}…", &url[..end]),
        None => url.to_owned(),
    }
}

/// The first few of a list, and how many more there are.
pub(super) fn listed(items: &[String]) -> String {
    let told = items.iter().take(MAX_TOLD).cloned().collect::<Vec<_>>().join("; ");
    match items.len().saturating_sub(MAX_TOLD) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}
