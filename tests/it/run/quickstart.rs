//! What a newcomer runs first.

use super::kit;

#[test]
fn the_quickstart_is_green_on_the_lab_and_a_recheck_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let suite = kit::shipped("suites/quickstart.toml");
    let mailboxes = kit::shipped("mailboxes.example.toml");
    let arguments = [
        "run",
        suite.to_str().unwrap(),
        "--lab",
        "--mailboxes",
        mailboxes.to_str().unwrap(),
        "--junit",
        "out/junit.xml",
    ];
    let ran = kit::run_json(folder.path(), &arguments);
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(ran.deliveries().len(), 9, "3 cases to 3 seeds");
    let reds: Vec<_> = ran.reds().into_iter().filter(|(_, reds)| !reds.is_empty()).collect();
    assert!(reds.is_empty(), "{reds:?}");
    assert!(folder.path().join("out/junit.xml").exists());

    let again = kit::run_json(folder.path(), &["recheck", "last"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    for (first, second) in ran.deliveries().iter().zip(again.deliveries()) {
        assert_eq!(first, second, "a recheck must say the same, word for word");
    }
    assert_eq!(ran.json["run_findings"], again.json["run_findings"]);

    let history = kit::inboxqa(folder.path()).arg("history").output().unwrap();
    assert!(String::from_utf8_lossy(&history.stdout).contains(ran.json["run"]["id"].as_str().unwrap()));
}

/// What the README shows was printed by the program; its counts are those of today.
#[test]
fn the_readme_shows_what_is_printed() {
    let folder = tempfile::tempdir().unwrap();
    let suite = kit::shipped("suites/quickstart.toml");
    let mailboxes = kit::shipped("mailboxes.example.toml");
    let readme = std::fs::read_to_string(kit::shipped("README.md")).unwrap();
    let base = [
        "run",
        suite.to_str().unwrap(),
        "--lab",
        "--mailboxes",
        mailboxes.to_str().unwrap(),
    ];
    let broken = ["-E", "case(spring-*) & provider(gmail)", "--fault", "lost-query"];
    for arguments in [base.to_vec(), [&base[..], &broken[..]].concat()] {
        let output = kit::inboxqa(folder.path()).args(&arguments).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let summary = text.lines().find(|line| line.starts_with("Summary")).unwrap();
        let counts = summary.split("] ").nth(1).unwrap();
        assert!(readme.contains(counts), "the README does not show: {counts}");
    }
}

#[test]
fn a_dry_run_names_who_would_be_mailed_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let output = kit::inboxqa(folder.path())
        .args([
            "run",
            kit::shipped("suites/quickstart.toml").to_str().unwrap(),
            "--dry-run",
            "--mailboxes",
        ])
        .arg(kit::shipped("mailboxes.example.toml"))
        .args(["-E", "case(spring-*) & provider(gmail)"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0));
    assert!(text.contains("spring-sale") && text.contains("1 message"), "{text}");
    assert!(!folder.path().join(".inboxqa").exists(), "a dry run touches no store");
}

#[test]
fn a_real_send_asks_first_and_a_filter_that_selects_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let suite = kit::shipped("suites/quickstart.toml");
    let mailboxes = kit::shipped("mailboxes.example.toml");
    let run = |more: &[&str]| {
        let mut command = kit::inboxqa(folder.path());
        command
            .arg("run")
            .arg(&suite)
            .arg("--mailboxes")
            .arg(&mailboxes)
            .args(more);
        command
            .env("POSTMARK_TOKEN", "x")
            .env("CAMPAIGNS_USER", "x")
            .env("CAMPAIGNS_PASSWORD", "x");
        for name in ["SEED_GMAIL_1", "SEED_YAHOO_1", "SEED_OUTLOOK_1_RT"] {
            command.env(name, "x");
        }
        command.output().unwrap()
    };
    let refused = run(&[]);
    assert_eq!(
        refused.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&refused.stderr)
    );
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--yes"));
    let nothing = run(&["-E", "case(nope)", "--yes"]);
    assert_eq!(nothing.status.code(), Some(4));
}
