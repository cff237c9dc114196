//! Links: of HTML, of plain text, and inside the wrappers of services.

use inboxqa::mail::links::{Link, of_page, of_text};
use inboxqa::mail::list_headers::ListHeaders;
use inboxqa::mail::{page, pairing, pixel, url_diff, vendors};

/// The bytes are an HTML part, a text part, and a URL.
pub fn links(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let list = ListHeaders::default();
    let mut found = of_text(&text, &list);
    for link in &found {
        assert!(text.contains(&link.url), "a bare URL stands in the text: {link:?}");
    }
    if let Ok(page) = page::read(&text) {
        pixel::of_page(&page);
        let links = of_page(&page, &list);
        let stripped = |url: &str| !url.contains(['\t', '\n', '\r']);
        assert!(links.iter().all(|link| stripped(&link.url)), "{links:?}");
        found = [links, found].concat();
    }
    paired_with_themselves(&found);
    for link in &found {
        peeled(&link.url);
    }
    peeled(&text);
}

/// Every link of a message is found again in the same message.
fn paired_with_themselves(links: &[Link]) {
    let pairing = pairing::pair(links, links);
    assert!(pairing.added.is_empty(), "{links:?}: {pairing:?}");
    assert!(pairing.delivered.iter().all(Option::is_some), "{links:?}: {pairing:?}");
}

fn peeled(url: &str) {
    let peeled = vendors::peel(url);
    vendors::open(url);
    vendors::unsubscribe(url);
    assert_eq!(peeled.urls().next(), Some(url), "the outermost is the URL itself");
    if let Some(inner) = &peeled.destination {
        assert!(
            peeled.layers.is_empty() || vendors::host(inner).is_some() || inner.starts_with("http"),
            "{peeled:?}"
        );
        assert!(vendors::peel(inner).layers.is_empty(), "peeled to the end: {peeled:?}");
        assert!(url_diff::differences(inner, inner, &[]).is_empty(), "{inner}");
    }
}
