//! Whole runs of the binary on mail that really travels.

use super::host::MailHost;
use super::project::{self, PASSWORD_VARIABLE};
use crate::run::kit::{self, Ran};
use std::path::Path;
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
