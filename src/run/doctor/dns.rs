//! What a route's contract needs in DNS: SPF, DKIM keys, DMARC, return path. Pure, over recorded answers: names in `wanted` have to
//! be looked up first, and then the same is asked again.

use super::line::{Line, Lines, line, unseen};
use super::spf::{self, NoSpf, Survey};
use crate::mail::alignment::{Aligned, Mode, align};
use crate::mail::dmarc::{self, Unknown};
use crate::model::{Contract, DnsAnswer, DnsRecords, Level, RecordType, Route};
use crate::probe::auth::key::{self, NoKey};

/// Names that have to be looked up.
pub type Wanted = Vec<(String, RecordType)>;

/// Lookups an SPF evaluation may cost (RFC 7208 §4.6.4).
const SPF_LIMIT: u32 = 10;
/// RSA bits that new keys should have (RFC 8301 §3.2).
const GOOD_BITS: u32 = 2048;

/// Everything about one contract.
pub fn examine(route: &Route, dns: &DnsRecords, wanted: &mut Wanted) -> Lines {
    let contract = &route.contract;
    let from = contract.from.as_deref().and_then(domain_of);
    let mut lines = Lines::new();
    let Some(from) = from else {
        let text = "the contract states no From address, so its DNS can not be looked at";
        lines.push(line(Level::Warn, "contract", text).fix("State `from` in the route's contract."));
        return lines;
    };
    let envelope = contract.return_path.clone().unwrap_or_else(|| from.clone());
    lines.push(spf_line(&envelope, &from, dns, wanted));
    lines.extend(
        contract
            .return_path
            .as_ref()
            .map(|domain| return_path(domain, dns, wanted)),
    );
    lines.extend(contract.dkim.iter().map(|domain| dkim(contract, domain, dns, wanted)));
    lines.extend(signatures_align(contract, &from, dns, wanted));
    lines.push(dmarc(&from, dns, wanted));
    lines
}

/// The domain of `Name <address>` or of an address alone, lower-case.
fn domain_of(from: &str) -> Option<String> {
    let address = from
        .rsplit_once('<')
        .map_or(from, |(_, rest)| rest.trim_end_matches('>'));
    let domain = address.trim().rsplit_once('@')?.1.trim().to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
}

fn txt(names: Vec<String>) -> impl Iterator<Item = (String, RecordType)> {
    names.into_iter().map(|name| (name, RecordType::Txt))
}

