//! The DMARC record that applies to the From domain, by both readings, over recorded DNS.

use crate::mail::dmarc::{self, Unknown};
use crate::model::{DmarcFact, DmarcResult, DnsRecords};

/// Finds the record; names in `wanted` were not asked for yet.
pub fn find(from_domain: &str, dns: &DnsRecords, wanted: &mut Vec<String>) -> DmarcFact {
    let by_list = dmarc::by_suffix_list(dns, from_domain);
    let walk = match dmarc::walk(dns, from_domain) {
        Ok(walk) => walk,
        Err(unknown) => return failed(unknown, wanted),
    };
    let by_list = match by_list {
        Ok(record) => record,
        Err(unknown) => return failed(unknown, wanted),
    };
    let mut fact = DmarcFact {
        record_domain_psl: by_list.map(|record| record.domain),
        org_domain_walk: Some(walk.organisation.clone()),
        ..DmarcFact::default()
    };
    match walk.applies(from_domain) {
        Some(record) => {
            fact.result = DmarcResult::Pass;
            fact.record_domain = Some(record.domain.clone());
            fact.record = Some(record.text.clone());
            fact.policy = Some(record.policy_for(from_domain).to_owned());
            fact.strict_dkim = record.strict_dkim;
            fact.strict_spf = record.strict_spf;
            fact.detail = format!("_dmarc.{}: {}", record.domain, record.text);
            if let Some(tag) = &record.mistyped {
                fact.detail += &format!(" ({tag} is no policy, so receivers act as if it said p=none)");
            }
            if let Some(policy) = record.missing_policy.as_ref().filter(|_| record.domain != from_domain) {
                fact.detail += &format!(" (np={policy} applies instead where {from_domain} does not exist in DNS)");
            }
            if record.testing {
                fact.detail += " (t=y: receivers are asked to apply less)";
            }
        }
        None if !walk.unusable.is_empty() => {
            fact.result = DmarcResult::PermError;
            fact.detail = walk.unusable.join("; ");
        }
        None => {
            fact.result = DmarcResult::None;
            fact.detail = format!("no DMARC record at _dmarc.{from_domain} or above");
        }
    }
    fact
}

fn failed(unknown: Unknown, wanted: &mut Vec<String>) -> DmarcFact {
    let detail = match unknown {
        Unknown::NotAsked(names) => {
            let detail = format!("not asked for: {}", names.join(", "));
            wanted.extend(names);
            detail
        }
        Unknown::Failed(why) => why,
    };
    DmarcFact {
        result: DmarcResult::TempError,
        detail,
        ..DmarcFact::default()
    }
}
