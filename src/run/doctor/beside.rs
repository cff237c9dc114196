//! What may stand beside DMARC at a From domain and does not decide about a message: a logo (BIMI), a policy of transport (MTA-STS,
//! RFC 8461) and reports of it (TLS-RPT, RFC 8460). They are noted; only what is published and broken is a warning.

use super::line::{Line, Lines, line, unseen};
use super::wanted::Wanted;
use crate::mail::suffix;
use crate::model::{DnsAnswer, DnsRecords, Level, RecordType};
use crate::net::{GetError, Net};
use url::Url;

/// What stands at a name.
enum Stands {
    Record(String),
    Nothing,
    Several(usize),
    Unseen(String),
}

/// The lines about the three; names in `wanted` have to be looked up first.
pub fn examine(from: &str, dns: &DnsRecords, wanted: &mut Wanted) -> Lines {
    let mut lines = Vec::new();
    let mut missing = Vec::new();
    let mut note = |area: &'static str, (name, stands): (String, Stands), judge: fn(&str) -> Result<String, String>| {
        match stands {
            Stands::Nothing => missing.push(area),
            Stands::Unseen(why) => lines.push(unseen(area, why)),
            Stands::Several(count) => lines.push(
                line(
                    Level::Warn,
                    area,
                    format!("{name}: {count} records, none of them is used"),
                )
                .fix("Leave one record."),
            ),
            Stands::Record(text) => lines.push(match judge(&text) {
                Ok(words) => line(Level::Ok, area, format!("{name}: {words}")),
                Err(why) => {
                    line(Level::Warn, area, format!("{name}: {why}: {text}")).fix("Correct the record, or remove it.")
                }
            }),
        }
    };
    note("bimi", logo(from, dns, wanted), bimi);
    note("mta-sts", at(format!("_mta-sts.{from}"), "v=STSv1", dns, wanted), sts);
    note(
        "tls-rpt",
        at(format!("_smtp._tls.{from}"), "v=TLSRPTv1", dns, wanted),
        tls_rpt,
    );
    if !missing.is_empty() {
        let text = format!("{from}: no {}, none is needed to send", missing.join(", no "));
        lines.push(line(Level::Ok, "optional", text));
    }
    lines
}

/// The logo's record is the domain's own, else its organisation's.
fn logo(from: &str, dns: &DnsRecords, wanted: &mut Wanted) -> (String, Stands) {
    let own = at(format!("default._bimi.{from}"), "v=BIMI1", dns, wanted);
    match (&own.1, suffix::organisation(from)) {
        (Stands::Nothing, Some(parent)) if parent != from => {
            at(format!("default._bimi.{parent}"), "v=BIMI1", dns, wanted)
        }
        _ => own,
    }
}

fn at(name: String, version: &str, dns: &DnsRecords, wanted: &mut Wanted) -> (String, Stands) {
    let stands = match dns.get(&name, RecordType::Txt) {
        None => {
            wanted.push((name.clone(), RecordType::Txt));
            Stands::Unseen(format!("{name}: not looked up"))
        }
        Some(DnsAnswer::Failed(why)) => Stands::Unseen(format!("TXT {name}: {why}")),
        Some(DnsAnswer::Timeout) => Stands::Unseen(format!("TXT {name}: no answer in time")),
        Some(answer) => {
            let is = |text: &&String| text.split(';').next().is_some_and(|first| first.trim() == version);
            let records: Vec<&String> = answer.known().unwrap_or_default().iter().filter(is).collect();
            match records[..] {
                [] => Stands::Nothing,
                [one] => Stands::Record(one.clone()),
                _ => Stands::Several(records.len()),
            }
        }
    };
    (name, stands)
}

fn tag<'t>(text: &'t str, wanted: &str) -> Option<&'t str> {
    let mut pairs = text.split(';').filter_map(|part| part.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim() == wanted)?;
    Some(value.trim())
}

