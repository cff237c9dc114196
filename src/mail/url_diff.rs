//! How does one URL differ from another? Spelling that means the same (RFC 3986 §6.2.2: escaped letters, case of the host) is no
//! difference; what a query lost, changed or gained is told parameter by parameter.

use globset::GlobBuilder;
use percent_encoding::percent_decode_str;
use std::fmt;
use url::Url;

/// One difference. `Display` tells it in words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difference {
    /// Another host, port or path (or no URL at all): what is found instead.
    Place(String),
    /// Another scheme: expected, found.
    Scheme(String, String),
    /// `&` arrived as `&amp;`, so that this parameter is now called `amp;NAME`.
    Ampersand(String),
    /// A parameter is gone: name, value.
    Lost(String, String),
    /// A parameter has another value: name, expected, found.
    Changed(String, String, String),
    /// A parameter was added that nobody allowed: name, value.
    Added(String, String),
    /// The part after `#`: expected, found.
    Fragment(String, String),
    /// The same parameters in another order.
    Order,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Difference::Place(found) => write!(f, "leads to {found}"),
            Difference::Scheme(expected, found) => write!(f, "{found} instead of {expected}"),
            Difference::Ampersand(name) => write!(f, "& became &amp;, so {name} is now amp;{name}"),
            Difference::Lost(name, value) => write!(f, "lost {name}={value}"),
            Difference::Changed(name, expected, found) => write!(f, "{name}={found} instead of {name}={expected}"),
            Difference::Added(name, value) => write!(f, "added {name}={value}"),
            Difference::Fragment(expected, found) => write!(f, "'#{found}' instead of '#{expected}'"),
            Difference::Order => f.write_str("the parameters are in another order"),
        }
    }
}

/// Every difference, the gravest first. `may_append` are globs of names of parameters that may be added.
pub fn differences(expected: &str, found: &str, may_append: &[String]) -> Vec<Difference> {
    if expected == found {
        return Vec::new();
    }
    let (Ok(one), Ok(other)) = (Url::parse(expected), Url::parse(found)) else {
        return vec![Difference::Place(found.to_owned())];
    };
    if place(&one) != place(&other) {
        return vec![Difference::Place(found.to_owned())];
    }
    let mut all = Vec::new();
    if one.scheme() != other.scheme() {
        all.push(Difference::Scheme(one.scheme().to_owned(), other.scheme().to_owned()));
    }
    all.extend(query(&pairs(&one), &pairs(&other), may_append));
    let fragment = |url: &Url| decoded(url.fragment().unwrap_or_default());
    if fragment(&one) != fragment(&other) {
        all.push(Difference::Fragment(fragment(&one), fragment(&other)));
    }
    all.sort();
    all
}

/// Host, explicit port, user and path, in one spelling.
fn place(url: &Url) -> (Option<String>, Option<u16>, String, String) {
    let host = url
        .host_str()
        .map(|host| host.trim_end_matches('.').to_ascii_lowercase());
    let user = format!("{}:{}", url.username(), url.password().unwrap_or_default());
    (host, url.port(), user, plain_escapes(url.path()))
}

/// Undoes escapes of unreserved characters, which never change the meaning; others are written in capitals.
fn plain_escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let code = rest
            .get(at + 1..at + 3)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        let Some(code) = code else {
            out.push('%');
            rest = &rest[at + 1..];
            continue;
        };
        if code.is_ascii_alphanumeric() || b"-._~".contains(&code) {
            out.push(char::from(code));
        } else {
            out.push_str(&format!("%{code:02X}"));
        }
        rest = &rest[at + 3..];
    }
    out + rest
}

type Pair = (String, String);

fn pairs(url: &Url) -> Vec<Pair> {
    let parts = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(&name.replace('+', " ")), decoded(&value.replace('+', " ")))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn query(expected: &[Pair], found: &[Pair], may_append: &[String]) -> Vec<Difference> {
    let mut used = vec![false; found.len()];
    let mut take = |fits: &dyn Fn(&Pair) -> bool| {
        let at = (0..found.len()).find(|index| !used[*index] && fits(&found[*index]))?;
        used[at] = true;
        Some(at)
    };
    let exact: Vec<Option<usize>> = expected.iter().map(|pair| take(&|other| other == pair)).collect();
    let mut all = Vec::new();
    for (name, value) in expected
        .iter()
        .zip(&exact)
        .filter(|(_, at)| at.is_none())
        .map(|(pair, _)| pair)
    {
        let escaped = |other: &Pair| other.0.trim_start_matches("amp;") == name && other.0 != *name;
        all.push(if let Some(at) = take(&|other| other.0 == *name) {
            Difference::Changed(name.clone(), value.clone(), found[at].1.clone())
        } else if take(&escaped).is_some() {
            Difference::Ampersand(name.clone())
        } else {
            Difference::Lost(name.clone(), value.clone())
        });
    }
    let added = found
        .iter()
        .zip(&used)
        .filter(|(_, used)| !**used)
        .map(|(pair, _)| pair);
    let added = added.filter(|(name, _)| !may_append.iter().any(|glob| matches(glob, name)));
    all.extend(added.map(|(name, value)| Difference::Added(name.clone(), value.clone())));
    if all.is_empty() && !exact.is_sorted() {
        all.push(Difference::Order);
    }
    all
}

fn matches(glob: &str, name: &str) -> bool {
    GlobBuilder::new(glob)
        .build()
        .is_ok_and(|glob| glob.compile_matcher().is_match(name))
}
