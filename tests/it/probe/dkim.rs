//! DKIM over recorded keys: every reason has a message that earns it.

use super::signing::Signer;
use inboxqa::model::{DkimFact, DkimResult, DnsAnswer, DnsRecords, RecordType};
use inboxqa::probe::auth::{AuthInput, verify};
use proptest::prelude::*;
use time::OffsetDateTime;

const PLAIN: &[u8] =
    b"From: Brand <a@mail.brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order  1\r\n\r\nHello  there \r\n\r\n";
const SIGNED: &[&str] = &["from", "to", "subject"];
const ARRIVED: i64 = 1_800_000_000;

fn brand() -> Signer {
    Signer::new("brand.example", "k1", 1)
}

fn published() -> DnsRecords {
    let mut dns = DnsRecords::default();
    brand().publish(&mut dns);
    dns
}

fn with_key(answer: DnsAnswer) -> DnsRecords {
    let mut dns = DnsRecords::default();
    dns.record(&brand().key_name(), RecordType::Txt, answer);
    dns
}

fn key(text: &str) -> DnsRecords {
    with_key(DnsAnswer::Records(vec![text.to_owned()]))
}

fn input(raw: &[u8]) -> AuthInput<'_> {
    let arrived_at = OffsetDateTime::from_unix_timestamp(ARRIVED).unwrap();
    AuthInput {
        raw,
        client: None,
        helo: None,
        mail_from: None,
        arrived_at,
    }
}

fn facts(raw: &[u8], dns: &DnsRecords) -> Vec<DkimFact> {
    verify(&input(raw), dns).authentication.dkim
}

#[track_caller]
fn judged(raw: &[u8], dns: &DnsRecords, result: DkimResult, reason: &str) -> DkimFact {
    let mut facts = facts(raw, dns);
    assert_eq!(facts.len(), 1);
    let fact = facts.remove(0);
    assert_eq!((fact.result, fact.reason.as_str()), (result, reason), "{fact:?}");
    assert!(!fact.detail.is_empty());
    fact
}

fn replaced(raw: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(raw.to_vec()).unwrap();
    assert!(text.contains(from));
    text.replacen(from, to, 1).into_bytes()
}

#[test]
fn a_good_signature_passes_with_its_facts() {
    let raw = brand().sign(PLAIN, SIGNED, "i=@mail.brand.example; t=1799999000; x=1800000001");
    let fact = judged(&raw, &published(), DkimResult::Pass, "ok");
    assert_eq!((fact.domain.as_str(), fact.selector.as_str()), ("brand.example", "k1"));
    assert_eq!((fact.algorithm.as_str(), fact.bits), ("ed25519-sha256", Some(256)));
    assert_eq!(fact.canonicalization, "relaxed/relaxed");
    assert_eq!(fact.identity.as_deref(), Some("@mail.brand.example"));
    assert_eq!(fact.signed_headers, SIGNED);
    assert_eq!(
        (fact.signed_at, fact.expires_at),
        (Some(1_799_999_000), Some(1_800_000_001))
    );
    assert_eq!((fact.body_hash_ok, fact.headers_ok), (Some(true), Some(true)));
    assert_eq!(fact.body_length, "Hello there\r\n".len() as u64);
}

#[test]
fn a_message_without_signature_has_no_facts() {
    assert!(facts(PLAIN, &published()).is_empty());
    assert!(facts(b"", &published()).is_empty());
}

#[test]
fn a_changed_body_is_told_apart_from_a_changed_header() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    let body = replaced(&raw, "Hello", "Hallo");
    let fact = judged(&body, &published(), DkimResult::Fail, "body-hash");
    assert_eq!((fact.body_hash_ok, fact.headers_ok), (Some(false), Some(true)));

    let subject = replaced(&raw, "Order", "Ardor");
    let fact = judged(&subject, &published(), DkimResult::Fail, "signature");
    assert_eq!((fact.body_hash_ok, fact.headers_ok), (Some(true), Some(false)));

    let both = replaced(&subject, "Hello", "Hallo");
    judged(&both, &published(), DkimResult::Fail, "signature");
}

