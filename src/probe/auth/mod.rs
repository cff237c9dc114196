//! Our own verification of DKIM, SPF and DMARC. [`verify`] is pure and synchronous over recorded DNS, the same for a run, a recheck and
//! a recorded DNS file. It says what it wants to know: [`gather`] asks the network for it, [`over`] a zone that was written down, and both
//! verify again until nothing is wanted.

mod body;
mod dkim;
mod dmarc;
mod fields;
pub mod key;
mod public_key;
mod recorded;
mod signature;
mod spf;
mod spf_asking;
mod spf_explain;
mod spf_macros;
mod spf_record;
mod spf_terms;
mod tags;

use crate::mail::{Reading, alignment, reverse_name};
use crate::model::{Authentication, DmarcFact, DnsRecords, RecordType, Zone};
use crate::net::Net;
use crate::probe::dns;
use std::borrow::Cow;
use std::net::IpAddr;
use time::OffsetDateTime;

/// Rounds of looking up what the round before wanted. SPF alone may chain eleven.
const MAX_ROUNDS: usize = 24;
/// Questions that one message may cause.
const MAX_QUESTIONS: usize = 256;

/// What verification needs besides DNS.
#[derive(Debug, Clone)]
pub struct AuthInput<'a> {
    /// The message's bytes.
    pub raw: &'a [u8],
    /// The address of the client that handed the message to the provider, and where that was read (`received`, `received-spf`).
    pub client: Option<(IpAddr, String)>,
    /// The client's HELO name.
    pub helo: Option<String>,
    /// The envelope sender (Return-Path), without brackets; empty for a bounce.
    pub mail_from: Option<String>,
    /// When the message arrived: expiry (`x=`) is judged at this moment.
    pub arrived_at: OffsetDateTime,
}

/// A verification over what is recorded so far.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The verdicts. As long as something is wanted, what hangs on it is a temporary error.
    pub authentication: Authentication,
    /// Questions that were met and are not recorded, each once.
    pub wanted: Vec<(String, RecordType)>,
}

/// Verifies over recorded answers. Pure, synchronous, never panics; DNS that failed is a temporary error, never a missing key.
pub fn verify(input: &AuthInput<'_>, dns: &DnsRecords) -> Verified {
    let raw = with_line_breaks(input.raw);
    let reading = Reading::new(&raw);
    let mut texts = Vec::new();
    let mut wanted = Vec::new();
    let from_domain = from_domain(&reading);
    let dkim = dkim::Message::new(&raw, reading.headers(), input.arrived_at).judge(dns, &mut texts);
    let spf = input
        .client
        .as_ref()
        .zip(input.mail_from.as_deref())
        .and_then(|((client, source), mail_from)| {
            let sender = spf::Sender {
                client: *client,
                source,
                helo: input.helo.as_deref(),
                mail_from,
            };
            spf::evaluate(&sender, dns, &mut wanted)
        });
    let mut dmarc = DmarcFact {
        detail: "there is not exactly one From address".to_owned(),
        ..DmarcFact::default()
    };
    if let Some(from) = &from_domain {
        dmarc = dmarc::find(from, dns, &mut wanted);
        let spoken_for = dkim
            .iter()
            .map(|fact| &fact.domain)
            .chain(spf.iter().map(|fact| &fact.domain));
        for domain in spoken_for {
            wanted.extend(alignment::align(dns, from, domain).err().unwrap_or_default());
        }
    }
    wanted.extend(texts.into_iter().map(|name| (name, RecordType::Txt)));
    wanted.sort();
    wanted.dedup();
    Verified {
        authentication: Authentication {
            from_domain,
            dkim,
            spf,
            dmarc,
            offline: false,
        },
        wanted,
    }
}

/// Verifies, looking up what is wanted until nothing is, and what the sending server is called. Every answer is recorded in `dns`.
pub async fn gather(net: &Net, input: &AuthInput<'_>, dns: &mut DnsRecords) -> Authentication {
    if let Some((client, _)) = &input.client {
        dns::ask_reverse_name(net, *client, dns).await;
    }
    let mut asked = 0;
    for _ in 0..MAX_ROUNDS {
        match round(input, dns, &mut asked) {
            Err(wanted) => dns::ask(net, &wanted, dns).await,
            Ok(authentication) => return authentication,
        }
    }
    verify(input, dns).authentication
}

/// The same over a zone. Pure. What the sending server is called is asked where the zone has a word on it: who writes a zone down writes
/// what the message's domains say, and seldom more.
pub fn over(zone: &Zone, input: &AuthInput<'_>, dns: &mut DnsRecords) -> Authentication {
    let client = input.client.as_ref().map(|(client, _)| *client);
    if let Some(client) = client.filter(|client| zone.lists(&reverse_name::question(*client))) {
        // First for its names, then for their addresses.
        for _ in 0..2 {
            for (name, kind) in reverse_name::wanted(dns, client) {
                dns.record(&name, kind, zone.answer(&name, kind));
            }
        }
    }
    let mut asked = 0;
    for _ in 0..MAX_ROUNDS {
        match round(input, dns, &mut asked) {
            Err(wanted) => wanted
                .iter()
                .for_each(|(name, kind)| dns.record(name, *kind, zone.answer(name, *kind))),
            Ok(authentication) => return authentication,
        }
    }
    verify(input, dns).authentication
}

/// What the bytes say without DNS.
pub fn offline(input: &AuthInput<'_>) -> Authentication {
    Authentication {
        spf: None,
        offline: true,
        ..verify(input, &DnsRecords::default()).authentication
    }
}

/// The verdicts, or what has to be asked before there are any.
fn round(
    input: &AuthInput<'_>,
    dns: &DnsRecords,
    asked: &mut usize,
) -> Result<Authentication, Vec<(String, RecordType)>> {
    let mut verified = verify(input, dns);
    verified.wanted.truncate(MAX_QUESTIONS - *asked);
    *asked += verified.wanted.len();
    match verified.wanted.is_empty() {
        true => Ok(verified.authentication),
        false => Err(verified.wanted),
    }
}

/// A file that was saved with bare line feeds is judged as it was on the wire; a message with any CRLF stays as it is.
fn with_line_breaks(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.windows(2).any(|pair| pair == b"\r\n") {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len() + raw.len() / 32);
    for byte in raw {
        if *byte == b'\n' {
            out.push(b'\r');
        }
        out.push(*byte);
    }
    Cow::Owned(out)
}

/// The domain of the one From address, as A-labels; `None` where there is not exactly one (RFC 7489 §6.6.1).
fn from_domain(reading: &Reading<'_>) -> Option<String> {
    if reading.headers().all("From").count() != 1 {
        return None;
    }
    let addresses = reading.from();
    let [only] = &addresses[..] else { return None };
    let domain = mail_auth::common::to_a_label(&only.domain).into_owned();
    (!domain.is_empty()).then_some(domain)
}
