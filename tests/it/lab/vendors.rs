//! The lab's written forms against the published facts in `tests/data/vendors/`: the same shape, piece by piece, as mail of
//! the real services has. The product's reader is measured by the same files.

use super::bench::Bench;
use super::web::urls_on;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

fn facts(vendor: &str) -> Value {
    let path = format!("{}/tests/data/vendors/{vendor}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// What a published form has in each place: letters of the same kind count as equal.
fn shape(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_ascii_alphanumeric() { 'x' } else { letter })
        .collect()
}

/// Path segments of a URL.
fn segments(url: &str) -> Vec<&str> {
    url.split('/').skip(3).collect()
}

fn header(raw: &[u8], name: &str) -> String {
    let text = String::from_utf8_lossy(raw).into_owned();
    let value = text
        .split(&format!("\r\n{name}: "))
        .nth(1)
        .unwrap()
        .replace("\r\n ", " ")
        .replace("\r\n\t", " ");
    value.split("\r\n").next().unwrap().to_owned()
}

#[tokio::test]
async fn postmark() {
    let facts = facts("postmark");
    let mut bench = Bench::start(&[]);
    let stored = bench.deliver("order", "receipts", "gmail").await;
    let clicks = urls_on(&stored.raw, "click.pstmrk.it");
    for (click, published) in [(&clicks[1], &facts["links"][0]), (&clicks[0], &facts["links"][1])] {
        let published = published["url"].as_str().unwrap();
        let (ours, theirs) = (segments(click), segments(published));
        assert_eq!(ours.len(), theirs.len(), "{click} like {published}");
        assert_eq!(ours[0], theirs[0]);
        assert_eq!(ours[1], "shop.brand.example%2Forders%2F1042%3Fkey%3Da%26lang%3Den");
        for index in 2..ours.len() {
            assert_eq!(shape(ours[index]), shape(theirs[index]), "{click} like {published}");
        }
        assert!(ours[3].ends_with("AQ") && ours[4] == "AQ");
        assert_eq!(ours[5], header(&stored.raw, "X-PM-Message-Id"));
    }
    let pixel = &urls_on(&stored.raw, "ea.pstmrk.it")[0];
    let published = facts["pixels"][0]["url"].as_str().unwrap();
    assert_eq!(pixel.split("m=").next(), published.split("m=").next());
    assert!(
        pixel.contains("m=v3_1.") && pixel.split('.').count() == published.split('.').count(),
        "{pixel}"
    );
    let receipt = header(&stored.raw, "X-PM-RCPT");
    let decoded = STANDARD.decode(receipt.trim_matches('|')).unwrap();
    assert_eq!(decoded, b"m0|765432|1234567|seed.one@gmail.example");
    let form = |name: &str| {
        let headers = facts["headers"].as_array().unwrap();
        let found = headers
            .iter()
            .rfind(|header| header["name"] == name && header["decoded"]["tag"].is_null());
        found.unwrap()["value"].as_str().unwrap().to_owned()
    };
    assert_eq!(header(&stored.raw, "Feedback-ID"), form("Feedback-ID"));
}

#[tokio::test]
async fn customerio() {
    let facts = facts("customerio");
    let mut bench = Bench::start(&[]);
    let stored = bench.deliver("sale", "sales", "gmail").await;
    let urls = urls_on(&stored.raw, "e.news.brand.example");
    let published = facts["links"][2]["url"].as_str().unwrap();
    let click = urls.iter().find(|url| url.contains("/e/c/")).unwrap();
    let (ours, theirs) = (segments(click), segments(published));
    assert_eq!((ours[0], ours[1], ours.len()), (theirs[0], theirs[1], theirs.len()));
    assert!(ours[3].len() == 64 && ours[3].bytes().all(|byte| byte.is_ascii_hexdigit()));
    let decode = |segment: &str| {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(segment).unwrap()).unwrap();
        assert!(!text.contains('&'), "the ampersand is written \\u0026: {text}");
        serde_json::from_str::<Value>(&text).unwrap()
    };
    let (ours, theirs) = (decode(ours[2]), decode(theirs[2]));
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&ours), keys(&theirs));
    assert_eq!(ours["href"], "https://shop.brand.example/orders/1042?key=a&lang=en");
    let id = ours["email_id"].as_str().unwrap();
    assert_eq!(shape(id).len(), shape(theirs["email_id"].as_str().unwrap()).len());

    let pixel = urls.iter().find(|url| url.contains("/e/o/")).unwrap();
    let told: Value = serde_json::from_slice(&STANDARD.decode(segments(pixel)[2]).unwrap()).unwrap();
    assert_eq!(told["email_id"], id);
    assert!(header(&stored.raw, "X-Mailer").starts_with(&format!("Customer.io ({id};")));
    let published = facts["headers"][2]["value"].as_str().unwrap();
    let unsubscribe = header(&stored.raw, "List-Unsubscribe");
    let mailto = |text: &str| text.split(['.', '@']).nth(1).unwrap().len();
    assert_eq!(
        mailto(&unsubscribe),
        mailto(published),
        "{unsubscribe} like {published}"
    );
    assert!(
        unsubscribe.ends_with(&format!("<https://e.news.brand.example/unsubscribe/{id}>")),
        "{unsubscribe}"
    );
}
