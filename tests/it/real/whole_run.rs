//! The main job on servers that others wrote: the same binary, the same suites, two TOML files edited.

use super::host::{CLIENT, JUNK_HEADER, MailHost, RECEIVER, SMTP_USER};
use crate::run::kit::{self, Ran};
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// A folder with suites, routes and mailboxes that point at the host.
fn folder(host: &MailHost, seeds: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    std::fs::write(folder.path().join("ca.pem"), &host.ca_pem).unwrap();
    std::fs::write(folder.path().join("routes.toml"), routes(host)).unwrap();
    std::fs::write(folder.path().join("mailboxes.toml"), mailboxes(host, seeds)).unwrap();
    // Nobody serves the shop's pages here: links are judged by reading them.
    let quickstart = folder.path().join("quickstart.toml");
    let text = std::fs::read_to_string(&quickstart).unwrap();
    std::fs::write(&quickstart, text.replacen("[suite]", "[suite]\nprobe = false", 1)).unwrap();
    folder
}

fn routes(host: &MailHost) -> String {
    let mut text = format!(
        "[policy]\ndefault_route = {{ transactional = \"postmark-tx\", marketing = \"campaigns\" }}\n\
         [network]\ndns = [\"127.0.0.1:{}\"]\n",
        host.dns_port
    );
    for (name, from, domain) in [
        (
            "postmark-tx",
            "Brand Receipts <receipts@brand.example>",
            "brand.example",
        ),
        (
            "campaigns",
            "Brand News <hello@news.brand.example>",
            "news.brand.example",
        ),
    ] {
        let _ = write!(
            text,
            "[route.{name}]\nkind = \"smtp\"\nhost = \"localhost\"\nport = {}\nsecurity = \"starttls\"\nca = \"ca.pem\"\n\
             username = \"{SMTP_USER}\"\npassword = \"${{env:PASSWORD}}\"\n\
             [route.{name}.contract]\nfrom = \"{from}\"\ndkim = [\"{domain}\"]\nreturn_path = \"{domain}\"\nclicks = \"off\"\nopens = \"off\"\n",
            host.smtp_port
        );
    }
    text
}

fn mailboxes(host: &MailHost, seeds: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, provider) in seeds {
        let address = MailHost::address(name);
        let _ = write!(
            text,
            "[mailbox.{name}]\nprovider = \"{provider}\"\naddress = \"{address}\"\npassword = \"${{env:PASSWORD}}\"\nca = \"ca.pem\"\n\
             host = \"localhost\"\nport = {}\npoll = \"1s\"\nidle = true\nbyte_exact = true\ndialect = \"generic\"\njunk = [\"Junk\"]\n\
             authserv_id = [\"{RECEIVER}\"]\nreceived_by = [\"seeds.example\"]\n",
            host.imap_port
        );
    }
    text
}

fn run(host: &MailHost, folder: &Path, suite: &str) -> Ran {
    kit::run_json_with(
        folder,
        &["run", suite, "--yes", "--mailboxes", "mailboxes.toml"],
        &[("PASSWORD", host.password)],
    )
}

fn own_suite(folder: &Path, cases: &str) {
    let text = format!(
        "[suite]\nname = \"Own\"\nroutes_file = \"routes.toml\"\nprobe = false\nwithin = \"60s\"\ngive_up = \"90s\"\nquiet = \"1s\"\n{cases}"
    );
    std::fs::write(folder.join("own.toml"), text).unwrap();
}

fn case(name: &str, seed: &str, more: &str) -> String {
    format!(
        "[[case]]\nname = \"{name}\"\ncategory = \"transactional\"\nsubject = \"{name}\"\nhtml = \"templates/order_confirmation.html\"\n\
         text = \"templates/order_confirmation.txt\"\ndata = \"data/order.json\"\nmailboxes = [\"{seed}\"]\n{more}\n"
    )
}

