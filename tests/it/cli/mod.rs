//! The command line around a run: where reports may go, what is refused before anything is sent.

pub mod check;
mod check_html;
mod check_mailboxes;
mod check_thousands;
mod clean;
mod compare;
mod first_steps;
mod init;
mod lint;
mod login;
mod pasted;

use crate::run::kit;
use std::path::Path;
use std::process::Output;

fn lab(folder: &Path, more: &[&str]) -> Output {
    let suite = kit::shipped("suites/quickstart.toml");
    let mailboxes = kit::shipped("mailboxes.example.toml");
    let mut command = kit::inboxqa(folder);
    command
        .arg("run")
        .arg(suite)
        .arg("--lab")
        .arg("--mailboxes")
        .arg(mailboxes);
    command
        .args(["-E", "case(shipping-*) & mailbox(gmail-1)"])
        .args(more)
        .output()
        .unwrap()
}

fn refused(more: &[&str], word: &str) {
    let folder = tempfile::tempdir().unwrap();
    let output = lab(folder.path(), more);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{more:?}: {text}");
    assert!(text.contains(word), "{more:?}: {text}");
    assert!(
        !folder.path().join(".inboxqa").exists(),
        "{more:?}: something was begun"
    );
}

#[test]
fn reports_that_can_not_be_written_are_refused_before_anything_is_sent() {
    refused(&["--json", "."], "folder");
    refused(&["--json", "-"], "/dev/stdout");
    refused(&["--json", "one", "--junit", "one"], "two reports");
    refused(&["--html", "/proc/nope/report.html"], "nothing was sent");
}

#[test]
fn what_a_command_reads_or_keeps_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(&folder.path().join("suites"));
    std::fs::copy(
        kit::shipped("mailboxes.example.toml"),
        folder.path().join("mailboxes.toml"),
    )
    .unwrap();
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let read = |file: &str| std::fs::read(folder.path().join(file)).ok();
    for (report, word) in [
        ("suites/quickstart.toml", "reads or keeps"),
        ("suites/../suites/routes.toml", "reads or keeps"),
        ("mailboxes.toml", "reads or keeps"),
        ("suites/templates/order_confirmation.html", "reads or keeps"),
        (".inboxqa/runs.sqlite", "reads or keeps"),
        ("./out/../out/x.xml", "two reports"),
    ] {
        let before = read(report);
        for command in [
            &["run", "suites/quickstart.toml", "--lab"][..],
            &["lint", "suites/quickstart.toml"],
        ] {
            if report.starts_with(".inboxqa") && command[0] == "lint" {
                continue;
            }
            let output = kit::inboxqa(folder.path())
                .args(command)
                .args(["--html", report, "--junit", "out/x.xml"])
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(2), "{report}: {told}");
            assert!(told.contains(word), "{report}: {told}");
            assert_eq!(read(report), before, "{report}");
        }
    }
}

#[test]
fn a_fault_that_fits_no_delivery_is_refused() {
    refused(&["--fault", "junk@mailbox=nobody-*"], "fits no delivery");
    refused(&["--fault", "jnuk"], "junk");
}

#[test]
fn a_report_to_a_pipe_goes_through_it() {
    let folder = tempfile::tempdir().unwrap();
    let output = lab(folder.path(), &["--json", "/dev/stdout"]);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(String::from_utf8_lossy(&output.stdout).contains("inboxqa/report/1"));
}

#[test]
fn a_report_to_an_output_that_is_a_file_stands_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.txt");
    let status = kit::inboxqa(folder.path())
        .args([
            "run",
            "--lab",
            "-E",
            "case(shipping-*) & mailbox(gmail-1)",
            "--json",
            "/dev/stdout",
        ])
        .arg(kit::shipped("suites/quickstart.toml"))
        .arg("--mailboxes")
        .arg(kit::shipped("mailboxes.example.toml"))
        .stdout(std::fs::File::create(&file).unwrap())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(0));
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("inboxqa/report/1") && text.contains("Summary ["),
        "{text}"
    );
    let name = std::fs::symlink_metadata("/dev/stdout").unwrap();
    assert!(name.is_symlink(), "the system's name for it is as it was");
}

#[test]
fn a_result_that_can_not_be_written_is_no_success() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let status = kit::inboxqa(folder.path())
        .arg("explain")
        .stdout(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(2));
}

