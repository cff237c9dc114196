//! What somebody meets who has just installed it: a folder without files, a disk without room, a footer without an address.

use crate::run::kit;
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Output, Stdio};

const ONE: [&str; 4] = ["--lab", "-E", "case(shipping-*) & mailbox(gmail-1)", "--html"];

fn inboxqa(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output: Output = kit::inboxqa(folder).args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// A folder `here` without files, beside one with the suites.
fn elsewhere() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("here")).unwrap();
    kit::copy_suites(&folder.path().join("there/suites"));
    folder
}

#[test]
fn the_lab_needs_no_mailboxes_file_and_says_which_seeds_it_plays() {
    let folder = elsewhere();
    let here = folder.path().join("here");
    let suite = "../there/suites/quickstart.toml";
    let lab = [&["run", suite], &ONE[..], &["out.html"]].concat();
    let (code, told) = inboxqa(&here, &lab);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("seed mailboxes of mailboxes.example.toml (built in)"),
        "{told}"
    );
    let example = folder.path().join("there/mailboxes.example.toml");
    std::fs::copy(kit::shipped("mailboxes.example.toml"), example).unwrap();
    for arguments in [&lab[..], &["lint", suite], &["doctor", suite, "--lab"]] {
        let (code, told) = inboxqa(&here, arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {told}");
        assert!(
            told.contains("seed mailboxes of ../there/mailboxes.example.toml"),
            "{told}"
        );
    }
}

#[test]
fn real_seeds_are_looked_for_in_the_working_folder_alone_and_each_command_hints_at_what_it_has() {
    let folder = elsewhere();
    let here = folder.path().join("here");
    let suite = "../there/suites/quickstart.toml";
    let (code, told) = inboxqa(&here, &["run", suite, "--yes"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(
        told.contains("`--lab` needs none") && told.contains("`inboxqa init`"),
        "{told}"
    );
    std::fs::write(folder.path().join("there/suites/mailboxes.toml"), "").unwrap();
    let (code, told) = inboxqa(&here, &["run", suite, "--yes"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("--mailboxes ../there/suites/mailboxes.toml"), "{told}");
    let (code, told) = inboxqa(&here, &["clean"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(told.contains("mailboxes.toml") && !told.contains("--lab"), "{told}");
    let (code, told) = inboxqa(&here, &["run", suite, "--lab", "--mailboxes", "mine.toml"]);
    assert_eq!(code, Some(2), "{told}");
    assert!(!told.contains("`--lab`"), "{told}");
}

#[test]
fn a_report_that_is_lost_after_sending_is_no_usage_error() {
    let folder = elsewhere();
    let here = folder.path().join("here");
    let suite = "../there/suites/quickstart.toml";
    let (code, told) = inboxqa(&here, &[&["run", suite], &ONE[..3], &["--json", "/dev/full"]].concat());
    assert_eq!(code, Some(3), "{told}");
    let line = told.lines().find(|line| line.contains("inboxqa recheck")).unwrap();
    assert!(line.contains("do not repeat it"), "{line}");
    let run = line.split_whitespace().nth(2).unwrap();
    let (code, told) = inboxqa(&here, &["recheck", run, "--json", "again.json"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(here.join("again.json").exists());

    let status = kit::inboxqa(&here)
        .args([&["run", suite], &ONE[..3]].concat())
        .stdout(File::options().write(true).open("/dev/full").unwrap())
        .stderr(Stdio::null())
        .status();
    assert_eq!(status.unwrap().code(), Some(3), "the summary was lost");
    let status = kit::inboxqa(&here)
        .args([&["run", suite], &ONE[..3], &["--fault", "junk"]].concat())
        .stdout(File::options().write(true).open("/dev/full").unwrap())
        .stderr(Stdio::null())
        .status();
    assert_eq!(status.unwrap().code(), Some(1), "a failure stays one");
}

/// The shipped campaign by Postmark, with another way out in both parts.
fn campaign(html: &str, text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    for (name, tag) in [
        ("templates/spring_sale.html", html),
        ("templates/spring_sale.txt", text),
    ] {
        let path = folder.path().join(name);
        let template = std::fs::read_to_string(&path).unwrap();
        assert!(template.contains("{% unsubscribe_url %}"));
        std::fs::write(&path, template.replace("{% unsubscribe_url %}", tag)).unwrap();
    }
    folder
}

#[test]
fn postmarks_own_tag_is_carried_judged_as_filled_and_filled_in_on_the_way() {
    let tag = "{{{ pm:unsubscribe }}}";
    let folder = campaign(tag, tag);
    let (code, told) = inboxqa(folder.path(), &["lint", "drill.toml", "--strict"]);
    assert_eq!(code, Some(0), "{told}");
    let ran = kit::run_json(folder.path(), &["run", "drill.toml", "--lab", "-E", "case(spring-*)"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let links = ran.deliveries()[0]["links"].as_array().unwrap();
    let way_out = links.iter().find(|link| link["kind"] == "unsubscribe").unwrap();
    let delivered = way_out["delivered"].as_str().unwrap();
    assert!(delivered.starts_with("https://subscriptions.pstmrk.it/"), "{delivered}");

    // Nobody fills it in on another route.
    let (code, told) = inboxqa(folder.path(), &["lint", "quickstart.toml"]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.contains("merge-tags.raw-tag"), "{told}");
}

#[test]
fn an_address_that_is_not_in_the_data_is_told_with_what_works() {
    let folder = campaign("{% unsubscribe_url %}", "none");
    let data = folder.path().join("data/sale.json");
    let text = std::fs::read_to_string(&data).unwrap();
    std::fs::write(&data, text.replace("unsubscribe_url", "leave_url")).unwrap();
    let (code, told) = inboxqa(folder.path(), &["lint", "quickstart.toml"]);
    assert_eq!(code, Some(2), "{told}");
    let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("give the case's data a `unsubscribe_url`"), "{told}");
    assert!(
        told.contains("{{{ pm:unsubscribe }}}") && !told.contains("default:"),
        "{told}"
    );
}

#[test]
fn every_secret_that_init_writes_is_in_the_pipeline_beside_it() {
    for (ci, pipeline) in [
        ("github", ".github/workflows/inbox-qa.yml"),
        ("gitlab", "inbox-qa.gitlab-ci.yml"),
        ("jenkins", "Jenkinsfile"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (code, told) = inboxqa(folder.path(), &["init", "--ci", ci]);
        assert_eq!(code, Some(0), "{told}");
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        let written = read("suites/routes.toml") + &read("mailboxes.example.toml");
        let used = written.lines().filter(|line| !line.starts_with('#'));
        let names: BTreeSet<&str> = used
            .flat_map(|line| line.split("${env:").skip(1))
            .map(|rest| rest.split('}').next().unwrap())
            .collect();
        assert!(names.len() > 5, "{names:?}");
        let pipeline = read(pipeline);
        for name in names {
            assert!(pipeline.contains(name), "{ci}: {name}");
        }
        assert!(pipeline.contains("mailboxes.toml"), "{ci}");
        for suite in ["suites/quickstart.toml", "suites/drill.toml"] {
            let text = read(suite);
            assert!(text.contains(&format!("    inboxqa run {suite} --lab")), "{suite}");
        }
    }
}
