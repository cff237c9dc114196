//! `inboxqa check`: saved messages from files, Maildirs, mboxes and standard input, judged like those of a run.

use crate::probe::signing::Signer;
use crate::run::kit;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

/// A receipt that brand.example signs, as Gmail's mailbox keeps it.
pub fn receipt(subject: &str) -> Vec<u8> {
    let composed = format!(
        "From: Brand <receipts@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: {subject}\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@brand.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n\
         <p>Thank you.</p><a href=\"https://shop.brand.example/orders/1?a=1&amp;b=2\">Your order</a>\
         <img src=\"https://ea.brand.example/o.gif\" width=1 height=1 alt=\"\">\r\n"
    );
    let signed = signer().sign(composed.as_bytes(), &["from", "to", "subject", "date"], "");
    let traced = "Delivered-To: seed@gmail.example\r\n\
        Received: by 2002:a05:7300:5712:b0:ed:f1b0:6c7e with SMTP id a1; Mon, 23 Nov 2026 02:00:03 -0800 (PST)\r\n\
        Return-Path: <bounce@esp.example>\r\n\
        Received: from out.esp.example (out.esp.example. [203.0.113.9])\r\n        by mx.google.com with ESMTPS id b2\r\n        \
        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256);\r\n        Mon, 23 Nov 2026 02:00:02 -0800 (PST)\r\n\
        Authentication-Results: mx.google.com; dkim=pass header.i=@brand.example header.s=k1; spf=pass smtp.mailfrom=bounce@esp.example; dmarc=pass header.from=brand.example\r\n";
    [traced.as_bytes(), &signed].concat()
}

fn signer() -> Signer {
    Signer::new("brand.example", "k1", 7)
}

/// What DNS says of it.
pub fn zone() -> Value {
    json!({
        signer().key_name(): { "TXT": [signer().key_record()] },
        "_dmarc.brand.example": { "TXT": ["v=DMARC1; p=reject"] },
        "esp.example": { "TXT": [["v=spf1 a:out.esp.", "example -all"]] },
        "Out.ESP.example.": { "A": ["203.0.113.9"] },
    })
}

pub struct Checked {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub json: Value,
}

impl Checked {
    pub fn rows(&self) -> &Vec<Value> {
        self.json["deliveries"].as_array().unwrap()
    }

    /// `check.reason` of what is neither pass nor skip.
    pub fn ill(&self, row: usize) -> Vec<&str> {
        let findings = self.rows()[row]["findings"].as_array().unwrap().iter();
        let ill = findings.filter(|finding| !["pass", "skip"].contains(&finding["verdict"].as_str().unwrap()));
        ill.map(|finding| finding["reason"].as_str().unwrap()).collect()
    }
}

/// Checks in a folder that holds `dns.json`, with a JSON report.
pub fn check(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Checked {
    std::fs::write(folder.join("dns.json"), zone().to_string()).unwrap();
    let report = folder.join("report.json");
    let _ = std::fs::remove_file(&report);
    let output = raw(folder, &[arguments, &["--json", "report.json"]].concat(), stdin);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let json = std::fs::read(&report)
        .ok()
        .and_then(|bytes| serde_json::from_slice(&bytes).ok());
    Checked {
        code: output.status.code(),
        stdout: text(&output.stdout),
        stderr: text(&output.stderr),
        json: json.unwrap_or(Value::Null),
    }
}

fn raw(folder: &Path, arguments: &[&str], stdin: &[u8]) -> Output {
    let mut child = kit::inboxqa(folder)
        .arg("check")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

const RECORDED: [&str; 2] = ["--dns-file", "dns.json"];

fn with<'a>(first: &[&'a str]) -> Vec<&'a str> {
    [first, &RECORDED].concat()
}

