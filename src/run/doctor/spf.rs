//! An SPF record and everything it includes, counted as receivers count (RFC 7208 §4.6.4), over recorded DNS. Pure: what is not
//! recorded yet is asked for by name.

use crate::model::{DnsAnswer, DnsRecords, RecordType};

/// What an SPF record comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The record of the domain itself.
    pub record: String,
    /// Terms that cost a DNS lookup, in it and in all it includes.
    pub lookups: u32,
    /// Qualifier of the final `all`, `None` where there is none (and no redirect).
    pub all: Option<char>,
    /// What makes the whole record an error for receivers (RFC 7208 §2.6.7), in words.
    pub broken: Vec<String>,
    /// What DNS could not tell, in words.
    pub unknown: Vec<String>,
}

/// Why there is no survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSpf {
    /// These TXT records have to be looked up first.
    NotAsked(Vec<String>),
    /// DNS failed, in words.
    Failed(String),
    /// No record.
    Nothing,
    /// Several records: receivers use none.
    Several(usize),
}

/// Lookups after which counting stops: far above what a receiver does, so that a record which includes itself ends.
const ENOUGH: u32 = 40;

/// Reads the record of a domain and of all it includes.
pub fn survey(dns: &DnsRecords, domain: &str) -> Result<Survey, NoSpf> {
    let record = record_at(dns, domain)?;
    let mut survey = Survey {
        all: final_all(&record),
        lookups: 0,
        broken: vec![],
        unknown: vec![],
        record,
    };
    let mut missing = Vec::new();
    let mut open = terms(&survey.record.clone(), &mut survey);
    while let Some(included) = open.pop().filter(|_| survey.lookups <= ENOUGH) {
        match record_at(dns, &included) {
            Ok(record) => open.extend(terms(&record, &mut survey)),
            Err(NoSpf::NotAsked(names)) => missing.extend(names),
            Err(NoSpf::Failed(why)) => survey.unknown.push(why),
            Err(NoSpf::Nothing) => survey.broken.push(format!("{included} is included and has no SPF record")),
            Err(NoSpf::Several(count)) => survey.broken.push(format!("{included} is included and has {count} SPF records")),
        }
    }
    if missing.is_empty() { Ok(survey) } else { Err(NoSpf::NotAsked(missing)) }
}

/// Qualifier of `all`; `>` where a redirect decides instead.
fn final_all(record: &str) -> Option<char> {
    let terms = || record.split_ascii_whitespace().skip(1).map(str::to_ascii_lowercase);
    let all = terms().find(|term| term.trim_start_matches(QUALIFIERS) == "all");
    match all {
        Some(term) => Some(term.chars().next().filter(|first| QUALIFIERS.contains(first)).unwrap_or('+')),
        None => terms().any(|term| term.starts_with("redirect=")).then_some('>'),
    }
}

const QUALIFIERS: [char; 4] = ['+', '-', '~', '?'];

/// Counts the terms of one record; returns the domains that it includes or redirects to.
fn terms(record: &str, survey: &mut Survey) -> Vec<String> {
    let mut domains = Vec::new();
    // A redirect is ignored where there is an `all` (RFC 7208 §6.1).
    let redirects = final_all(record) == Some('>');
    for term in record.split_ascii_whitespace().skip(1) {
        let bare = term.trim_start_matches(QUALIFIERS).to_ascii_lowercase();
        let (name, target) = match bare.split_once([':', '=']) {
            Some((name, target)) => (name, Some(target.trim_end_matches('.'))),
            None => (bare.split('/').next().unwrap_or_default(), None),
        };
        match (name, target) {
            ("redirect", _) if !redirects => {}
            ("include" | "redirect", Some(target)) if target.contains('%') => {
                survey.lookups += 1;
                survey.unknown.push(format!("`{term}` depends on the message and was not followed"));
            }
            ("include" | "redirect", Some(target)) => {
                survey.lookups += 1;
                domains.push(target.to_owned());
            }
            ("a" | "mx" | "ptr", _) | ("exists", Some(_)) => survey.lookups += 1,
            ("all" | "ip4" | "ip6" | "exp", _) => {}
            _ if bare.contains('=') => {}
            _ => survey.broken.push(format!("`{term}` is no SPF term")),
        }
    }
    domains
}

fn record_at(dns: &DnsRecords, domain: &str) -> Result<String, NoSpf> {
    let texts = match dns.get(domain, RecordType::Txt) {
        None => return Err(NoSpf::NotAsked(vec![domain.to_owned()])),
        Some(DnsAnswer::Failed(why)) => return Err(NoSpf::Failed(format!("TXT {domain}: {why}"))),
        Some(DnsAnswer::Timeout) => return Err(NoSpf::Failed(format!("TXT {domain}: no answer in time"))),
        Some(answer) => answer.known().unwrap_or_default(),
    };
    let spf = |text: &&String| text.split(' ').next().is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"));
    let records: Vec<&String> = texts.iter().filter(spf).collect();
    match records[..] {
        [] => Err(NoSpf::Nothing),
        [record] => Ok(record.clone()),
        _ => Err(NoSpf::Several(records.len())),
    }
}
