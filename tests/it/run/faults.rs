//! The fault table: each misbehaviour of the lab turns exactly the expected checks red, at exactly the deliveries it is scoped
//! to. One case a fault, all in one run: that proves as well that faults do not leak.

use super::kit::{self, Ran};
use inboxqa::checks;
use inboxqa::model::CheckId;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::str::FromStr;

const AUTH: &[&str] = &["dkim-signature"];
/// What Gmail and Yahoo ask of campaigns.
const OFFERS_NO_WAY_OUT: &[&str] = &["bulk-sender-gmail", "bulk-sender-yahoo", "list-unsubscribe"];
/// Without any signature the unsubscribe fields are worth nothing.
const NOTHING_SIGNED: &[&str] = &["dkim-signature", "dmarc", "from-alignment", "list-unsubscribe"];
const LOST: &[&str] = &["arrival", "placement"];
/// The brand's signature fails, the service's own verifies.
const OWN_SIGNATURE: &[&str] = &[
    "bulk-sender-gmail:warn",
    "bulk-sender-microsoft:warn",
    "bulk-sender-yahoo:warn",
    "dkim-signature",
];
/// The same at Outlook, which rebuilds bodies and tells of one signature only.
const REBUILT: &[&str] = &[
    "bulk-sender-gmail:blind",
    "bulk-sender-microsoft:blind",
    "bulk-sender-yahoo:blind",
    "dkim-signature",
];

/// Which routes a fault is tried on: `tx` has an aligned return path (SPF and DKIM align), `mk` has not (DKIM alone).
#[derive(Clone, Copy)]
enum On {
    Tx,
    Mk,
    Both,
}

struct Row {
    fault: &'static str,
    on: On,
    /// Primary reds on either route.
    reds: &'static [&'static str],
    /// More primary reds on the other route: its SPF does not align, its mail is marketing.
    reds_unaligned: &'static [&'static str],
    /// All primary reds at seeds where they differ, on the first route.
    at: &'static [(&'static str, &'static [&'static str])],
    /// All primary reds on the route of campaigns, where they differ.
    marketing: Option<&'static [&'static str]>,
    /// The reason code of the first red.
    reason: &'static str,
}

const fn row(fault: &'static str, reds: &'static [&'static str], reason: &'static str) -> Row {
    Row {
        fault,
        on: On::Tx,
        reds,
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason,
    }
}

type At = &'static [(&'static str, &'static [&'static str])];

/// A fault of signatures: what it comes to where SPF aligns is said by `at`, elsewhere nothing aligns.
const fn auth(fault: &'static str, at: At) -> Row {
    Row {
        fault,
        on: On::Both,
        reds: AUTH,
        reds_unaligned: &["dmarc", "from-alignment"],
        at,
        marketing: None,
        reason: "",
    }
}

const NO_SIGNATURE: &[&str] = &[
    "bulk-sender-gmail",
    "bulk-sender-microsoft",
    "bulk-sender-yahoo",
    "dkim-signature",
];
const UNSIGNED: At = &[
    ("gmail", NO_SIGNATURE),
    ("yahoo", NO_SIGNATURE),
    ("outlook", NO_SIGNATURE),
];
const WEAK_KEY: &[&str] = &[
    "bulk-sender-gmail:warn",
    "bulk-sender-microsoft:warn",
    "bulk-sender-yahoo:warn",
    "dkim-signature",
    "dkim-strength",
];
const WEAK_KEY_REBUILT: &[&str] = &[
    "bulk-sender-gmail:blind",
    "bulk-sender-microsoft:blind",
    "bulk-sender-yahoo:blind",
    "dkim-signature",
    "dkim-strength",
];
const WEAK: At = &[("gmail", WEAK_KEY), ("yahoo", WEAK_KEY), ("outlook", WEAK_KEY_REBUILT)];
const BROKEN: At = &[("gmail", NO_SIGNATURE), ("yahoo", NO_SIGNATURE), ("outlook", REBUILT)];
const BY_SERVICE: At = &[
    ("gmail", OWN_SIGNATURE),
    ("yahoo", OWN_SIGNATURE),
    ("outlook", OWN_SIGNATURE),
];
const OTHERS_FAIL: At = &[("gmail", OWN_SIGNATURE), ("yahoo", OWN_SIGNATURE), ("outlook", REBUILT)];

