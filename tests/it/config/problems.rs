//! Everything that is wrong is reported at once, at its place, with something to do about it.

use inboxqa::config::{Problems, load};
use inboxqa::report::diagnostic;
use std::path::Path;
use tempfile::TempDir;

const ROUTES: &str = r#"
[policy]
default_route = { transactional = "tx" }
[route.tx]
kind = "smtp"
host = "smtp.brand.example"
[route.tx.contract]
categories = ["transactional"]
"#;

const MAILBOXES: &str = r#"
[mailbox.gmail-1]
provider = "gmail"
address = "one@gmail.example"
password = "${env:ONE}"
tags = ["launch"]
"#;

const CASE: &str = r#"
[[case]]
name = "order"
category = "transactional"
subject = "Order"
text = "t.txt"
"#;

struct Files(TempDir);

impl Files {
    fn new(suite: &str, routes: &str, mailboxes: &str) -> Files {
        let dir = TempDir::new().unwrap();
        for (name, text) in [
            ("s.toml", suite),
            ("routes.toml", routes),
            ("mailboxes.toml", mailboxes),
            ("t.txt", "Hello"),
        ] {
            std::fs::write(dir.path().join(name), text).unwrap();
        }
        Files(dir)
    }

    fn load(&self) -> Result<inboxqa::config::Loaded, Problems> {
        load(&[self.0.path().join("s.toml")], &self.0.path().join("mailboxes.toml"))
    }

    /// The rendered problems, with the temporary folder's name taken out.
    fn problems(&self) -> String {
        let problems = self.load().unwrap_err();
        shown(&problems, self.0.path())
    }
}

fn shown(problems: &Problems, dir: &Path) -> String {
    let text = diagnostic::render(&problems.diagnostics, &problems.sources, false);
    text.replace(&format!("{}/", dir.display()), "")
        .replace(&dir.display().to_string(), "DIR")
}

#[test]
fn the_smallest_files_load() {
    let loaded = Files::new(CASE, ROUTES, MAILBOXES).load().unwrap();
    let case = &loaded.suites[0].cases[0];
    assert_eq!(
        (case.routes.clone(), case.mailboxes.clone()),
        (vec!["tx".to_owned()], vec!["gmail-1".to_owned()])
    );
    assert_eq!(
        (case.within_ms, loaded.suites[0].give_up_ms, loaded.suites[0].quiet_ms),
        (60_000, 600_000, 5_000)
    );
}

#[test]
fn all_problems_of_all_files_are_reported_with_places() {
    let suite = r##"
[suite]
withn = "60s"
give_up = "ten minutes"
mailboxes = ["@gmial", "#lunch", "gmail-2"]
checks = { placment = "warn", spf = "loud" }

[[case]]
name = "Order Confirmation"
category = "transactionl"
subject = 5
html = "templates/order.html"
data = "data.json"
routes = ["tz"]
expect = { placement = { gmial = ["inbx"] }, within = "20m" }

[[case]]
name = "sale"
category = "marketing"
subject = "Sale"
text = "/etc/passwd"
from = "Brand\r\nBcc: x@y.example <a@b.example>"
routes = ["tx"]
headers = { "X-A" = "a\nb", "Subject" = "x" }

[[case]]
name = "sale"
category = "hybrid"
within = "5s"
"##;
    let files = Files::new(suite, ROUTES, MAILBOXES);
    std::fs::write(files.0.path().join("data.json"), "{\n  \"a\": 1,\n  \"b\" 2\n}").unwrap();
    insta::assert_snapshot!(files.problems());
}

