//! Asks DNS and writes down what came: what is recorded is what is judged, now and in a recheck without a network.

use crate::mail::{received, reverse_name};
use crate::model::{DnsRecords, RecordType};
use crate::net::Net;
use futures_util::StreamExt;
use std::net::IpAddr;

/// Questions in flight at once.
const AT_ONCE: usize = 8;

/// Asks what was not asked before and records every answer, failures and timeouts too.
pub async fn ask(net: &Net, questions: &[(String, RecordType)], dns: &mut DnsRecords) {
    let open: Vec<(String, RecordType)> = questions
        .iter()
        .filter(|(name, kind)| dns.get(name, *kind).is_none())
        .cloned()
        .collect();
    let asked = futures_util::stream::iter(open).map(|(name, kind)| async move {
        let answer = net.lookup(&name, kind).await;
        (name, kind, answer)
    });
    let mut answers = asked.buffer_unordered(AT_ONCE);
    while let Some((name, kind, answer)) = answers.next().await {
        dns.record(&name, kind, answer);
    }
}

/// Asks for the name of a sending server, and then whether that leads back to it. An address of nobody's has none.
pub async fn ask_reverse_name(net: &Net, client: IpAddr, dns: &mut DnsRecords) {
    if received::is_private(client) {
        return;
    }
    for _ in 0..2 {
        ask(net, &reverse_name::wanted(dns, client), dns).await;
    }
}
