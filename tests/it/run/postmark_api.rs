//! A route by Postmark's API: the same case as by SMTP, each answer of the service as what it is, and nothing sent twice.

use super::kit::{self, Ran};
use serde_json::Value;

const ROUTES: &str = r#"
[route.api]
kind        = "postmark"
token       = "${env:NEVER_READ}"
stream      = "outbound"
tag         = "receipt"
track_opens = true
track_links = "HtmlAndText"

[route.api.log]
kind  = "postmark"
token = "${env:NEVER_READ}"

[route.api.contract]
categories  = ["transactional"]
from        = "Brand Grüße <receipts@brand.example>"
reply_to    = "help@brand.example"
dkim        = ["brand.example"]
return_path = "pm-bounces.brand.example"
clicks      = { host = "click.pstmrk.it", parts = ["html", "text"], except = ["unsubscribe"] }
opens       = { host = "ea.pstmrk.it" }
"#;

/// One case a fault, by the API, to one seed; `route` is more of the route.
fn run(faults: &[&str], route: &str) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    let routes = ROUTES.replace("stream      =", &format!("{route}\nstream      ="));
    std::fs::write(folder.path().join("api.toml"), routes).unwrap();
    let mut suite = String::from(
        "[suite]\nname = \"API\"\nroutes_file = \"api.toml\"\nwithin = \"12s\"\ngive_up = \"15s\"\nquiet = \"1s\"\n",
    );
    let mut arguments = vec!["run".to_owned(), "suite.toml".to_owned(), "--lab".to_owned()];
    for fault in faults {
        let case = slug(fault);
        suite += &format!(
            "[[case]]\nname = \"{case}\"\ncategory = \"transactional\"\nsubject = \"Grüße: {{{{ order.number }}}}\"\n\
             html = \"templates/order_confirmation.html\"\ntext = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\n\
             routes = [\"api\"]\nmailboxes = [\"gmail-1\"]\n"
        );
        if *fault != "sound" {
            arguments.extend(["--fault".to_owned(), format!("{fault}@case={case}")]);
        }
    }
    std::fs::write(folder.path().join("suite.toml"), suite).unwrap();
    let mailboxes = "[mailbox.gmail-1]\nprovider = \"gmail\"\naddress = \"seed@gmail.example\"\npassword = \"x\"\n";
    std::fs::write(folder.path().join("mailboxes.toml"), mailboxes).unwrap();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    kit::run_json(folder.path(), &arguments)
}

fn slug(fault: &str) -> String {
    fault.replace('=', "-").to_lowercase()
}

/// State, verdict and the arrival's own words.
fn story<'r>(ran: &'r Ran, fault: &str) -> (&'r Value, &'r Value, &'r str) {
    let delivery = ran.delivery(&format!("suite/{}/api/gmail-1", slug(fault)));
    let arrival = delivery["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| finding["check"] == "arrival")
        .unwrap();
    (
        &delivery["placement"]["state"],
        &delivery["verdict"],
        arrival["observed"].as_str().unwrap(),
    )
}

#[test]
fn each_answer_of_the_service_is_what_it_is_and_nothing_is_sent_twice() {
    let expected = [
        ("sound", "inbox", "pass", "seen in "),
        ("esp-429=2", "inbox", "pass", "seen in "),
        ("esp-500-after-accept", "inbox", "pass", "seen in "),
        (
            "suppressed-seed",
            "suppressed",
            "fail",
            "error 406: You tried to send to recipient(s) that have been marked as inactive",
        ),
        ("reject=550", "rejected", "fail", "STATUS error 405"),
        ("bounce=HardBounce", "rejected", "fail", "HardBounce: "),
    ];
    for (route, refused) in [("", "422"), ("batch = true", "200")] {
        holds(&run(&expected.map(|(fault, ..)| fault), route), &expected, refused);
    }
}

/// A batch's own answer is 200, whatever is said of its messages.
fn holds(ran: &Ran, expected: &[(&str, &str, &str, &str)], refused: &str) {
    for (fault, state, verdict, words) in expected {
        let told = story(ran, fault);
        let words = words.replace("STATUS", refused);
        assert_eq!(
            (told.0, told.1),
            (&Value::from(*state), &Value::from(*verdict)),
            "{fault}: {}",
            ran.stdout
        );
        assert!(told.2.contains(&words), "{fault}: {}", told.2);
        let duplicate = ran.delivery(&format!("suite/{}/api/gmail-1", slug(fault)))["findings"].to_string();
        assert!(!duplicate.contains("duplicate.copies"), "{fault}");
    }
}
