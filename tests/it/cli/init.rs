//! `inboxqa init`: what it lays out is what is shipped, and runs; nothing is overwritten.

use crate::run::kit;
use std::collections::BTreeSet;
use std::path::Path;

fn files(folder: &Path, below: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() => files(&path, below, found),
            path => drop(found.insert(path.strip_prefix(below).unwrap().display().to_string())),
        }
    }
}

#[test]
fn the_quickstart_runs_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let init = kit::inboxqa(folder.path())
        .args(["init", "--ci", "github"])
        .output()
        .unwrap();
    assert_eq!(init.status.code(), Some(0), "{}", String::from_utf8_lossy(&init.stderr));
    let mut laid = BTreeSet::new();
    files(&folder.path().join("suites"), folder.path(), &mut laid);
    for name in &laid {
        let shipped = std::fs::read(kit::shipped(name)).unwrap();
        assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), shipped, "{name}");
    }
    assert!(folder.path().join(".github/workflows/inbox-qa.yml").exists());
    let ran = kit::run_json(folder.path(), &["run", "suites/quickstart.toml", "--lab"]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn nothing_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("suites")).unwrap();
    let mine = folder.path().join("suites/routes.toml");
    std::fs::write(&mine, "# mine").unwrap();
    let init = kit::inboxqa(folder.path()).arg("init").output().unwrap();
    let told = String::from_utf8_lossy(&init.stderr).into_owned();
    assert_eq!(init.status.code(), Some(2), "{told}");
    assert!(told.contains("routes.toml is there already"), "{told}");
    assert_eq!(std::fs::read_to_string(&mine).unwrap(), "# mine");
    assert!(
        !folder.path().join("mailboxes.example.toml").exists(),
        "half of it was written"
    );
}
