//! SPF (RFC 7208) once more over recorded DNS, by an evaluator of our own that keeps what it does: every record it reads, every term it
//! tries, what that cost and which one decided. The verdict stays mail-auth's; a test holds the two equal.

use super::spf_macros::{self, Values};
use super::spf_record;
use super::spf_terms::{self, Ask, Term};
use crate::mail::reverse_name;
use crate::model::{DnsAnswer, DnsRecords, RecordType, SpfRecordRead, SpfResult, SpfTerm, SpfTrace};
use std::net::IpAddr;

/// Terms that may ask DNS (RFC 7208 §4.6.4).
const MAX_LOOKUPS: u32 = 10;
/// Lookups that may find nothing (§4.6.4).
const MAX_VOID: u32 = 2;
/// Mail exchangers of one `mx`, names of one `ptr` (§4.6.4).
const MAX_NAMES: usize = 10;

/// An error ends the evaluation: temporary or permanent, in words.
type Ends = (SpfResult, String);

struct Evaluation<'a> {
    dns: &'a DnsRecords,
    sender: &'a str,
    helo: &'a str,
    client: IpAddr,
    lookups: u32,
    voids: u32,
    decided: Option<String>,
    wanted: Vec<(String, RecordType)>,
}

/// Evaluates the record of a domain; what is not recorded goes to `wanted`.
pub fn explain(
    dns: &DnsRecords,
    (client, helo, sender): (IpAddr, &str, &str),
    domain: &str,
    wanted: &mut Vec<(String, RecordType)>,
) -> SpfTrace {
    let mut evaluation = Evaluation {
        dns,
        sender,
        helo,
        client: client.to_canonical(),
        lookups: 0,
        voids: 0,
        decided: None,
        wanted: Vec::new(),
    };
    let read = evaluation.check(domain);
    wanted.append(&mut evaluation.wanted);
    SpfTrace {
        lookups: evaluation.lookups,
        voids: evaluation.voids,
        decided: evaluation.decided,
        read,
    }
}

