//! `inboxqa lint`: templates are judged as they are composed, and nothing is sent.

use crate::run::kit;
use std::path::Path;

fn lint(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = kit::inboxqa(folder).arg("lint").args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// The shipped suites beside the example mailboxes, one template changed.
fn world(template: &str, from: &str, to: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    std::fs::copy(
        kit::shipped("mailboxes.example.toml"),
        folder.path().join("mailboxes.example.toml"),
    )
    .unwrap();
    let path = folder.path().join("templates").join(template);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    folder
}

#[test]
fn the_shipped_templates_are_sound_and_nothing_is_kept_or_sent() {
    let folder = world("spring_sale.html", "Spring sale", "Spring sale");
    let (code, text) = lint(folder.path(), &["quickstart.toml", "--strict"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("quickstart / spring-sale / campaigns"), "{text}");
    assert!(!folder.path().join(".inboxqa").exists(), "no store");
}

#[test]
fn what_a_template_gets_wrong_is_found_before_it_is_sent() {
    for (template, from, to, reason) in [
        (
            "spring_sale.html",
            "{% unsubscribe_url %}",
            "",
            "unsubscribe-link.empty",
        ),
        (
            "spring_sale.html",
            "https://shop.brand.example/sale",
            "https://staging.brand.com/sale",
            "staging-leak.host",
        ),
        (
            "shipping_notice.html",
            "alt=\"A parcel on its way\"",
            "",
            "images.no-alt",
        ),
    ] {
        let folder = world(template, from, to);
        let (code, text) = lint(folder.path(), &["quickstart.toml", "--strict"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(reason), "{reason}: {text}");
    }
}

#[test]
fn a_variable_that_is_not_there_is_told_with_its_place() {
    let folder = world("spring_sale.html", "{{ sale.percent }}", "{{ sale.precent }}");
    let (code, text) = lint(folder.path(), &["quickstart.toml"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("precent") && text.contains("spring_sale.html:"), "{text}");
}