#[test]
fn a_saved_message_is_judged_with_every_signature_link_and_pixel() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("receipt.eml"), receipt("Order 1")).unwrap();
    let found = check(folder.path(), &with(&["receipt.eml"]), b"");
    assert_eq!(found.code, Some(0), "{}{}", found.stdout, found.stderr);
    let row = &found.rows()[0];
    for key in ["id", "case", "mailbox"] {
        assert_eq!(row[key], "receipt.eml");
    }
    for key in ["route", "attempt", "matched_by", "placement"] {
        assert_eq!(row[key], Value::Null, "{key}");
    }
    assert_eq!(row["provider"], "gmail");
    let authentication = &row["authentication"];
    assert_eq!(
        authentication["dkim"],
        json!([{ "domain": "brand.example", "selector": "k1", "algorithm": "ed25519-sha256", "bits": 256, "result": "pass",
                 "reason": "ok", "aligned": true }])
    );
    assert_eq!(
        authentication["spf"],
        json!({ "result": "pass", "domain": "esp.example", "client": "203.0.113.9", "aligned": false })
    );
    assert_eq!(
        authentication["dmarc"],
        json!({ "result": "pass", "policy": "reject", "record_domain": "brand.example" })
    );
    assert_eq!(authentication["provider"]["trusted"], true);
    let link = &row["links"][0];
    assert_eq!(link["delivered"], "https://shop.brand.example/orders/1?a=1&b=2");
    assert_eq!((&link["text"], &link["hops"]), (&json!("Your order"), &json!([])));
    assert_eq!(row["pixels"][0]["url"], "https://ea.brand.example/o.gif");
    assert_eq!(row["timing"]["hops"].as_array().unwrap().len(), 2);
}

#[test]
fn an_mbox_a_maildir_and_standard_input_hold_many_messages() {
    let folder = tempfile::tempdir().unwrap();
    let one = receipt("One");
    let mbox = [
        b"From x Mon Nov 23 10:00:00 2026\n".as_slice(),
        &one,
        b"\r\nFrom x Mon Nov 23 10:00:01 2026\n",
        &receipt("Two"),
    ]
    .concat();
    std::fs::write(folder.path().join("in.mbox"), &mbox).unwrap();
    for part in ["cur", "new", "tmp"] {
        std::fs::create_dir_all(folder.path().join("dir").join(part)).unwrap();
        std::fs::write(folder.path().join(format!("dir/{part}/1700000000.{part}:2,S")), &one).unwrap();
    }
    let found = check(folder.path(), &with(&["in.mbox", "dir", "-"]), &mbox);
    let ids: Vec<&str> = found.rows().iter().map(|row| row["id"].as_str().unwrap()).collect();
    let expected = [
        "in.mbox#1",
        "in.mbox#2",
        "dir/new/1700000000.new:2,S",
        "dir/cur/1700000000.cur:2,S",
        "-#1",
        "-#2",
    ];
    assert_eq!(ids, expected, "{}", found.stderr);
    for row in found.rows() {
        assert_eq!(row["authentication"]["dkim"][0]["result"], "pass", "{row}");
    }
    assert_eq!(found.code, Some(0));
}

#[test]
fn a_message_that_can_not_be_read_is_told_and_the_others_are_judged() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    put("empty.eml", b"");
    put("picture.eml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    put("good.eml", &receipt("One"));
    std::fs::create_dir(folder.path().join("nothing")).unwrap();
    let found = check(
        folder.path(),
        &with(&["empty.eml", "picture.eml", "nothing", "good.eml"]),
        b"",
    );
    assert_eq!(found.code, Some(3), "{}", found.stderr);
    for row in 0..3 {
        assert_eq!(found.ill(row), ["arrival.unreadable"]);
    }
    // Its bounces go to the sending service, so SPF passes and does not align.
    assert_eq!(found.ill(3), ["text-part.missing", "bulk-sender-microsoft.alignment"]);
}

#[test]
fn without_dns_nothing_is_verified_and_what_the_bytes_say_is_told() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), receipt("One")).unwrap();
    let found = check(folder.path(), &["a.eml", "--offline"], b"");
    assert_eq!(found.code, Some(0), "{}", found.stdout);
    let dkim = &found.rows()[0]["authentication"]["dkim"][0];
    assert_eq!(
        (&dkim["domain"], &dkim["reason"]),
        (&json!("brand.example"), &json!("not-asked"))
    );
    let findings = found.rows()[0]["findings"].as_array().unwrap();
    let dkim = findings
        .iter()
        .find(|finding| finding["check"] == "dkim-signature")
        .unwrap();
    assert_eq!(dkim["reason"], "dkim-signature.not-verified");
    assert!(!found.stdout.contains("the provider said"), "{}", found.stdout);

    let failed = String::from_utf8(receipt("One"))
        .unwrap()
        .replace("dmarc=pass", "dmarc=fail");
    std::fs::write(folder.path().join("b.eml"), failed).unwrap();
    let told = check(folder.path(), &["b.eml", "--offline"], b"").stdout;
    let word = "not verified; the provider said spf=pass dkim=pass dmarc=fail";
    assert!(told.contains(word), "{told}");
}

