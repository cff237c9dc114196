//! `transport-tls`: did it come to the provider over TLS?

use super::check::{Check, Needs, Rule, Subject};
use crate::mail::received::{self, Received};
use crate::model::{CheckId, Finding, Verdict};

const ID: CheckId = CheckId::TransportTls;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "came to the provider over TLS",
    explain: "The last hop into the provider, as the provider's own Received line tells it: the protocol (ESMTPS is TLS, RFC 3848) and the TLS version where \
it is written. Gmail shows a broken padlock for mail that came without, and asks every sender for it. Lines below the provider's own can \
be forged and are not read. A provider that does not say leaves the check skipped, never passed.\n\
Why it matters: what travels in the clear can be read and changed on the way, order data included.\n\
What to do: ask the ESP; behind your own relay turn on STARTTLS for outgoing mail (Postfix: smtp_tls_security_level=may).",
    sources: &[
        "RFC 3848 (ESMTPS)",
        "RFC 8996 (TLS 1.0 and 1.1 are withdrawn)",
        "Google, Email sender guidelines",
    ],
    reasons: &[
        ("ok", "TLS 1.2 or newer, or TLS without a version told"),
        ("plain", "in the clear"),
        ("old-version", "a TLS version below 1.2 (RFC 8996)"),
        ("not-knowable", "no Received line of the provider says how it came"),
    ],
    needs: Needs::Message,
    follows: &[CheckId::BulkSenderGmail],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some((line, how)) = last_hop(subject) else {
        return vec![Finding::new(
            ID,
            Verdict::Skip,
            "not-knowable",
            "not judged: no Received line of the provider says how it came",
        )];
    };
    let (verdict, code, summary, help) = match how {
        How::Tls(version) if is_old(version) => (
            Verdict::Fail,
            "old-version",
            format!("came over {version}"),
            "TLS 1.0 and 1.1 are withdrawn (RFC 8996): update the sending server's TLS.",
        ),
        How::Tls(version) => (Verdict::Pass, "ok", format!("came over {version}"), ""),
        How::Plain => (
            Verdict::Fail,
            "plain",
            "came to the provider in the clear".to_owned(),
            "Anyone on the way can read and change it, and Gmail shows a broken padlock. Turn on STARTTLS on the sending side.",
        ),
    };
    vec![
        Finding::new(ID, verdict, code, summary)
            .with("TLS 1.2 or newer on the last hop", observed(line))
            .help(help),
    ]
}

/// How a message came.
pub(super) enum How<'l> {
    /// Over TLS, of this version as far as it is told.
    Tls(&'l str),
    /// In the clear.
    Plain,
}

/// The last hop into the provider, where the provider's own line says how the message came.
pub(super) fn last_hop<'s>(subject: &Subject<'s>) -> Option<(&'s Received, How<'s>)> {
    let line = received::trusted_client(subject.reading.received(), &subject.policy.provider.received_by)?;
    let how = how(line)?;
    (!matches!(how, How::Plain) || !is_internal(line)).then_some((line, how))
}

/// What the line says; `None` where it names no mail protocol.
fn how(line: &Received) -> Option<How<'_>> {
    let mail = |protocol: &str| {
        protocol
            .split_whitespace()
            .any(|word| word.to_ascii_uppercase().contains("SMTP"))
    };
    match (&line.tls, &line.with) {
        (Some(version), _) => Some(How::Tls(version)),
        (None, Some(protocol)) if mail(protocol) => Some(How::Plain),
        _ => None,
    }
}

/// A hop inside the receiving side's own network does not say how the message came there.
fn is_internal(line: &Received) -> bool {
    line.client_ip.is_some_and(received::is_private)
}

/// Is the version withdrawn?
pub(super) fn is_old(version: &str) -> bool {
    version.starts_with("SSL") || ["TLSv1.0", "TLSv1.1"].contains(&version)
}

fn observed(line: &Received) -> String {
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
    let client = line.client_ip.map(|ip| format!(" [{ip}]")).unwrap_or_default();
    format!(
        "Received: from {}{client} by {} with {}",
        word(&line.from),
        word(&line.by),
        word(&line.with)
    )
}
