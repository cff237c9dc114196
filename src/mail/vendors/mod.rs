//! Recognises what sending services and mail gateways make of URLs: click wrappers, open pixels, unsubscribe pages. The forms are
//! data (`forms.toml`); wrappers whose destination stands in the URL are peeled without a request.

mod decode;

use crate::model::EspId;
use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use std::sync::LazyLock;
use url::Url;

/// Wrappers within wrappers that are peeled; a chain that is longer ends as opaque.
const MAX_LAYERS: usize = 8;
/// URLs longer than this (bytes) are not decoded.
const MAX_URL: usize = 32 * 1024;

/// One wrapper around a destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Whose form it is (`postmark`).
    pub vendor: &'static str,
    /// Its host, lower-case.
    pub host: String,
    /// The wrapping URL.
    pub url: String,
    /// Put there by the receiving side (Safe Links and the like), not by the route.
    pub receiver: bool,
}

/// A URL without its wrappers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeled {
    /// The wrappers, outermost first; empty where the URL is none.
    pub layers: Vec<Layer>,
    /// What is inside, as written in the innermost wrapper; `None` where that one is opaque.
    pub destination: Option<String>,
}

impl Peeled {
    /// Every URL of the chain: the layers, then the destination.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        let layers = self.layers.iter().map(|layer| layer.url.as_str());
        layers.chain(self.destination.as_deref())
    }
}

/// Peels the click wrappers off a URL, as far as that needs no request. Total: what is no wrapper is its own destination.
pub fn peel(url: &str) -> Peeled {
    let mut layers = Vec::new();
    let mut inner = url.to_owned();
    while layers.len() < MAX_LAYERS {
        let Some((form, parsed, destination)) = recognise(&inner, Kind::Click) else {
            return Peeled {
                layers,
                destination: Some(inner),
            };
        };
        layers.push(Layer {
            vendor: &form.vendor,
            host: host_of(&parsed),
            url: inner,
            receiver: form.receiver,
        });
        match destination {
            Some(destination) => inner = destination,
            None => break,
        }
    }
    Peeled {
        layers,
        destination: None,
    }
}

/// Whose open pixel this URL is.
pub fn open(url: &str) -> Option<&'static str> {
    recognise(url, Kind::Open).map(|(form, ..)| form.vendor.as_str())
}

/// Whose unsubscribe page this URL is.
pub fn unsubscribe(url: &str) -> Option<&'static str> {
    recognise(url, Kind::Unsubscribe).map(|(form, ..)| form.vendor.as_str())
}

/// The id of the message that a link, a pixel or an unsubscribe address of Postmark's or Customer.io's names, layer by layer.
pub fn message_ids(url: &str) -> Vec<EspId> {
    let peeled = peel(url);
    let ids = peeled.urls().filter_map(|url| {
        [Kind::Click, Kind::Open, Kind::Unsubscribe]
            .into_iter()
            .find_map(|kind| {
                let (form, parsed, _) = recognise(url, kind)?;
                decode::message_id(&form.vendor, &parsed)
            })
    });
    ids.collect()
}

/// The host of an http(s) URL, lower-case; protocol-relative URLs count as https.
pub fn host(url: &str) -> Option<String> {
    parse(url)
        .map(|parsed| host_of(&parsed))
        .filter(|host| !host.is_empty())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Click,
    Open,
    Unsubscribe,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    vendor: String,
    kind: Kind,
    #[serde(default)]
    hosts: Vec<String>,
    path: String,
    query: Option<String>,
    to: Option<String>,
    #[serde(default)]
    receiver: bool,
}

#[derive(Deserialize)]
struct Table {
    form: Vec<Row>,
}

struct Form {
    vendor: String,
    kind: Kind,
    hosts: Vec<GlobMatcher>,
    path: GlobMatcher,
    query: Option<String>,
    to: Option<decode::To>,
    receiver: bool,
}

impl Form {
    fn matches(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        (self.hosts.is_empty() || self.hosts.iter().any(|glob| glob.is_match(host)))
            && self.path.is_match(url.path())
            && (self.query.as_deref()).is_none_or(|wanted| url.query_pairs().any(|(name, _)| name == wanted))
    }
}

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("forms.toml")).expect("the compiled-in table is tested");
    table.form.into_iter().map(form).collect()
});

fn form(row: Row) -> Form {
    Form {
        vendor: row.vendor,
        kind: row.kind,
        hosts: row.hosts.iter().map(|host| glob(host)).collect(),
        path: glob(&row.path),
        query: row.query,
        to: row
            .to
            .as_deref()
            .map(|to| decode::To::parse(to).expect("the compiled-in table is tested")),
        receiver: row.receiver,
    }
}

fn glob(pattern: &str) -> GlobMatcher {
    let built = GlobBuilder::new(pattern)
        .literal_separator(true)
        .empty_alternates(true)
        .build();
    built.expect("the compiled-in table is tested").compile_matcher()
}

/// The first form of a kind that a URL has, with the URL parsed and its destination where the form tells one.
fn recognise(url: &str, kind: Kind) -> Option<(&'static Form, Url, Option<String>)> {
    let parsed = parse(url)?;
    FORMS
        .iter()
        .filter(|form| form.kind == kind && form.matches(&parsed))
        .find_map(|form| {
            let destination = form.to.as_ref().and_then(|to| to.read(&parsed));
            // A path alone is weak evidence: on a host of anyone's, the destination must be readable.
            let sure = !form.hosts.is_empty() || form.to.is_none() || destination.is_some();
            sure.then_some((form, destination))
        })
        .map(|(form, destination)| (form, parsed.clone(), destination))
}

fn parse(url: &str) -> Option<Url> {
    if url.len() > MAX_URL {
        return None;
    }
    let parsed = match url.strip_prefix("//") {
        Some(rest) => Url::parse(&format!("https://{rest}")),
        None => Url::parse(url),
    };
    parsed.ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn host_of(url: &Url) -> String {
    url.host_str()
        .unwrap_or_default()
        .trim_end_matches('.')
        .to_ascii_lowercase()
}
