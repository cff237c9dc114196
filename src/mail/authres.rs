//! Authentication-Results (RFC 8601), read with tolerance for what Gmail, Yahoo and Microsoft really write, and believed only where
//! the provider itself wrote it: anyone can put such a field into a message.

use super::headers::{Header, Headers};
use super::received;
use super::structured::{Token, segments};
use crate::model::ProviderWord;
use crate::model::profile::AuthresTrust;
use globset::GlobBuilder;

/// Fields read of one message.
const MAX_FIELDS: usize = 100;

/// One field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Authres {
    /// The authserv-id; Microsoft writes none.
    pub serv_id: Option<String>,
    /// The results in order.
    pub results: Vec<MethodResult>,
}

/// One method's result, e.g. `dkim=pass (2048-bit key) header.d=brand.example`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MethodResult {
    /// `dkim`, lower-case, without a version.
    pub method: String,
    /// `pass`, lower-case.
    pub result: String,
    /// Comments and `reason=`, joined by a blank.
    pub reason: String,
    /// `ptype.property` (lower-case) and value, in order; Microsoft's `action` comes without a ptype.
    pub properties: Vec<(String, String)>,
}

impl MethodResult {
    /// The value of a property (`header.d`).
    pub fn property(&self, name: &str) -> Option<&str> {
        let found = self.properties.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The signing domain of a DKIM result: `header.d`, or the domain of `header.i`; lower-case.
    pub fn signer(&self) -> Option<String> {
        let identity = self.property("header.i").and_then(|identity| identity.rsplit_once('@'));
        let domain = self.property("header.d").or(identity.map(|(_, domain)| domain));
        domain.map(|domain| domain.trim_end_matches('.').to_ascii_lowercase())
    }
}

impl Authres {
    /// The results of a method, in order.
    pub fn of<'s>(&'s self, method: &'s str) -> impl Iterator<Item = &'s MethodResult> + 's {
        self.results.iter().filter(move |result| result.method == method)
    }
}

/// Microsoft's composite authentication (`compauth=fail reason=001`), which decides where DMARC leaves things open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compauth {
    /// `pass`, `fail`, `softpass`, `none`.
    pub result: String,
    /// Three digits.
    pub code: String,
    /// What the code means, as far as Microsoft says.
    pub meaning: &'static str,
}

impl Authres {
    /// Microsoft's composite verdict, where it is stated.
    pub fn compauth(&self) -> Option<Compauth> {
        let found = self.of("compauth").next()?;
        // `reason` is no property here but a word of its own; RFC 8601 has it as free text, so it was read as such.
        let code: String = found.reason.chars().filter(char::is_ascii_digit).take(3).collect();
        let meaning = compauth_meaning(&code);
        Some(Compauth {
            result: found.result.clone(),
            code,
            meaning,
        })
    }
}

/// Message header fields of Exchange Online Protection (Microsoft's anti-spam message headers, 2025-07).
fn compauth_meaning(code: &str) -> &'static str {
    match code {
        "000" => "explicitly failed: the From domain's DMARC policy says quarantine or reject",
        "001" => "implicitly failed: the From domain publishes no policy that could be met",
        "002" => "the organisation refuses this pair of sender and domain",
        "010" => "failed: the organisation's own domain is spoofed",
        "100" => "DMARC passed, or SPF or DKIM passed aligned",
        "109" => "the From domain has no DMARC record, but would pass one",
        "111" => "the DMARC record is in error, but SPF or DKIM passed aligned",
        "130" => "an ARC result of a trusted forwarder overrides a DMARC failure",
        _ => match code.as_bytes().first() {
            Some(b'1' | b'7') => "passed",
            Some(b'2') => "softly passed",
            Some(b'3') => "not checked",
            Some(b'4' | b'9') => "bypassed",
            Some(b'6') => "failed within the organisation",
            _ => "no meaning is documented",
        },
    }
}

/// The fields of a message, told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedAuthres {
    /// What the provider itself wrote.
    pub trusted: Option<Authres>,
    /// Everything else, top to bottom: forged, or of hosts on the way.
    pub untrusted: Vec<Authres>,
}

impl TrustedAuthres {
    /// The provider's word as reports show it; `None` where the message has no such field at all.
    pub fn word(&self) -> Option<ProviderWord> {
        let Some(trusted) = &self.trusted else {
            return (!self.untrusted.is_empty()).then(ProviderWord::default);
        };
        let word = |method| trusted.of(method).map(|result| result.result.clone());
        let best = |method| {
            word(method)
                .find(|result| result == "pass")
                .or_else(|| word(method).next())
        };
        Some(ProviderWord {
            trusted: true,
            dkim: best("dkim"),
            spf: best("spf"),
            dmarc: best("dmarc"),
        })
    }
}

/// Reads all fields and applies the provider's rule.
pub(super) fn read(headers: &Headers<'_>, trust: &AuthresTrust) -> TrustedAuthres {
    let is_field = |header: &Header<'_>| header.is("Authentication-Results");
    let fields = headers.fields.iter().enumerate().filter(|(_, header)| is_field(header));
    let mut found: Vec<(usize, Authres)> = fields
        .take(MAX_FIELDS)
        .map(|(at, header)| (at, parse(header)))
        .collect();
    let trusted = match trust {
        AuthresTrust::ServId(patterns) => take_by_id(&mut found, headers, patterns, false),
        AuthresTrust::RepeatedServId(patterns) => take_by_id(&mut found, headers, patterns, true),
        AuthresTrust::Microsoft => take_microsoft(&mut found, headers),
        AuthresTrust::Nobody => None,
    };
    TrustedAuthres {
        trusted,
        untrusted: found.into_iter().map(|(_, authres)| authres).collect(),
    }
}