#[test]
fn problems_of_routes_and_mailboxes() {
    let routes = r#"
[policy]
default_route = { transactional = "tx", marketing = "txx" }
[network]
dns = ["localhost"]
[route.tx]
kind = "smpt"
host = "https://smtp.brand.example"
port = 70000
username = "u"
pasword = "hunter2"
[route.tx.contract]
from = "Brand"
clicks = "of"
opens = { hots = "x" }
"#;
    let mailboxes = r#"
[mailbox.a]
provider = "gmial"
address = "one"
password = { x = "hunter3" }
[mailbox.b]
provider = "imap"
address = "b@brand.example"
poll = 5
prot = 993
[mailbox.c]
"#;
    let shown = Files::new(CASE, routes, mailboxes).problems();
    assert!(!shown.contains("hunter"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn a_case_can_not_speak_in_another_name_than_its_route() {
    let routes = "[route.tx]\nkind = \"smtp\"\nhost = \"smtp.brand.example\"\n\
        [route.tx.contract]\nfrom = \"Brand Receipts <receipts@brand.example>\"\nreply_to = \"help@brand.example\"\n";
    let suite = |lines: &str| CASE.replace("[[case]]", &format!("[[case]]\nroutes = [\"tx\"]\n{lines}"));
    let told = Files::new(
        &suite("from = \"Brand Team <receipts@brand.example>\"\nreply_to = \"no-reply@brand.example\""),
        routes,
        MAILBOXES,
    );
    insta::assert_snapshot!(told.problems());
    let same = Files::new(
        &suite("from = \"receipts@brand.example\"\nreply_to = \"help@Brand.example\""),
        routes,
        MAILBOXES,
    );
    assert!(same.load().is_ok(), "a name that is left out is the contract's");
}

#[test]
fn keys_of_another_kind_of_route_are_told() {
    let routes = r#"
[route.tx]
kind = "postmark"
host = "smtp.postmarkapp.com"
username = "u"
track_links = "Html"
headers = { X-PM-TrackLinks = "None" }
[route.mk]
kind = "smtp"
stream = "broadcast"
track_opens = true
"#;
    insta::assert_snapshot!(Files::new(CASE, routes, MAILBOXES).problems());
}

#[test]
fn a_broken_file_does_not_hide_the_others() {
    let files = Files::new(
        &CASE.replace("subject", "subjct"),
        "[route.tx\nhost = ",
        "[mailbox.a]\npassword = \"hunter2\nport = x\n",
    );
    let shown = files.problems();
    for part in [
        "unknown key `subjct`",
        "did you mean `subject`",
        "routes.toml:2",
        "mailboxes.toml:2:",
    ] {
        assert!(shown.contains(part), "{part} is missing in\n{shown}");
    }
    assert!(!shown.contains("hunter"), "{shown}");
    assert!(
        !shown.contains("undefined"),
        "an unread file makes no name undefined:\n{shown}"
    );
}

#[test]
fn files_that_are_not_there() {
    let dir = TempDir::new().unwrap();
    let problems = load(&[dir.path().join("s.toml")], &dir.path().join("m.toml")).unwrap_err();
    assert_eq!(problems.diagnostics.len(), 2);
    let files = Files::new(&CASE.replace("t.txt", "tt.txt"), ROUTES, MAILBOXES);
    assert!(files.problems().contains("did you mean `t.txt`?"));
    let files = Files::new(
        &CASE.replace("t.txt", "../../../../../../etc/passwd"),
        ROUTES,
        MAILBOXES,
    );
    assert!(files.problems().contains("lies outside"), "{}", files.problems());
}

#[test]
fn two_suites_of_one_name_are_refused() {
    let files = Files::new(CASE, ROUTES, MAILBOXES);
    std::fs::write(files.0.path().join("S.toml"), CASE).unwrap();
    let paths = ["s.toml", "S.toml"].map(|name| files.0.path().join(name));
    let problems = load(&paths, &files.0.path().join("mailboxes.toml")).unwrap_err();
    assert!(problems.diagnostics[0].message.contains("same short name"));
}

#[test]
fn hostile_text_never_reaches_the_terminal() {
    let suite = format!(
        "{}\nname2 = \"\\u001b\"\n# \u{1b}]52;c;AAAA\u{7}\n[case.\"\u{202e}\"]\n",
        CASE.replace("Order", "\u{202e}Order")
    );
    let shown = Files::new(&suite, ROUTES, MAILBOXES).problems();
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown:?}");
}

#[test]
fn problems_of_logging_in_by_oauth() {
    let mailboxes = r#"
[mailbox.a]
provider = "outlook"
address = "a@outlook.example"
login = "oauth"
[mailbox.b]
provider = "yahoo"
address = "b@yahoo.example"
client_id = "app"
refresh_token = "${evn:RT}"
[mailbox.c]
provider = "m365"
address = "c@brand.example"
login = "client-credential"
client_id = "app"
[mailbox.d]
provider = "m365"
address = "d@brand.example"
login = "client-credentials"
client_id = "app"
token_url = "http://login.brand.example/token"
client_secret = "hunter2"
"#;
    let shown = Files::new(CASE, ROUTES, mailboxes).problems();
    assert!(!shown.contains("hunter"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn mail_clients_and_features_are_known_by_name() {
    let routes = format!("{ROUTES}clients = [\"outlok/windows\"]\nmay_lose = [\"border-radius\"]\n");
    let problems = Files::new(CASE, &routes, MAILBOXES).problems();
    for told in [
        "`outlok/windows` is not a mail client of caniemail.com",
        "did you mean `outlook/windows`?",
        "did you mean `css-border-radius`?",
    ] {
        assert!(problems.contains(told), "{problems}");
    }
}

#[test]
fn problems_of_logs() {
    let logs = r#"
[[route.tx.log]]
kind = "postmrk"
token = "${evn:T}"
[[route.tx.log]]
kind = "postmark"
tokn = "${env:T}"
[[route.tx.log]]
token = "${env:T}"
"#;
    let shown = Files::new(CASE, &format!("{ROUTES}{logs}"), MAILBOXES).problems();
    insta::assert_snapshot!(shown);
}

#[test]
fn a_suppression_is_expected_only_where_a_log_can_tell_it() {
    let suite = format!("{CASE}expect = {{ placement = {{ default = [\"suppressed\"] }} }}\n");
    let shown = Files::new(&suite, ROUTES, MAILBOXES).problems();
    assert!(
        shown.contains("`suppressed` can not be told on route `tx`") && shown.contains("s.toml:7:"),
        "{shown}"
    );
    let logged = format!("{ROUTES}[route.tx.log]\nkind = \"postmark\"\ntoken = \"${{env:T}}\"\n");
    let loaded = Files::new(&suite, &logged, MAILBOXES).load().unwrap();
    assert_eq!(loaded.routes["tx"].logs[0].stream, "outbound");
    let problems = loaded.unlock_logs(&loaded.routes["tx"], &|_| None).unwrap_err();
    assert!(problems[0].message.contains("`T` is not set"), "{problems:?}");
    assert!(problems[0].place.is_some());
}

#[test]
fn an_unset_secret_is_named_with_its_place() {
    let routes = ROUTES.replace(
        "host =",
        "username = \"${env:WHO}\"\npassword = \"${file:secret}\"\nhost =",
    );
    let files = Files::new(CASE, &routes, MAILBOXES);
    let loaded = files.load().unwrap();
    let problems = loaded
        .unlock_mailbox(&loaded.mailboxes["gmail-1"], &|_| None)
        .unwrap_err();
    let [problem] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert!(problem.message.contains("`ONE` is not set"), "{problem:?}");
    assert_eq!(
        problem.place.as_ref().map(|place| (place.line, place.column)),
        Some((5, 12))
    );
    let problems = loaded.unlock_route(&loaded.routes["tx"], &|_| None).unwrap_err();
    assert_eq!(problems.len(), 2);
    std::fs::write(files.0.path().join("secret"), "s3cret\n").unwrap();
    let env = |name: &str| (name == "WHO").then(|| "me".to_owned());
    let (username, password) = loaded.unlock_route(&loaded.routes["tx"], &env).unwrap().unwrap();
    assert_eq!((username.expose(), password.expose()), ("me", "s3cret"));
}

const DRILL: &str = "drill = { kind = \"unsubscribe\", receipt = \"order\" }\n";

/// A receipt by route `tx`, a campaign with a drill by route `mk`.
fn drilled(drill: &str, log: &str, seed: &str) -> Files {
    let suite = format!(
        "[[case]]\nname = \"order\"\ncategory = \"transactional\"\nsubject = \"x\"\ntext = \"t.txt\"\nroutes = [\"tx\"]\n\
         [[case]]\nname = \"sale\"\ncategory = \"marketing\"\nsubject = \"x\"\ntext = \"t.txt\"\nroutes = [\"mk\"]\n{drill}"
    );
    let routes = format!(
        "[route.tx]\nkind = \"smtp\"\nhost = \"a.example\"\n[route.mk]\nkind = \"smtp\"\nhost = \"b.example\"\n{log}"
    );
    let mailboxes = format!(
        "[mailbox.one]\nprovider = \"gmail\"\naddress = \"one@gmail.example\"\npassword = \"${{env:P}}\"\n{seed}"
    );
    let files = Files::new(&suite, &routes, &mailboxes);
    std::fs::write(files.0.path().join("t.txt"), "hello").unwrap();
    files
}

#[test]
fn a_drill_is_refused_where_it_proves_nothing_or_was_not_given_a_seed() {
    const LOG: &str = "[route.mk.log]\nkind = \"postmark\"\ntoken = \"${env:T}\"\n";
    const SEED: &str = "drill = true\n";
    let loaded = drilled(DRILL, LOG, SEED).load().unwrap();
    let terms = loaded.suites[0].cases[1].drill.clone().unwrap();
    assert_eq!(
        (
            terms.receipt.as_str(),
            terms.receipt_route.as_str(),
            terms.noted_ms,
            terms.within_ms
        ),
        ("order", "tx", 60_000, 60_000)
    );
    let drill = |receipt: &str| format!("drill = {{ kind = \"unsubscribe\", {receipt} }}\n");
    for (stated, log, seed, words) in [
        (DRILL.to_owned(), "", SEED, "no drill on route `mk`: it has no log"),
        (DRILL.to_owned(), LOG, "", "no drill at `one`: not given for it"),
        (drill("receipt = \"ordr\""), LOG, SEED, "undefined case `ordr`"),
        (drill("receipt = \"sale\""), LOG, SEED, "case `sale` is no receipt"),
        (
            drill("receipt = \"order\", receipt_route = \"mk\""),
            LOG,
            SEED,
            "case `order` does not take route `mk`",
        ),
        (
            drill("receipt = \"order\", silence = \"soon\""),
            LOG,
            SEED,
            "`soon` is not a duration",
        ),
        (drill("silence = \"5s\""), LOG, SEED, "receipt"),
        (
            "drill = { kind = \"unsubscrib\", receipt = \"order\" }\n".to_owned(),
            LOG,
            SEED,
            "unsubscrib",
        ),
    ] {
        let shown = drilled(&stated, log, seed).problems();
        assert!(
            shown.contains(words) && shown.contains("s.toml:13:"),
            "{words}\n{shown}"
        );
    }
    let same = drilled(DRILL, LOG, SEED);
    let suite = std::fs::read_to_string(same.0.path().join("s.toml")).unwrap();
    std::fs::write(same.0.path().join("s.toml"), suite.replace("[\"tx\"]", "[\"mk\"]")).unwrap();
    assert!(
        same.problems()
            .contains("the receipt takes route `mk`, as the drilled case does")
    );
}
