//! Outlook.com's headers and habits: no authserv-id, one `dkim=` entry whatever the number of signatures, three Received
//! lines above its own verdict, multipart bodies rebuilt (the same content, other bytes).

use crate::lab::esp::signing::{Stamp, Verdict};
use crate::lab::ids;
use crate::lab::letter::{Field, Letter};
use crate::lab::mime;
use crate::lab::receive::facts::Facts;

/// Rebuilds the message and returns the fields for its top, top to bottom.
pub fn receive(letter: &mut Letter, facts: &Facts) -> Vec<(&'static str, String)> {
    let (size, count) = (letter.bytes().len(), letter.fields.len());
    mime::rebuild(letter);
    if facts.rewritten {
        mime::rewrite(letter);
    }
    // What a sender claims in Microsoft's name is kept under another one.
    for field in letter
        .fields
        .iter_mut()
        .filter(|field| field.name.eq_ignore_ascii_case("Authentication-Results"))
    {
        *field = Field::new("Authentication-Results-Original", &field.value());
    }
    letter.push("X-IncomingHeaderCount", &count.to_string());
    letter.push("Return-Path", &facts.mail_from);
    letter.push("X-MS-Exchange-Organization-SCL", if facts.junk { "5" } else { "1" });
    letter.push("X-Microsoft-Antispam", "BCL:0;");
    let destination = if facts.junk { "J" } else { "I" };
    letter.push(
        "X-Microsoft-Antispam-Mailbox-Delivery",
        &format!(
            "ucf:0;jmr:0;ex:0;auth:{};dest:{destination};OFR:None;",
            u8::from(facts.dmarc_pass())
        ),
    );
    fields(facts, size, count)
}

fn fields(facts: &Facts, size: usize, count: usize) -> Vec<(&'static str, String)> {
    let date = facts.date();
    let inner = "version=TLS1_2,\r\n cipher=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
    let outer = match facts.tls {
        true => " (version=TLS1_3,\r\n cipher=TLS_AES_256_GCM_SHA384)",
        false => "",
    };
    let (mailbox, hub, front, edge) = (
        "DM6PR01MB4321.prod.exchangelabs.outlook.com",
        "SN6PR2101CA0012.namprd21.prod.outlook.com",
        "SN1NAM02FT0043.eop-nam02.prod.protection.outlook.com",
        "SN1NAM02FT0043.mail.protection.outlook.com",
    );
    vec![
        (
            "Received",
            format!("from {hub}\r\n (2603:10b6:805:106::22) by {mailbox} with HTTPS;\r\n {date}"),
        ),
        (
            "Received",
            format!(
                "from {front}\r\n (2603:10b6:805:106:cafe::5e) by {hub}\r\n (2603:10b6:805:106::22) with Microsoft SMTP Server ({inner}) id 15.20.9412.4;\r\n {date}"
            ),
        ),
        (
            "Received",
            format!(
                "from {edge} (10.97.4.10)\r\n by {front} (10.97.4.12) with Microsoft SMTP Server ({inner}) id 15.20.9412.4 via Frontend Transport;\r\n {date}"
            ),
        ),
        ("Authentication-Results", results(facts)),
        ("Received-SPF", received_spf(facts)),
        (
            "Received",
            format!(
                "from {} ({}) by\r\n {edge} (10.97.4.10) with Microsoft SMTP\r\n Server{outer} id 15.20.9412.4 via Frontend Transport;\r\n {date}",
                facts.helo, facts.client
            ),
        ),
        (
            "X-IncomingTopHeaderMarker",
            format!(
                "OriginalChecksum:{};UpperCasedChecksum:{};SizeAsReceived:{size};Count:{count}",
                ids::hex::<32>().to_ascii_uppercase(),
                ids::hex::<32>().to_ascii_uppercase()
            ),
        ),
    ]
}

fn received_spf(facts: &Facts) -> String {
    let (result, designates) = match facts.spf_pass {
        true => ("Pass", "designates"),
        false => ("Fail", "does not designate"),
    };
    let domain = facts.mail_from_domain();
    let tail = if facts.spf_pass { " pr=C" } else { "" };
    format!(
        "{result} (protection.outlook.com: domain of {domain}\r\n {designates} {} as permitted sender)\r\n receiver=protection.outlook.com; client-ip={};\r\n helo={};{tail}",
        facts.client, facts.client, facts.helo
    )
}

fn results(facts: &Facts) -> String {
    let (dkim, signer) = match chosen(facts) {
        None => ("none (message not signed)", "none"),
        Some(stamp) => (verdict(stamp.verdict), stamp.domain.as_str()),
    };
    let (action, compauth) = match facts.dmarc_pass() {
        true => ("none", "compauth=pass reason=100"),
        false => ("quarantine", "compauth=fail reason=000"),
    };
    format!(
        "spf={} (sender IP is {})\r\n smtp.mailfrom={}; dkim={dkim}\r\n header.d={signer};dmarc={} action={action}\r\n header.from={};{compauth}",
        facts.spf(),
        facts.client,
        facts.mail_from_domain(),
        facts.dmarc(),
        facts.from_domain
    )
}

/// The one signature that is told: an aligned one that verifies, else an aligned one, else one that verifies; among equals
/// the lowest, which the author's own system put there first.
fn chosen(facts: &Facts) -> Option<&Stamp> {
    let rank = |stamp: &&Stamp| {
        let (aligned, passes) = (facts.aligns(&stamp.domain), stamp.verdict == Verdict::Pass);
        u8::from(!aligned) * 2 + u8::from(!passes)
    };
    facts.stamps.iter().rev().min_by_key(rank)
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass (signature was verified)",
        Verdict::BodyHash => "fail (body hash did not verify)",
        Verdict::NoKey => "fail (no key for signature)",
        Verdict::BadSignature => "fail (signature did not verify)",
        // The provider's own spelling.
        Verdict::Expired => "fail (signature timestamp exipred)",
    }
}
