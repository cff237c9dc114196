//! Faults of content, trace and delivery: each does what it says to the deliveries it matches, and nothing to the others.

use super::bench::{Bench, address};
use super::web::urls_on;
use inboxqa::model::{DeliveryId, FolderRole};
use quoted_printable::{ParseMode, decode};
use std::time::Duration;
use time::OffsetDateTime;

fn text(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

fn readable(raw: &[u8]) -> String {
    text(&decode(raw, ParseMode::Robust).unwrap())
}

fn id(case: &str, route: &str, mailbox: &str) -> DeliveryId {
    let own = str::to_owned;
    DeliveryId {
        suite: own("launch"),
        case: own(case),
        route: own(route),
        mailbox: own(mailbox),
    }
}

#[tokio::test]
async fn identity_is_changed_only_where_asked() {
    let mut bench = Bench::start(&[
        "from-changed=name@case=name",
        "from-changed=local@case=local",
        "from-changed=domain@case=domain",
        "strip-token-header@case=token",
        "new-message-id@case=id",
    ]);
    for case in ["name", "local", "domain", "token", "id", "fine"] {
        let stored = bench.deliver(case, "receipts", "gmail").await;
        let head = text(&stored.raw);
        let from = match case {
            "name" => "From: Somebody Else <receipts@brand.example>",
            "local" => "From: Brand Receipts <mailer@brand.example>",
            "domain" => "From: Brand Receipts <receipts@brand-mailings.example>",
            _ => "From: Brand Receipts <receipts@brand.example>",
        };
        assert!(head.contains(from), "{case}");
        assert_eq!(head.contains("X-InboxQA-Token: "), case != "token", "{case}");
        assert_eq!(
            head.contains("Message-ID: <own-1@brand.example>"),
            case != "id",
            "{case}"
        );
        assert_eq!(head.contains("dmarc=fail (p=QUARANTINE"), case == "domain", "{case}");
    }
}

#[tokio::test]
async fn links_and_pixels_are_spoiled_as_asked() {
    let mut bench = Bench::start(&[
        "no-rewrite@case=plain",
        "wrong-tracking-host@case=astray",
        "wrong-destination@case=wrong",
        "lost-query@case=query",
        "mangled-ampersand@case=amp",
        "no-pixel@case=no-pixel",
        "two-pixels@case=two-pixels",
        "raw-merge-tag@case=tag",
    ]);
    for case in [
        "plain",
        "astray",
        "wrong",
        "query",
        "amp",
        "no-pixel",
        "two-pixels",
        "tag",
        "fine",
    ] {
        let stored = bench.deliver(case, "receipts", "gmail").await;
        let body = readable(&stored.raw);
        let clicks = urls_on(&stored.raw, "click.pstmrk.it").len();
        assert_eq!(clicks, if matches!(case, "plain" | "astray") { 0 } else { 3 }, "{case}");
        let astray = urls_on(&stored.raw, "track.pstmrk.it").len();
        assert_eq!(astray, if case == "astray" { 3 } else { 0 }, "{case}");
        assert_eq!(body.contains("/shop.brand.example%2Fsomewhere-else/"), case == "wrong");
        assert_eq!(body.contains("/shop.brand.example%2Forders%2F1042/"), case == "query");
        assert_eq!(body.contains("%3Fkey%3Da%26amp%3Blang%3Den/"), case == "amp");
        let pixels = match case {
            "no-pixel" => 0,
            "two-pixels" => 2,
            _ => 1,
        };
        assert_eq!(urls_on(&stored.raw, "ea.pstmrk.it").len(), pixels, "{case}");
        assert_eq!(
            body.matches("{{ customer.first_name }}").count(),
            if case == "tag" { 2 } else { 0 }
        );
    }
}

#[tokio::test]
async fn words_are_spoiled_as_asked() {
    let mut bench = Bench::start(&[
        "mojibake@case=charset",
        "inserted-footer@case=footer",
        "truncated-html@case=cut",
    ]);
    for case in ["charset", "footer", "cut", "fine"] {
        let body = readable(&bench.deliver(case, "receipts", "gmail").await.raw);
        let of = |what: &str| body.matches(what).count();
        let (sound, garbled) = if case == "charset" { (0, 2) } else { (2, 0) };
        assert_eq!((of("Grüße"), of("GrÃ¼ÃŸe")), (sound, garbled), "{case}");
        assert_eq!(of("Sent with Mailer"), if case == "footer" { 2 } else { 0 }, "{case}");
        let whole = usize::from(case != "cut");
        assert_eq!(
            (of("</html>"), of("ea.pstmrk.it"), of("--b-1--")),
            (whole, whole, 1),
            "{case}"
        );
    }
}

#[tokio::test]
async fn pixels_that_are_dead_or_no_image() {
    let mut bench = Bench::start(&["dead-pixel@case=dead", "pixel-not-image@case=page"]);
    let client = bench.browser(&["e.news.brand.example"]).await;
    for (case, status, kind) in [
        ("dead", 404, "text/html; charset=utf-8"),
        ("page", 200, "text/html; charset=utf-8"),
        ("fine", 200, "image/gif"),
    ] {
        let stored = bench.deliver(case, "sales", "gmail").await;
        let pixel = urls_on(&stored.raw, "e.news.brand.example")
            .into_iter()
            .find(|url| url.contains("/e/o/"));
        let answer = client.get(pixel.unwrap()).send().await.unwrap();
        assert_eq!(
            (
                answer.status().as_u16(),
                &answer.headers()["content-type"].to_str().unwrap()
            ),
            (status, &kind)
        );
    }
}

#[tokio::test]
async fn dropped_late_twice_and_in_the_junk() {
    let mut bench = Bench::start(&[
        "drop@case=drop",
        "delay=0.5@case=late",
        "duplicate@case=twice",
        "junk@case=junk",
    ]);
    assert!(bench.submit("drop", "receipts", "gmail").await.starts_with("250 "));
    let sent = OffsetDateTime::now_utc();
    let late = bench.deliver("late", "receipts", "gmail").await;
    assert!(
        text(&late.raw).contains("launch/late/"),
        "the dropped message came before"
    );
    assert!(late.at - sent >= Duration::from_millis(500));
    let first = bench.deliver("twice", "receipts", "gmail").await;
    let second = bench.next().await;
    assert!(text(&second.raw).contains("launch/twice/") && first.raw != second.raw);
    let junk = bench.deliver("junk", "receipts", "yahoo").await;
    assert_eq!((junk.place, junk.tab), (FolderRole::Junk, None));
}

#[tokio::test]
async fn the_provider_is_reached_without_tls() {
    let mut bench = Bench::start(&["plain-delivery@case=clear"]);
    for (mailbox, secure, clear) in [
        (
            "gmail",
            "by mx.google.com with ESMTPS id",
            "by mx.google.com with ESMTP id",
        ),
        ("yahoo", "with SMTPs\r\n (version", "with SMTP;"),
        ("outlook", "Server (version=TLS1_3", "Server id 15.20"),
        ("own", "with ESMTPS id", "(256/256 bits)"),
    ] {
        let fine = text(&bench.deliver("fine", "receipts", mailbox).await.raw);
        assert!(fine.contains(secure), "{mailbox}: {fine}");
        let plain = text(&bench.deliver("clear", "receipts", mailbox).await.raw);
        assert!(!plain.contains(secure), "{mailbox}");
        assert_eq!(plain.contains(clear), mailbox != "own", "{mailbox}");
    }
}

#[tokio::test]
async fn outlook_says_what_it_thinks_of_a_broken_body() {
    let mut bench = Bench::start(&["break-body"]);
    let head = text(&bench.deliver("order", "receipts", "outlook").await.raw);
    assert!(
        head.contains("dkim=fail (body hash did not verify)\r\n header.d=brand.example;dmarc=pass"),
        "{head}"
    );
    let head = text(&bench.deliver("order", "sales", "outlook").await.raw);
    assert!(
        head.contains(
            "dkim=fail (body hash did not verify)\r\n header.d=news.brand.example;dmarc=fail action=quarantine"
        )
    );
}

#[tokio::test]
async fn the_world_tells_what_acts_on_a_delivery_and_how_to_reach_it() {
    let bench = Bench::start(&["delay=2@case=a*", "junk@mailbox=yahoo", "imap-slow=1@mailbox=gmail"]);
    assert_eq!(
        bench.world.active_faults(&id("abc", "receipts", "yahoo"), 1),
        ["delay=2", "junk"]
    );
    assert_eq!(
        bench.world.active_faults(&id("x", "receipts", "gmail"), 1),
        ["imap-slow=1"]
    );
    assert!(bench.world.active_faults(&id("x", "receipts", "own"), 1).is_empty());
    let told = bench.world.describe();
    for wanted in [
        "DNS ",
        "as smtp.postmarkapp.com:587, route receipts, login receipts@lab ",
        "as imap.gmail.example:993",
    ] {
        assert!(told.contains(wanted), "{wanted} in {told}");
    }
    assert!(told.contains(&address("yahoo")) && told.contains("https://click.pstmrk.it/"));
    assert!(bench.world.root_pem().starts_with("-----BEGIN CERTIFICATE-----"));
}
