//! How fast are stored messages judged? Messages of 12 kB with two RSA-2048 signatures by the lab's signer, DNS recorded; against
//! mail-auth's own verification of the signatures alone, of the same messages, in the same run.
//!
//! `cargo bench --bench judge`
#![allow(
    clippy::unwrap_used,
    reason = "a measurement that can not be set up has nothing to say"
)]

use futures_util::FutureExt;
use hickory_resolver::config::{ResolverConfig, ResolverOpts};
use inboxqa::checks;
use inboxqa::lab::dkim::{Signer, Validity};
use inboxqa::lab::keys::{Key, Keyring};
use inboxqa::lab::letter::Letter;
use inboxqa::model::profile::AuthresTrust;
use inboxqa::model::{
    Authentication, Category, Contract, DkimResult, DnsAnswer, DnsRecords, Evidence, LinkPolicy, Policy, Probe,
    RawMessage, Reason, RecordType, Subject, Verdict, WatchLog, policy::ProviderFacts,
};
use inboxqa::probe::auth::{AuthInput, verify};
use mail_auth::common::parse::TxtRecordParser;
use mail_auth::common::verify::DomainKey;
use mail_auth::{AuthenticatedMessage, MessageAuthenticator, Parameters, ResolverCache, Txt};
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::Arc;
use std::time::Instant;
use time::OffsetDateTime;

const MESSAGES: usize = 400;
const BYTES: usize = 12_000;
const ROUNDS: usize = 5;
const SIGNERS: [(&str, &str); 2] = [("brand.example", "k1"), ("mailer.example", "esp1")];

fn main() {
    let keys = Keyring::new().unwrap();
    let signers: Vec<Signer> = SIGNERS
        .iter()
        .zip([keys.brand, keys.esp])
        .map(|((domain, selector), key)| Signer {
            domain: (*domain).to_owned(),
            selector: (*selector).to_owned(),
            key,
        })
        .collect();
    let dns = recorded(&signers);
    let peer = Peer::new(&signers);
    let now = OffsetDateTime::now_utc();
    let raws: Vec<Vec<u8>> = (0..MESSAGES).map(|number| message(number, &signers, now)).collect();
    let evidence: Vec<Evidence> = raws.iter().map(|raw| stored(raw, &dns)).collect();
    let policy = policy();
    let mean = raws.iter().map(Vec::len).sum::<usize>() / raws.len();
    println!("{MESSAGES} messages of {mean} bytes, two RSA-2048 signatures each, median of {ROUNDS} rounds");

    let all = |some: &[Evidence]| some.iter().for_each(|evidence| judge(evidence, &policy, now));
    let (mut peers, mut verified, mut ones, mut twos) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        peers.push(rate(|| raws.iter().for_each(|raw| peer.verify(raw))));
        verified.push(rate(|| {
            evidence.iter().for_each(|evidence| drop(authenticate(evidence, now)))
        }));
        ones.push(rate(|| all(&evidence)));
        twos.push(rate(|| {
            let (left, right) = evidence.split_at(evidence.len() / 2);
            std::thread::scope(|scope| {
                scope.spawn(|| all(left));
                scope.spawn(|| all(right));
            });
        }));
    }
    let (peer, verified, one, two) = (median(peers), median(verified), median(ones), median(twos));
    println!("mail-auth, signatures alone, 1 thread   {peer:>8.0} msg/s");
    println!(
        "verify alone, 1 thread                  {verified:>8.0} msg/s   {:.2} of mail-auth",
        verified / peer
    );
    println!(
        "verify and judge, 1 thread              {one:>8.0} msg/s   {:.2} of mail-auth",
        one / peer
    );
    println!(
        "verify and judge, 2 threads             {two:>8.0} msg/s   {:.2} of one thread",
        two / one
    );
}