fn bimi(text: &str) -> Result<String, String> {
    let logo = tag(text, "l").ok_or("no l=, so no logo")?;
    let proof = tag(text, "a").filter(|proof| !proof.is_empty());
    match (logo, proof) {
        ("", None) => Ok("the domain declines to show a logo".to_owned()),
        (logo, _) if !logo.starts_with("https://") => Err("the logo is not at an https address".to_owned()),
        (logo, None) => Ok(format!(
            "logo at {logo}, without a certificate (a=): Gmail and Apple show it only with one"
        )),
        (logo, Some(proof)) if proof.starts_with("https://") => Ok(format!("logo at {logo}, certificate at {proof}")),
        _ => Err("the certificate is not at an https address".to_owned()),
    }
}

fn sts(text: &str) -> Result<String, String> {
    let id = tag(text, "id").unwrap_or_default();
    let sound = (1..=32).contains(&id.len()) && id.chars().all(|letter| letter.is_ascii_alphanumeric());
    match sound {
        true => Ok(format!("announced, id={id}")),
        false => Err("id= is not 1 to 32 letters and digits, so no policy is fetched".to_owned()),
    }
}

fn tls_rpt(text: &str) -> Result<String, String> {
    let to = tag(text, "rua").unwrap_or_default();
    let sound = |uri: &str| uri.trim().starts_with("mailto:") || uri.trim().starts_with("https://");
    match to.split(',').all(sound) {
        true => Ok(format!("reports to {to}")),
        false => Err("rua= is neither mailto: nor https:".to_owned()),
    }
}

/// The policy that a sound record of MTA-STS announces, fetched as senders do; `None` where none is announced.
pub async fn policy(from: &str, dns: &DnsRecords, net: &Net) -> Option<Line> {
    let (_, stands) = at(format!("_mta-sts.{from}"), "v=STSv1", dns, &mut Wanted::new());
    match stands {
        Stands::Record(text) if sts(&text).is_ok() => {}
        _ => return None,
    }
    let place = format!("https://mta-sts.{from}/.well-known/mta-sts.txt");
    let url = Url::parse(&place).ok()?;
    let fix = "Senders that ask for MTA-STS ignore the announcement: serve the policy, or remove the record.";
    Some(match net.get(&url).await {
        Ok(answer) if answer.status == 200 => match judged(&String::from_utf8_lossy(&answer.body)) {
            Ok(words) => line(Level::Ok, "mta-sts", format!("{place}: {words}")),
            Err(why) => line(Level::Warn, "mta-sts", format!("{place}: {why}")).fix(fix),
        },
        Ok(answer) => line(Level::Warn, "mta-sts", format!("{place}: answers {}", answer.status)).fix(fix),
        Err(GetError::BadCertificate(why)) => line(
            Level::Warn,
            "mta-sts",
            format!("{place}: the certificate is refused: {why}"),
        )
        .fix(fix),
        Err(GetError::Failed { code, .. }) if code == "no-such-host" => {
            line(Level::Warn, "mta-sts", format!("{place}: there is no such host")).fix(fix)
        }
        Err(GetError::Fenced(why) | GetError::NotHttp(why)) => {
            unseen("mta-sts", format!("{place}: not fetched: {why}"))
        }
        Err(GetError::Failed { text, .. }) => unseen("mta-sts", format!("{place}: {text}")),
    })
}

