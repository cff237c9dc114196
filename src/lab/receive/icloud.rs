//! iCloud Mail's headers: a field of its own for every method, BIMI's first, and a note of where the message is filed.

use crate::lab::esp::signing::Verdict;
use crate::lab::ids;
use crate::lab::receive::facts::Facts;

/// Top to bottom.
pub fn fields(facts: &Facts) -> Vec<(&'static str, String)> {
    let (protocol, cipher) = match facts.tls {
        true => ("ESMTPS", " (version=TLSv1.3 cipher=TLS_AES_256_GCM_SHA384)"),
        false => ("ESMTP", ""),
    };
    let received = format!(
        "from {helo} ({helo} [{}])\r\n by {} (Postfix) with {protocol}{cipher} id {}\r\n for <{}>; {}",
        facts.client,
        facts.host,
        ids::hex::<6>().to_ascii_uppercase(),
        facts.recipient,
        facts.date(),
        helo = facts.helo,
    );
    let folder = if facts.junk { "Junk" } else { "INBOX" };
    let mut fields = vec![
        ("Return-Path", format!("<{}>", facts.mail_from)),
        ("X-Apple-MoveToFolder", folder.to_owned()),
        ("X-Apple-Action", format!("MOVE_TO_FOLDER/{folder}")),
        ("X-Apple-UUID", ids::hex::<16>()),
        ("Received", received),
        (
            "Authentication-Results",
            format!(
                "bimi.icloud.com; bimi=skipped reason=\"insufficient dmarc\" header.d={}",
                facts.from_domain
            ),
        ),
        ("Authentication-Results", "arc.icloud.com; arc=none".to_owned()),
        (
            "Authentication-Results",
            format!(
                "dmarc.icloud.com; dmarc={} header.from={}",
                facts.dmarc(),
                facts.from_domain
            ),
        ),
        ("Authentication-Results", signatures(facts)),
    ];
    let spf = format!(
        "{} (spf.icloud.com: domain of {} {} {} as permitted sender)",
        facts.spf(),
        facts.mail_from,
        if facts.spf_pass {
            "designates"
        } else {
            "does not designate"
        },
        facts.client
    );
    let results = format!("spf.icloud.com; spf={spf} smtp.mailfrom={}", facts.mail_from);
    fields.push(("Authentication-Results", results));
    let received_spf = format!(
        "{spf} receiver=spf.icloud.com; client-ip={}; helo={}; envelope-from={}",
        facts.client, facts.helo, facts.mail_from
    );
    fields.push(("Received-SPF", received_spf));
    fields
}

fn signatures(facts: &Facts) -> String {
    let entries: Vec<String> = facts
        .stamps
        .iter()
        .map(|stamp| {
            let result = match stamp.verdict {
                Verdict::Pass => "pass (2048-bit key)",
                Verdict::BodyHash => "fail (2048-bit key) reason=\"body hash did not verify\"",
                Verdict::NoKey => "permerror (0-bit key) reason=\"no key\"",
                Verdict::BadSignature => "fail (2048-bit key) reason=\"signature verification failed\"",
                Verdict::Expired => "fail (2048-bit key) reason=\"signature expired\"",
            };
            format!(
                "dkim={result} header.d={domain} header.i=@{domain} header.b={}",
                stamp.start,
                domain = stamp.domain
            )
        })
        .collect();
    match entries.is_empty() {
        true => "dkim-verifier.icloud.com; dkim=none".to_owned(),
        false => format!("dkim-verifier.icloud.com;\r\n\t{}", entries.join(";\r\n\t")),
    }
}
