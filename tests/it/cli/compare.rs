//! `inboxqa compare`: may a message move from one route to another, and did anything change between two runs?

use crate::run::kit;
use std::path::Path;

const ROUTES: &str = r#"
[route.legacy]
kind = "smtp"
host = "smtp.mailer.example"
port = 587
security = "starttls"
[route.legacy.contract]
categories  = ["transactional"]
from        = "Brand Receipts <receipts@brand.example>"
reply_to    = "help@brand.example"
dkim        = ["brand.example"]
return_path = "bounces.mailer.example"
clicks      = { host = "click.brand.example", parts = ["html", "text"], except = ["unsubscribe"] }
opens       = { host = "click.brand.example" }
"#;

const SUITE: &str = r#"
[suite]
name        = "Move"
routes_file = "routes.toml"
within      = "15s"
give_up     = "20s"
quiet       = "1s"

[[case]]
name     = "order-confirmation"
category = "transactional"
subject  = "Order {{ order.number }} is confirmed"
html     = "templates/order_confirmation.html"
text     = "templates/order_confirmation.txt"
data     = "data/order.json"
routes   = ["legacy", "postmark-tx"]
expect   = { placement = { default = ["inbox", "tab:updates"] } }
"#;

fn world() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    let routes = folder.path().join("routes.toml");
    let mut text = std::fs::read_to_string(&routes).unwrap();
    text.push_str(ROUTES);
    std::fs::write(routes, text).unwrap();
    std::fs::write(folder.path().join("move.toml"), SUITE).unwrap();
    std::fs::copy(
        kit::shipped("mailboxes.example.toml"),
        folder.path().join("mailboxes.toml"),
    )
    .unwrap();
    folder
}

fn run(folder: &Path, faults: &[&str]) {
    let mut command = kit::inboxqa(folder);
    command.args(["run", "move.toml", "--lab"]);
    for fault in faults {
        command.args(["--fault", fault]);
    }
    let output = command.output().unwrap();
    assert!(
        matches!(output.status.code(), Some(0 | 1 | 3)),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn compare(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = kit::inboxqa(folder).arg("compare").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn a_case_that_went_through_both_routes_is_ready_to_move() {
    let folder = world();
    run(folder.path(), &[]);
    let (code, text) = compare(folder.path(), &["last", "--baseline-route", "legacy"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("ready to move order-confirmation to postmark-tx"),
        "{text}"
    );
    assert!(text.contains("3/3 in the inbox"), "{text}");
    for difference in [
        "SPF bounces.mailer.example pass,",
        "SPF pm-bounces.brand.example pass (aligned)",
        "links: click.brand.example (9); opens: click.brand.example (1)",
        "opens: postmark at ea.pstmrk.it",
    ] {
        assert!(text.contains(difference), "{difference}: {text}");
    }
    let (code, text) = compare(folder.path(), &["--baseline-route", "nobody"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("its routes: legacy, postmark-tx"), "{text}");
}

#[test]
fn what_fails_the_new_way_is_named_and_what_can_not_be_seen_is_not_known() {
    let folder = world();
    run(folder.path(), &["junk@route=postmark-tx,mailbox=gmail-*"]);
    let (code, text) = compare(folder.path(), &["last", "--baseline-route", "legacy"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("not ready to move order-confirmation to postmark-tx: placement.spam at gmail-1"),
        "{text}"
    );
    assert!(text.contains("- inbox\n          + spam ([Gmail]/Spam)"), "{text}");
    run(folder.path(), &["dns-servfail=a@route=postmark-tx"]);
    let (code, text) = compare(folder.path(), &["last", "--baseline-route", "legacy"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(
        text.contains("not known whether to move order-confirmation to postmark-tx"),
        "{text}"
    );
}

#[test]
fn what_is_waived_the_new_way_is_told_beside_the_word_ready() {
    let folder = world();
    let tomorrow = time::OffsetDateTime::now_utc().date().next_day().unwrap();
    let waive = format!(
        "quiet       = \"1s\"\nwaive = [{{ check = \"open-pixel\", until = \"{tomorrow}\", why = \"moving\" }}]"
    );
    let suite = SUITE.replace("quiet       = \"1s\"", &waive);
    std::fs::write(folder.path().join("move.toml"), suite).unwrap();
    run(folder.path(), &["no-pixel@route=postmark-tx,mailbox=gmail-*"]);
    let (code, text) = compare(folder.path(), &["last", "--baseline-route", "legacy"]);
    assert_eq!(code, Some(0), "{text}");
    let wanted = "ready to move order-confirmation to postmark-tx, if what is waived may go along: open-pixel.missing at gmail-1";
    assert!(text.contains(wanted), "{text}");
}

#[test]
fn two_runs_show_what_changed() {
    let folder = world();
    run(folder.path(), &[]);
    let first = kit::inboxqa(folder.path()).arg("history").output().unwrap();
    let first = String::from_utf8(first.stdout)
        .unwrap()
        .split_whitespace()
        .next()
        .unwrap()
        .to_owned();
    let template = folder.path().join("templates/order_confirmation.html");
    let text = std::fs::read_to_string(&template).unwrap();
    std::fs::write(&template, text.replacen("<body", "<body><p>Sonderangebot</p", 1)).unwrap();
    run(folder.path(), &[]);
    let (code, text) = compare(folder.path(), &[&first, "last"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("+ words: Sonderangebot"), "{text}");
    assert!(!text.contains("authentication"), "{text}");
    assert!(text.contains("good: order-confirmation through legacy"), "{text}");
}
