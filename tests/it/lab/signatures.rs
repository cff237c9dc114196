//! The lab's signatures and SPF records, judged by mail-auth over the lab's own DNS: an implementation that shares no line
//! with the lab's signer.

use super::bench::Bench;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator, SpfResult, spf::verify::SpfParameters};
use std::net::IpAddr;

fn judge(bench: &Bench) -> MessageAuthenticator {
    let at = bench.world.endpoints().dns[0];
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    (udp.port, tcp.port) = (at.port(), at.port());
    let server = NameServerConfig::new(at.ip(), true, vec![udp, tcp]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    MessageAuthenticator::new(config, ResolverOpts::default()).unwrap()
}

/// `domain selector result` of each signature, top to bottom.
async fn signatures(bench: &Bench, raw: &[u8]) -> Vec<String> {
    let message = AuthenticatedMessage::parse(raw).unwrap();
    let outputs = judge(bench).verify_dkim(&message).await;
    let describe = |output: &mail_auth::DkimOutput<'_>| {
        let signature = output.signature().unwrap();
        let result = match output.result() {
            DkimResult::Pass => "pass".to_owned(),
            DkimResult::Neutral(error) => format!("neutral: {error}"),
            DkimResult::Fail(error) => format!("fail: {error}"),
            DkimResult::PermError(error) => format!("permerror: {error}"),
            DkimResult::TempError(error) => format!("temperror: {error}"),
            DkimResult::None => "none".to_owned(),
        };
        format!("{} {} {result}", signature.d, signature.s)
    };
    outputs.iter().map(describe).collect()
}

async fn spf(bench: &Bench, raw: &[u8]) -> SpfResult {
    let text = String::from_utf8_lossy(raw).into_owned();
    let between = |from: &str, to: &str| text.split(from).nth(1).unwrap().split(to).next().unwrap().to_owned();
    let client: IpAddr = between("client-ip=", ";").parse().unwrap();
    let sender = between("Return-Path: <", ">");
    let helo = "mta.example";
    let parameters = SpfParameters::verify_mail_from(client, helo, "mx.google.com", &sender);
    judge(bench).verify_spf(parameters).await.result()
}

#[tokio::test]
async fn every_signature_verifies_where_nothing_was_changed() {
    let mut bench = Bench::start(&[]);
    for (route, mailbox, expected) in [
        (
            "receipts",
            "gmail",
            vec!["pm.mtasv.net pm20260301 pass", "brand.example lab1 pass"],
        ),
        (
            "sales",
            "yahoo",
            vec![
                "mailer.example mg pass",
                "news.brand.example krs pass",
                "news.brand.example krs-ed25519 pass",
            ],
        ),
        (
            "plain",
            "own",
            vec![
                "relay.example esp1 pass",
                "brand.example lab1 pass",
                "brand.example lab1-ed25519 pass",
            ],
        ),
        (
            "bare",
            "gmail",
            vec![
                "bare.example esp1 pass",
                "brand.example lab1 pass",
                "brand.example lab1-ed25519 pass",
            ],
        ),
    ] {
        let stored = bench.deliver("order", route, mailbox).await;
        assert_eq!(signatures(&bench, &stored.raw).await, expected);
    }
}

#[tokio::test]
async fn spf_passes_for_the_services_address_only() {
    let mut bench = Bench::start(&["spf-fail@case=astray"]);
    for route in ["receipts", "sales"] {
        let stored = bench.deliver("order", route, "gmail").await;
        assert_eq!(spf(&bench, &stored.raw).await, SpfResult::Pass, "{route}");
        let stored = bench.deliver("astray", route, "gmail").await;
        assert_eq!(spf(&bench, &stored.raw).await, SpfResult::Fail, "{route}");
        assert!(String::from_utf8_lossy(&stored.raw).contains("Received-SPF: fail (google.com"));
    }
}

#[tokio::test]
async fn each_way_to_spoil_a_signature_spoils_it_that_way() {
    let mut bench = Bench::start(&[
        "break-body@case=body",
        "strip-signature@case=none",
        "esp-signature-only@case=esp",
        "wrong-key@case=wrong",
        "missing-key@case=missing",
        "expired-signature@case=expired",
    ]);
    for (case, brand, service) in [
        (
            "body",
            "neutral: Calculated body hash does not match",
            "neutral: Calculated body hash does not match",
        ),
        ("none", "", ""),
        ("esp", "", "pass"),
        ("wrong", "fail: ", "pass"),
        ("missing", "permerror: ", "pass"),
        ("expired", "neutral: Signature expired", "pass"),
        ("fine", "pass", "pass"),
    ] {
        let stored = bench.deliver(case, "receipts", "gmail").await;
        let found = signatures(&bench, &stored.raw).await;
        let result = |domain: &str| {
            found
                .iter()
                .find_map(|line| line.strip_prefix(domain))
                .unwrap_or_default()
        };
        let after = |text: &str| {
            text.trim()
                .split_once(' ')
                .map_or(String::new(), |(_, result)| result.to_owned())
        };
        let (ours, theirs) = (after(result("brand.example ")), after(result("pm.mtasv.net ")));
        assert!(
            ours.starts_with(brand) && ours.is_empty() == brand.is_empty(),
            "{case}: {found:?}"
        );
        assert!(
            theirs.starts_with(service) && theirs.is_empty() == service.is_empty(),
            "{case}: {found:?}"
        );
    }
}
