//! A waiver ends by itself, says why and is about something; otherwise the suite is refused.

use inboxqa::config::{Loaded, Problems, load_as_of};
use inboxqa::model::CheckId;
use inboxqa::report::diagnostic;
use time::macros::date;

const ROUTES: &str = r#"
[route.tx]
kind = "smtp"
host = "smtp.brand.example"
"#;

const MAILBOXES: &str = r#"
[mailbox.gmail-1]
provider = "gmail"
address = "one@gmail.example"
password = "${env:ONE}"
"#;

fn load(waive: &str) -> Result<Loaded, Problems> {
    let folder = tempfile::tempdir().unwrap();
    let suite = format!(
        "[suite]\nwaive = [\n  {waive},\n]\n[[case]]\nname = \"order\"\ncategory = \"transactional\"\nsubject = \"Order\"\ntext = \"t.txt\"\nroutes = [\"tx\"]\n"
    );
    for (name, text) in [
        ("s.toml", suite.as_str()),
        ("routes.toml", ROUTES),
        ("mailboxes.toml", MAILBOXES),
        ("t.txt", "Hello"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let (suite, seeds) = (folder.path().join("s.toml"), folder.path().join("mailboxes.toml"));
    load_as_of(&[suite], &seeds, date!(2026 - 11 - 27))
}

fn refused(waive: &str, words: &[&str]) {
    let problems = load(waive).unwrap_err();
    let text = diagnostic::render(&problems.diagnostics, &problems.sources, false);
    assert!(text.contains("s.toml:3:"), "its place is told: {text}");
    for word in words {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn a_waiver_holds_to_the_end_of_its_day() {
    let last = r#"{ check = "images", until = "2026-11-27", why = "cdn moves", case = "ord*", route = "tx", reason = "images.broken" }"#;
    let loaded = load(last).unwrap();
    let waiver = &loaded.suites[0].waivers[0];
    assert_eq!((waiver.check, waiver.until.as_str()), (CheckId::Images, "2026-11-27"));
    assert_eq!((waiver.why.as_str(), waiver.at.line), ("cdn moves", 3));
    refused(
        &last.replace("11-27", "11-26"),
        &[
            "this waiver ended on 2026-11-26",
            "today is 2026-11-27, UTC",
            "mend what it covers and delete it, or extend it: until = \"2026-12-27\"",
        ],
    );
}

#[test]
fn a_waiver_that_could_never_act_is_refused() {
    let until = r#"until = "2026-12-31", why = "x""#;
    refused(
        &format!(r#"{{ check = "imags", {until} }}"#),
        &["unknown check `imags`", "did you mean `images`?"],
    );
    refused(
        &format!(r#"{{ check = "images", {until}, case = "odrer" }}"#),
        &["fits no case", "did you mean `order`?"],
    );
    refused(
        &format!(r#"{{ check = "images", {until}, route = "[tx" }}"#),
        &["is not a glob"],
    );
    refused(
        &format!(r#"{{ check = "images", {until}, reason = "dmarc.fail" }}"#),
        &["`dmarc.fail` is no reason of `images`", "inboxqa explain images"],
    );
    refused(r#"{ check = "images", why = "x" }"#, &["has no `until`"]);
    refused(r#"{ check = "images", until = "2026-12-31" }"#, &["has no `why`"]);
    refused(
        r#"{ check = "images", until = "2026-12-31", why = " " }"#,
        &["nothing is said"],
    );
    refused(
        r#"{ check = "images", until = "31.12.2026", why = "x" }"#,
        &["is not a day", "\"2026-12-27\""],
    );
    refused(
        r#"{ check = "images", until = "2026-02-30", why = "x" }"#,
        &["is not a day"],
    );
    refused(
        r#"{ check = "images", untill = "2026-12-31", why = "x" }"#,
        &["did you mean `until`?"],
    );
}
