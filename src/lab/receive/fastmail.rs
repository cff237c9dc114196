//! Fastmail's headers: several Authentication-Results of one name in a row, the first with nothing but methods of its own.

use crate::lab::esp::signing::Verdict;
use crate::lab::ids;
use crate::lab::receive::facts::Facts;

const HOST: &str = "phl-mx-03.messagingengine.com";

/// Top to bottom.
pub fn fields(facts: &Facts) -> Vec<(&'static str, String)> {
    let (protocol, cipher) = match facts.tls {
        true => (
            "ESMTPS",
            "\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)\r\n\t key-exchange X25519 server-signature RSA-PSS (2048 bits))\r\n\t(No client certificate requested)",
        ),
        false => ("ESMTP", ""),
    };
    let received = format!(
        "from {helo} ({helo} [{}]){cipher}\r\n\tby {HOST} (Postfix) with {protocol} id {}\r\n\tfor <{}>; {}",
        facts.client,
        ids::hex::<6>().to_ascii_uppercase(),
        facts.recipient,
        facts.date(),
        helo = facts.helo,
    );
    let own = format!(
        "{HOST};\r\n    x-csa=none;\r\n    x-me-sender=none;\r\n    x-ptr=pass smtp.helo={helo} policy.ptr={helo};\r\n    bimi=skipped (DMARC Policy is not at enforcement);\r\n    arc=none (no signatures found)",
        helo = facts.helo
    );
    vec![
        ("Return-Path", format!("<{}>", facts.mail_from)),
        ("X-Delivered-To", facts.recipient.clone()),
        ("X-Spam-known-sender", "no".to_owned()),
        ("X-Spam-score", if facts.junk { "9.1" } else { "0.0" }.to_owned()),
        ("Authentication-Results", own),
        ("Authentication-Results", results(facts)),
        ("X-ME-VSCategory", "clean".to_owned()),
        (
            "Received-SPF",
            format!(
                "{}\r\n    ({}: Sender is {}authorized to use '{}' in 'mfrom' identity)\r\n    receiver={HOST};\r\n    identity=mailfrom;\r\n    envelope-from=\"{}\";\r\n    helo={};\r\n    client-ip={}",
                facts.spf(),
                facts.mail_from_domain(),
                if facts.spf_pass { "" } else { "not " },
                facts.mail_from,
                facts.mail_from,
                facts.helo,
                facts.client
            ),
        ),
        ("Received", received),
    ]
}

fn results(facts: &Facts) -> String {
    let mut entries: Vec<String> = facts
        .stamps
        .iter()
        .map(|stamp| {
            let result = match stamp.verdict {
                Verdict::Pass => "pass (2048-bit rsa key sha256)",
                Verdict::BodyHash => "fail (message has been altered, 2048-bit rsa key sha256)",
                Verdict::NoKey => "invalid (public key: not available)",
                Verdict::BadSignature => "fail (bad RSA signature, 2048-bit rsa key sha256)",
                Verdict::Expired => "fail (signature is expired, 2048-bit rsa key sha256)",
            };
            format!(
                "dkim={result}\r\n      header.d={domain} header.i=@{domain} header.b={}\r\n      header.a=rsa-sha256 header.s={} x-bits=2048",
                stamp.start,
                stamp.selector,
                domain = stamp.domain
            )
        })
        .collect();
    if entries.is_empty() {
        entries.push("dkim=none (no signatures found)".to_owned());
    }
    entries.push(format!(
        "dmarc={} policy.published-domain-policy=quarantine\r\n      policy.applied-disposition=none (p=quarantine) header.from={}",
        facts.dmarc(),
        facts.from_domain
    ));
    entries.push(format!("iprev=pass smtp.remote-ip={} ({})", facts.client, facts.helo));
    entries.push(format!(
        "spf={} smtp.mailfrom={} smtp.helo={}",
        facts.spf(),
        facts.mail_from,
        facts.helo
    ));
    format!("{HOST};\r\n    {}", entries.join(";\r\n    "))
}
