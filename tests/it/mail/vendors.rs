//! What services make of URLs is recognised and peeled exactly as the recorded forms say.

use inboxqa::mail::vendors::{host, message_ids, open, peel, unsubscribe};
use proptest::prelude::*;
use serde_json::Value;

fn fixture(name: &str) -> Value {
    let path = format!("{}/tests/data/vendors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn rows<'a>(fixture: &'a Value, key: &str) -> Vec<&'a Value> {
    fixture[key]
        .as_array()
        .map(|rows| rows.iter().collect())
        .unwrap_or_default()
}

fn vendors(url: &str) -> Vec<&'static str> {
    peel(url).layers.iter().map(|layer| layer.vendor).collect()
}

#[test]
fn recorded_links_are_decoded() {
    for name in ["postmark", "customerio"] {
        let fixture = fixture(name);
        assert!(!rows(&fixture, "links").is_empty());
        for row in rows(&fixture, "links") {
            let peeled = peel(row["url"].as_str().unwrap());
            assert_eq!(peeled.destination.as_deref(), row["destination"].as_str(), "{row}");
            assert_eq!(peeled.layers.len(), 1, "{row}");
            assert_eq!(peeled.layers[0].vendor, row["vendor"].as_str().unwrap());
            assert_eq!(peeled.layers[0].host, row["host"].as_str().unwrap());
        }
        for row in rows(&fixture, "pixels") {
            assert_eq!(open(row["url"].as_str().unwrap()), row["vendor"].as_str(), "{row}");
        }
        for row in rows(&fixture, "unsubscribe") {
            assert_eq!(
                unsubscribe(row["url"].as_str().unwrap()),
                row["vendor"].as_str(),
                "{row}"
            );
        }
    }
}

#[test]
fn links_pixels_and_unsubscribe_addresses_name_their_message() {
    for name in ["postmark", "customerio"] {
        let fixture = fixture(name);
        for row in ["links", "pixels", "unsubscribe"]
            .iter()
            .flat_map(|key| rows(&fixture, key))
        {
            let told: Vec<String> = message_ids(row["url"].as_str().unwrap())
                .iter()
                .map(|id| id.to_string())
                .collect();
            let recorded = row["message_id"].as_str().map(|id| id.trim_end_matches('=').to_owned());
            assert_eq!(told, Vec::from_iter(recorded), "{row}");
        }
    }
}

