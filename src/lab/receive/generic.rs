//! Headers of a provider of no particular style (RFC 8601, RFC 5321 §4.4).

use crate::lab::esp::signing::Verdict;
use crate::lab::ids;
use crate::lab::receive::facts::Facts;

/// Top to bottom.
pub fn fields(facts: &Facts) -> Vec<(&'static str, String)> {
    let (protocol, cipher) = match facts.tls {
        true => (
            "ESMTPS",
            "\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))",
        ),
        false => ("ESMTP", ""),
    };
    let received = format!(
        "from {helo} ({helo} [{}]){cipher}\r\n\tby {} with {protocol} id {}\r\n\tfor <{}>; {}",
        facts.client,
        facts.host,
        ids::hex::<5>().to_ascii_uppercase(),
        facts.recipient,
        facts.date(),
        helo = facts.helo,
    );
    let spf = format!(
        "{} (domain of {}) receiver={}; client-ip={}; envelope-from=\"{}\"; helo={};",
        facts.spf(),
        facts.mail_from_domain(),
        facts.host,
        facts.client,
        facts.mail_from,
        facts.helo
    );
    vec![
        ("Return-Path", format!("<{}>", facts.mail_from)),
        ("Delivered-To", facts.recipient.clone()),
        ("Authentication-Results", results(facts)),
        ("Received-SPF", spf),
        ("Received", received),
    ]
}

fn results(facts: &Facts) -> String {
    let mut entries = Vec::new();
    for stamp in &facts.stamps {
        let result = match stamp.verdict {
            Verdict::Pass => "pass",
            Verdict::BodyHash => "fail reason=\"body hash did not verify\"",
            Verdict::NoKey => "permerror reason=\"no key\"",
            Verdict::BadSignature => "fail reason=\"signature did not verify\"",
            Verdict::Expired => "fail reason=\"signature expired\"",
        };
        entries.push(format!(
            "dkim={result} header.d={} header.s={}",
            stamp.domain, stamp.selector
        ));
    }
    if entries.is_empty() {
        entries.push("dkim=none".to_owned());
    }
    entries.push(format!("spf={} smtp.mailfrom={}", facts.spf(), facts.mail_from));
    entries.push(format!("dmarc={} header.from={}", facts.dmarc(), facts.from_domain));
    format!("{};\r\n\t{}", facts.authserv_id, entries.join(";\r\n\t"))
}
