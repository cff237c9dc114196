//! `bulk-sender-gmail`: each of Gmail's rules passes, fails and is said to be out of sight where it is.

use super::post::{Post, gmail, post};
use super::scene::{Scene, golden};
use inboxqa::model::CheckId::BulkSenderGmail;
use inboxqa::model::{Category, DnsAnswer, DnsRecords, Finding, RecordType, Verdict};

/// Two addresses where one belongs.
pub const TWO_ADDRESSES: &str = "mail.brand.example>, Other <other@brand.example";
/// What every sound message of these tests brings along below its From.
pub const HEAD: &str = "Content-Type: text/html; charset=utf-8\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@mail.brand.example>\r\n";
const CAMPAIGN: &str = "Content-Type: text/html; charset=utf-8\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@mail.brand.example>\r\n\
    List-Unsubscribe: <https://www.brand.example/u?c=1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

/// A sound campaign: two aligned voices, both List fields signed, a link in the body.
pub fn campaign() -> Post {
    let mut post = post().own_return_path();
    post.fields = CAMPAIGN;
    post.body = "<p>Sale</p><a href='https://www.brand.example/unsubscribe?c=1'>Unsubscribe</a>";
    post
}

pub fn marketing(post: Post) -> Scene {
    let mut scene = post.scene();
    scene.policy.category = Category::Marketing;
    scene
}

/// The line of `observed` about a rule.
pub fn line<'f>(finding: &'f Finding, rule: &str) -> &'f str {
    let begin = format!("{rule}: ");
    let found = finding.observed.lines().find_map(|line| line.strip_prefix(&begin));
    found.unwrap_or_else(|| panic!("{rule}: {}", finding.observed))
}

/// With another set of fields than the sound ones.
fn fields(fields: &'static str) -> Scene {
    let mut post = campaign();
    post.fields = fields;
    marketing(post)
}

#[test]
fn a_sound_campaign_and_a_sound_receipt_pass() {
    let finding = marketing(campaign()).judged(BulkSenderGmail, Verdict::Pass, "ok");
    assert!(
        finding.summary.ends_with("9 rules pass, 3 are not visible from here"),
        "{}",
        finding.summary
    );
    assert_eq!(
        line(&finding, "alignment"),
        "pass, DKIM and SPF with mail.brand.example"
    );
    let finding = campaign().scene().judged(BulkSenderGmail, Verdict::Pass, "ok");
    assert_eq!(
        line(&finding, "one-click unsubscribe"),
        "not applicable, a transactional message"
    );
    assert_eq!(
        line(&finding, "unsubscribe link in the body"),
        "not applicable, a transactional message"
    );
    assert!(line(&finding, "reverse DNS").starts_with("not visible from here, "));
}

#[test]
fn dmarc_by_dkim_alone_or_by_spf_alone_is_enough() {
    let mut by_dkim = campaign();
    by_dkim.envelope = "bounces.esp.example".into();
    let finding = marketing(by_dkim).judged(BulkSenderGmail, Verdict::Pass, "ok");
    assert_eq!(line(&finding, "alignment"), "pass, DKIM with mail.brand.example");
    let mut by_spf = campaign();
    by_spf.signers = vec![crate::probe::signing::Signer::new("esp.example", "k1", 1)];
    let finding = marketing(by_spf).judged(BulkSenderGmail, Verdict::Warn, "dkim");
    assert_eq!(line(&finding, "alignment"), "pass, SPF with mail.brand.example");
    assert!(
        line(&finding, "DKIM").starts_with("flagged, signed by esp.example"),
        "{}",
        finding.observed
    );
}

