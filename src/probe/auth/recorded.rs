//! Recorded DNS in the shape of mail-auth's caches. They always answer, and note what was asked for.

use super::spf_record::{self, EXISTS};
use crate::mail::reverse_name;
use crate::model::{DnsAnswer, DnsRecords, RecordType};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::spf::Spf;
use mail_auth::{DnsError, DnssecStatus, Error, MX, RecordSet, ResolverCache, Txt};
use std::borrow::Borrow;
use std::cell::RefCell;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

/// What an evaluation met on its way.
#[derive(Default)]
pub struct Notes {
    /// Not recorded yet.
    pub wanted: Vec<(String, RecordType)>,
    /// Address lookups that failed, in words.
    pub failed: Vec<String>,
    /// Address lookups that found nothing.
    pub void: u32,
}

/// The caches of one evaluation.
pub struct Recorded<'a> {
    dns: &'a DnsRecords,
    client: IpAddr,
    notes: RefCell<Notes>,
}

impl<'a> Recorded<'a> {
    /// Caches over the recorded answers, for one client.
    pub fn new(dns: &'a DnsRecords, client: IpAddr) -> Recorded<'a> {
        Recorded {
            dns,
            client,
            notes: RefCell::new(Notes::default()),
        }
    }

    /// What was noted.
    pub fn into_notes(self) -> Notes {
        self.notes.into_inner()
    }

    fn txt(&self, name: &str) -> Txt {
        let failed = |why: String| Txt::Error(Error::Dns(DnsError::Resolver(why)));
        match self.dns.get(name, RecordType::Txt) {
            None => {
                self.notes
                    .borrow_mut()
                    .wanted
                    .push((name.trim_end_matches('.').to_owned(), RecordType::Txt));
                failed("not recorded".to_owned())
            }
            Some(DnsAnswer::Failed(why)) => failed(why.clone()),
            Some(DnsAnswer::Timeout) => failed("no answer in time".to_owned()),
            Some(DnsAnswer::NoName) => not_found(ResponseCode::NXDomain),
            Some(DnsAnswer::NoData) => not_found(ResponseCode::NoError),
            Some(DnsAnswer::Records(texts)) => match spf_record::among(texts).as_slice() {
                [] => not_found(ResponseCode::NoError),
                [one] => match spf_record::judged_as(one) {
                    Ok(record) => Spf::parse(self.of_family(&record).as_bytes()).into(),
                    Err(_) => Txt::Error(Error::ParseError),
                },
                _ => Txt::Error(Error::ParseError),
            },
        }
    }

    /// mail-auth compares an IPv4 client as an IPv6 one with `ip6:`, which it never matches (RFC 7208 §5.6).
    fn of_family(&self, record: &str) -> String {
        let other = |term: &&str| {
            let term = term.trim_start_matches(['+', '-', '~', '?']);
            self.client.is_ipv4() && term.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("ip6:"))
        };
        let terms: Vec<&str> = record.split(' ').filter(|term| !other(term)).collect();
        terms.join(" ")
    }

    /// The records of an address lookup; failures and voids are noted.
    fn records(&self, name: &str, kind: RecordType) -> Vec<String> {
        let mut notes = self.notes.borrow_mut();
        let name = name.trim_end_matches('.');
        match self.dns.get(name, kind) {
            Some(DnsAnswer::Records(records)) => return records.clone(),
            Some(DnsAnswer::NoName | DnsAnswer::NoData) => notes.void += 1,
            // A failing PTR makes its term fail and nothing more (§5.5).
            Some(DnsAnswer::Failed(_) | DnsAnswer::Timeout) if kind == RecordType::Ptr => {}
            Some(DnsAnswer::Failed(why)) => notes.failed.push(format!("{kind} {name}: {why}")),
            Some(DnsAnswer::Timeout) => notes.failed.push(format!("{kind} {name}: no answer in time")),
            None => notes.wanted.push((name.to_owned(), kind)),
        }
        Vec::new()
    }
}

fn not_found(code: ResponseCode) -> Txt {
    Txt::Error(Error::Dns(DnsError::RecordNotFound(code)))
}

/// Reads a key back out of its hash: the trait shows a cache nothing else of it.
#[derive(Default)]
struct Spy(Vec<u8>);

impl Hasher for Spy {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }
    fn finish(&self) -> u64 {
        0
    }
}

fn name_of<Q: Hash + ?Sized>(key: &Q) -> String {
    let mut spy = Spy::default();
    key.hash(&mut spy);
    // A string's hash ends in 0xff, which is no UTF-8.
    let bytes = spy.0.strip_suffix(&[0xff]).unwrap_or(&spy.0);
    String::from_utf8_lossy(bytes).into_owned()
}

fn set<T>(records: Vec<T>) -> RecordSet<T> {
    RecordSet {
        rrset: records.into(),
        dnssec_status: DnssecStatus::Indeterminate,
    }
}

/// One of mail-auth's caches: only `get` means anything here.
macro_rules! cache {
    ($key:ty, $value:ty, |$self:ident, $name:ident| $answer:expr) => {
        impl ResolverCache<$key, $value> for Recorded<'_> {
            fn get<Q>(&self, key: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                let ($self, $name) = (self, name_of(key));
                Some($answer)
            }
            fn remove<Q>(&self, _: &Q) -> Option<$value>
            where
                $key: Borrow<Q>,
                Q: Hash + Eq + ?Sized,
            {
                None
            }
            fn insert(&self, _: $key, _: $value, _: Instant) {}
        }
    };
}

cache!(Box<str>, Txt, |this, name| this.txt(&name));
cache!(Box<str>, RecordSet<MX>, |this, name| set(exchanges(
    &this.records(&name, RecordType::Mx)
)));
cache!(Box<str>, RecordSet<Ipv4Addr>, |this, name| set(this.ipv4(&name)));
cache!(Box<str>, RecordSet<Ipv6Addr>, |this, name| set(this.ipv6(&name)));
cache!(IpAddr, RecordSet<Box<str>>, |this, _name| set(this.names_of_client()));

impl Recorded<'_> {
    fn ipv4(&self, name: &str) -> Vec<Ipv4Addr> {
        let name = name.trim_end_matches('.');
        let name = name.strip_suffix(EXISTS).unwrap_or(name);
        self.records(name, RecordType::A)
            .iter()
            .filter_map(|record| record.parse().ok())
            .collect()
    }

    /// `exists:` asks for A records whatever the client's family is (RFC 7208 §5.7).
    fn ipv6(&self, name: &str) -> Vec<Ipv6Addr> {
        match name.trim_end_matches('.').strip_suffix(EXISTS) {
            Some(name) => self.ipv4(name).iter().map(Ipv4Addr::to_ipv6_mapped).collect(),
            None => self
                .records(name, RecordType::Aaaa)
                .iter()
                .filter_map(|record| record.parse().ok())
                .collect(),
        }
    }

    fn names_of_client(&self) -> Vec<Box<str>> {
        let records = self.records(&reverse_name::question(self.client), RecordType::Ptr);
        let lower = |record: &String| record.to_ascii_lowercase().into_boxed_str();
        records.iter().map(lower).collect()
    }
}

fn exchanges(records: &[String]) -> Vec<MX> {
    let one = |record: &String| {
        let (preference, host) = record.split_once(' ')?;
        let exchanges = vec![host.trim().to_ascii_lowercase().into_boxed_str()].into_boxed_slice();
        Some(MX {
            exchanges,
            preference: preference.parse().ok()?,
        })
    };
    let mut found: Vec<MX> = records.iter().filter_map(one).collect();
    found.sort_by_key(|exchange| exchange.preference);
    found
}
