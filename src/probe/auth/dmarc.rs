//! The DMARC record that applies to the From domain, by both readings, over recorded DNS.

use crate::mail::dmarc::{self, Reading, Standard, Unknown};
use crate::model::{DmarcFact, DmarcReading, DmarcResult, DnsRecords, RecordType};

/// Finds the record; questions in `wanted` were not asked yet.
pub fn find(from_domain: &str, dns: &DnsRecords, wanted: &mut Vec<(String, RecordType)>) -> DmarcFact {
    let walk = dmarc::read(dns, from_domain, Standard::TreeWalk);
    let record = walk.as_ref().ok().and_then(|reading| reading.record.as_ref());
    let text = record.map(|record| record.text.clone());
    let walk = told(walk, from_domain, "or above", wanted);
    let list = dmarc::read(dns, from_domain, Standard::SuffixList);
    let list = told(list, from_domain, "or at its organisational domain", wanted);
    DmarcFact {
        result: walk.result,
        record_domain_psl: list.record_domain.clone(),
        record: text.filter(|_| walk.record_domain.is_some()),
        record_domain: walk.record_domain,
        policy: walk.policy,
        strict_dkim: walk.strict_dkim,
        strict_spf: walk.strict_spf,
        org_domain_walk: walk.org_domain,
        detail: walk.detail,
        list: Some(list),
    }
}

fn told(
    reading: Result<Reading, Unknown>,
    from_domain: &str,
    looked: &str,
    wanted: &mut Vec<(String, RecordType)>,
) -> DmarcReading {
    match reading {
        Ok(reading) => found(reading, from_domain, looked),
        Err(unknown) => DmarcReading {
            result: DmarcResult::TempError,
            detail: failed(unknown, wanted),
            ..DmarcReading::default()
        },
    }
}

fn found(reading: Reading, from_domain: &str, looked: &str) -> DmarcReading {
    let mut fact = DmarcReading {
        org_domain: reading.organisation,
        ..DmarcReading::default()
    };
    match (reading.record, reading.stated) {
        (Some(record), Some(stated)) => {
            fact.result = DmarcResult::Pass;
            fact.detail = format!("_dmarc.{}: {}", record.domain, record.text);
            if stated.tag != "p" {
                fact.detail += &format!(" ({}= is for {from_domain})", stated.tag);
            }
            for note in stated.notes {
                fact.detail += &format!(" ({note})");
            }
            fact.policy = Some(stated.policy);
            fact.strict_dkim = record.strict_dkim;
            fact.strict_spf = record.strict_spf;
            fact.record_domain = Some(record.domain);
        }
        _ if !reading.unusable.is_empty() => {
            fact.result = DmarcResult::PermError;
            fact.detail = reading.unusable.join("; ");
        }
        _ => {
            fact.result = DmarcResult::None;
            fact.detail = format!("no DMARC record at _dmarc.{from_domain} {looked}");
        }
    }
    fact
}

fn failed(unknown: Unknown, wanted: &mut Vec<(String, RecordType)>) -> String {
    match unknown {
        Unknown::NotAsked(questions) => {
            let names: Vec<&str> = questions.iter().map(|(name, _)| name.as_str()).collect();
            let detail = format!("not asked for: {}", names.join(", "));
            wanted.extend(questions);
            detail
        }
        Unknown::Failed(why) => why,
    }
}
