//! Mail addresses in From and Reply-To: every address of every field, groups included (RFC 5322 §3.4).

use super::headers::Header;
use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, HeaderValue};
use std::fmt;

/// Addresses read of one field.
const MAX_ADDRESSES: usize = 1000;

/// One mailbox.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// Display name, decoded.
    pub name: Option<String>,
    /// `local@domain` as written.
    pub address: String,
    /// Domain, lower-case; empty where there is none.
    pub domain: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => f.write_str(&self.address),
        }
    }
}

impl Address {
    /// Do both name the same mailbox? Local parts are compared as written, domains without case (RFC 5321 §2.4).
    pub fn same_mailbox(&self, other: &Address) -> bool {
        let local = |address: &Address| address.address.rsplit_once('@').map(|(local, _)| local.to_owned());
        self.domain == other.domain && local(self) == local(other)
    }
}

/// Every address of a field.
pub fn of_header(header: &Header<'_>) -> Vec<Address> {
    parse(&header.unfolded())
}

/// Every address of a list as it stands in a header field or a contract (`Name <address>`).
pub fn parse(list: &str) -> Vec<Address> {
    let line = format!(" {}\r\n", list.replace(['\r', '\n'], " "));
    match MessageStream::new(line.as_bytes()).parse_address() {
        HeaderValue::Address(found) => found.iter().take(MAX_ADDRESSES).filter_map(address).collect(),
        _ => Vec::new(),
    }
}

fn address(found: &Addr<'_>) -> Option<Address> {
    let name = found.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    let address = found.address.as_deref().map_or("", str::trim);
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    (name.is_some() || !address.is_empty()).then(|| Address {
        name: name.map(str::to_owned),
        address: address.to_owned(),
        domain: domain.trim_end_matches('.').to_lowercase(),
    })
}
