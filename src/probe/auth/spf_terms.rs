//! Terms of an SPF record (RFC 7208 §4.6.1, §12), read strictly: a record with one bad term is a permanent error as a whole.

use super::spf_macros;
use super::spf_record;
use std::net::IpAddr;

/// A term, with what it asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// As written.
    pub text: String,
    /// `+`, `-`, `~`, `?`; nothing means `+`.
    pub qualifier: char,
    /// What it asks.
    pub ask: Ask,
}

/// What a term asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// `all`.
    All,
    /// `ip4:`, `ip6:`: the network and its prefix length.
    Network(IpAddr, u8),
    /// `a`: addresses of a name, and how many bits count for IPv4 and IPv6.
    A(Option<String>, u8, u8),
    /// `mx`: addresses of the mail exchangers of a name.
    Mx(Option<String>, u8, u8),
    /// `ptr`.
    Ptr(Option<String>),
    /// `exists:`.
    Exists(String),
    /// `include:`.
    Include(String),
    /// `redirect=`.
    Redirect(String),
    /// `exp=` and modifiers that nobody knows.
    Other,
}

/// Reads a record without its version. Fails with the term that is none.
pub fn parse(record: &str) -> Result<Vec<Term>, String> {
    let terms = record.split(' ').skip(1).filter(|term| !term.is_empty());
    let terms: Vec<Term> = terms
        .map(|text| term(text).ok_or_else(|| format!("`{}` is no valid term", shorten(text))))
        .collect::<Result<_, _>>()?;
    for name in ["redirect=", "exp="] {
        let same = |term: &&Term| {
            let start = term.text.get(..name.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        if terms.iter().filter(same).count() > 1 {
            return Err(format!("{name} stands twice"));
        }
    }
    Ok(terms)
}

fn shorten(text: &str) -> String {
    text.chars().take(80).collect()
}

fn term(text: &str) -> Option<Term> {
    // The form that is judged offline is made with the same strictness.
    spf_record::judged_as(&format!("v=spf1 {text}")).ok()?;
    let bare = text.trim_start_matches(['+', '-', '~', '?']);
    let end = bare.find([':', '/', '=']).unwrap_or(bare.len());
    let (name, argument) = (bare[..end].to_ascii_lowercase(), &bare[end..]);
    let ask = match name.as_str() {
        "all" => Ask::All,
        "ip4" | "ip6" => network(argument.strip_prefix(':')?)?,
        "a" | "mx" => {
            let (domain, bits) = domain_and_bits(argument)?;
            match name.as_str() {
                "a" => Ask::A(domain, bits.0, bits.1),
                _ => Ask::Mx(domain, bits.0, bits.1),
            }
        }
        "ptr" => match argument.strip_prefix(':') {
            Some(domain) => Ask::Ptr(Some(specified(domain)?)),
            None => argument.is_empty().then_some(Ask::Ptr(None))?,
        },
        "exists" => Ask::Exists(specified(argument.strip_prefix(':')?)?),
        "include" => Ask::Include(specified(argument.strip_prefix(':')?)?),
        "redirect" => Ask::Redirect(specified(argument.strip_prefix('=')?)?),
        _ => Ask::Other,
    };
    let qualifier = text.chars().next().filter(|_| bare.len() < text.len()).unwrap_or('+');
    Some(Term {
        text: text.to_owned(),
        qualifier,
        ask,
    })
}

fn network(text: &str) -> Option<Ask> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    Some(Ask::Network(address, bits.unwrap_or(most)))
}

/// `:domain/24//64`, each part optional.
fn domain_and_bits(argument: &str) -> Option<(Option<String>, (u8, u8))> {
    let (domain, bits) = match argument.find('/').filter(|_| !argument.contains("%{")) {
        Some(at) => argument.split_at(at),
        None => split_after_macros(argument),
    };
    let domain = match domain.strip_prefix(':') {
        Some(domain) => Some(specified(domain)?),
        None => domain.is_empty().then_some(None)?,
    };
    let (four, six) = match bits.split_once("//") {
        Some((four, six)) => (four, Some(six)),
        None => (bits, None),
    };
    let number = |text: &str, most: u8| text.parse::<u8>().ok().filter(|bits| *bits <= most);
    let four = match four.strip_prefix('/') {
        Some(bits) => number(bits, 32)?,
        None => four.is_empty().then_some(32)?,
    };
    let six = match six {
        Some(bits) => number(bits, 128)?,
        None => 128,
    };
    Some((domain, (four, six)))
}

/// A slash inside a macro is a delimiter of the macro.
fn split_after_macros(argument: &str) -> (&str, &str) {
    let after = argument.rfind('}').map_or(0, |at| at + 1);
    match argument[after..].find('/') {
        Some(at) => argument.split_at(after + at),
        None => (argument, ""),
    }
}

/// A domain-spec: not empty, its macros well-formed, its end a macro or a label that is no number (§7.1).
fn specified(text: &str) -> Option<String> {
    let end = text.trim_end_matches('.').rsplit('.').next()?;
    let label = |text: &str| !text.is_empty() && !text.chars().all(|letter| letter.is_ascii_digit());
    let sound = spf_macros::well_formed(text) && (text.ends_with('}') || text.contains('.') && label(end));
    sound.then(|| text.to_owned())
}
