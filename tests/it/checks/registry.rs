//! One name everywhere: id, row, file, test file, data folder.

use inboxqa::checks::{CHECKS, COMMON_REASONS};
use inboxqa::model::CheckId;
use std::collections::BTreeSet;
use std::path::Path;

/// Files of the room that hold no check.
const SHARED: &[&str] = &[
    "mod",
    "bulk-rules",
    "bulk-sender",
    "check",
    "client-marks",
    "dmarc-readings",
    "fate",
    "header-form",
    "needs",
    "sample",
    "spf-told",
    "spoken-for",
    "standing",
    "web",
    "word-changes",
    "words",
];
/// Test files that belong to no check.
const SHARED_TESTS: &[&str] = &["mod", "framework", "letters", "post", "registry", "scene"];

fn stems(folder: &str, ending: &str) -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names
        .filter_map(|name| name.strip_suffix(ending).map(|stem| stem.replace('_', "-")))
        .collect()
}

fn rows() -> BTreeSet<String> {
    CHECKS.iter().map(|check| check.id.to_string()).collect()
}

fn without(mut names: BTreeSet<String>, shared: &[&str]) -> BTreeSet<String> {
    names.retain(|name| !shared.contains(&name.as_str()));
    names
}

#[test]
fn every_row_has_its_file_its_tests_and_its_data() {
    assert_eq!(rows(), without(stems("src/checks", ".rs"), SHARED));
    assert_eq!(rows(), without(stems("tests/it/checks", ".rs"), SHARED_TESTS));
    assert_eq!(rows(), stems("tests/data/checks", ""));
}

#[test]
fn every_id_has_its_row_in_catalogue_order() {
    let ids: Vec<CheckId> = CHECKS.iter().map(|check| check.id).collect();
    assert_eq!(ids, CheckId::ALL);
}

#[test]
fn every_check_explains_itself() {
    for check in CHECKS {
        assert!(
            !check.title.is_empty() && check.explain.len() > 100,
            "{} says too little",
            check.id
        );
        for part in ["Why it matters: ", "What to do: "] {
            assert!(
                check.explain.contains(&format!("\n{part}")),
                "{} lacks: {part}",
                check.id
            );
        }
        assert!(!check.sources.is_empty(), "{} stands on nothing", check.id);
        assert!(
            check.reasons.iter().any(|(code, _)| *code == "ok"),
            "{} cannot pass",
            check.id
        );
        assert!(check.reasons.len() > 1, "{} cannot fail", check.id);
        let mut codes: Vec<&str> = check
            .reasons
            .iter()
            .chain(COMMON_REASONS)
            .map(|(code, _)| *code)
            .collect();
        codes.sort_unstable();
        let distinct = codes.len();
        codes.dedup();
        assert_eq!(codes.len(), distinct, "{} names a reason twice", check.id);
        assert!(!check.follows.contains(&check.id));
    }
}

/// What a check can say it says in a test of its own: by a scene, or by the words that are kept of one.
#[test]
fn every_reason_of_every_check_has_its_fixture() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let mut bare = Vec::new();
    for check in CHECKS {
        let own = read(&format!("tests/it/checks/{}.rs", check.id.as_str().replace('-', "_")));
        let kept = read(&format!("tests/data/checks/{}/findings.snap", check.id));
        for (code, _) in check.reasons {
            let full = format!("{}.{code}", check.id);
            if !own.contains(&format!("\"{code}\"")) && !kept.contains(&full) && !own.contains(&full) {
                bare.push(full);
            }
        }
    }
    assert!(bare.is_empty(), "no fixture for {bare:?}");
}

/// A row of the README's table: `| \`id\` | title | reason codes |`.
#[test]
fn the_readme_has_a_row_for_every_check() {
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    for check in CHECKS {
        let begin = format!("| `{}` | {} |", check.id, check.title);
        let row = readme.lines().find(|line| line.starts_with(&begin));
        let row = row.unwrap_or_else(|| panic!("no row that begins with {begin}"));
        let codes = row
            .split('`')
            .filter(|word| word.starts_with(&format!("{}.", check.id)));
        for code in codes {
            let known = check
                .reasons
                .iter()
                .any(|(reason, _)| code == format!("{}.{reason}", check.id));
            assert!(known, "{code} is no reason of {}", check.id);
        }
    }
}
