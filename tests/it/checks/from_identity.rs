//! `from-identity`: what the reader sees as the sender against the contract and the composed message.

use super::letters::letter;
use super::scene::{Scene, delivered, golden};
use inboxqa::model::CheckId::FromIdentity;
use inboxqa::model::{RawMessage, Verdict};

fn scene(name: &str) -> Scene {
    let mut scene = delivered(&letter(FromIdentity, name));
    scene.policy.contract.from = Some("Brand Receipts <receipts@brand.example>".into());
    scene.policy.contract.reply_to = Some("help@brand.example".into());
    scene
}

#[test]
fn the_agreed_sender_passes_however_it_is_encoded() {
    scene("as-agreed").judged(FromIdentity, Verdict::Pass, "ok");
    scene("encoded").judged(FromIdentity, Verdict::Pass, "ok");
}

#[test]
fn each_change_fails_by_its_own_name() {
    for (name, code) in [
        ("name", "name"),
        ("local-part", "local-part"),
        ("domain", "domain"),
        ("several", "several-from"),
        ("reply-to", "reply-to"),
        ("no-reply-to", "no-reply-to"),
    ] {
        scene(name).judged(FromIdentity, Verdict::Fail, code);
    }
    let empty = {
        let mut empty = scene("as-agreed");
        empty.arrival().raw = RawMessage(b"Reply-To: help@brand.example\r\nSubject: x\r\n\r\n".to_vec());
        empty
    };
    empty.judged(FromIdentity, Verdict::Fail, "no-from");
}

#[test]
fn an_invisible_character_in_the_name_shows() {
    let finding = scene("invisible").judged(FromIdentity, Verdict::Fail, "name");
    assert!(finding.observed.contains("\\u{200b}"), "{}", finding.observed);
}

#[test]
fn without_a_contract_the_composed_message_decides() {
    let mut scene = scene("name");
    scene.policy.contract.from = None;
    scene.policy.contract.reply_to = None;
    scene.judged(FromIdentity, Verdict::Skip, "no-expectation");
    scene.evidence.original = Some(RawMessage(letter(FromIdentity, "as-agreed")));
    scene.judged(FromIdentity, Verdict::Fail, "name");
}

#[test]
fn a_contract_without_a_name_takes_the_composed_one() {
    let mut scene = scene("name");
    scene.policy.contract.from = Some("receipts@brand.example".into());
    scene.judged(FromIdentity, Verdict::Pass, "ok");
    scene.evidence.original = Some(RawMessage(letter(FromIdentity, "as-agreed")));
    scene.judged(FromIdentity, Verdict::Fail, "name");
}

#[test]
fn a_reply_to_that_nobody_agreed_to_warns() {
    let mut scene = scene("as-agreed");
    scene.policy.contract.reply_to = None;
    scene.evidence.original = Some(RawMessage(letter(FromIdentity, "no-reply-to")));
    scene.judged(FromIdentity, Verdict::Warn, "reply-to-added");
}

#[test]
fn headers_without_end_are_blind() {
    let mut scene = scene("as-agreed");
    let flood = format!("{}From: a@b.example\r\n\r\n", "X-Filler: x\r\n".repeat(10_000));
    scene.arrival().raw = RawMessage(flood.into_bytes());
    scene.judged(FromIdentity, Verdict::Blind, "unreadable");
}

#[test]
fn the_words() {
    let all = [
        "as-agreed",
        "name",
        "local-part",
        "domain",
        "several",
        "reply-to",
        "no-reply-to",
    ]
    .map(|name| (name, scene(name)));
    let rows: Vec<(&str, &Scene)> = all.iter().map(|(name, scene)| (*name, scene)).collect();
    golden(FromIdentity, &rows);
}
