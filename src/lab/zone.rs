//! What the lab's DNS says, as data: built from the plan, without a network.

use crate::lab::addresses::Addresses;
use crate::lab::keys::Keyring;
use crate::lab::names::{domain_of, organisation};
use crate::lab::plan::{Brand, RoutePlan, Vendor};
use crate::model::SeedMailbox;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};

/// The domain `from-changed=domain` moves the From to: it exists, has a strict policy, and nobody signs for it.
pub const ELSEWHERE: &str = "brand-mailings.example";

/// Name of the MX of a seed whose provider states no host of its own.
pub const GENERIC_MX: &str = "mx.seeds.example";

/// One record. Names are lower-case, without the final dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ZoneRecord {
    /// Owner.
    pub name: String,
    /// Data.
    pub data: Data,
}

/// Record data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Data {
    /// A or AAAA.
    Address(IpAddr),
    /// TXT, of any length.
    Txt(String),
    /// MX.
    Mx(u16, String),
    /// PTR.
    Ptr(String),
}

/// Every record of the lab's internet, sorted, each once.
pub fn records(
    plans: &[RoutePlan],
    mailboxes: &[SeedMailbox],
    addresses: &Addresses,
    keys: &Keyring,
) -> Vec<ZoneRecord> {
    let mut zone = BTreeSet::new();
    let mut add = |name: &str, data: Data| {
        zone.insert(ZoneRecord {
            name: name.trim_end_matches('.').to_ascii_lowercase(),
            data,
        });
    };
    for (host, address) in addresses.iter().filter(|(host, _)| host.parse::<IpAddr>().is_err()) {
        add(host, Data::Address(address));
    }
    for plan in plans {
        sending(plan, keys, &mut add);
    }
    for (name, record) in spf_records(plans) {
        add(&name, Data::Txt(record));
    }
    policy(ELSEWHERE, &mut add);
    for mailbox in mailboxes {
        let mx = mailbox
            .profile
            .received_by
            .first()
            .map_or(GENERIC_MX.to_owned(), |host| format!("mx.{host}"));
        if let Some(domain) = domain_of(&mailbox.address) {
            add(&domain, Data::Mx(10, mx.clone()));
            add(&mx, Data::Address(Ipv4Addr::new(203, 0, 113, 250).into()));
        }
    }
    zone.into_iter().collect()
}

/// A sending service's names and the brand's, for one route.
fn sending(plan: &RoutePlan, keys: &Keyring, add: &mut impl FnMut(&str, Data)) {
    for (name, address) in [(&plan.mta, plan.client), (&stray_mta(plan), plan.stray_client)] {
        add(name, Data::Address(address.into()));
        let [a, b, c, d] = address.octets();
        add(&format!("{d}.{c}.{b}.{a}.in-addr.arpa"), Data::Ptr(name.clone()));
    }
    add(&plan.return_path, Data::Mx(10, plan.mta.clone()));
    for domain in BTreeSet::from([plan.esp_domain.clone(), plan.signs_as(true)]) {
        add(&key_name(&plan.esp_selector, &domain), Data::Txt(keys.esp.record()));
        policy_of(&domain, "none", add);
    }
    brands(plan, keys, add);
}

/// Keys and policies of the domains a route signs for.
pub fn brand_records(plan: &RoutePlan, keys: &Keyring) -> Vec<ZoneRecord> {
    let mut zone = Vec::new();
    brands(plan, keys, &mut |name, data| {
        zone.push(ZoneRecord {
            name: name.to_ascii_lowercase(),
            data,
        });
    });
    zone
}

fn brands(plan: &RoutePlan, keys: &Keyring, add: &mut impl FnMut(&str, Data)) {
    for brand in &plan.brands {
        brand_keys(plan, brand, keys, add);
        policy(&brand.domain, add);
    }
    if let Some(from) = &plan.from_domain {
        policy(from, add);
    }
}

