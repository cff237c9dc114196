//! Composed and delivered links are matched one by one, however the route wrapped, moved or broke them.

use inboxqa::mail::Reading;
use inboxqa::mail::pairing::{Pairing, pair};

fn paired(original: &str, delivered: &str) -> Pairing {
    let raw = |html: &str| format!("Content-Type: text/html\r\n\r\n{html}");
    let (one, other) = (raw(original), raw(delivered));
    pair(
        Reading::new(one.as_bytes()).links(),
        Reading::new(other.as_bytes()).links(),
    )
}

fn wrapped(destination: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(destination.as_bytes()).collect();
    format!("https://click.pstmrk.it/3s/{encoded}/a/b/AQ/c/1/d")
}

#[test]
fn wrapped_links_are_matched_by_their_destination() {
    let delivered = format!(
        "<a href='{}'>Help</a><a href='{}'>Order</a>",
        wrapped("www.brand.example/help"),
        wrapped("shop.brand.example/o/1?a=b&c=d")
    );
    let found = paired(
        "<a href='https://shop.brand.example/o/1?a=b&amp;c=d'>Order</a><a href='https://www.brand.example/help'>Help</a>",
        &delivered,
    );
    assert_eq!(found.delivered, [Some(1), Some(0)]);
    assert_eq!(found.original_of(0), Some(1));
}

#[test]
fn a_changed_destination_is_still_the_link_of_that_text() {
    let found = paired(
        "<a href='https://a.example/1'>Buy</a><a href='https://a.example/2'>Buy</a><a href='https://a.example/3'>Buy</a>",
        &format!(
            "<a href='{0}'>Buy</a><a href='https://elsewhere.example'>Buy</a><a href='{1}'>Buy</a>",
            wrapped("a.example/1"),
            wrapped("a.example/3")
        ),
    );
    assert_eq!(found.delivered, [Some(0), Some(1), Some(2)]);
}

#[test]
fn opaque_links_without_text_are_matched_by_their_place() {
    let opaque = |n: u8| format!("https://links.brand.example/ls/click?upn=u001.{n}");
    let found = paired(
        "<a href='https://a.example/1'>One</a><a href='https://a.example/2'><img></a><a href='https://a.example/3'>Three</a>",
        &format!(
            "<a href='{}'>One</a><a href='{}'><img></a><a href='{}'>Three</a><a href='https://x.example/u'>Unsubscribe</a>",
            opaque(1),
            opaque(2),
            opaque(3)
        ),
    );
    assert_eq!(found.delivered, [Some(0), Some(1), Some(2)]);
    assert_eq!(found.added, [3]);
}

#[test]
fn a_lost_link_is_lost() {
    let found = paired(
        "<a href='https://a.example/1'>One</a><a href='https://a.example/2'>Two</a>",
        "<a href='https://a.example/1'>One</a>",
    );
    assert_eq!(found.delivered, [Some(0), None]);
    assert!(found.added.is_empty());
}
