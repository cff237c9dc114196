//! What becomes of a message that nothing goes wrong with.

use super::bench::{Bench, INBOX};
use inboxqa::model::FolderRole;

fn text(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

/// The body decoded as the lab never does it: soft line breaks removed, the few escapes that occur undone.
fn readable(raw: &[u8]) -> String {
    let bytes = quoted_printable::decode(raw, quoted_printable::ParseMode::Robust).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_receipt_at_gmail() {
    let mut bench = Bench::start(&[]);
    let stored = bench.deliver("order", "receipts", "gmail").await;
    assert_eq!((stored.place, stored.tab), (INBOX, Some("primary")));
    let head = text(&stored.raw);
    for wanted in [
        "Authentication-Results: mx.google.com;\r\n       dkim=pass header.i=@pm.mtasv.net",
        "dkim=pass header.i=@brand.example header.s=lab1",
        "dmarc=pass (p=QUARANTINE sp=QUARANTINE dis=NONE) header.from=brand.example",
        "Return-Path: <pm_bounces@pm-bounces.brand.example>",
        "by mx.google.com with ESMTPS id",
        "X-PM-MTA-Pool: transactional-3",
        "Feedback-ID: s1234567-_:s1234567:a765432:postmark",
        "X-InboxQA-Token: 0123456789abcdef0123456789abcdef",
    ] {
        assert!(head.contains(wanted), "{wanted}");
    }
    assert!(!head.contains("X-PM-Message-Stream") && !head.contains("X-PM-Metadata"));
    let body = readable(&stored.raw);
    assert!(body.contains("Grüße"));
    assert_eq!(body.matches("https://click.pstmrk.it/3s/").count(), 2, "{body}");
    assert_eq!(
        body.matches("https://click.pstmrk.it/3ts/shop.brand.example%2Forders%2F1042%3Fkey%3Da%26lang%3Den/")
            .count(),
        1
    );
    assert_eq!(body.matches("https://www.brand.example/unsubscribe?c=1").count(), 2);
    assert_eq!(body.matches("https://ea.pstmrk.it/open?m=v3_1.").count(), 1);
    assert!(body.contains("<a href=\"https://shop.brand.example/hidden\">"));
}

#[tokio::test]
async fn a_sale_at_yahoo_and_at_gmails_promotions() {
    let mut bench = Bench::start(&[]);
    let stored = bench.deliver("sale", "sales", "yahoo").await;
    let head = text(&stored.raw);
    for wanted in [
        "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;",
        "dkim=pass header.i=@news.brand.example header.s=krs;",
        "dkim=pass header.i=@news.brand.example header.s=krs-ed25519;",
        "dmarc=pass(p=QUARANTINE) header.from=news.brand.example;",
        "List-Unsubscribe: <mailto:32.",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "X-Mailer: Customer.io (",
        "with SMTPs",
    ] {
        assert!(head.contains(wanted), "{wanted} in {head}");
    }
    let body = readable(&stored.raw);
    assert_eq!(body.matches("https://e.news.brand.example/e/c/").count(), 2, "{body}");
    assert!(
        body.contains("https://shop.brand.example/orders/1042?key=a&lang=en"),
        "the text part is not rewritten"
    );
    let stored = bench.deliver("sale", "sales", "gmail").await;
    assert_eq!(stored.tab, Some("promotions"));
}

#[tokio::test]
async fn outlook_tells_one_signature_and_rebuilds_the_body() {
    let mut bench = Bench::start(&[]);
    let stored = bench.deliver("order", "receipts", "outlook").await;
    let head = text(&stored.raw);
    assert_eq!(head.matches("dkim=").count(), 1, "{head}");
    assert!(head.contains("Authentication-Results: spf=pass (sender IP is 203.0.113."));
    assert!(head.contains("dkim=pass (signature was verified)\r\n header.d=brand.example;dmarc=pass action=none"));
    let marker = head.find("X-IncomingTopHeaderMarker").unwrap();
    let verdict = head.find("Authentication-Results").unwrap();
    assert!(verdict < marker);
    assert_eq!(head[..verdict].matches("Received: ").count(), 3);
    assert!(head.contains("\r\n\r\n--b-1--"));
}

#[tokio::test]
async fn a_provider_of_no_particular_style() {
    let mut bench = Bench::start(&[]);
    let stored = bench.deliver("order", "plain", "own").await;
    let head = text(&stored.raw);
    assert!(head.contains("Authentication-Results: mx.mail.own.example;\r\n\tdkim=pass header.d=relay.example"));
    assert!(
        head.contains("dkim=pass header.d=brand.example header.s=lab1"),
        "{head}"
    );
    assert!(readable(&stored.raw).contains("https://go.brand.example/c/"));
    assert_eq!((stored.place, stored.tab), (FolderRole::Inbox, None));
}
