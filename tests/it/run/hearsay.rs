//! The log's word ends the waiting where it is certain, and nowhere else.

use super::kit;
use serde_json::Value;
use std::path::Path;

/// Longer than any test: what ends, ends by the log's word.
const FOREVER: &str = "give_up = \"24h\"";

const ROUTES: &str = "[route.cio]\nkind = \"customerio\"\ntoken = \"${env:NEVER_READ}\"\n\
                      [route.cio.log]\nkind = \"customerio\"\ntoken = \"${env:NEVER_READ}\"\n\
                      [route.cio.contract]\ncategories = [\"transactional\"]\nfrom = \"Brand Receipts <receipts@brand.example>\"\n\
                      clicks = \"off\"\nopens = \"off\"\n";

fn write(folder: &Path, give_up: &str, cases: &[&str], routes: &str) {
    kit::copy_suites(folder);
    let own = std::fs::read_to_string(folder.join("routes.toml")).unwrap();
    std::fs::write(folder.join("own.toml"), format!("{own}\n{ROUTES}")).unwrap();
    let mut suite = format!(
        "[suite]\nname = \"Word\"\nroutes_file = \"own.toml\"\nmailboxes = [\"gmail-1\"]\nwithin = \"5s\"\n{give_up}\nquiet = \"1s\"\n"
    );
    for case in cases {
        suite += &format!(
            "[[case]]\nname = \"{case}\"\ncategory = \"transactional\"\nsubject = \"x\"\nhtml = \"templates/order_confirmation.html\"\n\
             text = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\nroutes = [{routes}]\n"
        );
    }
    std::fs::write(folder.join("word.toml"), suite).unwrap();
    let seed = "[mailbox.gmail-1]\nprovider = \"gmail\"\naddress = \"seed@gmail.example\"\npassword = \"x\"\n";
    std::fs::write(folder.join("mailboxes.toml"), seed).unwrap();
}

fn observed(delivery: &Value) -> &str {
    let mut findings = delivery["findings"].as_array().unwrap().iter();
    let placement = findings.find(|finding| finding["check"] == "placement").unwrap();
    placement["observed"].as_str().unwrap()
}

#[test]
fn a_hard_bounce_and_a_suppressed_recipient_are_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let cases = ["hard", "listed", "sound"];
    write(folder.path(), FOREVER, &cases, "\"postmark-tx\", \"cio\"");
    let faults = [
        "--fault",
        "bounce=HardBounce@case=hard",
        "--fault",
        "suppressed-seed@case=listed",
    ];
    let ran = kit::run_json(
        folder.path(),
        &[&["run", "word.toml", "--lab"][..], &faults[..]].concat(),
    );
    for (route, log) in [("postmark-tx", "postmark"), ("cio", "customerio")] {
        for (case, state) in [("hard", "rejected"), ("listed", "suppressed"), ("sound", "inbox")] {
            let delivery = ran.delivery(&format!("word/{case}/{route}/gmail-1"));
            assert_eq!(delivery["placement"]["state"], state, "{case}/{route}: {}", ran.stdout);
            let told = observed(delivery);
            let ended = told.contains(&format!("after acceptance {log} said: "));
            assert_eq!(ended, case != "sound", "{case}/{route}: {told}");
            assert_eq!(told.contains("swept from "), case != "sound", "{case}/{route}: {told}");
        }
    }
}

#[test]
fn a_soft_bounce_and_a_queue_are_waited_for_to_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let cases = ["soft", "dns", "blocked", "queue"];
    write(folder.path(), "give_up = \"7s\"", &cases, "\"postmark-tx\", \"cio\"");
    let faults = [
        "bounce=SoftBounce@case=soft",
        "bounce=DnsError@case=dns,route=postmark-tx",
        "bounce=Blocked@case=blocked,route=postmark-tx",
        "esp-queued@case=queue",
    ];
    let faults: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
    let ran = kit::run_json(
        folder.path(),
        &[&["run", "word.toml", "--lab"][..], &faults[..]].concat(),
    );
    for route in ["postmark-tx", "cio"] {
        for case in cases {
            let told = observed(ran.delivery(&format!("word/{case}/{route}/gmail-1")));
            assert!(!told.contains("looked for no longer"), "{case}/{route}: {told}");
        }
    }
    let soft = ran.delivery("word/soft/postmark-tx/gmail-1");
    assert_eq!(soft["placement"]["state"], "rejected", "{soft}");
}

#[test]
fn what_the_log_says_nothing_against_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), FOREVER, &["slow"], "\"postmark-tx\"");
    // The log tells nothing bad, and the message takes its time: nobody gives up.
    let ran = kit::run_json(folder.path(), &["run", "word.toml", "--lab", "--fault", "delay=6"]);
    let delivery = ran.delivery("word/slow/postmark-tx/gmail-1");
    assert_eq!(delivery["placement"]["state"], "inbox", "{}", ran.stdout);
}