fn told(ran: &Ran) -> String {
    format!("{}\n{}", ran.stdout, ran.stderr)
}

#[test]
fn the_quickstart_travels() {
    let Some(host) = MailHost::start("the_quickstart_travels") else {
        return;
    };
    let folder = folder(
        &host,
        &[("gmail-1", "gmail"), ("yahoo-1", "yahoo"), ("outlook-1", "outlook")],
    );
    let ran = run(&host, folder.path(), "quickstart.toml");
    assert_eq!(ran.code, Some(0), "{}\n{}", told(&ran), host.log());
    assert_eq!(ran.deliveries().len(), 9);
    for delivery in ran.deliveries() {
        let authentication = &delivery["authentication"];
        assert_eq!(authentication["dkim"][0]["result"], "pass", "{authentication}");
        assert_eq!(
            authentication["provider"]["dkim"], "pass",
            "OpenDKIM agrees: {authentication}"
        );
        assert_eq!(authentication["spf"]["client"], CLIENT);
        assert_eq!(authentication["spf"]["result"], "pass");
    }
}

#[test]
fn placements_delays_and_bounces_are_told_apart() {
    let Some(host) = MailHost::start("placements_delays_and_bounces_are_told_apart") else {
        return;
    };
    let folder = folder(&host, &[("inbox-1", "imap"), ("junk-1", "imap"), ("nobody-1", "imap")]);
    let junk = format!("headers = {{ {JUNK_HEADER} = \"yes\" }}");
    let cases = [
        case("receipt", "inbox-1", ""),
        case("junked", "junk-1", &junk),
        case("bounced", "nobody-1", "expect = { within = \"5s\" }"),
    ];
    own_suite(folder.path(), &cases.concat());
    let text = std::fs::read_to_string(folder.path().join("own.toml")).unwrap();
    std::fs::write(
        folder.path().join("own.toml"),
        text.replace("\"90s\"", "\"15s\"").replace("\"60s\"", "\"14s\""),
    )
    .unwrap();
    let ran = run(&host, folder.path(), "own.toml");
    let state =
        |case: &str, seed: &str| ran.delivery(&format!("own/{case}/postmark-tx/{seed}"))["placement"]["state"].clone();
    assert_eq!(state("receipt", "inbox-1"), "inbox", "{}\n{}", told(&ran), host.log());
    assert_eq!(state("junked", "junk-1"), "spam", "{}", told(&ran));
    // The route took it and bounced it later: nobody but the sender's postmaster was told, and the seed has nothing.
    assert_eq!(state("bounced", "nobody-1"), "missing", "{}", told(&ran));
    assert_eq!(ran.reds()["own/receipt/postmark-tx/inbox-1"], Vec::<String>::new());
    assert_eq!(ran.reds()["own/junked/postmark-tx/junk-1"], ["placement"]);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn a_greylisted_message_and_a_dropped_session_end_well() {
    let Some(host) = MailHost::start("a_greylisted_message_and_a_dropped_session_end_well") else {
        return;
    };
    let folder = folder(&host, &[("patient-1", "imap")]);
    own_suite(folder.path(), &case("greylisted", "patient-1", ""));
    host.greylist.refuse_for(Duration::from_secs(5));
    let ran = std::thread::scope(|scope| {
        let running = scope.spawn(|| run(&host, folder.path(), "own.toml"));
        // The watcher's session is ended under it as soon as there is one, while the message is still held back.
        while !host.drop_sessions(&MailHost::address("patient-1")) && !running.is_finished() {
            std::thread::yield_now();
        }
        running.join().unwrap()
    });
    assert_eq!(ran.code, Some(0), "{}\n{}", told(&ran), host.log());
    let timing = &ran.deliveries()[0]["timing"];
    assert!(
        timing["arrival_ms"].as_u64().is_some_and(|ms| ms >= 1_000),
        "it was held back: {timing}"
    );
}