#[test]
fn the_body_hash_as_signed_is_itself_signed() {
    // Somebody who changes the body and puts the new hash into bh= breaks b=.
    let raw = brand().sign(PLAIN, SIGNED, "");
    let other = brand().sign(&replaced(PLAIN, "Hello", "Hallo"), SIGNED, "");
    let hash = |raw: &[u8]| {
        let text = String::from_utf8(raw.to_vec()).unwrap();
        text.split("bh=").nth(1).unwrap().split(';').next().unwrap().to_owned()
    };
    let forged = replaced(&replaced(&raw, "Hello", "Hallo"), &hash(&raw), &hash(&other));
    judged(&forged, &published(), DkimResult::Fail, "signature");
}

#[test]
fn another_key_does_not_verify() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    let other = Signer::new("brand.example", "k1", 9).key_record();
    judged(&raw, &key(&other), DkimResult::Fail, "signature");
}

#[test]
fn expiry_is_judged_at_arrival() {
    let late = brand().sign(PLAIN, SIGNED, "t=1799990000; x=1799999990");
    let fact = judged(&late, &published(), DkimResult::Fail, "expired");
    assert!(fact.detail.contains("10 s before"), "{}", fact.detail);
    let mut earlier = input(&late);
    earlier.arrived_at = OffsetDateTime::from_unix_timestamp(1_799_999_989).unwrap();
    assert_eq!(
        verify(&earlier, &published()).authentication.dkim[0].result,
        DkimResult::Pass
    );
}

#[test]
fn dns_that_failed_is_never_a_missing_key() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    judged(
        &raw,
        &with_key(DnsAnswer::Failed("SERVFAIL".into())),
        DkimResult::TempError,
        "dns-failed",
    );
    judged(
        &raw,
        &with_key(DnsAnswer::Timeout),
        DkimResult::TempError,
        "dns-timeout",
    );
    judged(&raw, &with_key(DnsAnswer::NoName), DkimResult::PermError, "no-key");
    judged(&raw, &with_key(DnsAnswer::NoData), DkimResult::PermError, "no-key");
    judged(&raw, &key("v=spf1 -all"), DkimResult::PermError, "no-key");
}

#[test]
fn a_key_that_was_not_asked_for_is_wanted() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    let verified = verify(&input(&raw), &DnsRecords::default());
    assert_eq!(verified.authentication.dkim[0].result, DkimResult::TempError);
    assert!(
        verified
            .wanted
            .contains(&("k1._domainkey.brand.example".to_owned(), RecordType::Txt))
    );
}

#[test]
fn bad_keys_each_have_their_reason() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    let good = brand().key_record();
    judged(&raw, &key("v=DKIM1; k=ed25519; p="), DkimResult::PermError, "revoked");
    judged(&raw, &key("v=DKIM1; p=; n=gone"), DkimResult::PermError, "revoked");
    for bad in [
        "v=DKIM1; k=ed25519; p=!!!!",
        "v=DKIM1; k=ed25519; p=AAAA; p=BBBB",
        "v=DKIM2; k=ed25519; p=AAAA",
        "v=DKIM1; k=rsa; p=AAAA",
    ] {
        let fact = facts(&raw, &key(bad)).remove(0);
        assert!(
            fact.reason == "bad-key" || fact.reason == "signature",
            "{bad}: {fact:?}"
        );
        assert_ne!(fact.result, DkimResult::Pass);
    }
    judged(
        &raw,
        &key(&good.replace("k=ed25519; ", "")),
        DkimResult::PermError,
        "bad-key",
    );
    judged(&raw, &key(&format!("{good}; h=sha1")), DkimResult::PermError, "bad-key");
    judged(
        &raw,
        &key(&format!("{good}; s=tlsrpt")),
        DkimResult::PermError,
        "bad-key",
    );
    judged(
        &raw,
        &key(&format!("{good}; h=sha1:sha256; s=email")),
        DkimResult::Pass,
        "ok",
    );
    let testing = judged(&raw, &key(&format!("{good}; t=y")), DkimResult::Pass, "ok");
    assert!(
        testing.detail.contains("testing") && testing.key_flags == ["y"],
        "{testing:?}"
    );
}

#[test]
fn the_identity_must_be_of_the_domain() {
    let below = brand().sign(PLAIN, SIGNED, "i=news@mail.brand.example");
    judged(&below, &published(), DkimResult::Pass, "ok");
    judged(
        &below,
        &key(&format!("{}; t=s", brand().key_record())),
        DkimResult::PermError,
        "identity",
    );
    let other = brand().sign(PLAIN, SIGNED, "i=@notbrand.example");
    judged(&other, &published(), DkimResult::PermError, "identity");
}

