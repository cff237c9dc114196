//! Twelve seeds of six providers in one run, some of them misbehaving: every delivery ends in its own state, with its own verdict. All nine
//! states are there.

use super::kit;
use serde_json::Value;
use std::fmt::Write;

const PROVIDERS: [&str; 6] = ["gmail", "yahoo", "outlook", "aol", "icloud", "fastmail"];

const SUITE: &str = r#"
[suite]
name        = "States"
routes_file = "routes.toml"
within      = "15s"
give_up     = "15s"
quiet       = "1s"

[[case]]
name     = "receipt"
category = "transactional"
subject  = "Order {{ order.number }} is confirmed"
html     = "templates/order_confirmation.html"
text     = "templates/order_confirmation.txt"
data     = "data/order.json"
routes   = ["postmark-tx"]
expect   = { placement = { default = ["inbox"] } }
"#;

/// Mailbox, what happens there, state, verdict, the reason of its placement.
const STORY: &[(&str, &str, &str, &str, &str)] = &[
    ("gmail-1", "", "inbox", "pass", "placement.ok"),
    ("gmail-2", "promotions", "tab", "fail", "placement.tab"),
    ("yahoo-1", "junk", "spam", "fail", "placement.spam"),
    (
        "yahoo-2",
        "hidden-spam-folder+drop",
        "mailbox-error",
        "blind",
        "placement.mailbox-error",
    ),
    ("outlook-1", "token-expired", "inbox", "pass", "placement.ok"),
    (
        "outlook-2",
        "imap-refuse-login",
        "mailbox-error",
        "blind",
        "placement.mailbox-error",
    ),
    ("aol-1", "reject=550", "rejected", "fail", "placement.rejected"),
    ("aol-2", "greylist=90", "pending", "blind", "placement.pending"),
    ("icloud-1", "drop", "missing", "fail", "placement.missing"),
    (
        "icloud-2",
        "suppressed-seed",
        "suppressed",
        "fail",
        "placement.suppressed",
    ),
    ("fastmail-1", "user-rule=Receipts", "other", "fail", "placement.other"),
    ("fastmail-2", "move-after=0.3", "spam", "fail", "placement.spam"),
];

#[test]
fn every_delivery_ends_in_its_own_state() {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    std::fs::write(folder.path().join("states.toml"), SUITE).unwrap();
    let mut mailboxes = String::new();
    for provider in PROVIDERS {
        for number in 1..=2 {
            let login = if provider == "outlook" {
                "client_id = \"app\""
            } else {
                "password = \"x\""
            };
            let _ = writeln!(
                mailboxes,
                "[mailbox.{provider}-{number}]\nprovider = {provider:?}\naddress = \"seed{number}@{provider}.example\"\n{login}"
            );
        }
    }
    std::fs::write(folder.path().join("mailboxes.toml"), mailboxes).unwrap();
    let mut arguments = vec!["run".to_owned(), "states.toml".to_owned(), "--lab".to_owned()];
    for (mailbox, faults, ..) in STORY {
        for fault in faults.split('+').filter(|fault| !fault.is_empty()) {
            arguments.extend(["--fault".to_owned(), format!("{fault}@mailbox={mailbox}")]);
        }
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = kit::run_json(folder.path(), &arguments);
    assert_eq!(ran.code, Some(1), "a failure outranks blindness\n{}", ran.stdout);
    assert_eq!(ran.deliveries().len(), STORY.len());
    let mut wrong = Vec::new();
    for (mailbox, _, state, verdict, reason) in STORY {
        let delivery = ran.delivery(&format!("states/receipt/postmark-tx/{mailbox}"));
        let placement = delivery["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["check"] == "placement")
            .unwrap();
        let seen = (
            &delivery["placement"]["state"],
            &delivery["verdict"],
            &placement["reason"],
        );
        if seen != (&Value::from(*state), &Value::from(*verdict), &Value::from(*reason)) {
            wrong.push(format!(
                "{mailbox}: expected {state}, {verdict}, {reason}; seen {seen:?}: {placement}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.join("\n"), ran.stdout);
    let moved = ran.delivery("states/receipt/postmark-tx/fastmail-2");
    let told = moved["findings"].to_string();
    assert!(
        told.contains("seen in INBOX UID") && told.contains("Junk UID"),
        "the movement is told: {told}"
    );
}