const fn both(fault: &'static str, reds: &'static [&'static str]) -> Row {
    Row {
        on: On::Both,
        ..row(fault, reds, "")
    }
}

/// On the route of campaigns alone.
const fn mk(fault: &'static str, reds: &'static [&'static str]) -> Row {
    Row {
        on: On::Mk,
        ..row(fault, reds, "")
    }
}

/// Seconds: within 20, give up 30.
const TABLE: &[Row] = &[
    row("delay=27", &["arrival"], "arrival.late"),
    row("drop", &["arrival", "esp-events:warn", "placement"], "arrival.missing"),
    row("suppressed-seed", LOST, "arrival.suppressed"),
    row("bounce=HardBounce", LOST, "arrival.rejected"),
    row("bounce=DMARCPolicy", LOST, "placement.rejected"),
    row("esp-queued", &["arrival:blind", "placement:blind"], "arrival.pending"),
    row("junk", &["placement"], "placement.spam"),
    row("duplicate", &["duplicate"], ""),
    row("reject=550", LOST, "arrival.rejected"),
    row("greylist=2", &[], ""),
    row("greylist=90", &["arrival:blind", "placement:blind"], "arrival.pending"),
    row("mx-greylist=27", &["arrival"], "arrival.late"),
    Row {
        marketing: Some(NOTHING_SIGNED),
        ..auth("strip-signature", UNSIGNED)
    },
    auth("wrong-key", OTHERS_FAIL),
    Row {
        marketing: Some(&["dkim-signature", "dkim-strength", "dmarc", "from-alignment"]),
        ..auth("weak-key=512", WEAK)
    },
    both("weak-key=1024", &["dkim-strength:warn"]),
    both("body-length-tag", &["dkim-strength"]),
    Row {
        marketing: Some(&[
            "bulk-sender-gmail",
            "bulk-sender-yahoo:warn",
            "dkim-strength",
            "list-unsubscribe",
        ]),
        ..both("unsigned-headers", &["dkim-strength"])
    },
    auth("missing-key", OTHERS_FAIL),
    auth("expired-signature", OTHERS_FAIL),
    auth("esp-signature-only", BY_SERVICE),
    Row {
        marketing: Some(NOTHING_SIGNED),
        ..auth("break-body", BROKEN)
    },
    Row {
        fault: "spf-fail",
        on: On::Both,
        reds: &["bulk-sender-gmail", "bulk-sender-microsoft", "bulk-sender-yahoo", "spf"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    Row {
        fault: "spf-fail+strip-signature",
        on: On::Both,
        reds: &["dkim-signature", "dmarc", "from-alignment", "spf"],
        reds_unaligned: &["list-unsubscribe"],
        at: &[],
        marketing: None,
        reason: "",
    },
    row("from-changed=name", &["from-identity"], ""),
    row("from-changed=local", &["from-identity"], ""),
    Row {
        fault: "from-changed=domain",
        on: On::Both,
        reds: &["dmarc", "from-alignment", "from-identity"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    row("plain-delivery", &["transport-tls"], ""),
    Row {
        fault: "no-rewrite",
        on: On::Both,
        reds: &["link-rewrite"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    Row {
        fault: "wrong-tracking-host",
        on: On::Both,
        reds: &["link-rewrite"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    Row {
        fault: "wrong-destination",
        on: On::Both,
        reds: &["link-destination"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    Row {
        fault: "lost-query",
        on: On::Both,
        reds: &["link-destination"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    Row {
        fault: "mangled-ampersand",
        on: On::Both,
        reds: &["link-destination"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    Row {
        fault: "dead-link",
        on: On::Both,
        reds: &["link-health"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    row("redirect-loop", &["link-health"], ""),
    row("downgrade", &["link-health"], ""),
    row("bad-certificate", &["link-health"], ""),
    row("private-redirect", &["link-health"], ""),
    row("link-429", &["link-health:blind"], ""),
    Row {
        fault: "no-pixel",
        on: On::Both,
        reds: &["open-pixel"],
        reds_unaligned: &[],
        at: &[],
        marketing: None,
        reason: "",
    },
    row("two-pixels", &["open-pixel"], ""),
    row("dead-pixel", &["open-pixel"], ""),
    row("pixel-not-image", &["open-pixel"], ""),
    row("raw-merge-tag", &["content-intact", "merge-tags"], ""),
    row("mojibake", &["content-intact"], "content-intact.mojibake"),
    row("inserted-footer", &["content-intact"], "content-intact.added-words"),
    Row {
        fault: "truncated-html",
        on: On::Both,
        reds: &["content-intact", "link-destination", "open-pixel"],
        // The link to unsubscribe stands at the end.
        reds_unaligned: &["bulk-sender-gmail", "bulk-sender-yahoo", "unsubscribe-link"],
        at: &[],
        marketing: None,
        reason: "content-intact.truncated",
    },
    both("no-text-part", &["content-intact", "link-destination", "text-part"]),
    both("broken-image", &["images"]),
    row("promotions", &[], ""),
    row("user-rule=Receipts", &["placement"], "placement.other"),
    row("move-after=0.3", &["placement"], "placement.spam"),
    row("forged-auth-results", &[], "provider-verdict.ok"),
    row("arc-broken", &[], "dmarc.ok"),
    row("microsoft-rewrite", &[], ""),
    Row {
        fault: "provider-fails-dkim",
        on: On::Tx,
        reds: &["provider-verdict"],
        reds_unaligned: &[],
        // Its bodies are rebuilt, so its word decides.
        at: &[("outlook", REBUILT)],
        marketing: None,
        reason: "provider-verdict.dkim",
    },
    row(
        "two-from-headers",
        &["header-hygiene", "from-identity", "from-alignment", "dmarc"],
        "header-hygiene.several-from",
    ),
    row(
        "duplicate-header",
        &["bulk-sender-gmail", "bulk-sender-yahoo", "header-hygiene"],
        "header-hygiene.duplicate-field",
    ),
    row("long-lines", &["header-hygiene"], "header-hygiene.long-line"),
    Row {
        at: &[("yahoo", &["message-size:warn"]), ("outlook", &["message-size:warn"])],
        ..row("clipped", &["message-size"], "message-size.clipped")
    },
    both("from-name-drift", &["from-identity"]),
    mk("unbranded-tracking", &["link-rewrite", "open-pixel"]),
    both("double-tracking", &["double-tracking"]),
    mk("no-list-unsubscribe", OFFERS_NO_WAY_OUT),
    // Yahoo advises one-click and enforces the field.
    mk(
        "unsigned-list-unsubscribe",
        &["bulk-sender-gmail", "bulk-sender-yahoo:warn", "list-unsubscribe"],
    ),
    mk("empty-unsubscribe-link", &["unsubscribe-link"]),
    Row {
        on: On::Both,
        marketing: Some(&[
            "bulk-sender-gmail",
            "bulk-sender-yahoo",
            "stream",
            "list-unsubscribe",
            "unsubscribe-link",
        ]),
        ..row(
            "wrong-stream",
            &["stream", "content-intact", "list-unsubscribe:warn"],
            "stream.receipt-in-bulk",
        )
    },
    row("strip-token-header", &[], ""),
    row("strip-token", &[], ""),
    row("new-message-id", &[], ""),
];

const BLIND: &[&str] = &["arrival:blind", "esp-events:blind", "placement:blind"];

/// Faults of a mailbox: each has its own, of this provider.
const IMAP: &[(&str, &str, &[&str])] = &[
    // Nothing was sent there, so no log is asked.
    ("imap-refuse-login", "gmail", &["arrival:blind", "placement:blind"]),
    ("imap-drop=idle", "gmail", &[]),
    ("imap-drop=fetch", "gmail", &[]),
    ("imap-no=fetch", "gmail", &[]),
    ("imap-no=examine", "gmail", &[]),
    ("imap-no=list", "gmail", &[]),
    ("imap-slow=1", "gmail", &[]),
    ("imap-silent", "gmail", &[]),
    ("bye=login", "outlook", &[]),
    ("bye=list", "gmail", &[]),
    ("bye=examine", "outlook", &[]),
    ("bye=fetch", "yahoo", &[]),
    ("bye=message", "gmail", &[]),
    ("bye=idle", "outlook", &[]),
    ("cut-literal", "yahoo", &[]),
    ("huge-literal", "gmail", &[]),
    ("throttle=2", "outlook", &[]),
    ("too-many-connections", "icloud", &[]),
    ("token-expired", "outlook", &[]),
    ("uidvalidity-change", "gmail", &[]),
    ("hidden-spam-folder", "gmail", &[]),
    ("hidden-spam-folder+drop", "yahoo", BLIND),
    ("clock-skew=400", "gmail", &[]),
];

const SEEDS: [&str; 3] = ["gmail", "yahoo", "outlook"];

fn slug(fault: &str) -> String {
    fault.replace(['=', '+', '.'], "-").to_lowercase()
}

/// The suite, the mailboxes and the `--fault` options.
fn write_world(folder: &Path) -> Vec<String> {
    kit::copy_suites(folder);
    bounces_to_the_service(folder);
    let mut suite = String::from(
        "[suite]\nname = \"Faults\"\nroutes_file = \"routes.toml\"\nwithin = \"20s\"\ngive_up = \"30s\"\nquiet = \"1s\"\n\n",
    );
    let mut mailboxes = String::new();
    let mut options = Vec::new();
    // A silent server is given up after 20 s: what comes then is late by other cases' budget.
    let mut case = |name: &str, routes: &[&str], seeds: &str, within: &str| {
        for route in routes {
            let (category, template, data) = match *route {
                "postmark-tx" => ("transactional", "order_confirmation", "order.json"),
                _ => ("marketing", "spring_sale", "sale.json"),
            };
            let _ = write!(
                suite,
                "[[case]]\nname = \"{name}-{category}\"\ncategory = \"{category}\"\nsubject = \"{name}\"\n\
                 html = \"templates/{template}.html\"\ntext = \"templates/{template}.txt\"\ndata = \"data/{data}\"\nroutes = [\"{route}\"]\nmailboxes = {seeds}\n\
                 expect = {{ within = {within:?}, placement = {{ default = [\"inbox\", \"tab:promotions\", \"tab:updates\"] }} }}\n\n",
            );
        }
    };
    for seed in SEEDS {
        let _ = write!(
            mailboxes,
            "[mailbox.{seed}-1]\nprovider = \"{seed}\"\naddress = \"{seed}.one@{seed}.example\"\npassword = \"x\"\n\n"
        );
    }
    case(
        "sound",
        &["postmark-tx", "campaigns"],
        r#"["gmail-1", "yahoo-1", "outlook-1"]"#,
        "20s",
    );
    for row in TABLE {
        let routes: &[&str] = match row.on {
            On::Tx => &["postmark-tx"],
            On::Mk => &["campaigns"],
            On::Both => &["postmark-tx", "campaigns"],
        };
        case(
            &slug(row.fault),
            routes,
            r#"["gmail-1", "yahoo-1", "outlook-1"]"#,
            "20s",
        );
        options.extend(
            row.fault
                .split('+')
                .map(|fault| format!("{fault}@case={}-{{transactional,marketing}}", slug(row.fault))),
        );
    }
    for (fault, provider, _) in IMAP {
        let name = slug(fault);
        let _ = write!(
            mailboxes,
            "[mailbox.{name}]\nprovider = {provider:?}\naddress = \"{name}@{provider}.example\"\n{}\n\n",
            // A token can only end where there is one.
            if *fault == "token-expired" {
                "client_id = \"app\""
            } else {
                "password = \"x\""
            }
        );
        case(&name, &["postmark-tx"], &format!("[{name:?}]"), "29s");
        options.extend(fault.split('+').map(|fault| format!("{fault}@mailbox={name}")));
    }
    std::fs::write(folder.join("faults.toml"), suite).unwrap();
    std::fs::write(folder.join("mailboxes.toml"), mailboxes).unwrap();
    options
}

/// Primary reds and all that must go red with them.
fn with_followers(primary: &[&str]) -> Vec<String> {
    let mut all: BTreeSet<String> = primary.iter().map(|check| (*check).to_owned()).collect();
    let mut queue: Vec<String> = all.iter().cloned().collect();
    while let Some(check) = queue.pop() {
        let (id, verdict) = check.split_once(':').unwrap_or((&check, ""));
        for follower in checks::explain(CheckId::from_str(id).unwrap()).follows {
            let word = if verdict.is_empty() {
                follower.to_string()
            } else {
                format!("{follower}:{verdict}")
            };
            if all.insert(word.clone()) {
                queue.push(word);
            }
        }
    }
    all.into_iter().collect()
}

/// The same on the route whose SPF does not align: Microsoft asks for both, so its check warns where it does not fail.
fn unaligned(primary: &[&str]) -> Vec<String> {
    let mut all = with_followers(primary);
    if !all.iter().any(|red| red == "bulk-sender-microsoft") {
        all.push("bulk-sender-microsoft:warn".to_owned());
        all.sort();
    }
    all
}

/// Bounces of the campaigns go to the sending service's own domain, as they do where nobody set up another one.
fn bounces_to_the_service(folder: &Path) {
    let path = folder.join("routes.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("bounces.news.brand.example"));
    std::fs::write(
        &path,
        text.replace("bounces.news.brand.example", "bounces.mailer.example"),
    )
    .unwrap();
}

fn expected() -> BTreeMap<String, Vec<String>> {
    let mut expected = BTreeMap::new();
    let id = |case: &str, category: &str, seed: &str| {
        let route = if category == "transactional" {
            "postmark-tx"
        } else {
            "campaigns"
        };
        format!("faults/{case}-{category}/{route}/{seed}")
    };
    for seed in SEEDS {
        expected.insert(id("sound", "transactional", &format!("{seed}-1")), Vec::new());
        expected.insert(id("sound", "marketing", &format!("{seed}-1")), unaligned(&[]));
        for row in TABLE {
            let own = row.at.iter().find(|(at, _)| *at == seed);
            let reds = own.map_or(row.reds, |(_, reds)| reds);
            let seed = format!("{seed}-1");
            if matches!(row.on, On::Tx | On::Both) {
                expected.insert(id(&slug(row.fault), "transactional", &seed), with_followers(reds));
            }
            if matches!(row.on, On::Mk | On::Both) {
                let same = [row.reds, row.reds_unaligned].concat();
                let reds = row.marketing.map_or(same, <[&str]>::to_vec);
                expected.insert(id(&slug(row.fault), "marketing", &seed), unaligned(&reds));
            }
        }
    }
    for (fault, _, reds) in IMAP {
        expected.insert(id(&slug(fault), "transactional", &slug(fault)), with_followers(reds));
    }
    expected
}

/// The rows that could not be looked at in time, run again among themselves: hundreds of deliveries at once can keep a busy machine from
/// it, and the program says so of each. A row of which it said anything else is not tried twice.
fn once_more(
    folder: &Path,
    options: &[String],
    expected: &BTreeMap<String, Vec<String>>,
    seen: &BTreeMap<String, Vec<String>>,
) -> Option<kit::Ran> {
    let unlooked = |reds: &Vec<String>| reds.iter().any(|red| red == "arrival:blind" || red == "arrival:warn");
    let differing = expected
        .iter()
        .filter(|(id, reds)| seen.get(*id).is_some_and(|seen| seen != *reds && unlooked(seen)));
    let cases: BTreeSet<&str> = differing.filter_map(|(id, _)| id.split('/').nth(1)).collect();
    if cases.is_empty() {
        return None;
    }
    let filter: Vec<String> = cases.iter().map(|case| format!("case({case})")).collect();
    let filter = filter.join(" | ");
    let mut arguments = vec![
        "run",
        "faults.toml",
        "--lab",
        "--mailboxes",
        "mailboxes.toml",
        "-E",
        &filter,
    ];
    // A fault that fits none of the selected deliveries is refused.
    let acts = |option: &&String| {
        let name = option.rsplit('=').next().unwrap_or_default();
        let slug = name.strip_suffix("-{transactional,marketing}").unwrap_or(name);
        let categories = ["transactional", "marketing"];
        categories
            .iter()
            .any(|category| cases.contains(format!("{slug}-{category}").as_str()))
    };
    for option in options.iter().filter(acts) {
        arguments.extend(["--fault", option]);
    }
    Some(kit::run_json(folder, &arguments))
}

#[test]
fn each_fault_turns_exactly_the_expected_checks_red() {
    let folder = tempfile::tempdir().unwrap();
    let options = write_world(folder.path());
    let mut arguments = vec!["run", "faults.toml", "--lab", "--mailboxes", "mailboxes.toml"];
    for option in &options {
        arguments.extend(["--fault", option]);
    }
    let mut ran = kit::run_json(folder.path(), &arguments);
    let expected = expected();
    if let Some(again) = once_more(folder.path(), &options, &expected, &ran.reds()) {
        ran.replace(again);
    }
    let seen = ran.reds();
    let wrong: Vec<String> = expected
        .iter()
        .filter(|(id, reds)| seen.get(*id) != Some(reds))
        .map(|(id, reds)| {
            format!(
                "{id}\n    expected {reds:?}\n    seen     {:?}\n{}",
                seen.get(id),
                loud(&ran, id)
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} differ\n{}",
        wrong.len(),
        expected.len(),
        wrong.join("\n")
    );
    assert_eq!(expected.len(), seen.len());
    assert_eq!(ran.code, Some(1));
    for row in TABLE.iter().filter(|row| !row.reason.is_empty()) {
        let delivery = ran.delivery(&format!("faults/{}-transactional/postmark-tx/gmail-1", slug(row.fault)));
        let reasons: Vec<&str> = delivery["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|finding| finding["reason"].as_str())
            .collect();
        assert!(reasons.contains(&row.reason), "{}: {reasons:?}", row.fault);
    }
    let matched =
        |case: &str| ran.delivery(&format!("faults/{case}-transactional/postmark-tx/gmail-1"))["matched_by"].clone();
    assert_eq!(matched("sound"), "header");
    assert_ne!(matched("strip-token-header"), "header");
    assert_eq!(matched("strip-token"), "esp-id");
    let rewritten = ran.delivery("faults/microsoft-rewrite-transactional/postmark-tx/outlook-1");
    assert!(rewritten["findings"].to_string().contains("dkim-signature.by-provider"));
    let skewed = ran.delivery("faults/clock-skew-400-transactional/postmark-tx/clock-skew-400");
    let skew = skewed["timing"]["clock_skew_ms"].as_i64().unwrap();
    assert!(
        (300_000..=405_000).contains(&skew),
        "the provider's clock is 400 s ahead, we say {skew} ms"
    );
    assert!(
        skewed["timing"]["arrival_ms"].as_i64().unwrap() >= 0,
        "no clock makes a negative age"
    );
}

/// The loud findings of a delivery, for reading a failure.
fn loud(ran: &Ran, id: &str) -> String {
    let Some(delivery) = ran.deliveries().iter().find(|delivery| delivery["id"] == id) else {
        return String::new();
    };
    let findings = delivery["findings"].as_array().unwrap().iter();
    let loud = findings.filter(|finding| !matches!(finding["verdict"].as_str(), Some("pass" | "skip")));
    loud.map(|finding| {
        format!(
            "      {} {}: {} | {}\n",
            finding["verdict"], finding["reason"], finding["summary"], finding["observed"]
        )
    })
    .collect()
}

/// Faults of DNS hit whole zones, so each has a run of its own.
#[test]
fn dns_that_can_not_be_asked_blinds_and_fails_nothing() {
    let auth = [
        "bulk-sender-gmail:blind",
        "bulk-sender-microsoft:blind",
        "bulk-sender-yahoo:blind",
        "dkim-signature:blind",
        "dkim-strength:blind",
        "dmarc:blind",
        "from-alignment:blind",
        "spf:blind",
    ];
    let web = ["images:blind", "link-health:blind", "open-pixel:blind"];
    for (fault, reds) in [
        ("dns-servfail=txt", &auth[..]),
        ("dns-timeout=txt", &auth[..]),
        ("dns-servfail=a", &web[..]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let ran = kit::run_json(
            folder.path(),
            &[
                "run",
                kit::shipped("suites/quickstart.toml").to_str().unwrap(),
                "--lab",
                "--mailboxes",
                kit::shipped("mailboxes.example.toml").to_str().unwrap(),
                "-E",
                "case(order-*)",
                "--fault",
                fault,
            ],
        );
        for (id, seen) in ran.reds() {
            assert_eq!(seen, reds, "{fault}: {id}\n{}", loud(&ran, &id));
        }
        assert_eq!(ran.code, Some(3), "{fault}: {}", ran.stdout);
    }
}

/// A record that costs too much is a zone's matter as well: SPF is a permanent error, and DKIM carries DMARC alone.
#[test]
fn a_record_of_too_many_lookups_is_a_permanent_error() {
    let folder = tempfile::tempdir().unwrap();
    let ran = kit::run_json(
        folder.path(),
        &[
            "run",
            kit::shipped("suites/quickstart.toml").to_str().unwrap(),
            "--lab",
            "--mailboxes",
            kit::shipped("mailboxes.example.toml").to_str().unwrap(),
            "-E",
            "case(order-*)",
            "--fault",
            "many-spf-lookups",
        ],
    );
    let reds = ["bulk-sender-gmail", "bulk-sender-microsoft", "bulk-sender-yahoo", "spf"];
    for (id, seen) in ran.reds() {
        assert_eq!(seen, reds, "{id}\n{}", loud(&ran, &id));
        let told = loud(&ran, &id);
        assert!(
            told.contains("spf.permerror") && told.contains("more than 10 terms that ask DNS"),
            "{told}"
        );
        assert!(told.contains("include:_spf10.services.example"), "{told}");
    }
}

/// Every provider writes its verdicts in a style of its own: what they say must be read alike.
#[test]
fn icloud_and_fastmail_say_the_same_in_their_own_words() {
    let unsigned = &["dkim-signature", "dmarc", "from-alignment"][..];
    let spf = &["bulk-sender-gmail", "bulk-sender-microsoft", "bulk-sender-yahoo", "spf"][..];
    let (tls, verdict) = (&["transport-tls"][..], &["provider-verdict"][..]);
    // What goes red where SPF aligns, and where it does not.
    let rows: &[(&str, &[&str], &[&str])] = &[
        ("", &[], &[]),
        ("strip-signature", NO_SIGNATURE, NOTHING_SIGNED),
        ("break-body", NO_SIGNATURE, NOTHING_SIGNED),
        ("wrong-key", OWN_SIGNATURE, unsigned),
        ("missing-key", OWN_SIGNATURE, unsigned),
        ("spf-fail", spf, spf),
        ("plain-delivery", tls, tls),
        ("forged-auth-results", &[], &[]),
        ("provider-fails-dkim", verdict, verdict),
    ];
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(folder.path());
    bounces_to_the_service(folder.path());
    let mut suite = String::from(
        "[suite]\nname = \"Styles\"\nroutes_file = \"routes.toml\"\nwithin = \"20s\"\ngive_up = \"30s\"\nquiet = \"1s\"\n\n",
    );
    let mut arguments = vec!["run".to_owned(), "styles.toml".to_owned(), "--lab".to_owned()];
    for (fault, ..) in rows {
        let case = if fault.is_empty() { "sound" } else { fault };
        for (kind, template, data) in [
            ("transactional", "order_confirmation", "order"),
            ("marketing", "spring_sale", "sale"),
        ] {
            let _ = write!(
                suite,
                "[[case]]\nname = \"{case}-{kind}\"\ncategory = \"{kind}\"\nsubject = \"x\"\nhtml = \"templates/{template}.html\"\n\
                 text = \"templates/{template}.txt\"\ndata = \"data/{data}.json\"\n\n"
            );
        }
        if !fault.is_empty() {
            arguments.extend(["--fault".to_owned(), format!("{fault}@case={case}-*")]);
        }
    }
    std::fs::write(folder.path().join("styles.toml"), suite).unwrap();
    let mailboxes = "[mailbox.icloud]\nprovider = \"icloud\"\naddress = \"seed@icloud.example\"\npassword = \"x\"\n\
         [mailbox.fastmail]\nprovider = \"fastmail\"\naddress = \"seed@fastmail.example\"\npassword = \"x\"\n";
    std::fs::write(folder.path().join("mailboxes.toml"), mailboxes).unwrap();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ran = kit::run_json(folder.path(), &arguments);
    let seen = ran.reds();
    assert_eq!(seen.len(), rows.len() * 4);
    let mut wrong = Vec::new();
    for (fault, aligned, other) in rows {
        let case = if fault.is_empty() { "sound" } else { fault };
        for mailbox in ["icloud", "fastmail"] {
            for (kind, route, expected) in [
                ("transactional", "postmark-tx", with_followers(aligned)),
                ("marketing", "campaigns", unaligned(other)),
            ] {
                let id = format!("styles/{case}-{kind}/{route}/{mailbox}");
                if seen[&id] != expected {
                    wrong.push(format!(
                        "{id}: expected {expected:?}, seen {:?}\n{}",
                        seen[&id],
                        loud(&ran, &id)
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let word = &ran.delivery("styles/sound-transactional/postmark-tx/fastmail")["authentication"]["provider"];
    assert_eq!(
        (&word["trusted"], &word["dkim"], &word["dmarc"]),
        (&true.into(), &"pass".into(), &"pass".into())
    );
}
