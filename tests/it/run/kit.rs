//! A folder with a suite, routes and mailboxes, and the binary run in it.

use inboxqa::lab::World;
use inboxqa::mailbox::Account;
use inboxqa::mailbox::oauth::TokenSource;
use inboxqa::model::oauth::OAuth;
use inboxqa::model::{Secret, SeedMailbox};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

/// Which finding verdicts count as "red" in a table.
const LOUD: [&str; 3] = ["warn", "fail", "blind"];

/// The shipped files of this repository.
pub fn shipped(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies the shipped suites, with templates and data, into a folder.
pub fn copy_suites(folder: &Path) {
    for part in ["", "templates", "data"] {
        let from = shipped("suites").join(part);
        std::fs::create_dir_all(folder.join(part)).unwrap();
        for file in std::fs::read_dir(from)
            .unwrap()
            .map(Result::unwrap)
            .filter(|entry| entry.path().is_file())
        {
            std::fs::copy(file.path(), folder.join(part).join(file.file_name())).unwrap();
        }
    }
}

/// The binary, with an environment that does not depend on who runs the tests.
pub fn inboxqa(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_inboxqa"));
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// A seed's account with what the lab minted for it.
pub fn lab_account(world: &World, seed: SeedMailbox) -> Account {
    let desk = world.oauth();
    let source = |client: OAuth| {
        let (secret, refresh) = (desk.client_secret(&seed.name), desk.refresh_token(&seed.name));
        TokenSource::new(client, secret, refresh, Arc::new(|_: &Secret| {}))
    };
    Account {
        oauth: seed.oauth.clone().map(source),
        password: world.mailbox_password(&seed.name),
        extra_root_pem: None,
        seed,
    }
}

/// A finished run.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub json: Value,
}

/// Runs with a JSON report and reads it back.
pub fn run_json(folder: &Path, arguments: &[&str]) -> Ran {
    run_json_with(folder, arguments, &[])
}

/// The same with variables in its environment.
pub fn run_json_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let report = folder.join("out/report.json");
    let _ = std::fs::remove_file(&report);
    let output: Output = inboxqa(folder)
        .args(arguments)
        .envs(variables.iter().copied())
        .arg("--json")
        .arg(&report)
        .output()
        .expect("the binary starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let json = std::fs::read(&report)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let json = json.unwrap_or_else(|| panic!("no JSON report\n--- stdout\n{stdout}\n--- stderr\n{stderr}"));
    Ran {
        code: output.status.code(),
        stdout,
        stderr,
        json,
    }
}

impl Ran {
    pub fn deliveries(&self) -> &Vec<Value> {
        self.json["deliveries"].as_array().unwrap()
    }

    /// `check` (failed), `check:warn`, `check:blind` of every delivery, sorted, by delivery id.
    pub fn reds(&self) -> BTreeMap<String, Vec<String>> {
        let of = |delivery: &Value| {
            let findings = delivery["findings"].as_array().unwrap().iter();
            let loud = findings.filter(|finding| LOUD.contains(&finding["verdict"].as_str().unwrap()));
            let mut reds: Vec<String> = loud
                .map(|finding| match finding["verdict"].as_str().unwrap() {
                    "fail" => finding["check"].as_str().unwrap().to_owned(),
                    verdict => format!("{}:{verdict}", finding["check"].as_str().unwrap()),
                })
                .collect();
            reds.sort();
            reds.dedup();
            (delivery["id"].as_str().unwrap().to_owned(), reds)
        };
        self.deliveries().iter().map(of).collect()
    }

    /// Puts the deliveries of another run in the place of its own of the same ids.
    pub fn replace(&mut self, again: Ran) {
        let own = self.json["deliveries"].as_array_mut().unwrap();
        for delivery in again.deliveries() {
            let place = own.iter_mut().find(|known| known["id"] == delivery["id"]);
            *place.unwrap() = delivery.clone();
        }
    }

    pub fn delivery(&self, id: &str) -> &Value {
        let found = self.deliveries().iter().find(|delivery| delivery["id"] == id);
        found.unwrap_or_else(|| panic!("no delivery {id}"))
    }
}
