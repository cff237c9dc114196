//! SPF (RFC 7208) by mail-auth, offline: its caches are answered from recorded DNS and always answer, so it never touches the network.
//! What it asked for and was not recorded is noted, looked up by the caller, and judged again.
//!
//! Three things its caches can not say are kept beside them: that an address lookup failed (`temperror`), how many lookups found nothing
//! (more than two are a `permerror`, §4.6.4), and whether a name of `exists:` exists: a cache that always answers would mean yes, so
//! `exists:NAME` is judged as `a:NAME/0`, "has any address", under a suffix of ours by which the cache tells it apart.

use super::recorded::Recorded;
use super::spf_explain;
use super::spf_record;
use crate::model::{DnsAnswer, DnsRecords, RecordType, SpfFact, SpfResult};
use futures_util::FutureExt;
use mail_auth::hickory_resolver::config::{ResolverConfig, ResolverOpts};
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{MessageAuthenticator, Parameters};
use std::net::IpAddr;
use std::sync::LazyLock;

/// Lookups that may find nothing (RFC 7208 §4.6.4).
const MAX_VOID: u32 = 2;

/// Who sent: as the receiving side saw it.
pub struct Sender<'a> {
    /// The connecting client.
    pub client: IpAddr,
    /// Where its address was read.
    pub source: &'a str,
    /// Its HELO name.
    pub helo: Option<&'a str>,
    /// The envelope sender; empty for a bounce.
    pub mail_from: &'a str,
}

/// Evaluates SPF; `None` where there is no domain to ask.
pub fn evaluate(sender: &Sender<'_>, dns: &DnsRecords, wanted: &mut Vec<(String, RecordType)>) -> Option<SpfFact> {
    let helo = sender.helo.unwrap_or_default();
    let envelope = sender.mail_from.rsplit_once('@').map(|(_, domain)| domain);
    let domain = envelope.unwrap_or(helo);
    let domain = mail_auth::common::to_a_label(domain.trim_end_matches('.')).into_owned();
    if domain.is_empty() {
        return None;
    }
    // An IPv4 address in an IPv6 coat is an IPv4 client (RFC 7208 §5).
    let client = sender.client.to_canonical();
    let recorded = Recorded::new(dns, client);
    let parameters = match envelope {
        None => SpfParameters::verify_ehlo(client, &domain, "inboxqa.invalid"),
        Some(_) => SpfParameters::verify_mail_from(client, helo, "inboxqa.invalid", sender.mail_from),
    };
    let result = run(&recorded, parameters);
    let asked = recorded.into_notes();
    wanted.extend(asked.wanted);
    let (result, why) = match (&asked.failed[..], asked.void) {
        ([first, ..], _) => (SpfResult::TempError, format!("DNS failed: {first}")),
        (_, void) if void > MAX_VOID => (
            SpfResult::PermError,
            format!("{void} lookups found nothing, {MAX_VOID} are allowed"),
        ),
        _ => (result, told(result, sender.client)),
    };
    let record = record(dns, &domain);
    let mut detail = format!("{why}; {domain}: {record}");
    let postmaster = format!("postmaster@{domain}");
    let mail_from = envelope.map_or(postmaster.as_str(), |_| sender.mail_from);
    let known = wanted.len();
    let trace = spf_explain::explain(dns, (client, helo, mail_from), &domain, wanted);
    if wanted.len() == known && trace.read.result != result {
        let other = format!("{:?}", trace.read.result).to_lowercase();
        detail += &format!("; read term by term it comes to {other}");
    }
    Some(SpfFact {
        domain,
        client: sender.client,
        client_source: sender.source.to_owned(),
        result,
        detail,
        trace: Some(trace),
    })
}

/// A resolver without servers stands in where mail-auth wants one; the caches always answer, so it is never reached.
static OFFLINE: LazyLock<Option<MessageAuthenticator>> = LazyLock::new(|| {
    MessageAuthenticator::new(
        ResolverConfig::from_parts(None, vec![], vec![]),
        ResolverOpts::default(),
    )
    .ok()
});

/// One evaluation.
fn run(recorded: &Recorded<'_>, parameters: SpfParameters<'_>) -> SpfResult {
    let Some(authenticator) = OFFLINE.as_ref() else {
        return SpfResult::TempError;
    };
    let parameters = Parameters::new(parameters)
        .with_txt_cache(recorded)
        .with_mx_cache(recorded)
        .with_ipv4_cache(recorded)
        .with_ipv6_cache(recorded)
        .with_ptr_cache(recorded);
    let output = authenticator.verify_spf(parameters).now_or_never();
    match output.map(|output| output.result()) {
        Some(mail_auth::SpfResult::Pass) => SpfResult::Pass,
        Some(mail_auth::SpfResult::Fail) => SpfResult::Fail,
        Some(mail_auth::SpfResult::SoftFail) => SpfResult::SoftFail,
        Some(mail_auth::SpfResult::Neutral) => SpfResult::Neutral,
        Some(mail_auth::SpfResult::None) => SpfResult::None,
        Some(mail_auth::SpfResult::PermError) => SpfResult::PermError,
        Some(mail_auth::SpfResult::TempError) | None => SpfResult::TempError,
    }
}

fn told(result: SpfResult, client: IpAddr) -> String {
    match result {
        SpfResult::Pass => format!("{client} is permitted"),
        SpfResult::Fail => format!("{client} is not permitted (-)"),
        SpfResult::SoftFail => format!("{client} is probably not permitted (~)"),
        SpfResult::Neutral => format!("nothing is said about {client} (?)"),
        SpfResult::None => "no SPF record".to_owned(),
        SpfResult::PermError => "the record can not be evaluated".to_owned(),
        SpfResult::TempError => "DNS failed".to_owned(),
    }
}

/// The record as it stands, for people.
fn record(dns: &DnsRecords, domain: &str) -> String {
    match dns.get(domain, RecordType::Txt) {
        Some(DnsAnswer::Records(texts)) => match spf_record::among(texts).as_slice() {
            [] => "no SPF record".to_owned(),
            [one] => match spf_record::judged_as(one) {
                Ok(_) => (*one).clone(),
                Err(why) => format!("{why} in {one}"),
            },
            many => format!("{} SPF records, one is allowed", many.len()),
        },
        Some(DnsAnswer::NoName) => "no such name".to_owned(),
        Some(DnsAnswer::NoData) => "no TXT record".to_owned(),
        Some(DnsAnswer::Failed(why)) => format!("TXT: {why}"),
        Some(DnsAnswer::Timeout) => "TXT: no answer in time".to_owned(),
        None => "not asked for".to_owned(),
    }
}
