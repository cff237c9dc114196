//! Reads the destination out of a wrapping URL, one function a published form. Every reader is total and answers `None` for
//! anything that is not exactly its form.

use crate::model::{EspId, LogKind};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

/// Base64url with or without padding, as the services write both.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Where a form keeps its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum To {
    /// A query parameter.
    Query(String),
    /// A percent-encoded path segment, counted from 0.
    Segment(usize),
    /// Postmark: second segment, percent-encoded, without its scheme; the flags of the first segment hold an `s` for https.
    Pstmrk,
    /// Customer.io: JSON with `href` in the segment after `/e/c/`.
    Cio,
    /// Mandrill: JSON in `p`, whose own `p` is JSON text with `url`.
    Mandrill,
    /// Proofpoint v2: `u` with `-` for `%` and `_` for `/`.
    UrldefenseV2,
    /// Proofpoint v3: between `__` and `__;`, with `*` for characters that are listed in base64.
    UrldefenseV3,
}

impl To {
    /// Reads the word of the table.
    pub(super) fn parse(word: &str) -> Option<To> {
        match word.split_once(':') {
            Some(("query", name)) => Some(To::Query(name.to_owned())),
            Some(("segment", index)) => index.parse().ok().map(To::Segment),
            Some(_) => None,
            None => match word {
                "pstmrk" => Some(To::Pstmrk),
                "cio" => Some(To::Cio),
                "mandrill" => Some(To::Mandrill),
                "urldefense-v2" => Some(To::UrldefenseV2),
                "urldefense-v3" => Some(To::UrldefenseV3),
                _ => None,
            },
        }
    }

    /// The destination, if it stands there as an absolute http(s) URL.
    pub(super) fn read(&self, url: &Url) -> Option<String> {
        let found = match self {
            To::Query(name) => parameter(url, name),
            To::Segment(index) => url.path_segments()?.nth(*index).and_then(percent_decoded),
            To::Pstmrk => pstmrk(url),
            To::Cio => json(url.path_segments()?.nth(2)?)?
                .get("href")?
                .as_str()
                .map(str::to_owned),
            To::Mandrill => mandrill(url),
            To::UrldefenseV2 => {
                let encoded = parameter(url, "u")?;
                percent_decoded(&encoded.replace('-', "%").replace('_', "/"))
            }
            To::UrldefenseV3 => urldefense_v3(url),
        };
        found.filter(|found| is_absolute(found))
    }
}

/// The message's own id in a URL of its service. Postmark: the segment behind `AQ` of links of form 3. Customer.io: `email_id` of links and
/// pixels, the last segment of unsubscribe addresses.
pub(super) fn message_id(vendor: &str, url: &Url) -> Option<EspId> {
    let steps: Vec<&str> = url.path_segments()?.collect();
    match (vendor, steps.as_slice()) {
        ("postmark", [form, _, _, _, "AQ", id, ..]) if form.starts_with('3') => EspId::new(LogKind::Postmark, id),
        ("customerio", ["e", "c" | "o", facts, ..]) => {
            EspId::new(LogKind::CustomerIo, json(facts)?.get("email_id")?.as_str()?)
        }
        ("customerio", ["unsubscribe", id]) => EspId::new(LogKind::CustomerIo, &percent_decoded(id)?),
        _ => None,
    }
}

fn is_absolute(url: &str) -> bool {
    let starts = |scheme: &str| {
        url.get(..scheme.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    starts("https://") || starts("http://")
}

fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn percent_decoded(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

fn json(base64: &str) -> Option<Value> {
    let text = percent_decoded(base64)?;
    let bytes = BASE64.decode(text.replace('+', "-").replace('/', "_")).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn pstmrk(url: &Url) -> Option<String> {
    let mut segments = url.path_segments()?;
    let flags = segments.next()?.strip_prefix(['2', '3'])?;
    let destination = segments.next().and_then(percent_decoded)?;
    let known = flags.len() <= 2 && flags.bytes().all(|flag| b"mst".contains(&flag));
    let host = destination.split(['/', '?', '#']).next()?;
    let plausible = host.contains('.') && !host.contains(|char: char| char.is_whitespace() || char == '<');
    let scheme = if flags.contains('s') { "https" } else { "http" };
    (known && plausible).then(|| format!("{scheme}://{destination}"))
}

fn mandrill(url: &Url) -> Option<String> {
    let outer = json(&parameter(url, "p")?)?;
    let inner: Value = serde_json::from_str(outer.get("p")?.as_str()?).ok()?;
    inner.get("url")?.as_str().map(str::to_owned)
}

fn urldefense_v3(url: &Url) -> Option<String> {
    let whole = url.as_str();
    let (_, rest) = whole.split_once("/v3/__")?;
    let (masked, rest) = rest.split_once("__;")?;
    let hidden = BASE64.decode(rest.split('!').next()?).ok()?;
    let mut hidden = std::str::from_utf8(&hidden).ok()?.chars();
    let mut plain = String::with_capacity(masked.len());
    let mut chars = masked.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '*' {
            plain.push(char);
            continue;
        }
        let mut run = 1;
        if chars.peek() == Some(&'*') {
            chars.next();
            run = run_length(chars.next()?)?;
        }
        for _ in 0..run {
            plain.push(hidden.next()?);
        }
    }
    Some(plain)
}

/// Proofpoint writes `**X` for a run of hidden characters: `A` stands for 2, and so on through the base64url alphabet.
fn run_length(char: char) -> Option<usize> {
    URL_SAFE.as_str().find(char).map(|index| index + 2)
}
