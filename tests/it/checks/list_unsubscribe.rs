//! `list-unsubscribe`: required of campaigns, out of place on receipts, worth nothing unsigned.

use super::post::post;
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::ListUnsubscribe;
use inboxqa::model::{Category, Verdict};

const GOOD: &str = "List-Unsubscribe: <mailto:leave@brand.example>, <https://news.brand.example/u/8f3a91>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

/// A campaign with these fields, under a signature that verifies and covers `signed`.
fn campaign(fields: &str, signed: &[&str]) -> Scene {
    let mut post = post();
    post.stamps.push_str(fields);
    let mut scene = post.scene();
    scene.policy.category = Category::Marketing;
    let facts = &mut scene.evidence.authentication.as_mut().unwrap().dkim;
    facts[0]
        .signed_headers
        .extend(signed.iter().map(|name| (*name).to_owned()));
    scene
}

const BOTH: &[&str] = &["list-unsubscribe", "list-unsubscribe-post"];

fn reason(fields: &str) -> String {
    let scene = campaign(fields, BOTH);
    let findings = inboxqa::checks::judge(&scene.evidence, &scene.policy);
    let own = findings.iter().filter(|finding| finding.check == ListUnsubscribe);
    let loud: Vec<&str> = own
        .filter(|finding| finding.verdict != Verdict::Pass)
        .map(|finding| finding.reason.as_str())
        .collect();
    loud.join(" ").replace("list-unsubscribe.", "")
}

#[test]
fn what_is_right_passes_and_each_flaw_has_its_reason() {
    campaign(GOOD, BOTH).judged(ListUnsubscribe, Verdict::Pass, "ok");
    let with =
        |value: &str| format!("List-Unsubscribe: {value}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
    for (fields, expected) in [
        (String::new(), "missing"),
        (with("https://news.brand.example/u/1"), "malformed"),
        (with("<mailto:leave@brand.example>"), "no-https"),
        (with("<http://news.brand.example/u/1>"), "no-https"),
        (
            with("<https://a.example/u/1>, <https://b.example/u/1>"),
            "several-https",
        ),
        (with("<https://news.brand.example/>"), "no-token"),
        (
            with("<https://news.brand.example/u?e=seed%40mailbox.example>"),
            "readable-address",
        ),
        (
            format!("List-Unsubscribe: <https://a.example/u/1>\r\n{GOOD}"),
            "several-fields",
        ),
        ("List-Unsubscribe: <https://a.example/u/1>\r\n".to_owned(), "no-post"),
        (
            "List-Unsubscribe: <https://a.example/u/1>\r\nList-Unsubscribe-Post: yes\r\n".to_owned(),
            "post-form",
        ),
    ] {
        assert_eq!(reason(&fields), expected, "{fields}");
    }
}

/// Readers write to it: no campaign, and no receipt that its leaving would end.
#[test]
fn a_discussion_list_says_how_to_leave_it() {
    let list = |post: &str| {
        let mut scene = campaign(
            &format!("List-Post: {post}\r\nList-Unsubscribe: <mailto:dev-leave@lists.brand.example>\r\n"),
            BOTH,
        );
        scene.policy.category = Category::Transactional;
        scene
    };
    list("<mailto:dev@lists.brand.example>").judged(ListUnsubscribe, Verdict::Pass, "discussion");
    list("NO").judged(ListUnsubscribe, Verdict::Warn, "unexpected");
    list("<https://news.brand.example/p/1>").judged(ListUnsubscribe, Verdict::Warn, "unexpected");
}

#[test]
fn both_fields_must_be_covered_by_a_signature_that_verifies() {
    campaign(GOOD, &[]).judged(ListUnsubscribe, Verdict::Fail, "unsigned");
    campaign(GOOD, &BOTH[..1]).judged(ListUnsubscribe, Verdict::Fail, "unsigned");
    let mut broken = post().changed("<p>Thank you</p>", "<p>Thanks</p>");
    broken.stamps.push_str(GOOD);
    let mut broken = broken.scene();
    broken.policy.category = Category::Marketing;
    let facts = &mut broken.evidence.authentication.as_mut().unwrap().dkim;
    facts[0]
        .signed_headers
        .extend(BOTH.iter().map(|name| (*name).to_owned()));
    broken.judged(ListUnsubscribe, Verdict::Fail, "unsigned");
    // The same at a mailbox whose provider rebuilds bodies: the header fields are proven by `b=`.
    broken.policy.provider.byte_exact = false;
    broken.judged(ListUnsubscribe, Verdict::Pass, "ok");
}

#[test]
fn a_signature_that_could_not_be_verified_is_blind_and_one_nobody_asked_for_is_not_held_against_it() {
    let mut post = post().txt_fails();
    post.stamps.push_str(GOOD);
    let mut scene = post.scene();
    scene.policy.category = Category::Marketing;
    let facts = &mut scene.evidence.authentication.as_mut().unwrap().dkim;
    facts[0]
        .signed_headers
        .extend(BOTH.iter().map(|name| (*name).to_owned()));
    scene.judged(ListUnsubscribe, Verdict::Blind, "signature-unknown");
    scene.evidence.authentication.as_mut().unwrap().offline = true;
    scene.judged(ListUnsubscribe, Verdict::Pass, "ok");
}

#[test]
fn order_mail_needs_none_and_should_have_none() {
    post().scene().judged(ListUnsubscribe, Verdict::Pass, "not-needed");
    let mut offered = campaign(GOOD, BOTH);
    offered.policy.category = Category::Transactional;
    offered.judged(ListUnsubscribe, Verdict::Warn, "unexpected");
    delivered(b"")
        .absent()
        .judged(ListUnsubscribe, Verdict::Skip, "not-observed");
}

#[test]
fn words() {
    let mut receipt = campaign(GOOD, BOTH);
    receipt.policy.category = Category::Transactional;
    golden(
        ListUnsubscribe,
        &[
            ("right", &campaign(GOOD, BOTH)),
            ("missing", &campaign("", &[])),
            (
                "mailto only",
                &campaign("List-Unsubscribe: <mailto:leave@brand.example>\r\n", BOTH),
            ),
            ("unsigned", &campaign(GOOD, &[])),
            ("on a receipt", &receipt),
        ],
    );
}
