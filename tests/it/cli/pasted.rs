//! `inboxqa check` on what people paste and save: what stands above the message is taken off and told, what is no message is blind.

use super::check::{check, receipt};
use std::path::Path;

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

const TABLE: &str = "Original Message\r\n\r\nMessage ID\t<1@brand.example>\r\nCreated at:\tMon, Nov 23, 2026 at 10:00 AM (Delivered after 2 seconds)\r\n\
    From:\tBrand <receipts@brand.example>\r\nTo:\tseed@gmail.example\r\nSubject:\tOrder 1\r\nSPF:\tPASS with IP 203.0.113.9 Learn more\r\n\
    DKIM:\t'PASS' with domain brand.example Learn more\r\nDMARC:\t'PASS' Learn more\r\n \r\nDownload Original\t\r\nCopy to clipboard\t\r\n";

#[test]
fn what_stands_above_a_message_is_taken_off_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let message = receipt("Order 1");
    put(folder.path(), "plain.eml", &message);
    let recorded = ["--dns-file", "dns.json"];
    let plain = check(folder.path(), &[&["plain.eml"][..], &recorded].concat(), b"");
    assert!(!plain.stdout.contains("passed over"), "{}", plain.stdout);
    for (above, words) in [
        (
            "\u{feff}",
            "a byte order mark above the header section of pasted.eml was passed over",
        ),
        ("\r\n \r\n", "blank lines above"),
        (TABLE, "the table of Gmail's \"Show original\" above"),
    ] {
        put(folder.path(), "pasted.eml", &[above.as_bytes(), &message].concat());
        let found = check(folder.path(), &[&["pasted.eml"][..], &recorded].concat(), b"");
        assert_eq!(found.ill(0), plain.ill(0), "{words}: {}", found.stdout);
        assert_eq!(
            found.rows()[0]["authentication"],
            plain.rows()[0]["authentication"],
            "{words}"
        );
        assert!(found.stdout.contains(words), "{words}: {}", found.stdout);
    }
}

#[test]
fn what_has_no_lines_is_blind_and_not_a_bad_message() {
    let folder = tempfile::tempdir().unwrap();
    let text = String::from_utf8(receipt("Order 1")).unwrap();
    put(folder.path(), "mac.eml", text.replace("\r\n", "\r").as_bytes());
    put(folder.path(), "line.eml", text.replace("\r\n", " ").as_bytes());
    let found = check(folder.path(), &["mac.eml", "line.eml", "--offline"], b"");
    assert_eq!(found.code, Some(3), "{}", found.stdout);
    for row in 0..2 {
        assert_eq!(found.ill(row), ["arrival.unreadable"]);
    }
    assert!(
        found.stdout.contains("bare CR") && found.stdout.contains("one line"),
        "{}",
        found.stdout
    );
}

#[test]
fn text_above_a_saved_message_that_is_not_known_is_told_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    put(
        folder.path(),
        "a.eml",
        &[b"Here is the mail I mean\r\n", &receipt("Order 1")[..]].concat(),
    );
    let found = check(folder.path(), &["a.eml", "--offline"], b"");
    let findings = found.rows()[0]["findings"].as_array().unwrap();
    let stray = findings
        .iter()
        .find(|finding| finding["reason"] == "header-hygiene.not-a-field")
        .unwrap();
    let help = stray["help"].as_str().unwrap();
    assert!(
        help.contains("above the first header field") && !help.contains("template"),
        "{help}"
    );
}

#[test]
fn what_a_folder_holds_besides_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("mail")).unwrap();
    put(folder.path(), "mail/a.eml", &receipt("Order 1"));
    for name in ["b.mbox", "c.txt"] {
        put(folder.path(), &format!("mail/{name}"), b"x");
    }
    let found = check(folder.path(), &["mail", "--offline"], b"");
    assert!(
        found
            .stdout
            .contains("of mail only .eml and .html files are judged, not b.mbox, c.txt"),
        "{}",
        found.stdout
    );
}

#[test]
fn a_report_of_messages_that_nobody_sent_names_no_run() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "a.eml", &receipt("Order 1"));
    let reports = ["--html", "r.html", "--markdown", "r.md", "--junit", "r.xml"];
    let found = check(
        folder.path(),
        &[&["a.eml", "--offline", "--at", "2026-11-24"][..], &reports].concat(),
        b"",
    );
    let run = found.json["run"]["id"].as_str().unwrap();
    assert_eq!(found.json["run"]["world"], "real", "a stable word");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    for text in [found.stdout.clone(), read("r.html"), read("r.md"), read("r.xml")] {
        assert!(!text.contains(run) && !text.contains("(real)"), "{text}");
        assert!(text.contains("saved"), "{text}");
    }
    assert!(
        found.stdout.contains("judged as of 2026-11-24T00:00:00Z"),
        "{}",
        found.stdout
    );
    let summary = read("r.md");
    let summary = summary
        .lines()
        .find(|line| line.contains("<summary>"))
        .unwrap_or_default()
        .to_owned();
    assert!(!summary.contains(": <"), "{summary}");
}