#[test]
fn a_signature_that_leaves_out_from_counts_for_nothing() {
    let raw = brand().sign(PLAIN, &["to", "subject"], "");
    judged(&raw, &published(), DkimResult::PermError, "from-unsigned");
}

#[test]
fn malformed_and_unsupported_are_told() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    for (from, to, reason) in [
        ("v=1;", "v=2;", "malformed"),
        ("v=1;", "", "malformed"),
        ("d=brand.example", "d=brand example..", "malformed"),
        ("bh=", "bx=", "malformed"),
        ("h=from", "t=soon; h=from", "malformed"),
        ("h=from", "t=5; x=4; h=from", "malformed"),
        ("h=from", "a=rsa-sha256; h=from", "malformed"),
        ("a=ed25519-sha256", "a=rsa-sha1", "unsupported"),
        ("a=ed25519-sha256", "a=rsa-sha512", "unsupported"),
        ("c=relaxed/relaxed", "c=loose/relaxed", "unsupported"),
        ("h=from", "q=dns/cert; h=from", "unsupported"),
    ] {
        judged(&replaced(&raw, from, to), &published(), DkimResult::PermError, reason);
    }
}

#[test]
fn signatures_are_judged_apart_and_only_so_many() {
    let esp = Signer::new("esp.example", "s9", 5);
    let mut dns = published();
    let twice = esp.sign(&brand().sign(PLAIN, SIGNED, ""), SIGNED, "");
    let found = facts(&twice, &dns);
    assert_eq!(
        found.iter().map(|fact| fact.domain.as_str()).collect::<Vec<_>>(),
        ["esp.example", "brand.example"]
    );
    assert_eq!(
        (found[0].result, found[1].result),
        (DkimResult::TempError, DkimResult::Pass)
    );
    esp.publish(&mut dns);
    assert!(facts(&twice, &dns).iter().all(|fact| fact.result == DkimResult::Pass));

    let mut many = PLAIN.to_vec();
    for _ in 0..40 {
        many = brand().sign(&many, SIGNED, "");
    }
    let found = facts(&many, &dns);
    assert_eq!(
        (
            found.len(),
            found.iter().filter(|fact| fact.result == DkimResult::Pass).count()
        ),
        (40, 16)
    );
}

#[test]
fn a_copy_saved_with_bare_line_feeds_is_judged_as_it_was_sent() {
    let raw = brand().sign(PLAIN, SIGNED, "");
    let saved: Vec<u8> = raw.iter().copied().filter(|byte| *byte != b'\r').collect();
    judged(&saved, &published(), DkimResult::Pass, "ok");
}

/// Signed by openssl's keys of these sizes, see `weak.py` beside the files.
#[test]
fn weak_rsa_keys_count_for_nothing() {
    for (bits, result, reason) in [
        (512, DkimResult::PermError, "weak-key"),
        (768, DkimResult::PermError, "weak-key"),
        (1024, DkimResult::Pass, "ok"),
    ] {
        let folder = format!("{}/tests/data/probe/auth", env!("CARGO_MANIFEST_DIR"));
        let raw = std::fs::read(format!("{folder}/rsa-{bits}.eml")).unwrap();
        let dns = serde_json::from_slice(&std::fs::read(format!("{folder}/dns.json")).unwrap()).unwrap();
        assert_eq!(judged(&raw, &dns, result, reason).bits, Some(bits));
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(raw in proptest::collection::vec(any::<u8>(), 0..600)) {
        verify(&input(&raw), &published());
    }

    #[test]
    fn no_signature_field_makes_it_panic_or_pass(value in "[ -~\\r\\n\\t]{0,200}") {
        let mut raw = format!("DKIM-Signature: v=1; a=ed25519-sha256; d=brand.example; s=k1; h=from; {value}\r\n").into_bytes();
        raw.extend_from_slice(PLAIN);
        let found = verify(&input(&raw), &published()).authentication.dkim;
        prop_assert!(found.iter().all(|fact| fact.result != DkimResult::Pass));
    }

    #[test]
    fn no_key_record_makes_it_panic(text in "[ -~]{0,120}") {
        let raw = brand().sign(PLAIN, SIGNED, "");
        verify(&input(&raw), &key(&format!("v=DKIM1; p={text}")));
    }
}
