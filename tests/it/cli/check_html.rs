//! `inboxqa check FILE.html`: a template, or what a design tool made, judged before anything is sent.

use super::check::{Checked, check};
use serde_json::{Value, json};
use std::path::Path;

const SOUND: &str = "<html><body><div style=\"display:none\">A quarter off until Sunday</div><h1>Spring sale, {{ customer.name }}</h1>\
    <p>Everything of linen and cotton.</p><a href=\"https://shop.brand.example/sale\">To the sale</a><img src=\"{{ hero }}\" alt=\"A garden\">\
    <a href=\"{% unsubscribe_url %}\">Unsubscribe</a></body></html>";

fn checked(folder: &Path, html: &str, more: &[&str]) -> Checked {
    std::fs::write(folder.join("sale.html"), html).unwrap();
    check(folder, &[&["sale.html", "--offline"], more].concat(), b"")
}

/// `verdict reason` of a check.
fn of(found: &Checked, id: &str) -> String {
    let findings = found.rows()[0]["findings"].as_array().unwrap();
    let of: Vec<&Value> = findings.iter().filter(|finding| finding["check"] == id).collect();
    assert!(!of.is_empty(), "{id}: {findings:?}");
    let told = |finding: &&Value| {
        format!(
            "{} {}",
            finding["verdict"].as_str().unwrap(),
            finding["reason"].as_str().unwrap()
        )
    };
    of.iter().map(told).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_sound_template_passes_and_what_needs_a_message_is_skipped_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let found = checked(folder.path(), SOUND, &["--strict"]);
    assert_eq!(found.code, Some(0), "{}{}", found.stdout, found.stderr);
    assert_eq!(
        found.rows()[0]["category"],
        "marketing",
        "it has a link that unsubscribes"
    );
    for (id, told) in [
        ("arrival", "skip arrival.html-alone"),
        ("from-alignment", "skip from-alignment.html-alone"),
        ("dkim-signature", "skip dkim-signature.html-alone"),
        ("from-identity", "skip from-identity.html-alone"),
        ("list-unsubscribe", "skip list-unsubscribe.html-alone"),
        ("text-part", "skip text-part.html-alone"),
        ("bulk-sender-gmail", "skip bulk-sender-gmail.html-alone"),
        ("merge-tags", "skip merge-tags.template"),
        ("link-health", "skip link-health.not-requested"),
        ("unsubscribe-link", "pass unsubscribe-link.ok"),
        ("images", "pass images.ok"),
        ("preheader", "pass preheader.ok"),
        ("staging-leak", "pass staging-leak.ok"),
        ("message-size", "pass message-size.ok"),
    ] {
        assert_eq!(of(&found, id), told);
    }
    let row = &found.rows()[0];
    assert_eq!(row["links"][0]["delivered"], "https://shop.brand.example/sale");
    assert_eq!(
        (&row["authentication"], &row["id"]),
        (&Value::Null, &json!("sale.html"))
    );
}

#[test]
fn what_is_wrong_with_the_html_is_told() {
    for (from, to, told) in [
        ("{% unsubscribe_url %}", "", "fail unsubscribe-link.empty"),
        ("https://shop.", "https://staging.shop.", "fail staging-leak.host"),
        (" alt=\"A garden\"", "", "warn images.no-alt"),
        ("{{ hero }}", "hero.png", "fail images.broken-reference"),
        (
            "A quarter off until Sunday",
            "View in browser",
            "warn preheader.navigation",
        ),
        (
            "linen",
            "[object Object]",
            "skip merge-tags.template, warn merge-tags.unrendered-value",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        assert!(SOUND.contains(from), "{from}");
        let found = checked(
            folder.path(),
            &SOUND.replacen(from, to, 1),
            &["--category", "marketing"],
        );
        let (id, _) = told.split_once(' ').unwrap().1.split_once('.').unwrap();
        assert_eq!(of(&found, id), told);
    }
}

#[test]
fn a_marketing_template_without_a_way_out_fails_where_the_category_is_stated() {
    let folder = tempfile::tempdir().unwrap();
    let html = SOUND.replace("<a href=\"{% unsubscribe_url %}\">Unsubscribe</a>", "");
    let found = checked(folder.path(), &html, &[]);
    assert_eq!(of(&found, "unsubscribe-link"), "pass unsubscribe-link.not-needed");
    let found = checked(folder.path(), &html, &["--category", "marketing"]);
    assert_eq!(
        (of(&found, "unsubscribe-link").as_str(), found.code),
        ("fail unsubscribe-link.missing", Some(1))
    );
}

#[test]
fn a_folder_is_judged_file_by_file_and_what_is_no_text_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("templates");
    std::fs::create_dir(&inside).unwrap();
    std::fs::write(inside.join("a.HTML"), SOUND).unwrap();
    std::fs::write(inside.join("b.htm"), b"\xff\xfe<\0p\0>\0").unwrap();
    std::fs::write(inside.join("c.txt"), b"no").unwrap();
    let found = check(folder.path(), &["templates", "--offline"], b"");
    let ids: Vec<&Value> = found.rows().iter().map(|row| &row["id"]).collect();
    assert_eq!(ids, ["templates/a.HTML", "templates/b.htm"]);
    assert_eq!((found.code, found.ill(1)), (Some(3), vec!["arrival.unreadable"]));
}

#[test]
fn a_report_is_not_written_over_what_is_to_be_judged() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["--html", "sale.html"][..],
        &["sale.html", "--offline", "--html", "./sale.html"],
    ] {
        std::fs::write(folder.path().join("sale.html"), SOUND).unwrap();
        let found = check(folder.path(), arguments, b"");
        assert_eq!(found.code, Some(2), "{arguments:?}");
        assert!(found.stderr.contains("inboxqa check"), "{}", found.stderr);
        assert_eq!(std::fs::read_to_string(folder.path().join("sale.html")).unwrap(), SOUND);
    }
    let found = check(folder.path(), &["--html", "report.html"], b"");
    assert_eq!(found.code, Some(2));
    assert!(!folder.path().join("report.html").exists());
}
