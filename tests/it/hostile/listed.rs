//! The list of what somebody may try on a reader of mail, case by case, each in a saved message with the DNS of that moment: what must be
//! said, and what must not be. What needs a server that misbehaves is in `probe::links` and `net`, what needs bulk in `hostile::parsing`.

use super::judged_with;
use crate::probe::signing::Signer;
use inboxqa::model::zone::ZoneEntry;
use inboxqa::model::{DnsAnswer, JudgedDelivery, LinkKind, RecordType, Verdict, Zone};
use std::collections::BTreeMap;

const SIGNED: &[&str] = &[
    "from",
    "to",
    "subject",
    "date",
    "list-unsubscribe",
    "list-unsubscribe-post",
];
const BODY: &str = "<p>Hello</p><a href='https://shop.brand.example/'>Shop</a>";

fn signer() -> Signer {
    Signer::new("brand.example", "k1", 7)
}

fn zone(changes: &[(&str, &str)]) -> Zone {
    let key = signer().key_record();
    let mut names = vec![
        ("k1._domainkey.brand.example", key.as_str()),
        ("_dmarc.brand.example", "v=DMARC1; p=reject"),
        ("esp.example", "v=spf1 ip4:203.0.113.9 -all"),
    ];
    names.extend(changes);
    let mut zone = Zone::default();
    for (name, text) in names {
        zone.put(
            name,
            match text {
                "NXDOMAIN" => ZoneEntry::Answer(DnsAnswer::NoName),
                "TIMEOUT" => ZoneEntry::Answer(DnsAnswer::Timeout),
                "SERVFAIL" => ZoneEntry::Answer(DnsAnswer::Failed("SERVFAIL".into())),
                text => {
                    let texts = text.split(" AND ").map(str::to_owned).collect();
                    ZoneEntry::Records(BTreeMap::from([(RecordType::Txt, texts)]))
                }
            },
        );
    }
    zone
}

