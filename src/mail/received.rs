//! Received lines (RFC 5321 §4.4) as Postfix, Exim, Gmail, Yahoo and Microsoft write them: the hops with their delays, and which line
//! tells the address of the client that brought the message to the provider.

use super::headers::{Header, Headers};
use super::structured::{Token, segments};
use crate::model::HopRow;
use globset::GlobBuilder;
use mail_parser::DateTime;
use std::net::IpAddr;
use time::OffsetDateTime;

/// Lines read of one message.
const MAX_LINES: usize = 200;

/// One Received line. Everything in it but the client's address is what somebody claims.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// The name after `from`, as the client gave it.
    pub from: Option<String>,
    /// The name given in EHLO: in most forms the same as `from`.
    pub helo: Option<String>,
    /// Other names and words in the comment after `from` (the reverse name, mostly).
    pub from_comment: String,
    /// The host that wrote the line.
    pub by: Option<String>,
    /// The client's address, in whichever form it was written.
    pub client_ip: Option<IpAddr>,
    /// The protocol words after `with`.
    pub with: Option<String>,
    /// `TLSv1.3` where the version is told, `TLS` where only the protocol says so (ESMTPS), `None` where nothing does.
    pub tls: Option<String>,
    /// The stamp, by the writer's clock.
    pub at: Option<OffsetDateTime>,
}

/// The Received lines of a message, top (newest) to bottom.
pub fn of_headers(headers: &Headers<'_>) -> Vec<Received> {
    headers.all("Received").take(MAX_LINES).map(line).collect()
}

/// The way of the message, oldest hop first, with the time between hops.
pub fn hops(lines: &[Received]) -> Vec<HopRow> {
    let mut before = None;
    let row = |line: &Received| {
        let delay = line.at.zip(before).map(|(at, before)| at - before);
        before = line.at.or(before);
        HopRow {
            by: line.by.clone().unwrap_or_default(),
            at: line.at,
            delay_ms: delay.and_then(|delay| i64::try_from(delay.whole_milliseconds()).ok()),
        }
    };
    lines.iter().rev().map(row).collect()
}

/// The line in which the provider itself noted who brought the message. `received_by` are suffixes of the provider's hosts. Lines are
/// believed from the top for as long as the provider wrote them; the last of these names the client from outside.
pub fn trusted_client<'l>(lines: &'l [Received], received_by: &[String]) -> Option<&'l Received> {
    let ours = |name: &str| received_by.iter().any(|suffix| has_suffix(name, suffix));
    let mut found = None;
    for (index, line) in lines.iter().enumerate() {
        let by = line.by.as_deref().unwrap_or_default();
        // Inside a provider, lines are also written by bare addresses: without a client, as the very first line, or by the host
        // from which the line above, already believed, has it (Yahoo: `from 10.x by atlas…`, below it `by 10.x`).
        let above = found.is_some_and(|above: &Received| above.client_ip == address(by));
        let internal = address(by).is_some() && (line.client_ip.is_none() || index == 0 || above);
        let from_ours = line.helo.as_deref().is_some_and(&ours);
        let inside = is_internal_name(by) && (line.client_ip.is_none_or(is_private) || from_ours);
        if !ours(by) && !internal && !inside {
            break;
        }
        let Some(client) = line.client_ip else { continue };
        found = Some(line);
        let is_border = BORDERS.iter().any(|border| has_suffix(by, border));
        if !is_private(client) && (!from_ours || is_border) {
            break;
        }
    }
    found
}

/// Hosts that take mail in from everybody, the senders of their own provider too: what such a one calls its client is who sent, also
/// where that is the provider itself (Gmail to Gmail, one Microsoft 365 tenant to another).
const BORDERS: [&str; 5] = [
    "mx.google.com",
    "mail.protection.outlook.com",
    "*mx*.messagingengine.com",
    "me.com",
    "p*-icloudmta-*",
];

