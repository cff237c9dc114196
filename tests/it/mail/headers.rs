//! The header section is read in order, whatever its line breaks and oddities.

use inboxqa::mail::headers::{Headers, MAX_HEADERS};
use proptest::prelude::*;

fn names<'a>(headers: &Headers<'a>) -> Vec<&'a str> {
    headers.fields.iter().map(|header| header.name).collect()
}

#[test]
fn folded_fields_stay_one_field_and_order_is_kept() {
    let raw = b"Received: one\r\n\tby two\r\nSubject: a\r\nReceived: three\r\n\r\nbody";
    let headers = Headers::of(raw);
    assert_eq!(names(&headers), ["Received", "Subject", "Received"]);
    assert_eq!(headers.fields[0].unfolded(), "one\tby two");
    assert_eq!(&raw[headers.body_at..], b"body");
}

#[test]
fn bare_line_feeds_and_broken_lines_hide_nothing() {
    let raw = b"From someone Mon\nSubject : x\nno header here\nTo: y\n\nbody";
    let headers = Headers::of(raw);
    assert_eq!(names(&headers), ["Subject", "To"]);
    assert_eq!(&raw[headers.body_at..], b"body");
}

#[test]
fn encoded_words_are_decoded() {
    let headers = Headers::of(b"Subject: =?utf-8?B?QmVzdMOkdGlndW5n?= =?utf-8?Q?_Nr=2E_7?=\r\n\r\n");
    assert_eq!(headers.fields[0].decoded(), "Bestätigung Nr. 7");
}

#[test]
fn a_flood_of_headers_is_cut_and_the_body_still_found() {
    let raw = format!("{}\r\nbody", "A: b\r\n".repeat(MAX_HEADERS * 10));
    let headers = Headers::of(raw.as_bytes());
    assert!(headers.truncated);
    assert_eq!(headers.fields.len(), MAX_HEADERS);
    assert_eq!(&raw[headers.body_at..], "body");
}

proptest! {
    #[test]
    fn any_bytes_are_survived(raw in "(?s)[ \t\r\n:A-Za-z=?_é-]{0,400}") {
        let headers = Headers::of(raw.as_bytes());
        prop_assert!(headers.body_at <= raw.len());
        for header in &headers.fields {
            header.decoded();
        }
    }
}
