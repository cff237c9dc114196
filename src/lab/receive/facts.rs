//! What a provider's MX finds out about a message, and what it thinks of it.

use crate::lab::esp::signing::{Stamp, Verdict};
use crate::lab::names::{domain_of, organisation};
use std::net::Ipv4Addr;
use time::format_description::well_known::Rfc2822;
use time::{OffsetDateTime, UtcOffset};

/// The facts of one arrival.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The seed's address.
    pub recipient: String,
    /// The provider's receiving host, for providers of no particular style.
    pub host: String,
    /// Its authserv-id, likewise.
    pub authserv_id: String,
    /// MAIL FROM.
    pub mail_from: String,
    /// The connecting address.
    pub client: Ipv4Addr,
    /// What it called itself.
    pub helo: String,
    /// TLS?
    pub tls: bool,
    /// Is the address permitted by SPF?
    pub spf_pass: bool,
    /// Signatures, top to bottom.
    pub stamps: Vec<Stamp>,
    /// Domain of the From header.
    pub from_domain: String,
    /// Filed as junk?
    pub junk: bool,
    /// Written anew, where the provider does that?
    pub rewritten: bool,
    /// When, UTC.
    pub at: OffsetDateTime,
}

impl Facts {
    /// `pass` or `fail`.
    pub fn spf(&self) -> &'static str {
        if self.spf_pass { "pass" } else { "fail" }
    }

    /// Domain of the envelope sender.
    pub fn mail_from_domain(&self) -> String {
        domain_of(&self.mail_from).unwrap_or_default()
    }

    /// Does this domain align with the From domain, relaxed (RFC 7489 §3.1)?
    pub fn aligns(&self, domain: &str) -> bool {
        organisation(domain) == organisation(&self.from_domain)
    }

    /// Does DMARC pass: an aligned signature or an aligned SPF pass?
    pub fn dmarc_pass(&self) -> bool {
        let signed = |stamp: &Stamp| stamp.verdict == Verdict::Pass && self.aligns(&stamp.domain);
        (self.spf_pass && self.aligns(&self.mail_from_domain())) || self.stamps.iter().any(signed)
    }

    /// `pass` or `fail`.
    pub fn dmarc(&self) -> &'static str {
        if self.dmarc_pass() { "pass" } else { "fail" }
    }

    /// RFC 5322 date, UTC.
    pub fn date(&self) -> String {
        self.at.format(&Rfc2822).unwrap_or_default()
    }

    /// RFC 5322 date as Google writes it, in Pacific time.
    pub fn pacific_date(&self) -> String {
        let offset = UtcOffset::from_hms(-8, 0, 0).unwrap_or(UtcOffset::UTC);
        let date = self.at.to_offset(offset).format(&Rfc2822).unwrap_or_default();
        format!("{date} (PST)")
    }
}
