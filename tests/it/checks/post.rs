//! A message as it really came: signed, carried by a client, taken in by a provider, verified over a zone. What the checks of
//! authentication judge.

use super::scene::{Scene, delivered};
use crate::probe::signing::Signer;
use inboxqa::mail::{Reading, received};
use inboxqa::model::profile::AuthresTrust;
use inboxqa::model::{DnsAnswer, DnsRecords, RecordType};
use inboxqa::probe::auth::{AuthInput, verify};

/// How it was posted; every field may be changed before [`Post::scene`].
pub struct Post {
    /// From domain.
    pub from: String,
    /// Domain of the envelope sender.
    pub envelope: String,
    /// Signers, innermost first.
    pub signers: Vec<Signer>,
    /// Extra tags of every signature.
    pub tags: &'static str,
    /// What DNS holds besides; the keys are published and SPF permits the client unless something is recorded here first.
    pub dns: DnsRecords,
    /// Lines above the signature, by the provider.
    pub stamps: String,
    /// Fields below the usual ones, each with its line break.
    pub fields: &'static str,
    /// The fields that are signed, of those that are there.
    pub signed: &'static [&'static str],
    /// The HTML.
    pub body: &'static str,
    /// Changes on the way, after signing.
    pub changed: Vec<(&'static str, &'static str)>,
}

/// From mail.brand.example, signed by brand.example, carried by an ESP whose return path does not align; DMARC at brand.example.
pub fn post() -> Post {
    let mut post = Post {
        from: "mail.brand.example".into(),
        envelope: "bounces.esp.example".into(),
        signers: vec![Signer::new("brand.example", "k1", 1)],
        tags: "",
        dns: DnsRecords::default(),
        stamps: gmail("ESMTPS", " (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256 bits=128/128)"),
        fields: "",
        signed: &["from", "to", "subject", "list-unsubscribe", "list-unsubscribe-post"],
        body: "<p>Thank you</p>",
        changed: Vec::new(),
    };
    post.txt("_dmarc.brand.example", "v=DMARC1; p=reject");
    post
}

/// The provider's own line.
pub fn gmail(protocol: &str, tls: &str) -> String {
    format!(
        "Received: from mta.esp.example (mta.esp.example. [203.0.113.9])\r\n        by mx.google.example with {protocol} id 1a2b{tls};\r\n        Mon, 23 Nov 2026 01:00:01 -0800 (PST)\r\n"
    )
}

impl Post {
    pub fn txt(&mut self, name: &str, text: &str) {
        self.dns
            .record(name, RecordType::Txt, DnsAnswer::Records(vec![text.to_owned()]));
    }

    pub fn answer(mut self, name: &str, answer: DnsAnswer) -> Post {
        self.dns.record(name, RecordType::Txt, answer);
        self
    }

    /// Carried under its own return path, which aligns.
    pub fn own_return_path(mut self) -> Post {
        self.envelope = "bounces.brand.example".into();
        self
    }

    pub fn unsigned(mut self) -> Post {
        self.signers.clear();
        self
    }

    pub fn spf_fails(mut self) -> Post {
        let domain = self.envelope.clone();
        self.txt(&domain, "v=spf1 ip4:192.0.2.1 -all");
        self
    }

    pub fn changed(mut self, from: &'static str, to: &'static str) -> Post {
        self.changed.push((from, to));
        self
    }

    /// Every TXT question fails.
    pub fn txt_fails(mut self) -> Post {
        self.dns = DnsRecords::default();
        for name in [
            "k1._domainkey.brand.example",
            "bounces.esp.example",
            "bounces.brand.example",
            "_dmarc.mail.brand.example",
            "_dmarc.brand.example",
            "_dmarc.bounces.esp.example",
            "_dmarc.bounces.brand.example",
            "_dmarc.esp.example",
            "_dmarc.example",
        ] {
            self.dns
                .record(name, RecordType::Txt, DnsAnswer::Failed("SERVFAIL".into()));
        }
        self
    }