impl Evaluation<'_> {
    /// check_host() of RFC 7208 §4.
    fn check(&mut self, domain: &str) -> SpfRecordRead {
        let mut read = SpfRecordRead {
            domain: domain.to_owned(),
            record: None,
            result: SpfResult::None,
            why: String::new(),
            terms: Vec::new(),
        };
        let ended = match self.record(domain) {
            Ok(Some(record)) => {
                read.record = Some(record.clone());
                match spf_terms::parse(&record) {
                    Ok(terms) => self.terms(&terms, domain, &mut read.terms),
                    Err(why) => Err((SpfResult::PermError, why)),
                }
            }
            Ok(None) => Ok(SpfResult::None),
            Err(ends) => Err(ends),
        };
        match ended {
            Ok(result) => read.result = result,
            Err((result, why)) => {
                read.result = result;
                self.decided.get_or_insert_with(|| format!("{why} ({domain})"));
                read.why = why;
            }
        }
        read
    }

    fn record(&mut self, domain: &str) -> Result<Option<String>, Ends> {
        let texts = self.answer(domain, RecordType::Txt)?;
        match spf_record::among(&texts).as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one).clone())),
            many => Err((
                SpfResult::PermError,
                format!("{} SPF records, one is allowed", many.len()),
            )),
        }
    }

    fn terms(&mut self, terms: &[Term], domain: &str, told: &mut Vec<SpfTerm>) -> Result<SpfResult, Ends> {
        for term in terms
            .iter()
            .filter(|term| !matches!(term.ask, Ask::Redirect(_) | Ask::Other))
        {
            let mut line = SpfTerm {
                term: term.text.clone(),
                ..SpfTerm::default()
            };
            let matched = self.matches(term, domain, &mut line);
            line.matched = *matched.as_ref().unwrap_or(&false);
            told.push(line);
            if matched? {
                self.decided.get_or_insert_with(|| format!("{} of {domain}", term.text));
                return Ok(of(term.qualifier));
            }
            // What an include decided inside itself decides nothing here.
            self.decided = None;
        }
        self.redirect(terms, domain, told)
    }

    fn redirect(&mut self, terms: &[Term], domain: &str, told: &mut Vec<SpfTerm>) -> Result<SpfResult, Ends> {
        let target = terms.iter().find_map(|term| match &term.ask {
            Ask::Redirect(target) => Some((term, target)),
            _ => None,
        });
        let Some((term, target)) = target else {
            return Ok(SpfResult::Neutral);
        };
        self.count()?;
        let target = self.name(Some(target), domain)?;
        let read = self.check(&target);
        let (result, why) = (read.result, read.why.clone());
        told.push(SpfTerm {
            term: term.text.clone(),
            asked: (*term.text != format!("redirect={target}")).then(|| target.clone()),
            matched: true,
            read: Some(Box::new(read)),
        });
        match result {
            SpfResult::None => Err((SpfResult::PermError, format!("{target} has no SPF record"))),
            SpfResult::PermError | SpfResult::TempError => Err((result, why)),
            result => Ok(result),
        }
    }

    fn matches(&mut self, term: &Term, domain: &str, line: &mut SpfTerm) -> Result<bool, Ends> {
        match &term.ask {
            Ask::All => Ok(true),
            Ask::Network(address, bits) => Ok(within(self.client, *address, *bits, *bits)),
            Ask::A(name, four, six) => {
                self.count()?;
                let name = self.asked(name.as_ref(), domain, line)?;
                Ok(self
                    .addresses(&name)?
                    .into_iter()
                    .any(|found| within(self.client, found, *four, *six)))
            }
            Ask::Mx(name, four, six) => {
                self.count()?;
                let name = self.asked(name.as_ref(), domain, line)?;
                self.exchangers(&name, *four, *six)
            }
            Ask::Ptr(name) => {
                self.count()?;
                let name = self.asked(name.as_ref(), domain, line)?;
                self.reverse(&name)
            }
            Ask::Exists(name) => {
                self.count()?;
                let name = self.asked(Some(name), domain, line)?;
                Ok(!self.answer(&name, RecordType::A)?.is_empty())
            }
            Ask::Include(name) => {
                self.count()?;
                let name = self.asked(Some(name), domain, line)?;
                self.include(&name, line)
            }
            Ask::Redirect(_) | Ask::Other => Ok(false),
        }
    }

    fn include(&mut self, name: &str, line: &mut SpfTerm) -> Result<bool, Ends> {
        let read = self.check(name);
        let (result, why) = (read.result, read.why.clone());
        line.read = Some(Box::new(read));
        match result {
            SpfResult::Pass => Ok(true),
            SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral => Ok(false),
            SpfResult::None => Err((SpfResult::PermError, format!("{name} has no SPF record"))),
            error => Err((error, why)),
        }
    }

    fn exchangers(&mut self, name: &str, four: u8, six: u8) -> Result<bool, Ends> {
        let mut hosts: Vec<(u16, String)> = self
            .answer(name, RecordType::Mx)?
            .iter()
            .filter_map(|record| record.split_once(' '))
            .filter_map(|(preference, host)| Some((preference.parse().ok()?, host.trim().to_ascii_lowercase())))
            .collect();
        hosts.sort();
        if hosts.len() > MAX_NAMES {
            let why = format!("{name} has {} mail exchangers, {MAX_NAMES} are allowed", hosts.len());
            return Err((SpfResult::PermError, why));
        }
        for (_, host) in hosts {
            let found = self.addresses(&host)?;
            if found.into_iter().any(|address| within(self.client, address, four, six)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A name of the client that leads back to it and is, or is below, the wanted one (§5.5).
    fn reverse(&mut self, wanted: &str) -> Result<bool, Ends> {
        let wanted = wanted.to_ascii_lowercase();
        let question = reverse_name::question(self.client);
        // A failing PTR makes its term fail and nothing more; one that was not asked for is asked for.
        if self
            .dns
            .get(&question, RecordType::Ptr)
            .is_some_and(|answer| answer.known().is_none())
        {
            return Ok(false);
        }
        let names = self.answer(&question, RecordType::Ptr)?;
        for name in names.iter().take(MAX_NAMES) {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let below = name
                .strip_suffix(&wanted)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            if self.addresses(&name)?.contains(&self.client) && below {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn addresses(&mut self, name: &str) -> Result<Vec<IpAddr>, Ends> {
        let kind = match self.client {
            IpAddr::V4(_) => RecordType::A,
            IpAddr::V6(_) => RecordType::Aaaa,
        };
        let records = self.answer(name, kind)?;
        Ok(records.iter().filter_map(|record| record.parse().ok()).collect())
    }

    /// The name that a term asks for, noted where the record alone does not say it.
    fn asked(&self, spec: Option<&String>, domain: &str, line: &mut SpfTerm) -> Result<String, Ends> {
        let name = self.name(spec, domain)?;
        line.asked = spec.is_some_and(|spec| spec.contains('%')).then(|| name.clone());
        Ok(name)
    }

    fn name(&self, spec: Option<&String>, domain: &str) -> Result<String, Ends> {
        let values = Values {
            sender: self.sender,
            domain,
            client: self.client,
            helo: self.helo,
        };
        match spec {
            None => Ok(domain.to_owned()),
            Some(spec) => spf_macros::expand(spec, &values)
                .ok_or_else(|| (SpfResult::PermError, format!("`{spec}` has a macro that is none"))),
        }
    }

    fn count(&mut self) -> Result<(), Ends> {
        self.lookups += 1;
        match self.lookups > MAX_LOOKUPS {
            true => Err((
                SpfResult::PermError,
                format!("more than {MAX_LOOKUPS} terms that ask DNS"),
            )),
            false => Ok(()),
        }
    }

    /// Records, or none; voids are counted, save those of TXT, which are errors of their own.
    fn answer(&mut self, name: &str, kind: RecordType) -> Result<Vec<String>, Ends> {
        let failed = |why: &str| Err((SpfResult::TempError, format!("DNS failed: {kind} {name}: {why}")));
        match self.dns.get(name, kind) {
            Some(DnsAnswer::Records(records)) => return Ok(records.clone()),
            Some(DnsAnswer::Failed(why)) => return failed(why),
            Some(DnsAnswer::Timeout) => return failed("no answer in time"),
            Some(DnsAnswer::NoName | DnsAnswer::NoData) if kind != RecordType::Txt => self.voids += 1,
            Some(_) => {}
            None => {
                self.wanted.push((name.trim_end_matches('.').to_owned(), kind));
                return failed("not asked for");
            }
        }
        match self.voids > MAX_VOID {
            true => Err((
                SpfResult::PermError,
                format!("{} lookups found nothing, {MAX_VOID} are allowed", self.voids),
            )),
            false => Ok(Vec::new()),
        }
    }
}

fn of(qualifier: char) -> SpfResult {
    match qualifier {
        '-' => SpfResult::Fail,
        '~' => SpfResult::SoftFail,
        '?' => SpfResult::Neutral,
        _ => SpfResult::Pass,
    }
}

/// Do the first bits agree? Addresses of two families never do.
fn within(client: IpAddr, network: IpAddr, four: u8, six: u8) -> bool {
    match (client, network) {
        (IpAddr::V4(client), IpAddr::V4(network)) => {
            let drop = 32 - u32::from(four.min(32));
            drop == 32 || client.to_bits() >> drop == network.to_bits() >> drop
        }
        (IpAddr::V6(client), IpAddr::V6(network)) => {
            let drop = 128 - u32::from(six.min(128));
            drop == 128 || client.to_bits() >> drop == network.to_bits() >> drop
        }
        _ => false,
    }
}
