//! Where the store lives, and what happens where it can not.

use super::{delivery, marks, run_row, store_with_run};
use inboxqa::store::{Store, StoreError};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use tempfile::tempdir;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn only_its_owner_can_read_it_and_git_ignores_it() {
    let dir = tempdir().unwrap();
    let folder = dir.path().join("deep/.inboxqa");
    let store = store_with_run(&folder.join("runs.sqlite"), "r1").await;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(store.path()), 0o600);
    assert_eq!(mode(&folder.join("runs.sqlite-wal")), 0o600);
    assert_eq!(fs::read_to_string(folder.join(".gitignore")).unwrap(), "*\n");
}

#[tokio::test]
async fn a_folder_of_the_users_own_is_left_as_it_is() {
    let dir = tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    Store::open(&dir.path().join("runs.sqlite")).await.unwrap();
    assert_eq!(mode(dir.path()), 0o755);
    assert!(!dir.path().join(".gitignore").exists());
}

#[tokio::test]
async fn somebody_elses_database_and_no_database_are_refused_and_left_alone() {
    let dir = tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    fs::write(&text, "not a database, but long enough to be looked at ".repeat(40)).unwrap();
    let before = fs::read(&text).unwrap();
    assert!(Store::open(&text).await.is_err());
    assert_eq!(fs::read(&text).unwrap(), before);

    let foreign = dir.path().join("foreign.sqlite");
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&foreign)
        .create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql("create table theirs (x)").execute(&pool).await.unwrap();
    pool.close().await;
    let refused = Store::open(&foreign).await.unwrap_err();
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
}

#[tokio::test]
async fn a_path_that_can_not_be_made_is_an_error_with_its_name() {
    let dir = tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let refused = Store::open(&dir.path().join("file/runs.sqlite")).await.unwrap_err();
    assert_eq!(refused.why().code, "store-open");
    assert!(refused.to_string().contains("file/runs.sqlite"), "{refused}");
}

const FILE: &str = "INBOXQA_TEST_FULL_FILE";

/// Runs in a process whose files may not grow: journals until the store can not, and then there must be no intent.
#[tokio::test]
async fn writer_on_a_full_disk() {
    let Ok(file) = std::env::var(FILE) else {
        return;
    };
    let refused = fill(Path::new(&file)).await;
    println!("\n@refused {}", refused.why().code);
}

async fn fill(file: &Path) -> StoreError {
    let store = match Store::open(file).await {
        Ok(store) => store,
        Err(error) => return error,
    };
    store.begin_run(&run_row("r1")).await.unwrap();
    let baseline = store.baseline("r1", "gmail-1", &marks()).await.unwrap();
    for count in 1.. {
        let delivery = delivery(&format!("case-{count}"), count);
        match store.intend("r1", &delivery, &baseline, "seed@gmail.example").await {
            Ok(intent) => drop(intent),
            Err(error) => return error,
        }
    }
    unreachable!()
}

/// A file size limit stands for a full disk: the write fails in the same place, without root.
#[test]
fn a_full_disk_gives_no_intent() {
    let dir = tempdir().unwrap();
    let script = r#"trap '' XFSZ; ulimit -f "$1"; shift; exec "$@""#;
    let output = Command::new("sh")
        .args(["-c", script, "sh", "200"])
        .arg(std::env::current_exe().unwrap())
        .args(["store::place::writer_on_a_full_disk", "--exact", "--nocapture"])
        .env(FILE, dir.path().join("runs.sqlite"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("@refused store-failed"),
        "{said}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