/// Messages a second.
fn rate(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    MESSAGES as f64 / start.elapsed().as_secs_f64()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Verifies over recorded DNS; a signature that does not pass would make the figures worthless.
fn authenticate(evidence: &Evidence, now: OffsetDateTime) -> Authentication {
    let input = AuthInput {
        raw: evidence.raw().unwrap(),
        client: None,
        helo: None,
        mail_from: None,
        arrived_at: now,
    };
    let authentication = verify(&input, &evidence.dns).authentication;
    assert_eq!(authentication.dkim.len(), SIGNERS.len());
    assert!(
        authentication.dkim.iter().all(|fact| fact.result == DkimResult::Pass),
        "{:?}",
        authentication.dkim
    );
    authentication
}

/// Verifies and runs every check.
fn judge(evidence: &Evidence, policy: &Policy, now: OffsetDateTime) {
    let judged = Evidence {
        authentication: Some(authenticate(evidence, now)),
        ..evidence.clone()
    };
    let findings = checks::judge(&judged, policy);
    assert!(findings.iter().any(|finding| finding.verdict == Verdict::Pass));
}

fn message(number: usize, signers: &[Signer], now: OffsetDateTime) -> Vec<u8> {
    let mut html = String::from("<!doctype html><html><body><table>\r\n");
    while html.len() < BYTES - 2_200 {
        let row = html.len();
        html += &format!(
            "<tr><td>Item {row} of order {number}</td><td><a href=\"https://shop.brand.example/items/{row}?order={number}&amp;ref=mail\">View</a></td></tr>\r\n"
        );
    }
    html += "</table></body></html>\r\n";
    let raw = format!(
        "From: Brand <receipts@brand.example>\r\nTo: seed@mailbox.example\r\nSubject: Order {number} is confirmed\r\n\
         Date: Mon, 23 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{number}@brand.example>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/html; charset=utf-8\r\n\r\n{html}"
    );
    let mut letter = Letter::parse(raw.as_bytes());
    let validity = Validity {
        signed: now.unix_timestamp(),
        expires: None,
    };
    for signer in signers {
        let value = signer
            .sign(&letter, validity, inboxqa::lab::dkim::Manner::default())
            .unwrap();
        letter.prepend("DKIM-Signature", &value);
    }
    letter.bytes()
}

fn key_name(signer: &Signer) -> String {
    format!("{}._domainkey.{}", signer.selector, signer.domain)
}

fn recorded(signers: &[Signer]) -> DnsRecords {
    let mut dns = DnsRecords::default();
    let mut text = |name: &str, record: String| dns.record(name, RecordType::Txt, DnsAnswer::Records(vec![record]));
    for signer in signers {
        let key: &Key = &signer.key;
        text(&key_name(signer), key.record());
    }
    text("_dmarc.brand.example", "v=DMARC1; p=reject".to_owned());
    for name in ["_dmarc.mailer.example", "_dmarc.example"] {
        dns.record(name, RecordType::Txt, DnsAnswer::NoName);
    }
    dns
}

fn stored(raw: &[u8], dns: &DnsRecords) -> Evidence {
    Evidence {
        subject: Subject::File("stored.eml".to_owned()),
        original: None,
        submission: None,
        arrival: Probe::NotAsked(Reason::new("saved-file", "a stored message")),
        file: Some(RawMessage(raw.to_vec())),
        watch: WatchLog::default(),
        dns: dns.clone(),
        authentication: None,
        urls: Vec::new(),
        esp: Vec::new(),
        spam: Vec::new(),
        drill: None,
        faults: Vec::new(),
    }
}

fn policy() -> Policy {
    Policy {
        category: Category::Transactional,
        within_ms: 30_000,
        give_up_ms: 60_000,
        quiet_ms: 1_000,
        placement: vec!["inbox".to_owned()],
        contract: Contract {
            dkim: vec!["brand.example".to_owned()],
            ..Contract::default()
        },
        provider: ProviderFacts {
            provider: "imap".to_owned(),
            byte_exact: true,
            authres: AuthresTrust::Nobody,
            received_by: Vec::new(),
        },
        severity: BTreeMap::new(),
        links: LinkPolicy::default(),
        allowed_tags: Vec::new(),
        triggered: false,
        waivers: Vec::new(),
        spam: Default::default(),
    }
}

/// mail-auth with its keys parsed and cached beforehand.
struct Peer {
    authenticator: MessageAuthenticator,
    keys: Keys,
}

struct Keys(HashMap<Box<str>, Txt>);

impl Peer {
    fn new(signers: &[Signer]) -> Peer {
        let nowhere = ResolverConfig::from_parts(None, vec![], vec![]);
        let key = |signer: &Signer| {
            let key = DomainKey::parse(signer.key.record().as_bytes()).unwrap();
            (
                format!("{}.", key_name(signer)).into_boxed_str(),
                Txt::DomainKey(Arc::new(key)),
            )
        };
        Peer {
            authenticator: MessageAuthenticator::new(nowhere, ResolverOpts::default()).unwrap(),
            keys: Keys(signers.iter().map(key).collect()),
        }
    }

    fn verify(&self, raw: &[u8]) {
        let message = AuthenticatedMessage::parse(raw).unwrap();
        let parameters = Parameters::new(&message).with_txt_cache(&self.keys);
        let outputs = self.authenticator.verify_dkim(parameters).now_or_never().unwrap();
        assert_eq!(outputs.len(), SIGNERS.len());
        assert!(
            outputs
                .iter()
                .all(|output| *output.result() == mail_auth::DkimResult::Pass)
        );
    }
}

impl ResolverCache<Box<str>, Txt> for Keys {
    fn get<Q>(&self, name: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.get(name).cloned()
    }
    fn remove<Q>(&self, _: &Q) -> Option<Txt>
    where
        Box<str>: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        None
    }
    fn insert(&self, _: Box<str>, _: Txt, _: Instant) {}
}