#[test]
fn each_rule_of_authentication_fails_by_its_reply() {
    for (scene, code, reply) in [
        (marketing(campaign().spf_fails()), "spf", "550 5.7.27"),
        (marketing(campaign().unsigned()), "dkim", "550 5.7.30"),
        (
            marketing(campaign().changed("<p>Sale", "<p>Bale")),
            "dkim",
            "550 5.7.30",
        ),
        (
            marketing(campaign().spf_fails().unsigned()),
            "spf",
            "421 4.7.32 or 5.7.32",
        ),
    ] {
        let finding = scene.judged(BulkSenderGmail, Verdict::Fail, code);
        assert!(finding.summary.contains(reply), "{}", finding.summary);
    }
    let mut bare = campaign();
    bare.dns = DnsRecords::default();
    let finding = marketing(bare).judged(BulkSenderGmail, Verdict::Fail, "dmarc-record");
    assert_eq!(
        line(&finding, "DMARC record"),
        "fail, mail.brand.example has none; refused with 421 4.7.40 or 550 5.7.40"
    );
}

#[test]
fn the_way_it_came_counts_as_the_provider_tells_it() {
    let came = |protocol: &str, tls: &str| {
        let mut post = campaign();
        post.stamps = gmail(protocol, tls);
        marketing(post)
    };
    came("ESMTP", "").judged(BulkSenderGmail, Verdict::Fail, "tls");
    came("ESMTPS", " (version=TLS1_1 cipher=X bits=128/128)").judged(BulkSenderGmail, Verdict::Warn, "tls");
    let mut unknown = marketing(campaign());
    unknown.policy.provider.received_by = vec!["elsewhere.example".into()];
    let finding = unknown.judged(BulkSenderGmail, Verdict::Pass, "ok");
    assert!(line(&finding, "TLS").starts_with("not visible from here"));
    assert!(line(&finding, "reverse DNS").starts_with("not visible from here"));
}

#[test]
fn the_sending_servers_name_must_lead_back() {
    let named = |reverse: DnsAnswer, forward: DnsAnswer| {
        let mut scene = marketing(campaign());
        let dns = &mut scene.evidence.dns;
        dns.record("9.113.0.203.in-addr.arpa", RecordType::Ptr, reverse);
        dns.record("mta.esp.example", RecordType::A, forward);
        scene
    };
    let records = |value: &str| DnsAnswer::Records(vec![value.to_owned()]);
    let finding =
        named(records("mta.esp.example."), records("203.0.113.9")).judged(BulkSenderGmail, Verdict::Pass, "ok");
    assert_eq!(line(&finding, "reverse DNS"), "pass, 203.0.113.9 is mta.esp.example");
    named(records("mta.esp.example."), records("203.0.113.8")).judged(BulkSenderGmail, Verdict::Fail, "reverse-dns");
    named(DnsAnswer::NoName, DnsAnswer::NoName).judged(BulkSenderGmail, Verdict::Fail, "reverse-dns");
    named(DnsAnswer::Timeout, DnsAnswer::NoName).judged(BulkSenderGmail, Verdict::Blind, "unknown");
}

#[test]
fn from_and_form_follow_header_hygiene() {
    let mut several = campaign();
    several.from = TWO_ADDRESSES.into();
    let finding = marketing(several).judged(BulkSenderGmail, Verdict::Fail, "from");
    assert!(line(&finding, "DKIM").starts_with("pass, "), "{}", finding.observed);
    marketing(campaign().changed("Message-ID: ", "X-Was: ")).judged(BulkSenderGmail, Verdict::Fail, "form");
    marketing(campaign().changed("Date: ", "Cc: a@b.example\r\nCc: c@b.example\r\nDate: ")).judged(
        BulkSenderGmail,
        Verdict::Fail,
        "form",
    );
    let long = marketing(campaign().changed("Date: ", "X-Long: =?utf-9?Q?x?=\r\nDate: "));
    long.judged(BulkSenderGmail, Verdict::Pass, "ok");
}

#[test]
fn one_click_is_asked_of_marketing_mail_with_both_fields_signed() {
    for (more, why) in [
        ("", "no List-Unsubscribe"),
        (
            "List-Unsubscribe: <mailto:u@brand.example>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
            "List-Unsubscribe has no https address",
        ),
        (
            "List-Unsubscribe: <https://www.brand.example/u>\r\n",
            "no List-Unsubscribe-Post",
        ),
    ] {
        let finding = fields(format!("{HEAD}{more}").leak()).judged(BulkSenderGmail, Verdict::Fail, "one-click");
        let told = line(&finding, "one-click unsubscribe");
        assert!(
            told.starts_with(&format!("fail, {why}")) && told.ends_with("it counts against the sender"),
            "{told}"
        );
    }
    let mut unsigned = campaign();
    unsigned.signed = &["from", "to", "subject"];
    let finding = marketing(unsigned).judged(BulkSenderGmail, Verdict::Fail, "one-click");
    assert!(
        line(&finding, "one-click unsubscribe").contains("RFC 8058"),
        "{}",
        finding.observed
    );
}