/// The policy's fields (RFC 8461 §3.2).
fn judged(text: &str) -> Result<String, String> {
    let fields = || text.lines().filter_map(|line| line.split_once(':'));
    let field = |wanted: &str| {
        fields()
            .find(|(name, _)| name.trim() == wanted)
            .map(|(_, value)| value.trim())
    };
    if field("version") != Some("STSv1") {
        return Err("it does not say version: STSv1".to_owned());
    }
    let mode = field("mode").unwrap_or_default();
    if !["enforce", "testing", "none"].contains(&mode) {
        return Err("its mode is none of enforce, testing, none".to_owned());
    }
    let age = field("max_age").and_then(|age| age.parse::<u32>().ok());
    let age = age.ok_or("it has no max_age in seconds")?;
    let hosts: Vec<&str> = fields()
        .filter(|(name, _)| name.trim() == "mx")
        .map(|(_, host)| host.trim())
        .collect();
    match hosts.is_empty() && mode != "none" {
        true => Err("it names no mx".to_owned()),
        false => Ok(format!("mode {mode}, max_age {age}, mx {}", hosts.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(zone: &[(&str, &str)], otherwise: &DnsAnswer) -> Vec<(Level, String)> {
        let mut dns = DnsRecords::default();
        for (name, text) in zone {
            dns.record(name, RecordType::Txt, DnsAnswer::Records(vec![(*text).to_owned()]));
        }
        loop {
            let mut wanted = Wanted::new();
            let lines = examine("news.brand.example", &dns, &mut wanted);
            if wanted.is_empty() {
                let told = lines.into_iter().map(|line| line.of("x"));
                return told
                    .map(|line| (line.level, format!("{} {}", line.area, line.text)))
                    .collect();
            }
            wanted
                .iter()
                .for_each(|(name, kind)| dns.record(name, *kind, otherwise.clone()));
        }
    }

    #[test]
    fn what_is_published_is_noted_and_what_is_not_is_no_fault() {
        let none = (
            Level::Ok,
            "optional news.brand.example: no bimi, no mta-sts, no tls-rpt, none is needed to send".to_owned(),
        );
        assert_eq!(lines(&[], &DnsAnswer::NoName), [none]);
        let all = [
            (
                "default._bimi.brand.example",
                "v=BIMI1; l=https://brand.example/logo.svg; a=https://brand.example/vmc.pem",
            ),
            ("_mta-sts.news.brand.example", "v=STSv1; id=20260101;"),
            (
                "_smtp._tls.news.brand.example",
                "v=TLSRPTv1; rua=mailto:tls@brand.example",
            ),
        ];
        let found = lines(&all, &DnsAnswer::NoName);
        assert!(
            found.iter().all(|(level, _)| *level == Level::Ok) && found.len() == 3,
            "{found:?}"
        );
        assert!(
            found[0].1.starts_with("bimi default._bimi.brand.example: logo at"),
            "{found:?}"
        );
    }

    #[test]
    fn what_is_published_and_broken_is_a_warning() {
        for (name, text) in [
            (
                "default._bimi.news.brand.example",
                "v=BIMI1; l=http://brand.example/logo.svg",
            ),
            ("default._bimi.news.brand.example", "v=BIMI1"),
            ("_mta-sts.news.brand.example", "v=STSv1; id=2026-01-01"),
            ("_smtp._tls.news.brand.example", "v=TLSRPTv1; rua=tls@brand.example"),
        ] {
            let found = lines(&[(name, text)], &DnsAnswer::NoName);
            assert_eq!(found[0].0, Level::Warn, "{text}: {found:?}");
        }
        assert!(
            lines(&[], &DnsAnswer::Timeout)
                .iter()
                .all(|(level, _)| *level == Level::Warn)
        );
    }

    #[test]
    fn a_policy_of_transport_is_read_strictly() {
        let good = "version: STSv1\r\nmode: enforce\r\nmx: mx.brand.example\r\nmax_age: 86400\r\n";
        assert_eq!(
            judged(good).unwrap(),
            "mode enforce, max_age 86400, mx mx.brand.example"
        );
        for broken in [
            "",
            "version: STSv1\nmode: strict\n",
            "version: STSv1\nmode: enforce\nmax_age: 1\n",
            "version: STSv1\nmode: none\n",
        ] {
            assert!(judged(broken).is_err(), "{broken}");
        }
    }
}
