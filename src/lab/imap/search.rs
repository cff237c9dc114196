//! Which messages a SEARCH finds, with the gaps that the providers' search indexes have.

use super::fetch::{fields, split};
use super::mailbox::Row;
use super::search_key::Key;
use crate::model::profile::Dialect;

/// One message and what it is measured against.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// The message.
    pub row: &'a Row,
    /// Its message number.
    pub number: u32,
    /// Largest message number.
    pub last_number: u32,
    /// Largest UID.
    pub last_uid: u32,
    /// The provider's kind.
    pub dialect: Dialect,
}

/// Does a message fulfil a key?
pub fn matches(key: &Key, candidate: Candidate<'_>) -> bool {
    let message = &candidate.row.message;
    let day = message.internal_date.date();
    match key {
        Key::All => true,
        Key::Uid(set) => set.holds(candidate.row.uid, candidate.last_uid),
        Key::Sequence(set) => set.holds(candidate.number, candidate.last_number),
        Key::Flag(flag, set) => message.flags.contains(*flag) == *set,
        Key::Keyword(flag, set) => message.flags.contains(flag) == *set,
        Key::Header(name, text) => is_indexed(name, candidate.dialect) && header_holds(&message.raw, name, text),
        Key::Body(text) => holds(split(&message.raw).1, text),
        Key::Text(text) => holds(&message.raw, text),
        Key::Before(date) => day < *date,
        Key::On(date) => day == *date,
        Key::Since(date) => day >= *date,
        Key::Larger(size) => message.raw.len() > *size as usize,
        Key::Smaller(size) => message.raw.len() < *size as usize,
        Key::GmailRaw(query) => gmail_terms(query).iter().all(|term| gmail_matches(term, candidate)),
        Key::GmailId(id) => message.gmail_id == *id,
        Key::Not(key) => !matches(key, candidate),
        Key::Or(keys) => matches(&keys.0, candidate) || matches(&keys.1, candidate),
        Key::And(keys) => keys.iter().all(|key| matches(key, candidate)),
    }
}

/// Yahoo and Exchange find nothing by header fields outside their index, without saying so.
fn is_indexed(name: &str, dialect: Dialect) -> bool {
    let indexed = ["From", "To", "Cc", "Bcc", "Subject"];
    matches!(dialect, Dialect::Gmail | Dialect::Generic) || indexed.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn header_holds(raw: &[u8], name: &str, text: &str) -> bool {
    let named = |(found, _): &(&[u8], &[u8])| found.eq_ignore_ascii_case(name.as_bytes());
    fields(split(raw).0).filter(named).any(|(name, field)| {
        let value: Vec<u8> = field
            .iter()
            .skip(name.len() + 1)
            .copied()
            .filter(|byte| !b"\r\n".contains(byte))
            .collect();
        holds(&value, text)
    })
}

/// Case-insensitive for ASCII, as RFC 3501 §6.4.4 asks for.
fn holds(bytes: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    text.is_empty() || bytes.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text))
}

/// The terms of Gmail's search language: words and `operator:value`, values perhaps in quotes.
fn gmail_terms(query: &str) -> Vec<String> {
    let mut terms = vec![String::new()];
    let mut in_quotes = false;
    for letter in query.chars() {
        match letter {
            '"' => in_quotes = !in_quotes,
            ' ' if !in_quotes => terms.push(String::new()),
            _ => {
                if let Some(term) = terms.last_mut() {
                    term.push(letter);
                }
            }
        }
    }
    terms.retain(|term| !term.is_empty());
    terms
}

fn gmail_matches(term: &str, candidate: Candidate<'_>) -> bool {
    let message = &candidate.row.message;
    match term.split_once(':') {
        Some(("category", tab)) => message.tab.as_deref() == Some(tab),
        Some(("rfc822msgid", id)) => header_holds(&message.raw, "Message-ID", id),
        Some(("subject", text)) => header_holds(&message.raw, "Subject", text),
        Some(("from", text)) => header_holds(&message.raw, "From", text),
        Some(("to", text)) => header_holds(&message.raw, "To", text),
        Some(_) => false,
        None => holds(&message.raw, term),
    }
}
