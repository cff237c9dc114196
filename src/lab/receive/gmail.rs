//! Gmail's headers.

use crate::lab::esp::signing::{Stamp, Verdict};
use crate::lab::ids;
use crate::lab::receive::facts::Facts;

/// Top to bottom.
pub fn fields(facts: &Facts) -> Vec<(&'static str, String)> {
    let group = ids::hex::<2>;
    let inner = format!(
        "2002:a05:{}:{}:b0:{}:{}:{}",
        group(),
        group(),
        group(),
        group(),
        group()
    );
    let date = facts.pacific_date();
    let protocol = if facts.tls { "ESMTPS" } else { "ESMTP" };
    let cipher = match facts.tls {
        true => "\r\n        (version=TLS1_3 cipher=TLS_AES_256_GCM_SHA384 bits=256/256)",
        false => "",
    };
    let designates = if facts.spf_pass {
        "designates"
    } else {
        "does not designate"
    };
    let spf = format!(
        "{} (google.com: domain of {} {designates} {} as permitted sender)",
        facts.spf(),
        facts.mail_from,
        facts.client
    );
    vec![
        ("Delivered-To", facts.recipient.clone()),
        (
            "Received",
            format!(
                "by {inner} with SMTP id {}csp{};\r\n        {date}",
                ids::word::<3>(),
                ids::hex::<4>()
            ),
        ),
        ("X-Google-Smtp-Source", format!("AGHT+{}", ids::word::<40>())),
        (
            "X-Received",
            format!("by {inner} with SMTP id {};\r\n        {date}", ids::word::<24>()),
        ),
        ("Return-Path", format!("<{}>", facts.mail_from)),
        (
            "Received",
            format!(
                "from {helo} ({helo}. [{}])\r\n        by mx.google.com with {protocol} id {}\r\n        for <{}>{cipher};\r\n        {date}",
                facts.client,
                ids::word::<30>(),
                facts.recipient,
                helo = facts.helo,
            ),
        ),
        ("Received-SPF", format!("{spf} client-ip={};", facts.client)),
        ("Authentication-Results", results(facts, &spf)),
    ]
}

fn results(facts: &Facts, spf: &str) -> String {
    let mut entries: Vec<String> = facts.stamps.iter().map(signature).collect();
    entries.push(format!("spf={spf} smtp.mailfrom={}", facts.mail_from));
    let disposition = if facts.dmarc_pass() { "NONE" } else { "QUARANTINE" };
    entries.push(format!(
        "dmarc={} (p=QUARANTINE sp=QUARANTINE dis={disposition}) header.from={}",
        facts.dmarc(),
        facts.from_domain
    ));
    format!("mx.google.com;\r\n       {}", entries.join(";\r\n       "))
}

fn signature(stamp: &Stamp) -> String {
    let result = match stamp.verdict {
        Verdict::Pass => "pass",
        Verdict::BodyHash => "neutral (body hash did not verify)",
        Verdict::NoKey => "temperror (no key for signature)",
        Verdict::BadSignature => "fail (bad signature)",
        Verdict::Expired => "fail (signature expired)",
    };
    let Stamp {
        domain,
        selector,
        start,
        ..
    } = stamp;
    format!("dkim={result} header.i=@{domain} header.s={selector} header.b={start}")
}