#[test]
fn github_is_told_the_lines_of_what_failed_and_of_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(&folder.path().join("suites"));
    let mailboxes = kit::shipped("mailboxes.example.toml");
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        let mut command = kit::inboxqa(folder.path());
        command.envs(variables.iter().copied());
        command
            .args(["run", "suites/quickstart.toml", "--lab", "--mailboxes"])
            .arg(&mailboxes);
        let output = command
            .args(["-E", "case(shipping-*) & (provider(gmail) | provider(yahoo))"])
            .args(more)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let github = [("GITHUB_ACTIONS", "true")];
    let suite = std::fs::read_to_string(folder.path().join("suites/quickstart.toml")).unwrap();
    let until = suite.find("\"shipping-notice\"").unwrap();
    let line = suite[..until]
        .rfind("[[case]]")
        .map(|at| suite[..at].lines().count() + 1)
        .unwrap();
    let told = run(&github, &["--fault", "junk"]);
    let wanted = format!(
        "::error file=suites/quickstart.toml,line={line},title=placement.spam shipping-notice / postmark-tx / gmail-1%2C yahoo-1::"
    );
    assert!(told.contains(&wanted), "{wanted}\n{told}");
    assert!(!run(&[], &["--fault", "junk"]).contains("::error"));

    std::fs::write(
        folder.path().join("suites/quickstart.toml"),
        suite.replace("[[case]]", "[[caes]]"),
    )
    .unwrap();
    let told = run(&github, &[]);
    assert!(
        told.lines()
            .any(|line| line.starts_with("::error file=suites/quickstart.toml,line=")),
        "{told}"
    );
}

#[test]
fn an_unknown_check_is_told_with_what_was_meant_and_no_wild_guess() {
    let folder = tempfile::tempdir().unwrap();
    let told = |word: &str| {
        let output = kit::inboxqa(folder.path()).args(["explain", word]).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(told("link-helth").contains("did you mean `link-health`?"));
    assert!(!told("something-else").contains("did you mean"));
}

#[test]
fn a_reason_code_is_explained_with_its_check() {
    let folder = tempfile::tempdir().unwrap();
    let explain = |word: &str| {
        let output = kit::inboxqa(folder.path()).args(["explain", word]).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    for word in ["arrival.late", "images.not-observed"] {
        let (code, text) = explain(word);
        assert_eq!(code, Some(0), "{text}");
        assert!(text.contains("Why it matters"), "{text}");
        assert_eq!(text.matches(&format!("\n> {word}: ")).count(), 1, "{text}");
    }
    let (code, text) = explain("arrival.lat");
    assert_eq!(code, Some(2));
    assert!(text.contains("did you mean `arrival.late`?"), "{text}");
}

#[test]
fn a_history_of_no_runs_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = kit::inboxqa(folder.path())
        .args(["history", "-n", "0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_secret_that_the_file_holds_itself_is_told_in_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let example = std::fs::read_to_string(kit::shipped("mailboxes.example.toml")).unwrap();
    let run = |password: &str| {
        let text = example.replace("\"${env:SEED_GMAIL_1}\"", password);
        std::fs::write(folder.path().join("mailboxes.toml"), text).unwrap();
        let suite = kit::shipped("suites/quickstart.toml");
        let output = kit::inboxqa(folder.path())
            .arg("run")
            .arg(suite)
            .args(["--lab", "-E", "case(shipping-*) & mailbox(gmail-1)"])
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&text).into_owned())
    };
    let (code, text) = run("\"hunter2\"");
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("mailbox gmail-1 has a secret written out"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    let (code, text) = run("\"$SEED_GMAIL_1\"");
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("write ${env:SEED_GMAIL_1}"), "{text}");
}

#[test]
fn an_empty_part_of_a_partition_is_no_mistake() {
    let folder = tempfile::tempdir().unwrap();
    let codes: Vec<Option<i32>> = (1..=40)
        .map(|part| {
            let mut command = kit::inboxqa(folder.path());
            command
                .arg("run")
                .arg(kit::shipped("suites/quickstart.toml"))
                .arg("--mailboxes");
            command
                .arg(kit::shipped("mailboxes.example.toml"))
                .args(["--dry-run", "--partition"]);
            command.arg(format!("hash:{part}/40")).output().unwrap().status.code()
        })
        .collect();
    assert!(codes.iter().all(|code| *code == Some(0)), "{codes:?}");
}
