//! Yahoo's headers: no `header.d`, no blank before brackets, a line that ends with `;`.

use crate::lab::esp::signing::Verdict;
use crate::lab::ids;
use crate::lab::receive::facts::Facts;

/// The host that speaks SMTP; it hands the message on to the one that files it.
const INNER: &str = "10.253.58.36";

/// Top to bottom.
pub fn fields(facts: &Facts) -> Vec<(&'static str, String)> {
    let atlas = "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com";
    let date = facts.date();
    let (protocol, cipher) = match facts.tls {
        true => ("SMTPs", "\r\n (version=TLS1_3 cipher=TLS_AES_128_GCM_SHA256)"),
        false => ("SMTP", ""),
    };
    let designates = if facts.spf_pass {
        "designates"
    } else {
        "does not designate"
    };
    vec![
        (
            "Received",
            format!(
                "from {INNER}\r\n by {atlas} pod-id atlas--production-gq1-{}.gq1.yahoo.com with HTTP;\r\n {date}",
                ids::hex::<5>()
            ),
        ),
        ("Return-Path", format!("<{}>", facts.mail_from)),
        ("X-Originating-Ip", format!("[{}]", facts.client)),
        (
            "Received-SPF",
            format!(
                "{} (domain of {} {designates} {} as permitted sender)",
                facts.spf(),
                facts.mail_from_domain(),
                facts.client
            ),
        ),
        ("Authentication-Results", results(facts, atlas)),
        ("X-Apparently-To", format!("{}; {date}", facts.recipient)),
        ("X-YMailISG", ids::word::<64>()),
        ("X-YMailAVSC", ids::word::<24>()),
        (
            "Received",
            format!(
                "from {} (EHLO {})\r\n by {INNER} with {protocol}{cipher};\r\n {date}",
                facts.client, facts.helo
            ),
        ),
    ]
}

fn results(facts: &Facts, atlas: &str) -> String {
    let mut entries = Vec::new();
    for stamp in &facts.stamps {
        let result = match stamp.verdict {
            Verdict::Pass => "pass",
            Verdict::NoKey => "permerror (no key)",
            Verdict::BodyHash | Verdict::BadSignature | Verdict::Expired => "perm_fail",
        };
        entries.push(format!(
            "dkim={result} header.i=@{} header.s={}",
            stamp.domain, stamp.selector
        ));
    }
    if entries.is_empty() {
        entries.push("dkim=unknown".to_owned());
    }
    entries.push(format!(
        "spf={} smtp.mailfrom={}",
        facts.spf(),
        facts.mail_from_domain()
    ));
    entries.push(format!(
        "dmarc={}(p=QUARANTINE) header.from={}",
        facts.dmarc(),
        facts.from_domain
    ));
    format!("{atlas};\r\n {};", entries.join(";\r\n "))
}