fn spf_line(envelope: &str, from: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Line {
    let survey = match spf::survey(dns, envelope) {
        Ok(survey) => survey,
        Err(NoSpf::NotAsked(names)) => {
            wanted.extend(txt(names));
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
    counted(envelope, &survey, aligned)
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

/// Relaxed alignment; `None` where it is not known yet.
fn aligned(from: &str, domain: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Option<bool> {
    match align(dns, from, domain) {
        Ok(alignment) => match alignment.in_mode(Mode::Relaxed) {
            Aligned::Yes => Some(true),
            Aligned::No => Some(false),
            _ => None,
        },
        Err(names) => {
            wanted.extend(txt(names));
            None
        }
    }
}

fn return_path(domain: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Line {
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

fn dkim(contract: &Contract, domain: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Line {
    let Some(selector) = contract.selectors.get(domain) else {
        return line(Level::Warn, "dkim", format!("{domain}: no selector is stated, so its key can not be looked at"))
            .fix(format!("Add selectors = {{ \"{domain}\" = \"…\" }} to the contract; a delivered message names it as s= of its DKIM-Signature."));
    };
    let name = key::name(selector, domain);
    let ed25519 = dns
        .get(&name, RecordType::Txt)
        .and_then(DnsAnswer::known)
        .is_some_and(|texts| {
            texts.iter().any(|text| {
                text.split(';')
                    .any(|tag| tag.trim().replace(' ', "").eq_ignore_ascii_case("k=ed25519"))
            })
        });
    match key::find(
        dns,
        selector,
        domain,
        if ed25519 { "ed25519-sha256" } else { "rsa-sha256" },
    ) {
        Ok(found) if found.flags.iter().any(|flag| flag == "y") => {
            line(Level::Warn, "dkim", format!("{name}: in testing mode (t=y)"))
                .fix("Remove t=y when the key is in use.")
        }
        Ok(found) if !ed25519 && found.bits < GOOD_BITS => {
            line(Level::Warn, "dkim", format!("{name}: {} bits", found.bits))
                .fix(format!("Rotate to a key of {GOOD_BITS} bits (RFC 8301)."))
        }
        Ok(found) => line(Level::Ok, "dkim", format!("{name}: {} bits", found.bits)),
        Err(NoKey::NotAsked(name)) => {
            wanted.push((name.clone(), RecordType::Txt));
            unseen("dkim", format!("{name}: not looked up"))
        }
        Err(NoKey::Dns(_, why)) => unseen("dkim", why),
        Err(NoKey::Unusable(_, why, _)) => line(Level::Fail, "dkim", why)
            .fix("Publish the record that the sending service shows, or correct the selector."),
    }
}

/// A line where no signature of the contract can align with the From address.
fn signatures_align(contract: &Contract, from: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Option<Line> {
    let answers: Vec<Option<bool>> = contract
        .dkim
        .iter()
        .map(|domain| aligned(from, domain, dns, wanted))
        .collect();
    let none = !answers.is_empty() && answers.iter().all(|answer| *answer == Some(false));
    none.then(|| {
        line(
            Level::Fail,
            "dkim",
            format!("no domain of `dkim` aligns with the From domain {from}"),
        )
        .fix(format!("Sign with {from} or its organisational domain."))
    })
}

fn dmarc(from: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Line {
    let walk = match dmarc::walk(dns, from) {
        Ok(walk) => walk,
        Err(Unknown::NotAsked(names)) => {
            wanted.extend(txt(names));
            return unseen("dmarc", format!("{from}: not looked up"));
        }
        Err(Unknown::Failed(why)) => return unseen("dmarc", why),
    };
    if let Some(unusable) = walk.unusable.first() {
        return line(Level::Fail, "dmarc", unusable.clone())
            .fix("Leave one record that begins with v=DMARC1 and has p=.");
    }
    match walk.applies(from) {
        Some(record) => line(Level::Ok, "dmarc", format!("{from}: p={} at _dmarc.{}", record.policy_for(from), record.domain)),
        None => line(Level::Fail, "dmarc", format!("{from}: no DMARC record"))
            .fix(format!("Publish TXT _dmarc.{from} \"v=DMARC1; p=none; rua=mailto:…\": Gmail, Yahoo and Microsoft ask it of bulk senders.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::route::{RouteKind, Security, SmtpRoute};
    use std::collections::BTreeMap;

    fn route() -> Route {
        let smtp = SmtpRoute {
            host: "smtp.esp.example".into(),
            port: 587,
            security: Security::Starttls,
            username: None,
            password: None,
            headers: BTreeMap::new(),
            envelope_from: None,
            ca_file: None,
        };
        let contract = Contract {
            from: Some("Brand News <hello@news.brand.example>".into()),
            dkim: vec!["news.brand.example".into()],
            return_path: Some("bounces.mailer.example".into()),
            selectors: BTreeMap::from([("news.brand.example".into(), "krs".into())]),
            ..Contract::default()
        };
        Route {
            name: "campaigns".into(),
            kind: RouteKind::Smtp(smtp),
            concurrency: 1,
            rate_per_second: 0.0,
            logs: Vec::new(),
            contract,
        }
    }

    /// Answers questions until none is left.
    fn examined(zone: &[(&str, RecordType, &str)], otherwise: &DnsAnswer) -> Vec<(Level, String)> {
        let mut dns = DnsRecords::default();
        for (name, kind, text) in zone {
            dns.record(name, *kind, DnsAnswer::Records(vec![(*text).to_owned()]));
        }
        for _ in 0..20 {
            let mut wanted = Wanted::new();
            let lines = examine(&route(), &dns, &mut wanted);
            if wanted.is_empty() {
                let line = |line: Line| line.of("campaigns");
                return lines
                    .into_iter()
                    .map(line)
                    .map(|line| (line.level, format!("{} {}", line.area, line.text)))
                    .collect();
            }
            for (name, kind) in wanted {
                dns.record(&name, kind, otherwise.clone());
            }
        }
        panic!("asks without end");
    }

    const KEY: &str = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    #[test]
    fn a_good_contract_is_all_ok() {
        let zone = [
            (
                "bounces.mailer.example",
                RecordType::Txt,
                "v=spf1 ip4:192.0.2.0/24 -all",
            ),
            ("bounces.mailer.example", RecordType::Mx, "10 mx.mailer.example"),
            ("krs._domainkey.news.brand.example", RecordType::Txt, KEY),
            ("_dmarc.brand.example", RecordType::Txt, "v=DMARC1; p=reject"),
        ];
        let lines = examined(&zone, &DnsAnswer::NoName);
        assert!(lines.iter().all(|(level, _)| *level == Level::Ok), "{lines:?}");
        assert_eq!(
            lines[0].1,
            "spf bounces.mailer.example: 0 of 10 lookups, ends in -all; does not align with the From address, so DMARC rests on DKIM alone"
        );
    }

    #[test]
    fn nothing_published_fails_each_line_for_its_own_reason() {
        let lines = examined(&[], &DnsAnswer::NoName);
        let failed: Vec<&str> = lines
            .iter()
            .filter(|(level, _)| *level == Level::Fail)
            .map(|(_, text)| text.split(' ').next().unwrap())
            .collect();
        assert_eq!(failed, ["spf", "return-path", "dkim", "dmarc"]);
    }

    #[test]
    fn dns_that_fails_is_no_failure_of_the_contract() {
        for answer in [DnsAnswer::Timeout, DnsAnswer::Failed("SERVFAIL".into())] {
            let lines = examined(&[], &answer);
            assert!(lines.iter().all(|(level, _)| *level == Level::Warn), "{lines:?}");
        }
    }
}
