//! SPF (RFC 7208) once more over recorded DNS, by an evaluator of our own that keeps what it does: every record it reads, every term it
//! tries, what that cost and which one decided. The verdict stays mail-auth's; a test holds the two equal.

use super::spf_asking::{Asking, Ends, within};
use super::spf_macros::{self, Values};
use super::spf_record;
use super::spf_terms::{self, Ask, Term};
use crate::model::{DnsRecords, RecordType, SpfRecordRead, SpfResult, SpfTerm, SpfTrace};
use std::net::IpAddr;

struct Evaluation<'a> {
    sender: &'a str,
    helo: &'a str,
    asking: Asking<'a>,
    decided: Option<String>,
}

/// Evaluates the record of a domain; what is not recorded goes to `wanted`.
pub fn explain(
    dns: &DnsRecords,
    (client, helo, sender): (IpAddr, &str, &str),
    domain: &str,
    wanted: &mut Vec<(String, RecordType)>,
) -> SpfTrace {
    let mut evaluation = Evaluation {
        sender,
        helo,
        asking: Asking::new(dns, client),
        decided: None,
    };
    let read = evaluation.check(domain);
    wanted.append(&mut evaluation.asking.wanted);
    SpfTrace {
        lookups: evaluation.asking.lookups,
        voids: evaluation.asking.voids,
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
        let texts = self.asking.answer(domain, RecordType::Txt)?;
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
        self.asking.count()?;
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
            Ask::Network(address, bits) => Ok(within(self.asking.client, *address, *bits, *bits)),
            Ask::A(name, four, six) => {
                self.asking.count()?;
                let name = self.asked(name.as_ref(), domain, line)?;
                Ok(self
                    .asking
                    .addresses(&name)?
                    .into_iter()
                    .any(|found| within(self.asking.client, found, *four, *six)))
            }
            Ask::Mx(name, four, six) => {
                self.asking.count()?;
                let name = self.asked(name.as_ref(), domain, line)?;
                self.asking.exchangers(&name, *four, *six)
            }
            Ask::Ptr(name) => {
                self.asking.count()?;
                let name = self.asked(name.as_ref(), domain, line)?;
                self.asking.reverse(&name)
            }
            Ask::Exists(name) => {
                self.asking.count()?;
                let name = self.asked(Some(name), domain, line)?;
                Ok(!self.asking.answer(&name, RecordType::A)?.is_empty())
            }
            Ask::Include(name) => {
                self.asking.count()?;
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
            client: self.asking.client,
            helo: self.helo,
        };
        match spec {
            None => Ok(domain.to_owned()),
            Some(spec) => spf_macros::expand(spec, &values)
                .ok_or_else(|| (SpfResult::PermError, format!("`{spec}` has a macro that is none"))),
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
