//! A message, from its bytes to what the checks say.

use inboxqa::mail::Reading;
use inboxqa::mail::{brought, encoded_words, filing, received_spf, token_match};
use inboxqa::model::profile::AuthresTrust;
use inboxqa::model::zone::ZoneEntry;
use inboxqa::model::{JudgedDelivery, RecordType, Token, Zone};
use inboxqa::run::inspect::{Dns, Setup, Source, Stated, inspect};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// A message is read, then judged as `inboxqa check` does it, with a DNS in which one domain exists.
pub fn message(data: &[u8]) {
    read(data);
    for judged in judged(data) {
        for finding in &judged.findings {
            assert!(!finding.observed.contains("broke down"), "{finding:?}");
            assert!(!finding.reason.is_empty() && !finding.summary.is_empty(), "{finding:?}");
        }
        let stored = serde_json::to_string(&judged.evidence).unwrap();
        let loaded: inboxqa::model::Evidence = serde_json::from_str(&stored).unwrap();
        assert!(loaded == judged.evidence, "evidence is stored as it was gathered");
    }
}

fn read(data: &[u8]) {
    let reading = Reading::new(data);
    let headers = reading.headers();
    assert!(headers.body_at <= data.len());
    for field in &headers.fields {
        let value = field.decoded();
        encoded_words::flaws(&value);
    }
    let by = ["mx.example".to_owned()];
    brought::fields(headers, reading.received(), &by);
    received_spf::trusted(headers, &by);
    filing::of(headers);
    reading.from();
    reading.reply_to();
    let trust = AuthresTrust::ServId(vec!["mx.example".to_owned()]);
    reading.authentication_results(&trust).word();
    assert!(reading.page().is_ok() || reading.pixels().is_empty());
    reading.links();
    reading.subject();
    let token = Token::parse("00112233445566778899aabbccddeeff").unwrap();
    token_match::find(data, &token);
}

fn judged(data: &[u8]) -> Vec<JudgedDelivery> {
    thread_local! {
        static STAGE: RefCell<(Runtime, tempfile::TempDir)> = RefCell::new((
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap(),
            tempfile::tempdir().unwrap(),
        ));
    }
    STAGE.with_borrow_mut(|(runtime, folder)| {
        let file = folder.path().join("message.eml");
        std::fs::write(&file, data).unwrap();
        let setup = Setup {
            dns: Dns::Recorded(zone()),
            net: None,
            probe: false,
            stated: Stated::default(),
        };
        let mut found = Vec::new();
        let judging = inspect(setup, vec![Source::File(file)], CancellationToken::new(), |judged| {
            found.push(judged.judged)
        });
        runtime.block_on(judging);
        found
    })
}

fn zone() -> Zone {
    let mut zone = Zone::default();
    for (name, text) in [
        (
            "brand.example",
            "v=spf1 a mx include:_spf.brand.example exists:%{i}.brand.example -all",
        ),
        ("_spf.brand.example", "v=spf1 ip4:203.0.113.0/24 redirect=brand.example"),
        ("_dmarc.brand.example", "v=DMARC1; p=reject; sp=none; adkim=s"),
        (
            "ed._domainkey.brand.example",
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ),
    ] {
        zone.put(
            name,
            ZoneEntry::Records(BTreeMap::from([(RecordType::Txt, vec![text.to_owned()])])),
        );
    }
    zone
}
