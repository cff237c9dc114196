//! What the envelope domain needs in DNS: an SPF record that can be evaluated, and a way back for bounces.

use super::line::{Line, line, unseen};
use super::spf::{NoSpf, Survey, survey};
use super::wanted::{Wanted, aligned};
use crate::model::{DnsAnswer, DnsRecords, Level, RecordType};

/// Lookups an SPF evaluation may cost (RFC 7208 §4.6.4).
const SPF_LIMIT: u32 = 10;

/// The SPF record: found, affordable, closed, and aligned with the From address or not.
pub fn spf(envelope: &str, from: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Line {
    let found = match survey(dns, envelope) {
        Ok(found) => found,
        Err(NoSpf::NotAsked(names)) => {
            wanted.extend(names.into_iter().map(|name| (name, RecordType::Txt)));
            return unseen("spf", format!("{envelope}: not looked up"));
        }
        Err(NoSpf::Failed(why)) => return unseen("spf", why),
        Err(NoSpf::Nothing) => {
            return line(Level::Fail, "spf", format!("{envelope} has no SPF record"))
                .fix(format!("Publish TXT {envelope} \"v=spf1 include:<your sending service> ~all\", or let the service do it where the domain is its own."));
        }
        Err(NoSpf::Several(count)) => {
            return line(
                Level::Fail,
                "spf",
                format!("{envelope} has {count} SPF records: receivers use none of them"),
            )
            .fix("Join them in one record (RFC 7208 §3.2).");
        }
    };
    let aligned = aligned(from, envelope, dns, wanted);
    counted(envelope, &found, aligned)
}

fn counted(envelope: &str, survey: &Survey, aligned: Option<bool>) -> Line {
    let lookups = format!("{} of {SPF_LIMIT} lookups", survey.lookups);
    if let Some(broken) = survey.broken.first() {
        return line(
            Level::Fail,
            "spf",
            format!("{envelope}: {broken}; receivers answer permerror"),
        )
        .fix("Repair or remove the term.");
    }
    if survey.lookups > SPF_LIMIT {
        return line(Level::Fail, "spf", format!("{envelope}: {lookups}; receivers answer permerror"))
            .fix("Remove includes of services that no longer send, or give each service its own return path (RFC 7208 §4.6.4).");
    }
    if let Some(unknown) = survey.unknown.first() {
        return line(
            Level::Warn,
            "spf",
            format!("{envelope}: {lookups} counted, but {unknown}"),
        );
    }
    let aligned = match aligned {
        Some(true) => "; aligns with the From address",
        Some(false) => "; does not align with the From address, so DMARC rests on DKIM alone",
        None => "",
    };
    match survey.all {
        Some('+') => line(
            Level::Warn,
            "spf",
            format!("{envelope}: ends in +all, so anyone may send for it"),
        )
        .fix("End it in ~all or -all."),
        None | Some('?') => line(
            Level::Warn,
            "spf",
            format!("{envelope}: {lookups}, but it says nothing of other senders{aligned}"),
        )
        .fix("End it in ~all or -all."),
        Some('>') => line(Level::Ok, "spf", format!("{envelope}: {lookups}, redirects{aligned}")),
        Some(qualifier) => line(
            Level::Ok,
            "spf",
            format!("{envelope}: {lookups}, ends in {qualifier}all{aligned}"),
        ),
    }
}

/// The return path: bounces come back to it.
pub fn return_path(domain: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Line {
    let answers = [RecordType::Mx, RecordType::A, RecordType::Aaaa].map(|kind| (kind, dns.get(domain, kind)));
    wanted.extend(
        answers
            .iter()
            .filter(|(_, answer)| answer.is_none())
            .map(|(kind, _)| (domain.to_owned(), *kind)),
    );
    let found = answers.iter().find_map(|(kind, answer)| match answer {
        Some(DnsAnswer::Records(records)) => records.first().map(|record| format!("{kind} {record}")),
        _ => None,
    });
    let failed = answers
        .iter()
        .any(|(_, answer)| answer.is_none_or(|answer| answer.known().is_none()));
    match found {
        Some(record) => line(Level::Ok, "return-path", format!("{domain}: {record}")),
        None if failed => unseen("return-path", format!("{domain}: DNS could not be asked")),
        None => line(
            Level::Fail,
            "return-path",
            format!("{domain} has neither MX nor address: bounces can not come back"),
        )
        .fix("Make the record that the sending service names (mostly a CNAME), or correct `return_path`."),
    }
}
