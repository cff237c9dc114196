//! Macros in SPF's names (RFC 7208 §7): `%{ir}.%{v}._spf.%{d2}`.

use std::net::IpAddr;

/// What macros stand for.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The sender, `local@domain`.
    pub sender: &'a str,
    /// The domain whose record is read.
    pub domain: &'a str,
    /// The client.
    pub client: IpAddr,
    /// Its HELO name.
    pub helo: &'a str,
}

/// Longest name that is asked for; what is longer loses labels on the left (§7.3).
const LONGEST: usize = 253;

/// Is every `%` of it a macro?
pub fn well_formed(text: &str) -> bool {
    pieces(text).is_some()
}

/// The text with its macros replaced; `None` where one is no macro.
pub fn expand(text: &str, values: &Values<'_>) -> Option<String> {
    let mut out = String::new();
    for piece in pieces(text)? {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Macro(body) => out.push_str(&value(body, values)?),
        }
    }
    let mut name = out.trim_end_matches('.');
    while name.len() > LONGEST {
        name = name.split_once('.')?.1;
    }
    Some(name.to_owned())
}

enum Piece<'a> {
    Text(&'a str),
    Macro(&'a str),
}

fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        pieces.push(Piece::Text(before));
        rest = match after.chars().next()? {
            '%' => push(&mut pieces, "%", &after[1..]),
            '_' => push(&mut pieces, " ", &after[1..]),
            '-' => push(&mut pieces, "%20", &after[1..]),
            '{' => {
                let (body, after) = after[1..].split_once('}')?;
                parts(body)?;
                pieces.push(Piece::Macro(body));
                after
            }
            _ => return None,
        };
    }
    pieces.push(Piece::Text(rest));
    Some(pieces)
}

fn push<'a>(pieces: &mut Vec<Piece<'a>>, text: &'a str, rest: &'a str) -> &'a str {
    pieces.push(Piece::Text(text));
    rest
}

/// Letter, number of parts, reversed, delimiters. The letters `c`, `r` and `t` belong to explanations alone (§7.2).
fn parts(body: &str) -> Option<(char, Option<usize>, bool, &str)> {
    let letter = body
        .chars()
        .next()
        .filter(|letter| "slodiphv".contains(letter.to_ascii_lowercase()))?;
    let rest = &body[1..];
    let digits = rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
    let count = match &rest[..digits] {
        "" => None,
        number => Some(number.parse().ok().filter(|number| *number > 0)?),
    };
    let rest = &rest[digits..];
    let reversed = rest.starts_with(['r', 'R']);
    let delimiters = if reversed { &rest[1..] } else { rest };
    let known = delimiters.chars().all(|letter| ".-+,/_=".contains(letter));
    known.then_some((letter, count, reversed, delimiters))
}

fn value(body: &str, values: &Values<'_>) -> Option<String> {
    let (letter, count, reversed, delimiters) = parts(body)?;
    let (local, domain) = values.sender.rsplit_once('@').unwrap_or(("postmaster", values.sender));
    let raw = match letter.to_ascii_lowercase() {
        's' => values.sender.to_owned(),
        'l' => local.to_owned(),
        'o' => domain.to_owned(),
        'd' => values.domain.to_owned(),
        'i' => dotted(values.client),
        // The name of the client is not looked up for a macro that senders are told not to use (§7.2).
        'p' => "unknown".to_owned(),
        'v' => if values.client.is_ipv4() { "in-addr" } else { "ip6" }.to_owned(),
        _ => values.helo.to_owned(),
    };
    let split = if delimiters.is_empty() { "." } else { delimiters };
    let mut labels: Vec<&str> = raw.split(|letter| split.contains(letter)).collect();
    if reversed {
        labels.reverse();
    }
    let from = labels.len() - count.unwrap_or(labels.len()).min(labels.len());
    let joined = labels[from..].join(".");
    Some(match letter.is_ascii_uppercase() {
        true => escaped(&joined),
        false => joined,
    })
}

/// An IPv6 address in nibbles.
fn dotted(client: IpAddr) -> String {
    match client {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let nibbles = address
                .octets()
                .map(|octet| format!("{:x}.{:x}", octet >> 4, octet & 15));
            nibbles.join(".")
        }
    }
}

fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let one = |byte: u8| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        let values = |client: &str| Values {
            sender: "strong-bad@email.example.com",
            domain: "email.example.com",
            client: client.parse().unwrap(),
            helo: "mta.example.com",
        };
        for (text, expected) in [
            ("%{s}", "strong-bad@email.example.com"),
            ("%{o}", "email.example.com"),
            ("%{d4}", "email.example.com"),
            ("%{d2}", "example.com"),
            ("%{d1}", "com"),
            ("%{dr}", "com.example.email"),
            ("%{d2r}", "example.email"),
            ("%{l}", "strong-bad"),
            ("%{l-}", "strong.bad"),
            ("%{lr-}", "bad.strong"),
            ("%{l1r-}", "strong"),
            ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
            ("%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"),
            ("%%.%{h}", "%.mta.example.com"),
            ("%{S}", "strong-bad%40email.example.com"),
        ] {
            assert_eq!(expand(text, &values("192.0.2.3")).as_deref(), Some(expected), "{text}");
        }
        let six = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com";
        assert_eq!(
            expand("%{ir}.%{v}._spf.%{d2}", &values("2001:db8::cb01")).as_deref(),
            Some(six)
        );
        for broken in ["%", "%{", "%{}", "%{x}", "%{d0}", "%{d2x}", "%a", "%{c}"] {
            assert!(!well_formed(broken), "{broken}");
        }
    }
}
