//! `transport-tls`: the provider's own line about the last hop.

use super::post::{gmail, post};
use super::scene::{Scene, golden};
use inboxqa::model::CheckId::TransportTls;
use inboxqa::model::Verdict;

fn stamped(stamps: &str) -> Scene {
    let mut post = post();
    post.stamps = stamps.to_owned();
    post.scene()
}

#[test]
fn tls_passes_with_or_without_its_version() {
    let finding = post().scene().judged(TransportTls, Verdict::Pass, "ok");
    assert!(finding.summary.contains("TLSv1.3"), "{}", finding.summary);
    stamped(&gmail("ESMTPS", "")).judged(TransportTls, Verdict::Pass, "ok");
    post().at_outlook("").judged(TransportTls, Verdict::Pass, "ok");
}

#[test]
fn in_the_clear_fails() {
    let finding = stamped(&gmail("ESMTP", "")).judged(TransportTls, Verdict::Fail, "plain");
    assert!(
        finding
            .observed
            .contains("[203.0.113.9] by mx.google.example with ESMTP"),
        "{}",
        finding.observed
    );
}

#[test]
fn withdrawn_versions_fail() {
    stamped(&gmail("ESMTPS", " (version=TLS1_1 cipher=X bits=1/1)")).judged(TransportTls, Verdict::Fail, "old-version");
}

#[test]
fn what_the_provider_does_not_say_is_skipped_and_what_others_say_is_not_read() {
    stamped("").judged(TransportTls, Verdict::Skip, "not-knowable");
    let foreign =
        "Received: from a (a [192.0.2.1]) by relay.example with ESMTP id 1; Mon, 23 Nov 2026 09:00:00 +0000\r\n";
    stamped(foreign).judged(TransportTls, Verdict::Skip, "not-knowable");
    let below = format!("{}{foreign}", gmail("ESMTPS", ""));
    stamped(&below).judged(TransportTls, Verdict::Pass, "ok");
}

#[test]
fn without_a_message_it_is_skipped() {
    post()
        .scene()
        .absent()
        .judged(TransportTls, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    golden(
        TransportTls,
        &[
            ("TLS", &post().scene()),
            ("plain", &stamped(&gmail("ESMTP", ""))),
            ("not told", &stamped("")),
        ],
    );
}
