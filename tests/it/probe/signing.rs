//! A small DKIM signer of the tests' own: Ed25519, relaxed/relaxed, any tags. It shares nothing with the verifier.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use inboxqa::model::{DnsAnswer, DnsRecords, RecordType};
use ring::digest::{SHA256, digest};
use ring::signature::{Ed25519KeyPair, KeyPair};

pub struct Signer {
    key: Ed25519KeyPair,
    pub domain: String,
    pub selector: String,
}

impl Signer {
    /// A key that is the same in every run; `seed` tells keys apart.
    pub fn new(domain: &str, selector: &str, seed: u8) -> Signer {
        let key = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap();
        Signer {
            key,
            domain: domain.into(),
            selector: selector.into(),
        }
    }

    pub fn key_record(&self) -> String {
        format!(
            "v=DKIM1; k=ed25519; p={}",
            BASE64.encode(self.key.public_key().as_ref())
        )
    }

    pub fn key_name(&self) -> String {
        format!("{}._domainkey.{}", self.selector, self.domain)
    }

    pub fn publish(&self, dns: &mut DnsRecords) {
        dns.record(
            &self.key_name(),
            RecordType::Txt,
            DnsAnswer::Records(vec![self.key_record()]),
        );
    }

    /// The message with a signature on top that covers `signed` and has `extra` tags (`t=1; x=2`).
    pub fn sign(&self, raw: &[u8], signed: &[&str], extra: &str) -> Vec<u8> {
        let text = String::from_utf8(raw.to_vec()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let hash = BASE64.encode(digest(&SHA256, relaxed_body(body).as_bytes()));
        let extra = if extra.is_empty() {
            String::new()
        } else {
            format!(" {extra};")
        };
        let value = format!(
            "v=1; a=ed25519-sha256; c=relaxed/relaxed; d={}; s={};{extra} h={}; bh={hash}; b=",
            self.domain,
            self.selector,
            signed.join(":")
        );
        let mut data = String::new();
        for name in signed {
            // Each name is signed once, so the lowest field of that name counts.
            let line = unfolded(head)
                .into_iter()
                .rev()
                .find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
            if let Some(line) = line {
                data += &format!("{}\r\n", relaxed_header(&line));
            }
        }
        data += &relaxed_header(&format!("DKIM-Signature: {value}"));
        let signature = BASE64.encode(self.key.sign(digest(&SHA256, data.as_bytes()).as_ref()));
        format!("DKIM-Signature: {value}{signature}\r\n{text}").into_bytes()
    }
}

fn unfolded(head: &str) -> Vec<String> {
    let joined = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    joined.split("\r\n").map(str::to_owned).collect()
}

fn relaxed_header(line: &str) -> String {
    let (name, value) = line.split_once(':').unwrap();
    format!(
        "{}:{}",
        name.trim().to_lowercase(),
        value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    )
}

fn relaxed_body(body: &str) -> String {
    let line = |line: &str| {
        let lead = if line.starts_with([' ', '\t']) { " " } else { "" };
        let words = line
            .split([' ', '\t'])
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if words.is_empty() {
            String::new()
        } else {
            format!("{lead}{words}")
        }
    };
    let lines: Vec<String> = body.split("\r\n").map(line).collect();
    let text = lines.join("\r\n").trim_end_matches("\r\n").to_owned();
    if text.is_empty() { text } else { text + "\r\n" }
}