/// Last labels of names that mean something inside one network only (RFC 6762, RFC 8375, and what is in use).
const INTERNAL: [&str; 8] = [
    "internal",
    "local",
    "localdomain",
    "lan",
    "corp",
    "intern",
    "intra",
    "home.arpa",
];

/// A line that says no more than that a message was passed on inside: by a host without a public name, from a private address or none.
pub fn is_passed_on(line: &Received) -> bool {
    line.by.as_deref().is_some_and(is_internal_name) && line.client_ip.is_none_or(is_private)
}

/// A name that means something inside one network only. Delivery agents sign with it (Fastmail: `by sloti1d1t02`, iCloud: `by
/// p35-mailgateway-smtp-0`), above the line that took the message in.
fn is_internal_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    !name.is_empty() && (!name.contains('.') || INTERNAL.iter().any(|last| has_suffix(name, last)))
}

/// The host in whose hands the message came to the receiving side: the name in the topmost line that tells one, beyond the lines that
/// say no more than that it was passed on inside.
pub fn taken_in_by(lines: &[Received]) -> Option<&str> {
    let by = |line: &'_ &Received| line.by.as_deref().is_some_and(|by| address(by).is_none());
    let mut named = lines.iter().filter(by);
    let first = named.clone().next();
    let found = named.find(|line| !is_passed_on(line)).or(first)?;
    found.by.as_deref()
}

/// Is a host's name one of a suffix: the same, or below it? A suffix with a `*` in it is a glob of the whole name.
pub fn has_suffix(name: &str, suffix: &str) -> bool {
    let (name, suffix) = (
        name.trim_end_matches('.').to_ascii_lowercase(),
        suffix.to_ascii_lowercase(),
    );
    let glob = &suffix;
    let suffix = suffix.trim_start_matches(['*', '.']);
    if suffix.contains('*') {
        let built = GlobBuilder::new(glob).build();
        return built.is_ok_and(|glob| glob.compile_matcher().is_match(&name));
    }
    name == suffix || name.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'))
}

/// An address that says nothing outside its own network.
pub fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

fn line(header: &Header<'_>) -> Received {
    let value = header.unfolded();
    let (clauses, stamp) = value.rsplit_once(';').unwrap_or((&value, ""));
    let tokens: Vec<Token> = segments(clauses).into_iter().flatten().collect();
    let from = clause(&tokens, "from");
    let with = clause(&tokens, "with");
    let words = |tokens: &[Token]| tokens.iter().find_map(Token::word).map(str::to_owned);
    let from_comment = comments(from).join(" ");
    let from_name = words(from).map(|name| name.trim_matches(['[', ']']).to_owned());
    let protocol = with.iter().filter_map(Token::word).collect::<Vec<_>>().join(" ");
    Received {
        helo: helo(&from_comment).or_else(|| from_name.clone()),
        client_ip: client_ip(&from_comment).or_else(|| from_name.as_deref().and_then(address)),
        from: from_name,
        from_comment,
        by: words(clause(&tokens, "by")),
        tls: tls(&comments(&tokens), &protocol),
        with: (!protocol.is_empty()).then_some(protocol),
        at: self::stamp(stamp),
    }
}

/// The tokens of a clause: from behind its key word up to the next key word.
fn clause<'t>(tokens: &'t [Token], key: &str) -> &'t [Token] {
    let is = |token: &Token, key: &str| token.word().is_some_and(|word| word.eq_ignore_ascii_case(key));
    let Some(start) = tokens.iter().position(|token| is(token, key)) else {
        return &[];
    };
    let rest = &tokens[start + 1..];
    let next = |token: &Token| {
        ["from", "by", "via", "with", "id", "for"]
            .iter()
            .any(|key| is(token, key))
    };
    &rest[..rest.iter().position(next).unwrap_or(rest.len())]
}

