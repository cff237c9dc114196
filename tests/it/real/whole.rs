//! Whole runs of the binary on mail that really travels.

use super::host::MailHost;
use super::project::{self, PASSWORD_VARIABLE};
use crate::run::kit::{self, Ran};
use sqlx::sqlite::SqlitePoolOptions;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;

struct Stage {
    host: MailHost,
    folder: TempDir,
}

impl Stage {
    fn set() -> Option<Stage> {
        let host = MailHost::start("real::whole")?;
        let folder = tempfile::tempdir().unwrap();
        project::write(&host, folder.path());
        Some(Stage { host, folder })
    }

    fn run(&self, suite: &str) -> Ran {
        run(&self.host, self.folder.path(), suite)
    }
}

fn run(host: &MailHost, folder: &Path, suite: &str) -> Ran {
    let command = ["run", suite, "--mailboxes", "mailboxes.toml", "--yes"];
    kit::run_json_with(folder, &command, &[(PASSWORD_VARIABLE, host.password)])
}

/// No delivery has anything but passes and skips, and the exit code says so.
fn assert_green(ran: &Ran, host: &MailHost) {
    let reds: Vec<_> = ran.reds().into_iter().filter(|(_, reds)| !reds.is_empty()).collect();
    assert!(
        reds.is_empty(),
        "{reds:?}\n{}\n{}\n{}",
        ran.stdout,
        ran.stderr,
        host.log()
    );
    assert_eq!(ran.code, Some(0), "{}\n{}", ran.stdout, ran.stderr);
}

#[test]
fn the_quickstart_and_a_suite_of_its_own_travel_through_real_servers() {
    let Some(stage) = Stage::set() else { return };
    let quickstart = stage.run("quickstart.toml");
    assert_green(&quickstart, &stage.host);
    assert_eq!(quickstart.deliveries().len(), 9);

    let travel = stage.run("travel.toml");
    assert_green(&travel, &stage.host);
    let junk = travel.delivery("travel/filed-as-junk/campaigns/gmail-1");
    assert_eq!(junk["placement"]["state"], "spam");
    for delivery in quickstart.deliveries().iter().chain(travel.deliveries()) {
        let authentication = &delivery["authentication"];
        assert_eq!(authentication["dkim"][0]["result"], "pass", "ours: {authentication}");
        assert_eq!(
            authentication["provider"]["dkim"], "pass",
            "OpenDKIM's: {authentication}"
        );
        assert_eq!(authentication["spf"]["client"], super::host::CLIENT, "{authentication}");
    }
}

#[test]
fn a_bounce_is_missing_and_nothing_else() {
    let Some(stage) = Stage::set() else { return };
    let ran = stage.run("bounce.toml");
    assert_eq!(ran.code, Some(1), "{}\n{}", ran.stdout, ran.stderr);
    let bounced = ran.delivery("bounce/order/postmark-tx/nobody-1");
    assert_eq!(bounced["placement"]["state"], "missing", "{}", stage.host.log());
    assert_eq!(
        ran.reds()["bounce/order/postmark-tx/nobody-1"],
        ["arrival", "placement"]
    );
    assert!(stage.host.log().contains("550 5.1.1"), "{}", stage.host.log());
}

#[test]
fn greylisted_mail_is_waited_for_and_a_dropped_session_is_survived() {
    let Some(stage) = Stage::set() else { return };
    stage.host.greylist.refuse_for(Duration::from_secs(4));
    let done = AtomicBool::new(false);
    let (ran, dropped) = std::thread::scope(|scope| {
        let dropping = scope.spawn(|| {
            let mut dropped = 0;
            while !done.load(Ordering::Relaxed) && dropped < 2 {
                dropped += u32::from(stage.host.drop_sessions(&MailHost::address("one")));
                std::thread::sleep(Duration::from_millis(300));
            }
            dropped
        });
        let ran = stage.run("travel.toml");
        done.store(true, Ordering::Relaxed);
        (ran, dropping.join().unwrap())
    });
    assert_green(&ran, &stage.host);
    assert!(dropped > 0, "no session was there to be dropped");
    assert!(stage.host.log().contains("450 4.2.0"), "{}", stage.host.log());
}

/// Tries that may have been sent, by the journal.
async fn sent(folder: &Path) -> Vec<(String, String)> {
    let file = format!("sqlite:{}", folder.join(".inboxqa/runs.sqlite").display());
    // Before the run has made its store there is none to be read.
    let Ok(store) = SqlitePoolOptions::new().max_connections(1).connect(&file).await else {
        return Vec::new();
    };
    let query = "select delivery, state from try where state not in ('deferred', 'not-sent')";
    sqlx::query_as(query).fetch_all(&store).await.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_killed_goes_on_and_sends_nothing_twice() {
    let Some(stage) = Stage::set() else { return };
    let folder = stage.folder.path();
    // One message a second: when the second is accepted, most are still to be sent.
    let routes = std::fs::read_to_string(folder.join("routes.toml")).unwrap();
    std::fs::write(
        folder.join("routes.toml"),
        routes.replace("kind = \"smtp\"", "kind = \"smtp\"\nrate = 1.0"),
    )
    .unwrap();
    let mut child = kit::inboxqa(folder)
        .args(["run", "quickstart.toml", "--mailboxes", "mailboxes.toml", "--yes"])
        .env(PASSWORD_VARIABLE, stage.host.password)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let accepted = |sent: &[(String, String)]| sent.iter().filter(|(_, state)| state == "accepted").count();
    while accepted(&sent(folder).await) < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = sent(folder).await.len();
    assert!((2..9).contains(&before), "{before} of 9 were sent before it was killed");

    let command = ["resume", "--yes"];
    let ran = kit::run_json_with(folder, &command, &[(PASSWORD_VARIABLE, stage.host.password)]);
    assert!(ran.stderr.contains(" goes on: "), "{}", ran.stderr);
    assert_eq!(
        ran.code,
        Some(0),
        "{}\n{}\n{}",
        ran.stdout,
        ran.stderr,
        stage.host.log()
    );
    assert_eq!(ran.deliveries().len(), 9);
    let mut journal = sent(folder).await;
    assert_eq!(journal.len(), 9, "each was sent once: {journal:?}");
    journal.dedup();
    assert_eq!(journal.len(), 9, "{journal:?}");
    for delivery in ran.deliveries() {
        let findings = delivery["findings"].as_array().unwrap();
        let duplicate = findings.iter().find(|finding| finding["check"] == "duplicate").unwrap();
        assert_eq!(duplicate["verdict"], "pass", "{}: {duplicate}", delivery["id"]);
    }
    let again = kit::inboxqa(folder).args(["resume", "--yes"]).output().unwrap();
    let told = String::from_utf8_lossy(&again.stderr).into_owned();
    assert_eq!(again.status.code(), Some(2), "{told}");
    assert!(told.contains("came to its end"), "{told}");
}
