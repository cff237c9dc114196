//! On what dkimpy signed, what the lab signed, and what was broken on the way.

use super::{Message, agree, judged_by, messages, python, run};
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inboxqa::lab::dkim::{Manner, Signer, Validity};
use inboxqa::lab::keys::Keyring;
use inboxqa::lab::letter::Letter;
use std::collections::BTreeMap;
use std::sync::Arc;

#[test]
fn on_what_dkimpy_signed() {
    let Some(python) = python("referee::signed::on_what_dkimpy_signed") else {
        return;
    };
    let signed = messages(&run(&python, "dkimpy.py", &["sign"], ""));
    assert!(signed.len() >= 100, "{} messages", signed.len());
    let theirs = judged_by(&python, "dkimpy.py", &["verify"], &signed);
    agree("dkimpy", &signed, &theirs, &[], 50);
}

const BODIES: &[(&str, &[u8])] = &[
    ("plain", b"Hello there\r\n"),
    ("empty", b""),
    ("trailing empty lines", b"Hello\r\n\r\n\r\n"),
    ("trailing blank lines", b"Hello\r\n \r\n\t\r\n"),
    ("blank lines alone", b" \r\n\t\r\n"),
    ("no final line break", b"Hello"),
    ("runs of blanks", b" lead  and \t run \t\r\n\r\n end  \r\n"),
    ("eight bit", "Grüße\r\n".as_bytes()),
];

#[test]
fn on_what_the_lab_signed() {
    let Some(python) = python("referee::signed::on_what_the_lab_signed") else {
        return;
    };
    let keys = Keyring::new().unwrap();
    let signer = |selector: &str, key: &Arc<_>| Signer {
        domain: "brand.example".to_owned(),
        selector: selector.to_owned(),
        key: Arc::clone(key),
    };
    let (rsa, modern) = (signer("rsa", &keys.brand), signer("ed", &keys.brand_modern));
    let record = |selector: &str, text| (format!("{selector}._domainkey.brand.example"), vec![vec![text]]);
    let dns = BTreeMap::from([
        record("rsa", keys.brand.record()),
        record("ed", keys.brand_modern.record()),
    ]);
    let mut messages = Vec::new();
    for (name, body) in BODIES {
        let head = "From: Brand <a@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order  17\r\n  is\tconfirmed\r\nMIME-Version: 1.0\r\n\r\n";
        let raw = [head.as_bytes(), body].concat();
        let once = sign(&rsa, &raw);
        let twice = sign(&modern, &once);
        let stray = sign(&signer("rsa", &keys.stray), &raw);
        let appended = [&twice[..], b"appended\r\n"].concat();
        let retitled = String::from_utf8(twice.clone())
            .unwrap()
            .replace("Order", "Ardor")
            .into_bytes();
        for (what, raw) in [
            ("once", once),
            ("twice", twice),
            ("stray key", stray),
            ("appended", appended),
            ("retitled", retitled),
        ] {
            messages.push(Message {
                name: format!("{name}, {what}"),
                raw: BASE64.encode(raw),
                dns: dns.clone(),
                intact: false,
            });
        }
    }
    let theirs = judged_by(&python, "dkimpy.py", &["verify"], &messages);
    agree("dkimpy", &messages, &theirs, &[], 20);
}

fn sign(signer: &Signer, raw: &[u8]) -> Vec<u8> {
    let validity = Validity {
        signed: 1_700_000_000,
        expires: None,
    };
    let value = signer.sign(&Letter::parse(raw), validity, Manner::default()).unwrap();
    [format!("DKIM-Signature: {value}\r\n").as_bytes(), raw].concat()
}
