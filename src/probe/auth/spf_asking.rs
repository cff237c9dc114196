//! What an evaluation of SPF asks of recorded DNS, and how much it may ask (RFC 7208 §4.6.4, §5).

use crate::mail::reverse_name;
use crate::model::{DnsAnswer, DnsRecords, RecordType, SpfResult};
use std::net::IpAddr;

/// Terms that may ask DNS (RFC 7208 §4.6.4).
const MAX_LOOKUPS: u32 = 10;
/// Lookups that may find nothing (§4.6.4).
const MAX_VOID: u32 = 2;
/// Mail exchangers of one `mx`, names of one `ptr` (§4.6.4).
const MAX_NAMES: usize = 10;

/// An error ends the evaluation: temporary or permanent, in words.
pub type Ends = (SpfResult, String);

/// The questions of one evaluation, counted.
pub struct Asking<'a> {
    dns: &'a DnsRecords,
    /// Whose permission is asked for.
    pub client: IpAddr,
    /// Terms that asked.
    pub lookups: u32,
    /// Lookups that found nothing.
    pub voids: u32,
    /// Names that nobody has looked up yet.
    pub wanted: Vec<(String, RecordType)>,
}

impl<'a> Asking<'a> {
    /// Nothing was asked yet.
    pub fn new(dns: &'a DnsRecords, client: IpAddr) -> Asking<'a> {
        Asking {
            dns,
            client: client.to_canonical(),
            lookups: 0,
            voids: 0,
            wanted: Vec::new(),
        }
    }

    /// Is the client one of the mail exchangers of a name, or in their networks (§5.4)?
    pub fn exchangers(&mut self, name: &str, four: u8, six: u8) -> Result<bool, Ends> {
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
    pub fn reverse(&mut self, wanted: &str) -> Result<bool, Ends> {
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

    /// The addresses of a name, of the client's family.
    pub fn addresses(&mut self, name: &str) -> Result<Vec<IpAddr>, Ends> {
        let kind = match self.client {
            IpAddr::V4(_) => RecordType::A,
            IpAddr::V6(_) => RecordType::Aaaa,
        };
        let records = self.answer(name, kind)?;
        Ok(records.iter().filter_map(|record| record.parse().ok()).collect())
    }

    /// One more term that asks.
    pub fn count(&mut self) -> Result<(), Ends> {
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
    pub fn answer(&mut self, name: &str, kind: RecordType) -> Result<Vec<String>, Ends> {
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

/// Do the first bits agree? Addresses of two families never do.
pub fn within(client: IpAddr, network: IpAddr, four: u8, six: u8) -> bool {
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
