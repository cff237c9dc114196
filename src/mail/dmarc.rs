//! How a DMARC record is found over recorded DNS, in two ways, because receivers of both kinds are in the world: by RFC 9989's tree
//! walk, and by RFC 7489's procedure with the public suffix list. Each has its own record, organisation and policy.

pub use super::dmarc_record::{Record, Standard, Stated};
use super::suffix;
use crate::model::{DnsAnswer, DnsRecords, RecordType};

/// What stands at one `_dmarc` name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One record, whatever policy it says.
    Record(Record),
    /// Nothing.
    Nothing,
    /// Several records, of which no receiver uses any. In words.
    Several(String),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// These questions were not asked yet.
    NotAsked(Vec<(String, RecordType)>),
    /// DNS failed. In words.
    Failed(String),
}

/// The records met on the way up from a domain, and what they say of it (RFC 9989 §4.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Records, lowest first.
    pub records: Vec<Record>,
    /// Names with several records, in words: the walk passes over them.
    pub passed_over: Vec<String>,
    /// The organisational domain.
    pub organisation: String,
}

/// Labels after which the walk jumps (RFC 9989 §4.10: at most eight questions).
const LABELS: usize = 7;

/// The domains of the walk, lowest first: the domain itself and its parents.
pub fn way_up(domain: &str) -> Vec<&str> {
    let mut way = vec![domain];
    let mut rest = domain;
    while let Some((_, parent)) = rest.split_once('.') {
        rest = parent;
        if rest.split('.').count() <= LABELS {
            way.push(rest);
        }
    }
    way
}

/// The tree walk from a domain.
pub fn walk(dns: &DnsRecords, domain: &str) -> Result<Walk, Unknown> {
    let way = way_up(domain);
    let missing: Vec<(String, RecordType)> = way
        .iter()
        .filter(|step| !asked(dns, step))
        .map(|step| (name(step), RecordType::Txt))
        .collect();
    if !missing.is_empty() {
        return Err(Unknown::NotAsked(missing));
    }
    let mut records = Vec::new();
    let mut passed_over = Vec::new();
    for step in way {
        match at(dns, step)? {
            Found::Record(record) => {
                let last = record.psd.is_some();
                records.push(record);
                if last {
                    break;
                }
            }
            Found::Several(words) => passed_over.push(words),
            Found::Nothing => (),
        }
    }
    let organisation = organisation(domain, &records);
    Ok(Walk {
        records,
        passed_over,
        organisation,
    })
}

/// RFC 9989 §4.10.2.
fn organisation(domain: &str, records: &[Record]) -> String {
    if let Some(record) = records.iter().find(|record| record.psd == Some('n')) {
        return record.domain.clone();
    }
    if let Some(suffix) = records
        .iter()
        .find(|record| record.psd == Some('y') && record.domain != domain)
    {
        let below = domain
            .strip_suffix(suffix.domain.as_str())
            .map(|rest| rest.trim_end_matches('.'));
        if let Some(label) = below.and_then(|below| below.rsplit('.').next()) {
            return format!("{label}.{}", suffix.domain);
        }
    }
    records
        .last()
        .map_or(domain, |record| record.domain.as_str())
        .to_owned()
}

impl Walk {
    /// The record that applies to the domain the walk began at: its own, else the organisation's, else the public suffix's.
    pub fn applies(&self, domain: &str) -> Option<&Record> {
        let of = |wanted: &str| self.records.iter().find(|record| record.domain == wanted);
        of(domain)
            .or_else(|| of(&self.organisation))
            .or_else(|| self.records.iter().find(|record| record.psd == Some('y')))
    }
}

/// What one standard makes of a From domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The organisational domain; the public suffix list knows none for a suffix itself.
    pub organisation: Option<String>,
    /// The record that applies.
    pub record: Option<Record>,
    /// What it says of the domain; `None` where receivers apply no DMARC.
    pub stated: Option<Stated>,
    /// What is there and spoils it, in words.
    pub unusable: Vec<String>,
}

/// What a standard makes of mail from `domain`.
pub fn read(dns: &DnsRecords, domain: &str, standard: Standard) -> Result<Reading, Unknown> {
    let mut reading = match standard {
        Standard::TreeWalk => by_tree_walk(dns, domain),
        Standard::SuffixList => by_suffix_list(dns, domain),
    }?;
    let Some(record) = &reading.record else {
        return Ok(reading);
    };
    let exists = match record.asks_existence(standard, domain) {
        true => exists(dns, domain)?,
        false => None,
    };
    match record.policy_for(standard, domain, exists) {
        Ok(stated) => reading.stated = Some(stated),
        Err(words) => reading.unusable.push(words),
    }
    Ok(reading)
}

fn by_tree_walk(dns: &DnsRecords, domain: &str) -> Result<Reading, Unknown> {
    let walk = walk(dns, domain)?;
    Ok(Reading {
        record: walk.applies(domain).cloned(),
        organisation: Some(walk.organisation),
        stated: None,
        unusable: walk.passed_over,
    })
}

/// RFC 7489 §6.6.3: the domain's own record; where there is none at all, that of the organisational domain. Several end the search.
fn by_suffix_list(dns: &DnsRecords, domain: &str) -> Result<Reading, Unknown> {
    let organisation = suffix::organisation(domain);
    let found = match (at(dns, domain)?, &organisation) {
        (Found::Nothing, Some(parent)) if parent != domain => at(dns, parent)?,
        (own, _) => own,
    };
    let (record, unusable) = match found {
        Found::Record(record) => (Some(record), Vec::new()),
        Found::Several(words) => (None, vec![words]),
        Found::Nothing => (None, Vec::new()),
    };
    Ok(Reading {
        organisation,
        record,
        stated: None,
        unusable,
    })
}

/// A name that does not exist is one for which DNS says so (RFC 9989 §3.2, RFC 8020), whatever the type. `None` where DNS failed.
fn exists(dns: &DnsRecords, domain: &str) -> Result<Option<bool>, Unknown> {
    match dns.get(domain, RecordType::A) {
        None => Err(Unknown::NotAsked(vec![(domain.to_owned(), RecordType::A)])),
        Some(DnsAnswer::NoName) => Ok(Some(false)),
        Some(answer) => Ok(answer.known().map(|_| true)),
    }
}

fn name(domain: &str) -> String {
    format!("_dmarc.{domain}")
}

fn asked(dns: &DnsRecords, domain: &str) -> bool {
    dns.get(&name(domain), RecordType::Txt).is_some()
}

/// What stands at `_dmarc.<domain>`.
pub fn at(dns: &DnsRecords, domain: &str) -> Result<Found, Unknown> {
    let name = name(domain);
    let texts = match dns.get(&name, RecordType::Txt) {
        None => return Err(Unknown::NotAsked(vec![(name, RecordType::Txt)])),
        Some(DnsAnswer::Failed(why)) => return Err(Unknown::Failed(format!("TXT {name}: {why}"))),
        Some(DnsAnswer::Timeout) => return Err(Unknown::Failed(format!("TXT {name}: no answer in time"))),
        Some(answer) => answer.known().unwrap_or_default(),
    };
    let mut records: Vec<Record> = texts.iter().filter_map(|text| Record::parse(domain, text)).collect();
    Ok(match (records.pop(), records.len()) {
        (None, _) => Found::Nothing,
        (Some(record), 0) => Found::Record(record),
        (Some(_), others) => Found::Several(format!(
            "{} DMARC records at {name}: receivers use none of them",
            others + 1
        )),
    })
}