#[test]
fn the_body_of_marketing_mail_says_how_to_unsubscribe() {
    let mut bare = campaign();
    bare.body = "<p>Sale</p>";
    let mut scene = marketing(bare);
    scene.judged(BulkSenderGmail, Verdict::Fail, "body-link");
    scene.policy.category = Category::Hybrid;
    let finding = scene.judged(BulkSenderGmail, Verdict::Fail, "body-link");
    assert_eq!(
        line(&finding, "one-click unsubscribe"),
        "not applicable, a hybrid message"
    );
}

#[test]
fn a_link_in_the_text_part_is_not_seen_by_who_reads_the_html() {
    let mut both = campaign();
    both.fields = campaign()
        .fields
        .replace("text/html; charset=utf-8", "multipart/alternative; boundary=b")
        .leak();
    both.body = "--b\r\nContent-Type: text/plain\r\n\r\nhttps://www.brand.example/unsubscribe?c=1\r\n\
        --b\r\nContent-Type: text/html\r\n\r\n<p>Sale</p>\r\n--b--";
    marketing(both).judged(BulkSenderGmail, Verdict::Fail, "body-link");
}

#[test]
fn dns_that_failed_is_blind_and_what_was_not_seen_is_skipped() {
    let mut fails = campaign();
    fails = fails.txt_fails();
    let finding = marketing(fails).judged(BulkSenderGmail, Verdict::Blind, "unknown");
    for rule in ["SPF", "DKIM", "DMARC record", "alignment", "one-click unsubscribe"] {
        assert!(
            line(&finding, rule).starts_with("not known, "),
            "{rule}: {}",
            finding.observed
        );
    }
    marketing(campaign().txt_fails().unsigned()).judged(BulkSenderGmail, Verdict::Fail, "dkim");
    campaign()
        .scene()
        .absent()
        .judged(BulkSenderGmail, Verdict::Skip, "not-observed");
    let mut offline = campaign().scene();
    offline.evidence.authentication.as_mut().unwrap().offline = true;
    offline.judged(BulkSenderGmail, Verdict::Skip, "not-verified");
}

#[test]
fn at_outlook_its_own_word_counts() {
    let pass = "Authentication-Results: spf=pass (sender IP is 203.0.113.9) smtp.mailfrom=bounces.brand.example; dkim=pass (signature was verified) header.d=brand.example;dmarc=pass action=none header.from=mail.brand.example;compauth=pass reason=100\r\n";
    let rebuilt = |word: &str| {
        let mut scene = campaign().changed("<p>Sale", "<html><p>Sale").at_outlook(word);
        scene.policy.category = Category::Marketing;
        scene
    };
    rebuilt(pass).judged(BulkSenderGmail, Verdict::Pass, "ok");
    rebuilt("").judged(BulkSenderGmail, Verdict::Blind, "unknown");
}

#[test]
fn words() {
    let mut bare = campaign();
    bare.fields = HEAD;
    bare.body = "<p>Sale</p>";
    let scenes = [
        ("sound campaign", &marketing(campaign())),
        ("sound receipt", &campaign().scene()),
        ("nothing that unsubscribes", &marketing(bare)),
        ("unauthenticated", &marketing(campaign().unsigned().spf_fails())),
        ("DNS failed", &marketing(campaign().txt_fails())),
    ];
    golden(BulkSenderGmail, &scenes);
}

#[test]
fn a_bounce_is_no_bulk_mail() {
    let mut bounce = campaign();
    bounce.stamps.push_str("Auto-Submitted: auto-replied\r\n");
    bounce
        .unsigned()
        .scene()
        .judged(BulkSenderGmail, Verdict::Skip, "no-bulk");
}
