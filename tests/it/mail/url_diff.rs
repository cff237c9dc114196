//! What differs between two URLs is named exactly, and what only looks different is not.

use inboxqa::mail::url_diff::differences;
use proptest::prelude::*;

fn told(one: &str, other: &str, may_append: &[&str]) -> Vec<String> {
    let may_append: Vec<String> = may_append.iter().map(|glob| (*glob).to_owned()).collect();
    differences(one, other, &may_append)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn other_spellings_are_no_difference() {
    for (one, other) in [
        ("https://Shop.brand.example", "https://shop.brand.example/"),
        ("https://shop.brand.example/a%7Eb", "https://shop.brand.example/a~b"),
        ("https://shop.brand.example/%c3%a9", "https://shop.brand.example/é"),
        (
            "https://shop.brand.example/?q=red%20shoes",
            "https://shop.brand.example/?q=red+shoes",
        ),
        ("https://shop.brand.example:443/", "https://shop.brand.example/"),
    ] {
        assert_eq!(told(one, other, &[]), [""; 0], "{one} {other}");
    }
}

#[test]
fn every_difference_is_named() {
    let original = "https://shop.brand.example/o/1?key=a&view=b&lang=en#top";
    for (found, expected) in [
        (
            "https://shop.brand.example/o/2?key=a&view=b&lang=en#top",
            "leads to https://shop.brand.example/o/2?key=a&view=b&lang=en#top",
        ),
        (
            "https://evil.example/o/1?key=a&view=b&lang=en#top",
            "leads to https://evil.example/o/1?key=a&view=b&lang=en#top",
        ),
        (
            "https://shop.brand.example/o%2F1?key=a&view=b&lang=en#top",
            "leads to https://shop.brand.example/o%2F1?key=a&view=b&lang=en#top",
        ),
        ("nonsense", "leads to nonsense"),
        (
            "http://shop.brand.example/o/1?key=a&view=b&lang=en#top",
            "http instead of https",
        ),
        ("https://shop.brand.example/o/1?key=a&lang=en#top", "lost view=b"),
        (
            "https://shop.brand.example/o/1?key=a&view=c&lang=en#top",
            "view=c instead of view=b",
        ),
        (
            "https://shop.brand.example/o/1?key=a&view=b&lang=en&x=y#top",
            "added x=y",
        ),
        (
            "https://shop.brand.example/o/1?key=a&view=b&lang=en",
            "'#' instead of '#top'",
        ),
        (
            "https://shop.brand.example/o/1?view=b&key=a&lang=en#top",
            "the parameters are in another order",
        ),
    ] {
        assert_eq!(told(original, found, &[]), [expected]);
    }
    assert_eq!(
        told(
            original,
            "https://shop.brand.example/o/1?key=a&amp;view=b&amp;lang=en#top",
            &[]
        ),
        [
            "& became &amp;, so lang is now amp;lang",
            "& became &amp;, so view is now amp;view"
        ]
    );
}

#[test]
fn what_may_be_appended_may_be_appended_and_nothing_else() {
    let original = "https://shop.brand.example/?a=1";
    assert_eq!(
        told(
            original,
            "https://shop.brand.example/?a=1&utm_source=x&utm_medium=y",
            &["utm_*"]
        ),
        [""; 0]
    );
    assert_eq!(
        told(original, "https://shop.brand.example/?a=1&a=1&utm_source=x", &["utm_*"]),
        ["added a=1"]
    );
    assert_eq!(
        told(
            "https://s.example/?utm_source=a",
            "https://s.example/?utm_source=b",
            &["utm_*"]
        ),
        ["utm_source=b instead of utm_source=a"]
    );
}

proptest! {
    #[test]
    fn any_texts_are_survived(one in "(https?://)?[a-z./%?&=#;+é-]{0,40}", other in "(https?://)?[a-z./%?&=#;+é-]{0,40}") {
        differences(&one, &other, &["[".to_owned(), "*".to_owned()]);
        prop_assert!(differences(&one, &one, &[]).is_empty());
    }
}
