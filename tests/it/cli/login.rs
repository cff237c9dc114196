//! `inboxqa login`: the token goes into a file that only its owner can read, and nowhere else.

use crate::run::kit;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

fn login(folder: &Path, more: &[&str]) -> Output {
    let mut command = kit::inboxqa(folder);
    command
        .args(["login", "--lab", "--mailboxes"])
        .arg(kit::shipped("mailboxes.example.toml"));
    command.args(more).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

#[test]
fn a_granted_token_is_saved_for_its_owner_and_proved_by_a_login() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/er/token");
    let output = login(folder.path(), &["outlook-1", "--save", file.to_str().unwrap()]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let token = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!told.contains(token.trim()), "{told}");
    for part in ["type the code", "refresh_token = ", "OUTLOOK_1_RT", "by xoauth2"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let again = login(folder.path(), &["outlook-1", "--save", file.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(2), "{}", text(&again));
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        token,
        "it was replaced without --force"
    );
}

#[test]
fn what_can_not_be_granted_is_said() {
    let folder = tempfile::tempdir().unwrap();
    for (name, part) in [
        ("gmail-1", "logs in by password"),
        ("nobody", "there are gmail-1, outlook-1, yahoo-1"),
    ] {
        let output = login(folder.path(), &[name]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output).contains(part), "{}", text(&output));
    }
}

#[test]
fn what_the_lab_grants_is_not_left_where_the_real_token_goes() {
    let folder = tempfile::tempdir().unwrap();
    let mailboxes = folder.path().join("mailboxes.toml");
    std::fs::copy(kit::shipped("mailboxes.example.toml"), &mailboxes).unwrap();
    let real = folder.path().join(".inboxqa/outlook-1.refresh-token");
    for _ in 0..2 {
        let output = kit::inboxqa(folder.path())
            .args(["login", "outlook-1", "--lab"])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output));
        assert!(
            text(&output).contains("not kept") && text(&output).contains("by xoauth2"),
            "{}",
            text(&output)
        );
        assert!(!real.exists());
    }
}