#[test]
fn recorded_answers_tell_a_name_that_is_not_there_from_one_that_fails() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), receipt("One")).unwrap();
    let key = signer().key_name();
    for (entry, result, reason) in [
        (None, "permerror", "no-key"),
        (Some(json!({ "rcode": "NXDOMAIN" })), "permerror", "no-key"),
        (Some(json!({ "rcode": "SERVFAIL" })), "temperror", "dns-failed"),
        (Some(json!({ "rcode": "TIMEOUT" })), "temperror", "dns-timeout"),
        (Some(json!({ "A": ["192.0.2.1"] })), "permerror", "no-key"),
    ] {
        let mut names = zone();
        match &entry {
            Some(entry) => names[&key] = entry.clone(),
            None => drop(names.as_object_mut().unwrap().remove(&key)),
        }
        std::fs::write(folder.path().join("own.json"), names.to_string()).unwrap();
        let found = check(folder.path(), &["a.eml", "--dns-file", "own.json"], b"");
        let dkim = &found.rows()[0]["authentication"]["dkim"][0];
        assert_eq!(
            (&dkim["result"], &dkim["reason"]),
            (&json!(result), &json!(reason)),
            "{entry:?}"
        );
    }
}

/// Who writes down what the sending server is called is answered by it.
#[test]
fn recorded_answers_may_tell_the_sending_servers_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), receipt("One")).unwrap();
    let mut names = zone();
    names["9.113.0.203.in-addr.arpa"] = json!({ "PTR": ["out.esp.example"] });
    std::fs::write(folder.path().join("own.json"), names.to_string()).unwrap();
    let line = |found: &Checked| {
        let findings = found.rows()[0]["findings"].as_array().unwrap().clone();
        let gmail = findings
            .iter()
            .find(|finding| finding["check"] == "bulk-sender-gmail")
            .unwrap();
        let lines = gmail["observed"].as_str().unwrap().lines().map(str::to_owned);
        lines.into_iter().find(|line| line.starts_with("reverse DNS")).unwrap()
    };
    let told = check(folder.path(), &["a.eml", "--dns-file", "own.json"], b"");
    assert_eq!(line(&told), "reverse DNS: pass, 203.0.113.9 is out.esp.example");
    let silent = check(folder.path(), &with(&["a.eml"]), b"");
    assert!(line(&silent).contains("not visible"), "{}", line(&silent));
}

#[test]
fn expiry_is_judged_at_arrival_or_at_the_time_that_is_stated() {
    let folder = tempfile::tempdir().unwrap();
    // Signed for ten minutes from 10:00:00; the topmost Received line says 10:00:03.
    let text = String::from_utf8(receipt("One")).unwrap();
    let (traced, composed) = text.split_at(text.find("DKIM-Signature").unwrap());
    let composed = &composed[composed.find("From: ").unwrap()..];
    let signed = signer().sign(composed.as_bytes(), &["from", "subject"], "t=1795428000; x=1795428600");
    std::fs::write(folder.path().join("a.eml"), [traced.as_bytes(), &signed].concat()).unwrap();
    let reason = |more: &[&str]| {
        let found = check(folder.path(), &with(&[&["a.eml"], more].concat()), b"");
        found.rows()[0]["authentication"]["dkim"][0]["reason"].clone()
    };
    assert_eq!(reason(&[]), "ok");
    assert_eq!(reason(&["--at", "2026-11-23T10:09:59Z"]), "ok");
    assert_eq!(reason(&["--at", "2026-11-23T11:10:00+01:00"]), "expired");
    assert_eq!(reason(&["--at", "@1795428601"]), "expired");
}

#[test]
fn a_routes_contract_is_judged_where_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    kit::copy_suites(&folder.path().join("suites"));
    std::fs::write(folder.path().join("a.eml"), receipt("One")).unwrap();
    let found = check(folder.path(), &with(&["a.eml", "--route", "postmark-tx"]), b"");
    assert_eq!(found.code, Some(1), "{}", found.stderr);
    for reason in ["spf.return-path", "link-rewrite.not-rewritten"] {
        let told = found
            .ill(0)
            .iter()
            .any(|ill| ill.split('.').next() == reason.split('.').next());
        assert!(told, "{reason}: {:?}", found.ill(0));
    }
    let found = check(folder.path(), &with(&["a.eml", "--route", "postmark-xt"]), b"");
    assert_eq!(found.code, Some(2));
    assert!(found.stderr.contains("did you mean `postmark-tx`?"), "{}", found.stderr);
}

