//! DMARC records over recorded DNS: what a record says, and how one is found, by RFC 9989's tree walk. The procedure of RFC 7489
//! with the public suffix list is told beside it, because receivers of both kinds are in the world.

use crate::model::{DnsAnswer, DnsRecords, RecordType};

/// A DMARC policy record (RFC 9989 §4.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The domain it stands at, without `_dmarc.`.
    pub domain: String,
    /// Its text.
    pub text: String,
    /// `p=`.
    pub policy: String,
    /// `sp=`: the policy of subdomains.
    pub subdomain_policy: Option<String>,
    /// `np=`: the policy of subdomains that do not exist (RFC 9989 alone).
    pub missing_policy: Option<String>,
    /// `sp=` or `np=` with a word that is no policy, as written: the whole record then counts as p=none.
    pub mistyped: Option<String>,
    /// `adkim=s`.
    pub strict_dkim: bool,
    /// `aspf=s`.
    pub strict_spf: bool,
    /// `psd=`: `y` for a public suffix, `n` for an organisational domain.
    pub psd: Option<char>,
    /// `t=y`: receivers are asked to apply a weaker policy.
    pub testing: bool,
}

impl Record {
    /// The policy for mail from `domain`: `sp=` speaks for subdomains.
    pub fn policy_for(&self, domain: &str) -> &str {
        match &self.subdomain_policy {
            Some(policy) if domain != self.domain => policy,
            _ => &self.policy,
        }
    }
}

/// What stands at one `_dmarc` name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// One usable record.
    Record(Record),
    /// Nothing.
    Nothing,
    /// Records that no receiver uses: several, or without a policy. In words.
    Unusable(String),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unknown {
    /// These names were not asked for yet (type TXT).
    NotAsked(Vec<String>),
    /// DNS failed. In words.
    Failed(String),
}

/// The records met on the way up from a domain, and what they say of it (RFC 9989 §4.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Usable records, lowest first.
    pub records: Vec<Record>,
    /// What was there and can not be used, in words.
    pub unusable: Vec<String>,
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
    let missing: Vec<String> = way
        .iter()
        .filter(|step| !asked(dns, step))
        .map(|step| name(step))
        .collect();
    if !missing.is_empty() {
        return Err(Unknown::NotAsked(missing));
    }
    let mut records = Vec::new();
    let mut unusable = Vec::new();
    for step in way {
        match at(dns, step)? {
            Found::Record(record) => {
                let last = record.psd.is_some();
                records.push(record);
                if last {
                    break;
                }
            }
            Found::Unusable(words) => unusable.push(words),
            Found::Nothing => (),
        }
    }
    let organisation = organisation(domain, &records);
    Ok(Walk {
        records,
        unusable,
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

/// The record by RFC 7489 §6.6.3: the domain's own, else that of its organisational domain by the public suffix list.
pub fn by_suffix_list(dns: &DnsRecords, domain: &str) -> Result<Option<Record>, Unknown> {
    let own = at(dns, domain)?;
    let organisation = super::suffix::organisation(domain);
    match (own, organisation) {
        (Found::Record(record), _) => Ok(Some(record)),
        (_, Some(parent)) if parent != domain => match at(dns, &parent)? {
            Found::Record(record) => Ok(Some(record)),
            _ => Ok(None),
        },
        _ => Ok(None),
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
        None => return Err(Unknown::NotAsked(vec![name])),
        Some(DnsAnswer::Failed(why)) => return Err(Unknown::Failed(format!("TXT {name}: {why}"))),
        Some(DnsAnswer::Timeout) => return Err(Unknown::Failed(format!("TXT {name}: no answer in time"))),
        Some(answer) => answer.known().unwrap_or_default(),
    };
    let candidates: Vec<&String> = texts.iter().filter(|text| is_dmarc(text)).collect();
    Ok(match candidates[..] {
        [] => Found::Nothing,
        [text] => parse(domain, text).map_or_else(Found::Unusable, Found::Record),
        _ => Found::Unusable(format!(
            "{} DMARC records at {name}: receivers use none of them",
            candidates.len()
        )),
    })
}

/// `v=DMARC1` comes first, in capitals (RFC 9989 §4.7).
fn is_dmarc(text: &str) -> bool {
    let first = text.split(';').next().unwrap_or_default();
    let mut parts = first.splitn(2, '=').map(str::trim);
    parts.next() == Some("v") && parts.next() == Some("DMARC1")
}

fn parse(domain: &str, text: &str) -> Result<Record, String> {
    let tag = |wanted: &str| {
        let pairs = text.split(';').filter_map(|part| part.split_once('='));
        let mut values = pairs
            .filter(|(key, _)| key.trim().eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim());
        values.next().map(str::to_ascii_lowercase)
    };
    let known = |policy: &String| ["none", "quarantine", "reject"].contains(&policy.as_str());
    let mistyped = ["sp", "np"]
        .into_iter()
        .find_map(|name| Some(format!("{name}={}", tag(name).filter(|policy| !known(policy))?)));
    let policy = match tag("p").filter(known).filter(|_| mistyped.is_none()) {
        Some(policy) => policy,
        // A record that asks for reports and says no usable policy, or a mistyped one for subdomains, counts as p=none (RFC 9989 §4.7;
        // RFC 7489 §6.6.3 says the same and knows no np=).
        None if tag("rua").is_some_and(|uris| uris.contains("mailto:")) => "none".to_owned(),
        None => {
            let what = mistyped.map_or("says no policy".to_owned(), |tag| {
                format!("has {tag}, which is no policy")
            });
            return Err(format!("the record at _dmarc.{domain} {what}: {text}"));
        }
    };
    let stated = |name: &str| tag(name).filter(known).filter(|_| mistyped.is_none());
    Ok(Record {
        domain: domain.to_owned(),
        text: text.to_owned(),
        policy,
        subdomain_policy: stated("sp"),
        missing_policy: stated("np"),
        strict_dkim: tag("adkim").as_deref() == Some("s"),
        strict_spf: tag("aspf").as_deref() == Some("s"),
        psd: tag("psd")
            .and_then(|flag| flag.chars().next())
            .filter(|flag| ['y', 'n'].contains(flag)),
        testing: tag("t").as_deref() == Some("y"),
        mistyped,
    })
}