#[test]
fn recorded_chains_are_peeled_layer_by_layer() {
    let fixture = fixture("chains");
    assert!(!rows(&fixture, "links").is_empty());
    for row in rows(&fixture, "links") {
        let url = row["url"].as_str().unwrap();
        let expected: Vec<&str> = row["layers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|layer| layer.as_str().unwrap())
            .collect();
        assert_eq!(vendors(url), expected, "{row}");
        let itself = expected.is_empty().then_some(url);
        assert_eq!(
            peel(url).destination.as_deref(),
            row["destination"].as_str().or(itself),
            "{row}"
        );
    }
}

#[test]
fn other_services_are_known() {
    let decodable = [
        (
            "ses",
            "https://abc.r.eu-west-1.awstrack.me/L0/https:%2F%2Fshop.brand.example%2Fa%3Fb=c%26d=e/1/0102-000000/sig=12",
        ),
        (
            "ses",
            "https://click.brand.example/CL0/https:%2F%2Fshop.brand.example%2Fa%3Fb=c%26d=e/1/0102-000000/sig=12",
        ),
        (
            "resend",
            "https://0a1b.eu-west-1.resend-clicks-a.com/CL0/https:%2F%2Fshop.brand.example%2Fa%3Fb=c%26d=e/1/01/s=1",
        ),
        (
            "mandrill",
            "https://mandrillapp.com/track/click/30000000/shop.brand.example?p=eyJzIjoiYWJjIiwidiI6MSwicCI6IntcInVcIjozMCxcInZcIjoxLFwidXJsXCI6XCJodHRwczpcXFwvXFxcL3Nob3AuYnJhbmQuZXhhbXBsZVxcXC9hP2I9YyZkPWVcIixcImlkXCI6XCJmZlwifSJ9",
        ),
        (
            "urldefense",
            "https://urldefense.proofpoint.com/v2/url?u=https-3A__shop.brand.example_a-3Fb-3Dc-26d-3De&d=DwMF&c=x",
        ),
        (
            "urldefense",
            "https://urldefense.com/v3/__https://shop.brand.example/a?b=c*d=e__;Jg!!Abc!def$",
        ),
    ];
    for (vendor, url) in decodable {
        assert_eq!(vendors(url), [vendor], "{url}");
        assert_eq!(
            peel(url).destination.as_deref(),
            Some("https://shop.brand.example/a?b=c&d=e"),
            "{url}"
        );
    }
    let opaque = [
        ("sendgrid", "https://links.brand.example/ls/click?upn=u001.AbC-2BdEf"),
        ("sendgrid", "https://u123.ct.sendgrid.net/wf/click?upn=AbC-2B"),
        ("mailgun", "https://email.brand.example/c/eJwNyTEOwyAM"),
        ("klaviyo", "https://ctrk.klclick2.com/l/01HXYZ_3"),
        ("klaviyo", "https://trk.klclick1.com/ls/click?upn=abc"),
    ];
    for (vendor, url) in opaque {
        assert_eq!(vendors(url), [vendor], "{url}");
        assert_eq!(peel(url).destination, None, "{url}");
    }
    assert_eq!(
        open("https://abc.r.eu-west-1.awstrack.me/I0/0102-000000/sig=12"),
        Some("ses")
    );
    assert_eq!(open("https://u123.ct.sendgrid.net/wf/open?upn=abc"), Some("sendgrid"));
    assert_eq!(
        unsubscribe("https://manage.kmail-lists.com/subscriptions/unsubscribe?a=b"),
        Some("klaviyo")
    );
    assert_eq!(
        unsubscribe("https://mandrillapp.com/track/unsub.php?u=1&id=2"),
        Some("mandrill")
    );
}

#[test]
fn ordinary_urls_are_their_own_destination() {
    for url in [
        "https://shop.brand.example/orders/1042?a=b&c=d#e",
        "https://shop.brand.example/3d/printers/red",
        "https://shop.brand.example/e/c/spring",
        "https://shop.brand.example/CL0/x/1",
        "mailto:help@brand.example",
        "",
        "{{ url }}",
    ] {
        let peeled = peel(url);
        assert_eq!(peeled.layers, []);
        assert_eq!(peeled.destination.as_deref(), Some(url));
        assert_eq!(open(url), None);
        assert_eq!(unsubscribe(url), None);
    }
}

#[test]
fn a_chain_without_end_ends() {
    let mut url = "https://shop.brand.example/".to_owned();
    for _ in 0..12 {
        let encoded: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        url = format!("https://eur01.safelinks.protection.outlook.com/?url={encoded}");
    }
    assert_eq!(peel(&url).destination, None);
}

#[test]
fn hosts_are_compared_in_one_form() {
    assert_eq!(host("//CLICK.pstmrk.it./x").as_deref(), Some("click.pstmrk.it"));
    assert_eq!(host("mailto:a@b.example"), None);
}

proptest! {
    #[test]
    fn any_text_is_survived(url in "(https?://)?(click.pstmrk.it/3s|x.example/e/c|urldefense.com/v3/__)?[ -~é]{0,80}(__;[ -~]{0,20})?") {
        let peeled = peel(&url);
        prop_assert!(peeled.layers.len() <= 8);
        open(&url);
        unsubscribe(&url);
    }
}

/// Mailchimp's pixel has the path of Mandrill's, its older sister.
#[test]
fn mailchimp_is_not_mandrill() {
    let on = |path: &str| format!("https://brand.us1.list-manage.com/{path}?u=aaa&id=bbb&e=ccc");
    assert_eq!(open(&on("track/open.php")), Some("mailchimp"));
    assert_eq!(unsubscribe(&on("unsubscribe")), Some("mailchimp"));
    let click = peel(&on("track/click"));
    assert_eq!((click.layers[0].vendor, click.destination), ("mailchimp", None));
    assert_eq!(
        open("https://mandrillapp.com/track/open.php?u=1&id=2"),
        Some("mandrill")
    );
}