fn comments(tokens: &[Token]) -> Vec<&str> {
    let comment = |token: &'_ Token| matches!(token, Token::Comment(_));
    let texts = tokens.iter().filter(|token| comment(token)).map(|token| match token {
        Token::Comment(text) | Token::Word(text) => text.as_str(),
    });
    texts.collect()
}

/// `EHLO mail.example` (Yahoo), `HELO mail.example` (qmail), `helo=mail.example` (Exim).
fn helo(comment: &str) -> Option<String> {
    let mut words = comment.split(|char: char| char.is_whitespace() || char == '=');
    words.find(|word| word.eq_ignore_ascii_case("ehlo") || word.eq_ignore_ascii_case("helo"))?;
    words.next().map(|name| name.trim_matches(['[', ']']).to_owned())
}

fn client_ip(comment: &str) -> Option<IpAddr> {
    let bracketed = comment.split('[').skip(1).filter_map(|rest| rest.split(']').next());
    let bare = comment.split(|char: char| char.is_whitespace() || ",;".contains(char));
    bracketed.chain(bare).find_map(address)
}

fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim_matches(['[', ']', '(', ')']);
    let text = text
        .get(..5)
        .filter(|start| start.eq_ignore_ascii_case("ipv6:"))
        .map_or(text, |_| &text[5..]);
    text.parse().ok()
}

fn tls(comments: &[&str], protocol: &str) -> Option<String> {
    let version = comments.iter().find_map(|comment| tls_version(comment));
    // `ESMTPS` (RFC 3848), `ESMTP/TLS/ECDHE-RSA-…` (Cisco).
    let word = |word: &str| {
        let word = word.to_ascii_uppercase();
        let secured = word.trim_end_matches('A').ends_with('S') || word.contains("/TLS");
        secured && ["SMTP", "LMTP"].iter().any(|name| word.contains(name))
    };
    // `(TLS)` of Exchange 2010, and what names no version.
    let named = || comments.iter().any(|comment| names_tls(comment)) || protocol.split_whitespace().any(word);
    version.or_else(|| named().then(|| "TLS".to_owned()))
}

/// Where a comment says TLS as a word of its own, with or without a version behind it.
fn words_of_tls(comment: &str) -> impl Iterator<Item = &str> {
    let places = comment.match_indices("TLS");
    places.filter_map(|(at, found)| {
        let joined = comment[..at].ends_with(|char: char| char.is_ascii_alphanumeric() || "-_.".contains(char));
        (!joined).then(|| &comment[at + found.len()..])
    })
}

fn names_tls(comment: &str) -> bool {
    let ends =
        |rest: &str| !rest.starts_with(|char: char| char.is_ascii_alphabetic() && char != 'v' || "-_.".contains(char));
    words_of_tls(comment).any(ends)
}

/// `version=TLS1_3` (Gmail, Yahoo, Microsoft), `TLSv1.3` (Postfix), `TLS1.3` (Exim); 1.0 is called `TLSv1` and `TLS1`, but `TLSv1/SSLv3` is
/// OpenSSL's name of ciphers that later versions use too.
fn tls_version(comment: &str) -> Option<String> {
    words_of_tls(comment).find_map(|rest| {
        let rest = rest.strip_prefix('v').unwrap_or(rest);
        match rest.as_bytes() {
            [major @ b'1'..=b'9', b'.' | b'_', minor @ b'0'..=b'9', ..] => {
                Some(format!("TLSv{}.{}", char::from(*major), char::from(*minor)))
            }
            [b'1'] | [b'1', b' ' | b',' | b';' | b')', ..] => Some("TLSv1.0".to_owned()),
            _ => None,
        }
    })
}

/// A date as headers write it (RFC 5322 §3.3).
pub fn stamp(text: &str) -> Option<OffsetDateTime> {
    let parsed = DateTime::parse_rfc822(text.trim()).filter(DateTime::is_valid)?;
    OffsetDateTime::from_unix_timestamp(parsed.to_timestamp()).ok()
}