/// Notes of a verdict that stand between the fields of one provider (iCloud: `X-ARC-Info`, `X-DMARC-Policy`).
const NOTES: [&str; 4] = ["x-arc-", "x-dmarc-", "x-bimi-", "bimi-"];

/// The topmost field of the id, and the fields right below it that carry *other* matching ids (iCloud writes one a method). A second
/// field of the same id is what a forger would add, unless the provider `repeats` its id by itself.
fn take_by_id(
    found: &mut Vec<(usize, Authres)>,
    headers: &Headers<'_>,
    patterns: &[String],
    repeats: bool,
) -> Option<Authres> {
    let is_note = |header: &Header<'_>| {
        let name = header.name.to_ascii_lowercase();
        NOTES.iter().any(|start| name.starts_with(start))
    };
    let matches = |authres: &Authres| {
        let id = authres.serv_id.as_deref().unwrap_or_default();
        patterns.iter().any(|pattern| glob_matches(pattern, id))
    };
    let first = found.iter().position(|(_, authres)| matches(authres))?;
    let (mut at, mut all) = found.remove(first);
    let mut ids = vec![all.serv_id.clone()];
    while let Some((next, authres)) = found.get(first) {
        let adjoins = headers.fields[at + 1..*next].iter().all(is_note);
        if !adjoins || !matches(authres) || (ids.contains(&authres.serv_id) && !repeats) {
            break;
        }
        at = *next;
        let (_, authres) = found.remove(first);
        ids.push(authres.serv_id);
        all.results.extend(authres.results);
    }
    Some(all)
}

/// Hosts of Microsoft's: its front doors pass a message on as `….outlook.office365.com`, and once did as `….protection.gbl`.
const MICROSOFT: [&str; 3] = ["outlook.com", "office365.com", "protection.gbl"];

/// Microsoft writes exactly one field, without an id, above `X-IncomingTopHeaderMarker` and below its own Received lines; a field that
/// came with the message is renamed.
fn take_microsoft(found: &mut Vec<(usize, Authres)>, headers: &Headers<'_>) -> Option<Authres> {
    let marker = headers
        .fields
        .iter()
        .position(|header| header.is("X-IncomingTopHeaderMarker"));
    let lines = received::of_headers(headers);
    let by_microsoft = |by: &str| MICROSOFT.iter().any(|suffix| received::has_suffix(by, suffix));
    let position = found.iter().position(|(at, authres)| {
        let above = headers.fields[..*at]
            .iter()
            .filter(|header| header.is("Received"))
            .count();
        let own = |line: &received::Received| line.by.as_deref().is_some_and(by_microsoft);
        let in_place = match marker {
            Some(marker) => *at < marker,
            None => lines.iter().take(above).all(own),
        };
        authres.serv_id.is_none() && above > 0 && in_place
    })?;
    Some(found.remove(position).1)
}

fn glob_matches(pattern: &str, text: &str) -> bool {
    let built = GlobBuilder::new(pattern).case_insensitive(true).build();
    built.is_ok_and(|glob| glob.compile_matcher().is_match(text))
}

/// Reads one field. Total: what is no result is passed over.
fn parse(header: &Header<'_>) -> Authres {
    let mut segments = segments(&header.decoded()).into_iter();
    let mut authres = Authres::default();
    let first = segments.next().unwrap_or_default();
    match first.iter().find_map(Token::word) {
        Some(word) if !word.contains('=') => authres.serv_id = Some(word.to_ascii_lowercase()),
        _ => authres.results.extend(result(first)),
    }
    authres.results.extend(segments.filter_map(result));
    authres
}

fn result(tokens: Vec<Token>) -> Option<MethodResult> {
    let mut found = MethodResult::default();
    let mut reasons = Vec::new();
    for token in join_equals(tokens) {
        match token {
            Token::Comment(comment) => reasons.push(comment),
            Token::Word(word) => match word.split_once('=') {
                Some((method, result)) if found.method.is_empty() => {
                    let name = method.split('/').next().unwrap_or_default();
                    found.method = name.to_ascii_lowercase();
                    found.result = result.to_ascii_lowercase();
                }
                Some((key, value)) if key.eq_ignore_ascii_case("reason") => reasons.push(value.to_owned()),
                Some((key, value)) => found.properties.push((key.to_ascii_lowercase(), value.to_owned())),
                None => {}
            },
        }
    }
    found.reason = reasons.join(" ");
    (!found.method.is_empty()).then_some(found)
}

/// White space is allowed around `=` (RFC 8601 §2.2): joins what belongs together.
fn join_equals(tokens: Vec<Token>) -> Vec<Token> {
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        match (joined.last_mut(), token) {
            (Some(Token::Word(before)), Token::Word(word)) if word.starts_with('=') && !before.contains('=') => {
                before.push_str(&word);
            }
            (Some(Token::Word(before)), Token::Word(word))
                if before.ends_with('=') && before.matches('=').count() == 1 && !word.contains('=') =>
            {
                before.push_str(&word);
            }
            (_, token) => joined.push(token),
        }
    }
    joined
}