fn brand_keys(plan: &RoutePlan, brand: &Brand, keys: &Keyring, add: &mut impl FnMut(&str, Data)) {
    add(
        &key_name(&brand.selector, &brand.domain),
        Data::Txt(keys.brand.record()),
    );
    add(
        &key_name(&brand.wrong_selector(), &brand.domain),
        Data::Txt(keys.brand.record()),
    );
    for (bits, key) in &keys.weak {
        add(
            &key_name(&brand.weak_selector(bits), &brand.domain),
            Data::Txt(key.record()),
        );
    }
    if plan.transport != Vendor::Postmark {
        add(
            &key_name(&brand.modern_selector(), &brand.domain),
            Data::Txt(keys.brand_modern.record()),
        );
    }
}

fn key_name(selector: &str, domain: &str) -> String {
    format!("{selector}._domainkey.{domain}")
}

/// Reverse and HELO name of the address that no SPF record lists.
pub fn stray_mta(plan: &RoutePlan) -> String {
    plan.mta.replacen("mta", "mta-new", 1)
}

fn policy(domain: &str, add: &mut impl FnMut(&str, Data)) {
    policy_of(domain, "quarantine", add);
}

fn policy_of(domain: &str, policy: &str, add: &mut impl FnMut(&str, Data)) {
    let owner = organisation(domain);
    let record = format!("v=DMARC1; p={policy}; rua=mailto:dmarc@{owner}");
    add(&format!("_dmarc.{owner}"), Data::Txt(record));
}

/// SPF: each service lists its addresses under a name of its own, return paths and From domains include it.
fn spf_records(plans: &[RoutePlan]) -> BTreeMap<String, String> {
    let mut terms: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for plan in plans {
        let service = plan.spf_name();
        terms
            .entry(service.clone())
            .or_default()
            .insert(format!("ip4:{}", plan.client));
        let mut includers = vec![plan.return_path.clone(), plan.esp_domain.clone()];
        includers.extend(plan.from_domain.clone());
        for name in includers.into_iter().filter(|name| *name != service) {
            terms.entry(name).or_default().insert(format!("include:{service}"));
        }
    }
    terms
        .into_iter()
        .map(|(name, terms)| {
            let terms: Vec<String> = terms.into_iter().collect();
            (name, format!("v=spf1 {} -all", terms.join(" ")))
        })
        .collect()
}

/// `many-spf-lookups`: the record of the route's return path includes so many services that the sending one is never reached.
pub fn crowd(plan: &RoutePlan, zone: &mut Vec<ZoneRecord>) {
    let is_spf = |data: &Data| matches!(data, Data::Txt(text) if text.starts_with("v=spf1"));
    zone.retain(|record| record.name != plan.return_path || !is_spf(&record.data));
    let mut includes = Vec::new();
    for number in 1..=CROWD {
        let name = format!("_spf{number}.services.example");
        includes.push(format!("include:{name}"));
        let record = format!("v=spf1 ip4:192.0.2.{number} -all");
        zone.push(ZoneRecord {
            name,
            data: Data::Txt(record),
        });
    }
    includes.push(format!("include:{}", plan.spf_name()));
    let text = format!("v=spf1 {} -all", includes.join(" "));
    zone.push(ZoneRecord {
        name: plan.return_path.clone(),
        data: Data::Txt(text),
    });
    zone.sort();
    zone.dedup();
}

/// Services in front of the one that sends: one more than may be looked up.
const CROWD: u8 = 11;

/// The TXT names that judging one route's mail asks for: what `dns-servfail=txt` scoped to it makes fail.
pub fn mail_names(plan: &RoutePlan) -> BTreeSet<String> {
    let mut names = BTreeSet::from([plan.return_path.clone(), plan.spf_name()]);
    let from = plan
        .from_domain
        .iter()
        .chain(plan.brands.iter().map(|brand| &brand.domain));
    for domain in from {
        names.insert(domain.clone());
        names.insert(format!("_dmarc.{domain}"));
        names.insert(format!("_dmarc.{}", organisation(domain)));
    }
    for brand in &plan.brands {
        for selector in [brand.selector.clone(), brand.modern_selector()] {
            names.insert(key_name(&selector, &brand.domain));
        }
    }
    names.insert(key_name(&plan.esp_selector, &plan.esp_domain));
    names
}
