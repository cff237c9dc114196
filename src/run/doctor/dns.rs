//! What a route's contract needs in DNS: SPF, DKIM keys, DMARC, return path. Pure, over recorded answers: names in `wanted` have to
//! be looked up first, and then the same is asked again.

use super::beside;
use super::envelope;
use super::line::{Line, Lines, line, unseen};
use super::wanted::{Wanted, aligned};
use crate::mail::dmarc::{self, Standard, Unknown};
use crate::model::{Contract, DnsAnswer, DnsRecords, Level, RecordType, Route};
use crate::probe::auth::key::{self, NoKey};

/// RSA bits that new keys should have (RFC 8301 §3.2).
const GOOD_BITS: u32 = 2048;

/// Everything about one contract.
pub fn examine(route: &Route, dns: &DnsRecords, wanted: &mut Wanted) -> Lines {
    let contract = &route.contract;
    let from = from_domain(contract);
    let mut lines = Lines::new();
    let Some(from) = from else {
        let text = "the contract states no From address, so its DNS can not be looked at";
        lines.push(line(Level::Warn, "contract", text).fix("State `from` in the route's contract."));
        return lines;
    };
    let envelope = contract.return_path.clone().unwrap_or_else(|| from.clone());
    lines.push(envelope::spf(&envelope, &from, dns, wanted));
    lines.extend(
        contract
            .return_path
            .as_ref()
            .map(|domain| envelope::return_path(domain, dns, wanted)),
    );
    lines.extend(contract.dkim.iter().map(|domain| dkim(contract, domain, dns, wanted)));
    lines.extend(signatures_align(contract, &from, dns, wanted));
    lines.push(dmarc(&from, dns, wanted));
    lines.extend(beside::examine(&from, dns, wanted));
    lines
}

/// The From domain that a contract states.
pub fn from_domain(contract: &Contract) -> Option<String> {
    contract.from.as_deref().and_then(domain_of)
}

/// The domain of `Name <address>` or of an address alone, lower-case.
fn domain_of(from: &str) -> Option<String> {
    let address = from
        .rsplit_once('<')
        .map_or(from, |(_, rest)| rest.trim_end_matches('>'));
    let domain = address.trim().rsplit_once('@')?.1.trim().to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
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
    let reading = match dmarc::read(dns, from, Standard::TreeWalk) {
        Ok(reading) => reading,
        Err(Unknown::NotAsked(questions)) => {
            wanted.extend(questions);
            return unseen("dmarc", format!("{from}: not looked up"));
        }
        Err(Unknown::Failed(why)) => return unseen("dmarc", why),
    };
    if let Some(unusable) = reading.unusable.first() {
        return line(Level::Fail, "dmarc", unusable.clone())
            .fix("Leave one record that begins with v=DMARC1 and has p=.");
    }
    match (reading.record, reading.stated) {
        (Some(record), Some(stated)) => line(Level::Ok, "dmarc", format!("{from}: p={} at _dmarc.{}", stated.policy, record.domain)),
        _ => line(Level::Fail, "dmarc", format!("{from}: no DMARC record"))
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
