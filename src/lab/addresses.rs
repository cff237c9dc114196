//! Invented addresses for the hosts of the lab.

use crate::model::Why;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

/// Invented addresses for every host the lab serves: first 198.51.100.0/24, then 192.0.2.0/24 (RFC 5737).
#[derive(Debug, Clone, Default)]
pub struct Addresses(BTreeMap<String, IpAddr>);

impl Addresses {
    /// The address of a host: its own if the name is one already, 127.0.0.1 for `localhost`, otherwise the next free.
    ///
    /// # Errors
    /// `lab-too-many-hosts` beyond 500.
    pub fn give(&mut self, host: &str) -> Result<IpAddr, Why> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if let Some(known) = self.0.get(&host) {
            return Ok(*known);
        }
        let next = self.0.len();
        let address = match (host.parse::<IpAddr>(), host.as_str(), next) {
            (Ok(literal), ..) => literal,
            (_, "localhost", _) => Ipv4Addr::LOCALHOST.into(),
            (.., 0..=249) => Ipv4Addr::new(198, 51, 100, 1 + next as u8).into(),
            (.., 250..=499) => Ipv4Addr::new(192, 0, 2, 1 + (next - 250) as u8).into(),
            _ => return Err(Why::new("lab-too-many-hosts", "the lab can play 500 hosts at most")),
        };
        self.0.insert(host, address);
        Ok(address)
    }

    /// Every host with its address.
    pub fn iter(&self) -> impl Iterator<Item = (&str, IpAddr)> {
        self.0.iter().map(|(host, address)| (host.as_str(), *address))
    }
}