fn head(from: &str, more: &str) -> String {
    format!(
        "From: {from}\r\nTo: seed@gmail.example\r\nSubject: Sale\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\
         Message-ID: <1@brand.example>\r\n{more}MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    )
}

/// As Gmail's mailbox keeps it, which says what is given.
fn received(raw: &[u8], said: &str) -> Vec<u8> {
    let above = format!(
        "Return-Path: <bounce@esp.example>\r\nReceived: from out.esp.example (out.esp.example. [203.0.113.9])\r\n        by mx.google.com with \
         ESMTPS id b2; Mon, 23 Nov 2026 02:00:02 -0800 (PST)\r\n{said}"
    );
    [above.as_bytes(), raw].concat()
}

fn signed(from: &str, more: &str, tags: &str) -> Vec<u8> {
    signer().sign(format!("{}{BODY}\r\n", head(from, more)).as_bytes(), SIGNED, tags)
}

const BRAND: &str = "Brand <sale@brand.example>";
const LIST: &str =
    "List-Unsubscribe: <https://u.brand.example/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";
const FORGED: &str =
    "Authentication-Results: mx.google.com; dkim=pass header.d=brand.example; spf=pass; dmarc=pass\r\n";
const ARC: &str = "ARC-Seal: i=1; a=rsa-sha256; t=1; cv=pass; d=google.com; s=x; b=AAAA\r\n\
    ARC-Authentication-Results: i=1; mx.google.com; dkim=pass header.d=brand.example; dmarc=pass\r\n";

/// The reasons that one check gives, with the verdict.
fn told(judged: &JudgedDelivery, check: &str) -> Vec<String> {
    let of = judged.findings.iter().filter(|finding| finding.check.as_str() == check);
    of.map(|finding| {
        let (_, code) = finding.reason.split_once('.').unwrap();
        format!("{check} {} {code}", finding.verdict)
    })
    .collect()
}

/// Name, message, what DNS says otherwise, what is told (`check verdict reason`), separated by commas.
type Row = (&'static str, Vec<u8>, Vec<(&'static str, String)>, &'static str);

fn signed_by(domain: &str, from: &str) -> Vec<u8> {
    let raw = format!("{}{BODY}\r\n", head(from, ""));
    Signer::new(domain, "k1", 7).sign(raw.as_bytes(), SIGNED, "")
}

/// The records of a domain that readers see in other letters.
fn abroad() -> Vec<(&'static str, String)> {
    vec![
        ("k1._domainkey.xn--brnd-moa.example", signer().key_record()),
        ("_dmarc.xn--brnd-moa.example", "v=DMARC1; p=reject".to_owned()),
    ]
}

const KEY: &str = "k1._domainkey.brand.example";

fn keys(change: impl Fn(String) -> String) -> Vec<(&'static str, String)> {
    vec![(KEY, change(signer().key_record()))]
}

fn identity() -> Vec<Row> {
    let unsigned = |from: &str, more: &str| format!("{}{BODY}\r\n", head(from, more)).into_bytes();
    let two = String::from_utf8(signed(BRAND, "", "")).unwrap();
    vec![
        (
            "a sound message",
            received(&signed(BRAND, "", ""), ""),
            vec![],
            "dkim-signature pass ok, dmarc pass ok",
        ),
        (
            "a verdict forged by the sender below the provider's own",
            received(
                &unsigned(BRAND, FORGED),
                "Authentication-Results: mx.google.com; dkim=none; spf=fail; dmarc=fail\r\n",
            ),
            vec![],
            "dkim-signature fail no-signature, dmarc fail fail",
        ),
        (
            "a chain of ARC that says pass",
            received(&unsigned(BRAND, ARC), ""),
            vec![],
            "dkim-signature fail no-signature, dmarc fail fail",
        ),
        (
            "a second From above the signed one",
            received(format!("From: Bank <a@bank.example>\r\n{two}").as_bytes(), ""),
            vec![],
            "header-hygiene fail several-from, dmarc fail not-evaluable",
        ),
        (
            "two addresses in From",
            received(&signed("sale@brand.example, b@bank.example", "", ""), ""),
            vec![],
            "header-hygiene fail several-from, dmarc fail not-evaluable",
        ),
        (
            "a group in From",
            received(&signed("Friends:;", "", ""), ""),
            vec![],
            "header-hygiene fail no-from, dmarc fail not-evaluable",
        ),
        (
            "a domain that looks alike in other letters",
            received(&signed("Brand <sale@brаnd.example>", "", ""), ""),
            vec![],
            "from-alignment fail not-aligned",
        ),
        (
            "our domain in letters of its own, as the signature names it",
            received(&signed_by("xn--brnd-moa.example", "Bränd <sale@bränd.example>"), ""),
            abroad(),
            "dkim-signature pass ok, from-alignment pass ok, dmarc pass ok",
        ),
        (
            "the same, and the signature in letters of its own too",
            received(&signed_by("bränd.example", "Bränd <sale@xn--brnd-moa.example>"), ""),
            abroad(),
            "dkim-signature pass ok, from-alignment pass ok, dmarc pass ok",
        ),
        (
            "our domain with its final dot",
            received(&signed("Brand <sale@brand.example.>", "", ""), ""),
            vec![],
            "from-alignment pass ok, dmarc pass ok",
        ),
        (
            "a domain that only begins like ours",
            received(&signed("Brand <sale@brand.example.evil.test>", "", ""), ""),
            vec![],
            "from-alignment fail not-aligned",
        ),
        (
            "a signature by a public suffix",
            received(
                &Signer::new("co.uk", "k1", 7).sign(
                    format!("{}{BODY}\r\n", head("Brand <a@brand.co.uk>", "")).as_bytes(),
                    SIGNED,
                    "",
                ),
                "",
            ),
            vec![("k1._domainkey.co.uk", signer().key_record())],
            "from-alignment fail not-aligned",
        ),
        (
            "letters of the domain in capitals",
            received(&signed("Brand <sale@BRAND.Example>", "", ""), ""),
            vec![],
            "from-alignment pass ok",
        ),
        (
            "one-click fields that no signature covers",
            received(&[LIST.as_bytes(), &signed(BRAND, "", "")].concat(), ""),
            vec![],
            "list-unsubscribe fail unsigned",
        ),
        (
            "one-click fields that are covered",
            received(&signed(BRAND, LIST, ""), ""),
            vec![],
            "list-unsubscribe pass ok",
        ),
    ]
}

fn signatures() -> Vec<Row> {
    let hidden = |tail: &str| {
        let length = BODY.len() + 2;
        let raw = String::from_utf8(signed(BRAND, "", &format!("l={length}"))).unwrap();
        received(format!("{raw}{tail}").as_bytes(), "")
    };
    let good = || received(&signed(BRAND, "", ""), "");
    vec![
        (
            "words behind the length that is signed",
            hidden("<p>Buy here</p>\r\n"),
            vec![],
            "dkim-strength fail body-length",
        ),
        (
            "a length that covers all",
            hidden(""),
            vec![],
            "dkim-strength warn body-length",
        ),
        (
            "fields that are not signed",
            received(
                &signer().sign(format!("{}{BODY}\r\n", head(BRAND, "")).as_bytes(), &["from"], ""),
                "",
            ),
            vec![],
            "dkim-strength fail unsigned-headers",
        ),
        (
            "expired when it arrived",
            received(&signed(BRAND, "", "t=1; x=2"), ""),
            vec![],
            "dkim-signature fail expired",
        ),
        (
            "not expired when it arrived, expired now",
            received(&signed(BRAND, "", "t=1795427900; x=1795428100"), ""),
            vec![],
            "dkim-signature pass ok",
        ),
        (
            "a key that was revoked",
            good(),
            keys(|_| "v=DKIM1; p=".into()),
            "dkim-signature fail revoked",
        ),
        (
            "a key for other hashes",
            good(),
            keys(|key| key + "; h=sha1"),
            "dkim-signature fail bad-key",
        ),
        (
            "a key for another service",
            good(),
            keys(|key| key + "; s=other"),
            "dkim-signature fail bad-key",
        ),
        (
            "a key of an unknown kind",
            good(),
            keys(|key| key.replace("ed25519", "ed448")),
            "dkim-signature fail bad-key",
        ),
        (
            "a version that is none",
            good(),
            keys(|key| key.replace("DKIM1", "DKIM9")),
            "dkim-signature fail bad-key",
        ),
        (
            "a strict key and an identity below",
            received(&signed(BRAND, "", "i=x@mail.brand.example"), ""),
            keys(|key| key + "; t=s"),
            "dkim-signature fail identity",
        ),
        (
            "a key beside records that are none",
            good(),
            keys(|key| format!("google-site-verification=x AND {key} AND v=spf1 -all")),
            "dkim-signature pass ok",
        ),
        (
            "two keys where the first is ours",
            good(),
            keys(|key| format!("{key} AND {}", Signer::new("brand.example", "k1", 8).key_record())),
            "dkim-signature pass ok, dkim-strength warn several-keys",
        ),
        (
            "two keys where none is ours",
            good(),
            keys(|_| {
                let other = |seed| Signer::new("brand.example", "k1", seed).key_record();
                format!("{} AND {}", other(8), other(9))
            }),
            "dkim-signature fail signature, dkim-strength warn several-keys",
        ),
        (
            "a key that is being tested",
            good(),
            keys(|key| key + "; t=y"),
            "dkim-signature pass ok, dkim-strength warn testing",
        ),
        (
            "a key that is not there",
            good(),
            keys(|_| "NXDOMAIN".into()),
            "dkim-signature fail no-key",
        ),
        (
            "a key that nobody answers for",
            good(),
            keys(|_| "TIMEOUT".into()),
            "dkim-signature blind dns-timeout",
        ),
        (
            "a server that fails",
            good(),
            keys(|_| "SERVFAIL".into()),
            "dkim-signature blind dns-failed",
        ),
    ]
}

#[test]
fn who_it_says_it_is_from_and_who_signed_it() {
    let mut wrong = Vec::new();
    for (name, raw, dns, expected) in identity().into_iter().chain(signatures()) {
        let changes: Vec<(&str, &str)> = dns.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let judged = judged_with(&raw, zone(&changes));
        for one in expected.split(", ") {
            let (check, _) = one.split_once(' ').unwrap();
            let said = told(&judged, check);
            if !said.iter().any(|said| said == one) {
                wrong.push(format!("{name}: expected {one}, told {said:?}"));
            }
        }
        let passed = |id: &str| told(&judged, id).iter().any(|said| said.contains(" pass "));
        if expected.contains("dmarc fail") && passed("from-alignment") {
            wrong.push(format!("{name}: something aligns"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As a reader's program opens it, and whether it may be requested.
#[test]
fn addresses_in_disguise() {
    let mut wrong = Vec::new();
    for (written, url, kind) in [
        (
            "https://u.brand.example/&#117;nsubscribe",
            "https://u.brand.example/unsubscribe",
            LinkKind::Unsubscribe,
        ),
        (
            "https://u.brand.example/%75nsubscribe?x",
            "https://u.brand.example/%75nsubscribe?x",
            LinkKind::Unsubscribe,
        ),
        (
            "https://click.pstmrk.it/3s/brand.example%2Funsubscribe/a/b/AQ/c/1/d",
            "https://click.pstmrk.it/3s/brand.example%2Funsubscribe/a/b/AQ/c/1/d",
            LinkKind::Unsubscribe,
        ),
        (
            " \n https://a.example/\n  x\ty ",
            "https://a.example/  xy",
            LinkKind::Link,
        ),
        ("//cdn.brand.example/x", "https://cdn.brand.example/x", LinkKind::Link),
        (
            "https://brand.example@evil.example/",
            "https://brand.example@evil.example/",
            LinkKind::Link,
        ),
        ("java\nscript:alert(1)", "javascript:alert(1)", LinkKind::Link),
    ] {
        let html = format!("<a href=\"{written}\">Shop</a>");
        let judged = judged_with(format!("{}{html}", head(BRAND, "")).as_bytes(), zone(&[]));
        let link = &judged.digest.links[0];
        if (link.delivered.as_str(), link.kind) != (url, kind) {
            wrong.push(format!("{written:?}: {:?} {:?}", link.delivered, link.kind));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What could be read one way and written another is told as it is.
#[test]
fn words_that_turn_around_or_do_not_show() {
    for subject in [
        "=?utf-8?q?Pay_=E2=80=AEgpj.exe?=",
        "=?utf-8?b?4oCuZXhl?= =?broken",
        "=?utf-7?q?+ADw-script+AD4-?=",
        "=?utf-8?q?=00=1B]52;c;aGk=07?=",
    ] {
        let raw = head(BRAND, "").replace("Subject: Sale", &format!("Subject: {subject}")) + BODY;
        let judged = judged_with(&received(raw.as_bytes(), ""), zone(&[]));
        assert!(judged.digest.subject.is_some(), "{subject}");
        assert!(
            judged.findings.iter().all(|finding| finding.verdict != Verdict::Blind),
            "{subject}"
        );
    }
}
