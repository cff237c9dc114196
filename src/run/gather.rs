//! From what was seen in the mailbox to complete evidence: DNS and HTTP, the last network touch of a delivery.

use super::plan::Planned;
use crate::mail::reading::Reading;
use crate::mail::{received, received_spf};
use crate::model::Arrival;
use crate::model::WatchLog;
use crate::model::{DnsRecords, Evidence, Policy, Probe, RawMessage, Subject, Submission, UrlProbe};
use crate::net::Net;
use crate::probe::auth::{self, AuthInput};
use crate::probe::{hsts, links, spam};
use time::OffsetDateTime;

/// Gathers the evidence of one delivery.
pub async fn gather(
    net: &Net,
    planned: &Planned,
    submission: Option<Submission>,
    arrival: Probe<Arrival>,
    watch: WatchLog,
    faults: Vec<String>,
) -> Evidence {
    let mut evidence = bare(planned, submission, arrival, watch, faults);
    if let Probe::Seen(arrival) = &evidence.arrival {
        let sighting = arrival.resting();
        let arrived_at = sighting.internal_date.unwrap_or(sighting.at);
        let raw = arrival.raw.0.clone();
        let mut dns = DnsRecords::default();
        let authentication = authenticate(net, &raw, &planned.policy, arrived_at, &mut dns).await;
        let original = planned.composed.then_some(planned.raw.as_slice());
        evidence.urls = urls(net, &raw, original, &planned.policy).await;
        if !planned.policy.spam.engines.is_empty() {
            let input = auth_input(&raw, &planned.policy, arrived_at);
            evidence.spam = spam::ask(net, &planned.policy.spam, &input).await;
        }
        evidence.authentication = Some(authentication);
        evidence.dns = dns;
    }
    evidence
}

/// Evidence before DNS and HTTP were asked.
pub fn bare(
    planned: &Planned,
    submission: Option<Submission>,
    arrival: Probe<Arrival>,
    watch: WatchLog,
    faults: Vec<String>,
) -> Evidence {
    Evidence {
        original: planned.composed.then(|| RawMessage(planned.raw.clone())),
        submission,
        watch,
        faults,
        ..Evidence::begun(Subject::Delivery(planned.delivery.clone()), arrival)
    }
}

async fn authenticate(
    net: &Net,
    raw: &[u8],
    policy: &Policy,
    arrived_at: OffsetDateTime,
    dns: &mut DnsRecords,
) -> crate::model::Authentication {
    auth::gather(net, &auth_input(raw, policy, arrived_at), dns).await
}

/// What authentication needs beyond the bytes, read from the lines the provider itself wrote. Where no Received line of its own names
/// the client, its Received-SPF may (RFC 7208 §9.1).
pub fn auth_input<'a>(raw: &'a [u8], policy: &Policy, arrived_at: OffsetDateTime) -> AuthInput<'a> {
    let reading = Reading::new(raw);
    let believed = &policy.provider.received_by;
    let line = received::trusted_client(reading.received(), believed);
    let client = line.and_then(|line| line.client_ip);
    let mut input = AuthInput {
        raw,
        client: client.map(|ip| (ip, "received".to_owned())),
        helo: line.and_then(|line| line.helo.clone()),
        mail_from: return_path(&reading),
        arrived_at,
    };
    // A hop inside the receiving side's own network says less than what the receiving server noted.
    if client.is_none_or(received::is_private)
        && let Some(noted) = received_spf::trusted(reading.headers(), believed)
    {
        input.client = Some((noted.client, "received-spf".to_owned()));
        input.helo = noted.helo;
        input.mail_from = input.mail_from.or(noted.mail_from);
    }
    input
}

/// The envelope sender as the last hop noted it (RFC 5321 §4.4); empty for a bounce.
fn return_path(reading: &Reading<'_>) -> Option<String> {
    let value = reading.header("Return-Path")?.unfolded();
    Some(
        value
            .trim()
            .trim_start_matches('<')
            .trim_end_matches('>')
            .trim()
            .to_owned(),
    )
}

async fn urls(net: &Net, raw: &[u8], original: Option<&[u8]>, policy: &Policy) -> Vec<UrlProbe> {
    let original = original.map(Reading::new);
    let asks = links::asks(&Reading::new(raw), original.as_ref(), policy);
    let mut found = links::follow(net, &asks).await;
    found.extend(hsts::ask(net, &Reading::new(raw), policy).await);
    found
}
