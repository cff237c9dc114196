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
            Err(NoSpf::Nothing) => survey
                .broken
                .push(format!("{included} is included and has no SPF record")),
            Err(NoSpf::Several(count)) => survey
                .broken
                .push(format!("{included} is included and has {count} SPF records")),
        }
    }
    if missing.is_empty() {
        Ok(survey)
    } else {
        Err(NoSpf::NotAsked(missing))
    }
}

/// Qualifier of `all`; `>` where a redirect decides instead.
fn final_all(record: &str) -> Option<char> {
    let terms = || record.split_ascii_whitespace().skip(1).map(str::to_ascii_lowercase);
    let all = terms().find(|term| term.trim_start_matches(QUALIFIERS) == "all");
    match all {
        Some(term) => Some(
            term.chars()
                .next()
                .filter(|first| QUALIFIERS.contains(first))
                .unwrap_or('+'),
        ),
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
                survey
                    .unknown
                    .push(format!("`{term}` depends on the message and was not followed"));
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
    let spf = |text: &&String| {
        text.split(' ')
            .next()
            .is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
    };
    let records: Vec<&String> = texts.iter().filter(spf).collect();
    match records[..] {
        [] => Err(NoSpf::Nothing),
        [record] => Ok(record.clone()),
        _ => Err(NoSpf::Several(records.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(records: &[(&str, &str)]) -> DnsRecords {
        let mut dns = DnsRecords::default();
        for (name, text) in records {
            dns.record(
                name,
                RecordType::Txt,
                DnsAnswer::Records(vec!["other".into(), (*text).to_owned()]),
            );
        }
        dns
    }

    #[test]
    fn lookups_of_all_that_is_included_are_counted() {
        let dns = zone(&[
            (
                "brand.example",
                "v=spf1 a mx:mx.brand.example/24 include:one.example ip4:192.0.2.0/24 exists:%{i}.x.example ~all",
            ),
            ("one.example", "v=spf1 include:two.example ptr -all"),
            ("two.example", "v=spf1 ip6:2001:db8::/32 exp=why.example -all"),
        ]);
        let survey = survey(&dns, "brand.example").unwrap();
        assert_eq!((survey.lookups, survey.all), (6, Some('~')));
        assert!(survey.broken.is_empty() && survey.unknown.is_empty());
    }

    #[test]
    fn what_is_not_known_is_asked_for_and_never_guessed() {
        let mut dns = zone(&[("brand.example", "v=spf1 include:one.example include:two.example -all")]);
        let missing = NoSpf::NotAsked(vec!["two.example".into(), "one.example".into()]);
        assert_eq!(survey(&dns, "brand.example"), Err(missing));
        dns.record("one.example", RecordType::Txt, DnsAnswer::Timeout);
        dns.record("two.example", RecordType::Txt, DnsAnswer::NoName);
        let survey = survey(&dns, "brand.example").unwrap();
        assert_eq!(survey.unknown, ["TXT one.example: no answer in time"]);
        assert_eq!(survey.broken, ["two.example is included and has no SPF record"]);
    }

    #[test]
    fn a_record_that_includes_itself_ends() {
        let dns = zone(&[("loop.example", "v=spf1 include:loop.example include:loop.example -all")]);
        assert!(survey(&dns, "loop.example").unwrap().lookups > 10);
    }

    #[test]
    fn a_redirect_counts_only_without_all() {
        let dns = zone(&[
            ("one.example", "v=spf1 redirect=two.example"),
            ("two.example", "v=spf1 redirect=nowhere.example ?all"),
        ]);
        let one = survey(&dns, "one.example").unwrap();
        assert_eq!((one.lookups, one.all), (1, Some('>')));
        let two = survey(&dns, "two.example").unwrap();
        assert_eq!((two.lookups, two.all), (0, Some('?')));
    }

    #[test]
    fn misspelt_terms_and_second_records_are_told() {
        let mut dns = zone(&[("brand.example", "v=spf1 inlcude:one.example -all")]);
        assert_eq!(
            survey(&dns, "brand.example").unwrap().broken,
            ["`inlcude:one.example` is no SPF term"]
        );
        let twice = DnsAnswer::Records(vec!["v=spf1 -all".into(), "v=spf1 a -all".into()]);
        dns.record("twice.example", RecordType::Txt, twice);
        assert_eq!(survey(&dns, "twice.example"), Err(NoSpf::Several(2)));
    }
}
