//! SPF records as texts (RFC 7208 §4.5, §4.6): which TXT record is one, whether its terms are well-formed (mail-auth passes over a
//! mistyped mechanism, where receivers give a permanent error), and the form in which it is judged offline.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Marks a name of `exists:`, see [`super::spf`]. `.invalid` is reserved (RFC 2606): no name of the world ends so.
pub const EXISTS: &str = ".exists.invalid";

/// The SPF records among TXT records.
pub fn among(texts: &[String]) -> Vec<&String> {
    let version = |text: &str| {
        text.split(' ')
            .next()
            .is_some_and(|first| first.eq_ignore_ascii_case("v=spf1"))
    };
    texts.iter().filter(|text| version(text)).collect()
}

/// The record as mail-auth is to judge it, or what is wrong with it. `exists:` becomes an address question under [`EXISTS`]; `exp=`,
/// which changes no verdict, is left out so that its text is not asked for.
pub fn judged_as(record: &str) -> Result<String, String> {
    let mut terms = vec!["v=spf1".to_owned()];
    for term in record.split(' ').skip(1).filter(|term| !term.is_empty()) {
        let mechanism = term.trim_start_matches(['+', '-', '~', '?']);
        let qualifier = &term[..term.len() - mechanism.len()];
        let end = mechanism.find([':', '/', '=']).unwrap_or(mechanism.len());
        let name = mechanism[..end].to_ascii_lowercase();
        let argument = &mechanism[end..];
        if !well_formed(&name, argument) || qualifier.len() > 1 {
            return Err(format!(
                "`{}` is no valid term",
                term.chars().take(80).collect::<String>()
            ));
        }
        match name.as_str() {
            "exp" => (),
            "exists" => terms.push(format!("{qualifier}a{argument}{EXISTS}/0//0")),
            _ => terms.push(term.to_owned()),
        }
    }
    Ok(terms.join(" "))
}

fn well_formed(name: &str, argument: &str) -> bool {
    match name {
        "all" => argument.is_empty(),
        "a" | "mx" | "ptr" => argument.is_empty() || argument.starts_with([':', '/']),
        "include" | "exists" => argument.len() > 1 && argument.starts_with(':'),
        "ip4" => network(argument, 32, |address| address.parse::<Ipv4Addr>().is_ok()),
        "ip6" => network(argument, 128, |address| address.parse::<Ipv6Addr>().is_ok()),
        // Anything else is a modifier, and an unknown one is passed over (§6).
        _ => argument.starts_with('=') && name.starts_with(|letter: char| letter.is_ascii_alphabetic()),
    }
}

fn network(argument: &str, most: u8, is_address: impl Fn(&str) -> bool) -> bool {
    let Some(network) = argument.strip_prefix(':') else {
        return false;
    };
    match network.split_once('/') {
        Some((address, bits)) => is_address(address) && bits.parse::<u8>().is_ok_and(|bits| bits <= most),
        None => is_address(network),
    }
}
