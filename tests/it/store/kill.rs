//! Processes that are killed at any moment, and processes that share one store.

use super::{delivery, marks, reply, store_with_run, tried};
use inboxqa::model::SendOutcome;
use inboxqa::store::{Store, StoreError};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::tempdir;

/// Set for the process that is to be killed: the database file and the run id.
const FILE: &str = "INBOXQA_TEST_STORE_FILE";
const RUN: &str = "INBOXQA_TEST_STORE_RUN";
/// Tokens of run N begin at N times this.
const SPREAD: u128 = 1_000_000;

/// The other process: journals sends as fast as it can, and says each step only when the store has confirmed it.
#[tokio::test]
async fn writer_process() {
    let (Ok(file), Ok(run)) = (std::env::var(FILE), std::env::var(RUN)) else {
        return;
    };
    let first = run.parse::<u128>().unwrap() * SPREAD;
    let store = store_with_run(Path::new(&file), &run).await;
    let baseline = store.baseline(&run, "gmail-1", &marks()).await.unwrap();
    for count in first..first + SPREAD {
        let delivery = delivery(&format!("case-{count}"), count);
        let intent = store
            .intend(&run, &delivery, &baseline, "seed@gmail.example")
            .await
            .unwrap();
        println!("\n@intended {count}");
        let sent = intent.spent(tried(SendOutcome::Accepted(reply(250))));
        store.settle(sent).await.unwrap();
        println!("\n@settled {count}");
    }
}

fn writer(file: &Path, run: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["store::kill::writer_process", "--exact", "--nocapture"])
        .env(FILE, file)
        .env(RUN, run)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// What the process said it had done: counts intended, counts settled.
#[derive(Default)]
struct Reported {
    intended: BTreeSet<u128>,
    settled: BTreeSet<u128>,
}

/// Lets the process say `lines` things, kills it, and reads what else it had said.
fn kill_after(mut child: Child, lines: usize) -> Reported {
    let mut reported = Reported::default();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut count = 0;
    for line in said {
        let line = line.unwrap();
        if let Some(number) = line.strip_prefix("@intended ") {
            reported.intended.insert(number.parse().unwrap());
        } else if let Some(number) = line.strip_prefix("@settled ") {
            reported.settled.insert(number.parse().unwrap());
        } else {
            continue;
        }
        count += 1;
        if count == lines {
            child.kill().unwrap();
        }
    }
    assert!(!child.wait().unwrap().success());
    assert!(count >= lines, "the writer ended by itself after {count} steps");
    reported
}

#[tokio::test]
async fn a_killed_process_loses_no_row_it_reported() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("store").join("runs.sqlite");
    for round in 1..=12u32 {
        let run = round.to_string();
        // Odd and even numbers end between intend and settle, and between settle and the next intend.
        let reported = kill_after(writer(&file, &run), round as usize * 7 % 23 + 1);
        let store = Store::open(&file).await.unwrap();
        let baseline = store.baseline(&run, "gmail-1", &marks()).await.unwrap();
        for count in &reported.intended {
            let again = delivery(&format!("case-{count}"), *count);
            let refused = store.intend(&run, &again, &baseline, "seed@gmail.example").await;
            assert!(
                matches!(refused, Err(StoreError::AlreadyTried { .. })),
                "round {round}: {count} is lost"
            );
        }
        let open: Vec<u128> = store
            .unsettled()
            .await
            .unwrap()
            .iter()
            .filter(|open| open.run == run)
            .map(|open| u128::from_str_radix(&open.token, 16).unwrap())
            .collect();
        assert!(open.len() <= 1, "one process tries one send at a time: {open:?}");
        assert!(
            open.iter().all(|count| !reported.settled.contains(count)),
            "a settled try was forgotten: {open:?}"
        );
    }
}

#[tokio::test]
async fn processes_share_one_store() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("store").join("runs.sqlite");
    let writers: Vec<Child> = (1..=3).map(|run| writer(&file, &run.to_string())).collect();
    let threads: Vec<_> = writers
        .into_iter()
        .map(|child| std::thread::spawn(|| kill_after(child, 60)))
        .collect();
    for thread in threads {
        assert!(thread.join().unwrap().settled.len() >= 29);
    }
    assert_eq!(Store::open(&file).await.unwrap().history(10).await.unwrap().len(), 3);
}