#[test]
fn what_is_wrong_with_the_options_is_told_before_anything_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), receipt("One")).unwrap();
    std::fs::write(
        folder.path().join("own.json"),
        "{\n  \"brand.example\": { \"TXT\": [\"v=spf1 -all\"],\n    \"MX\": [\"mx.brand.example\"] }\n}",
    )
    .unwrap();
    for (arguments, words) in [
        (&["nope.eml"][..], "nope.eml"),
        (&["a.eml", "--at", "yesterday"], "is no time"),
        (&["a.eml", "--dns-file", "own.json"], "own.json:3:"),
        (&["a.eml", "--offline", "--probe"], "cannot be used with"),
        (&["a.eml", "--provider", "gmial"], "did you mean `gmail`?"),
        (&["a.eml", "--route", "x"], "routes.toml"),
    ] {
        let found = check(folder.path(), arguments, b"");
        assert_eq!(found.code, Some(2), "{arguments:?}: {}", found.stderr);
        assert!(found.stderr.contains(words), "{arguments:?}: {}", found.stderr);
        assert_eq!(found.json, Value::Null, "{arguments:?}");
    }
}

#[test]
fn a_forged_verdict_of_a_provider_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let forged = "Received: from evil.example (evil.example [203.0.113.66]) by mx.company.example with ESMTPS; Mon, 23 Nov 2026 10:00:00 +0000\r\n\
        Authentication-Results: mx.google.com; dkim=pass header.d=brand.example; dmarc=pass\r\n\
        Received: from out.brand.example ([203.0.113.9]) by mx.google.com with ESMTPS; Mon, 23 Nov 2026 09:00:00 +0000\r\n\
        From: Brand <receipts@brand.example>\r\nSubject: x\r\n\r\nhello\r\n";
    std::fs::write(folder.path().join("a.eml"), forged).unwrap();
    let found = check(folder.path(), &with(&["a.eml"]), b"");
    let row = &found.rows()[0];
    assert_eq!(row["provider"], "unknown");
    assert_ne!(row["authentication"]["provider"]["trusted"], true);
    assert!(
        found.ill(0).contains(&"dkim-signature.no-signature"),
        "{:?}",
        found.ill(0)
    );
}

#[test]
fn recorded_reverse_names_are_asked_like_live_ones() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.eml"), receipt("One")).unwrap();
    let reverse = "9.113.0.203.in-addr.arpa";
    let told = |more: &[(&str, Value)]| {
        let mut names = zone();
        for (name, entry) in more {
            names[*name] = entry.clone();
        }
        std::fs::write(folder.path().join("own.json"), names.to_string()).unwrap();
        let found = check(folder.path(), &["a.eml", "--dns-file", "own.json"], b"");
        let findings = found.rows()[0]["findings"].as_array().unwrap();
        let gmail: Vec<String> = findings
            .iter()
            .filter(|finding| finding["check"] == "bulk-sender-gmail")
            .map(|finding| finding["observed"].to_string())
            .collect();
        gmail.join("\n")
    };
    assert!(told(&[]).contains("DNS was not asked"), "{}", told(&[]));
    for (more, words) in [
        (
            &[(reverse, json!({ "PTR": ["out.esp.example."] }))][..],
            "203.0.113.9 is out.esp.example",
        ),
        (&[(reverse, json!({ "PTR": ["other.example"] }))], "does not lead back"),
        (
            &[
                (reverse, json!({ "PTR": ["alias.example"] })),
                ("alias.example", json!({ "CNAME": ["out.esp.example"] })),
            ],
            "203.0.113.9 is alias.example",
        ),
        (
            &[(reverse, json!({ "rcode": "REFUSED" }))],
            "DNS failed for 203.0.113.9",
        ),
        (&[(reverse, json!({ "rcode": "NXDOMAIN" }))], "203.0.113.9 has no name"),
    ] {
        assert!(told(more).contains(words), "{words}: {}", told(more));
    }
}