    /// The bytes as the mailbox holds them.
    pub fn raw(&self) -> Vec<u8> {
        let mut raw = format!(
            "From: Brand <receipts@{}>\r\nTo: seed@mailbox.example\r\nSubject: Order 17\r\n{}\r\n{}\r\n",
            self.from, self.fields, self.body
        )
        .into_bytes();
        let there = |name: &&&str| {
            ["from", "to", "subject"].contains(*name) || self.fields.to_ascii_lowercase().contains(&format!("{name}: "))
        };
        let signed: Vec<&str> = self.signed.iter().filter(there).copied().collect();
        for signer in &self.signers {
            raw = signer.sign(&raw, &signed, self.tags);
        }
        let mut text = String::from_utf8(raw).unwrap();
        for (from, to) in &self.changed {
            assert!(text.contains(from), "{from}");
            text = text.replacen(from, to, 1);
        }
        format!("Return-Path: <b1@{}>\r\n{}{text}", self.envelope, self.stamps).into_bytes()
    }

    /// Delivered, verified, and judged by a contract that names brand.example.
    pub fn scene(self) -> Scene {
        let raw = self.raw();
        let mut dns = self.dns.clone();
        self.signers.iter().for_each(|signer| signer.publish(&mut dns));
        let spf = "v=spf1 ip4:203.0.113.9 -all".to_owned();
        dns.record(&self.envelope, RecordType::Txt, DnsAnswer::Records(vec![spf]));
        let mut scene = delivered(&raw);
        scene.policy.contract.dkim = vec!["brand.example".into()];
        verified(&mut scene, &raw, dns);
        scene
    }

    /// The same at a Microsoft seed, which rebuilt the body after it had verified the message and written `authres` (if anything).
    pub fn at_outlook(mut self, authres: &str) -> Scene {
        self.stamps = format!(
            "Received: from front.outlook.com (10.0.0.1) by hub.outlook.com (10.0.0.2) with Microsoft SMTP Server id 15; Mon, 23 Nov 2026 09:00:02 +0000\r\n\
             Received: from mta.esp.example (203.0.113.9) by front.outlook.com (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id 15; Mon, 23 Nov 2026 09:00:01 +0000\r\n\
             {authres}X-IncomingTopHeaderMarker: OriginalChecksum:1\r\n"
        );
        if self.changed.is_empty() {
            self.changed.push(("<p>Thank you</p>", "<html><p>Thank you</p></html>"));
        }
        let mut scene = self.scene();
        scene.policy.provider.provider = "outlook".into();
        scene.policy.provider.byte_exact = false;
        scene.policy.provider.authres = AuthresTrust::Microsoft;
        scene.policy.provider.received_by = vec!["outlook.com".into()];
        let raw = scene.evidence.raw().unwrap().to_vec();
        let dns = scene.evidence.dns.clone();
        verified(&mut scene, &raw, dns);
        scene
    }
}

/// Verifies until nothing is wanted; what the zone does not hold does not exist.
fn verified(scene: &mut Scene, raw: &[u8], mut dns: DnsRecords) {
    let reading = Reading::new(raw);
    let client = received::trusted_client(reading.received(), &scene.policy.provider.received_by);
    let path = reading
        .header("Return-Path")
        .map(|header| header.unfolded().trim_matches(['<', '>']).to_owned());
    let input = AuthInput {
        raw,
        client: client
            .and_then(|line| line.client_ip)
            .map(|ip| (ip, "received".to_owned())),
        helo: client.and_then(|line| line.helo.clone()),
        mail_from: path,
        arrived_at: scene.evidence.submission.as_ref().unwrap().accepted_at.unwrap(),
    };
    for _ in 0..20 {
        let found = verify(&input, &dns);
        scene.evidence.authentication = Some(found.authentication);
        scene.evidence.dns = dns.clone();
        if found.wanted.is_empty() {
            return;
        }
        for (name, kind) in found.wanted {
            dns.record(&name, kind, DnsAnswer::NoName);
        }
    }
    panic!("never settles");
}
