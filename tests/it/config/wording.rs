//! Mistakes that people make with their editors and their habits: each is told with what to write instead.

use inboxqa::config::{Loaded, Problems, load};
use tempfile::TempDir;

const ROUTES: &str = "[route.tx]\nkind = \"smtp\"\nhost = \"smtp.brand.example\"\n[route.tx.log]\nkind = \"postmark\"\ntoken = \"${env:T}\"\n";
const MAILBOXES: &str =
    "[mailbox.gmail-1]\nprovider = \"gmail\"\naddress = \"one@gmail.example\"\npassword = \"${env:ONE}\"\n";
const CASE: &str = "[[case]]\nname = \"order\"\ncategory = \"transactional\"\nsubject = \"Order\"\ntext = \"t.txt\"\nroutes = [\"tx\"]\n";

fn loaded(files: &[(&str, &[u8])]) -> Result<Loaded, Problems> {
    let dir = TempDir::new().unwrap();
    let usual: [(&str, &[u8]); 4] = [
        ("s.toml", CASE.as_bytes()),
        ("routes.toml", ROUTES.as_bytes()),
        ("mailboxes.toml", MAILBOXES.as_bytes()),
        ("t.txt", b"Hello"),
    ];
    for (name, bytes) in usual.iter().chain(files) {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    load(&[dir.path().join("s.toml")], &dir.path().join("mailboxes.toml"))
}

/// Message and help of everything that is wrong.
fn told(files: &[(&str, &[u8])]) -> String {
    let problems = loaded(files).unwrap_err().diagnostics;
    let words = problems
        .iter()
        .map(|problem| format!("{} ({})", problem.message, problem.help.clone().unwrap_or_default()));
    words.collect::<Vec<_>>().join("\n")
}

fn suite(more: &str) -> String {
    format!("{CASE}{more}\n")
}

#[test]
fn a_list_of_placements_holds_for_every_provider() {
    let of = |text: &str| {
        loaded(&[("s.toml", text.as_bytes())]).unwrap().suites[0].cases[0]
            .placement
            .clone()
    };
    let placement = of(&suite("expect = { placement = [\"suppressed\"] }"));
    assert_eq!(
        placement.into_iter().collect::<Vec<_>>(),
        [("default".to_owned(), vec!["suppressed".to_owned()])]
    );
    let head = "[suite]\nplacement = { gmail = [\"inbox\", \"tab\"] }\n";
    let placement = of(&format!("{head}{}", suite("expect = { placement = [\"spam\"] }")));
    assert_eq!(
        placement.len(),
        1,
        "a list replaces what the suite says of single providers: {placement:?}"
    );
    let placement = of(&format!(
        "{head}{}",
        suite("expect = { placement = { default = [\"spam\"] } }")
    ));
    assert_eq!(placement["gmail"], ["inbox", "tab"]);
    let wrong = told(&[("s.toml", suite("expect = { placement = [\"supressed\"] }").as_bytes())]);
    assert!(wrong.contains("did you mean `suppressed`?"), "{wrong}");
    let wrong = told(&[("s.toml", suite("expect = { placement = \"inbox\" }").as_bytes())]);
    assert!(wrong.contains("default = [\"inbox\"]"), "{wrong}");
}

#[test]
fn a_file_of_another_encoding_is_told_with_its_line_and_what_to_do() {
    let latin = b"Hello\nFr\xe4ulein\n";
    for (name, bytes, place) in [
        ("t.txt", &latin[..], "line 2"),
        ("s.toml", &[CASE.as_bytes(), b"# \xe4"].concat()[..], "line 7"),
        ("routes.toml", &[ROUTES.as_bytes(), b"# \xe4"].concat()[..], "line 7"),
        (
            "mailboxes.toml",
            &[MAILBOXES.as_bytes(), b"# \xe4"].concat()[..],
            "line 5",
        ),
        ("t.txt", b"\xff\xfeH\0i\0", "UTF-16"),
    ] {
        let told = told(&[(name, bytes)]);
        assert!(
            told.contains("save it as UTF-8") && told.contains(place),
            "{name}: {told}"
        );
        assert!(
            !told.contains("give the path") && !told.contains("byte"),
            "{name}: {told}"
        );
    }
}

#[test]
fn a_time_without_a_unit_and_curly_quotes_are_told_with_the_right_form() {
    let wrong = told(&[("s.toml", suite("expect = { within = 10 }").as_bytes())]);
    assert!(wrong.contains("within = \"10s\""), "{wrong}");
    let wrong = told(&[("s.toml", suite("tags = [“launch”]").as_bytes())]);
    assert!(wrong.contains("straight quotes"), "{wrong}");
}

#[test]
fn a_budget_of_nothing_is_refused() {
    for written in ["0s", "0ms"] {
        let wrong = told(&[(
            "s.toml",
            suite(&format!("expect = {{ within = \"{written}\" }}")).as_bytes(),
        )]);
        assert!(wrong.contains("no time at all"), "{wrong}");
    }
}
