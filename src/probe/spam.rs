//! Asks spam engines that the user runs what they make of a message: rspamd by HTTP, SpamAssassin by the protocol of its spamd. The
//! message goes to these engines and to nobody else.

use super::auth::AuthInput;
use crate::model::spam::{SpamAction, SpamAsked, SpamEngine, SpamOpinion, SpamPolicy, SpamSymbol};
use crate::model::{Probe, Why};
use crate::net::{ApiRequest, Net};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use url::Url;

/// spamd may ask blocklists before it answers.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of spamd's answer that are read.
const MAX_ANSWER: u64 = 256 * 1024;

/// Asks every engine, at the same time.
pub async fn ask(net: &Net, policy: &SpamPolicy, input: &AuthInput<'_>) -> Vec<SpamAsked> {
    let asked = policy.engines.iter().map(|engine| async move {
        let answer = match engine {
            SpamEngine::Rspamd(url) => rspamd(net, url, input).await,
            SpamEngine::SpamAssassin(address) => spamd(net, address, input.raw).await,
        };
        SpamAsked {
            engine: engine.clone(),
            opinion: answer.map_or_else(Probe::Blind, Probe::Seen),
        }
    });
    futures_util::future::join_all(asked).await
}

/// rspamd's `POST /checkv2` (rspamd.com/doc/architecture/protocol.html).
#[derive(Deserialize)]
struct Checked {
    #[serde(default)]
    is_skipped: bool,
    score: f64,
    required_score: f64,
    action: String,
    #[serde(default)]
    symbols: BTreeMap<String, Symbol>,
}

#[derive(Deserialize)]
struct Symbol {
    #[serde(default)]
    score: f64,
    #[serde(default)]
    description: Option<String>,
}

async fn rspamd(net: &Net, base: &str, input: &AuthInput<'_>) -> Result<SpamOpinion, Why> {
    let url = Url::parse(base).and_then(|base| base.join("checkv2"));
    let url = url.map_err(|error| Why::new("spam-address", format!("{base}: {error}")))?;
    let client = input.client.as_ref().map(|(ip, _)| ip.to_string());
    let told = [
        ("IP", client.as_deref()),
        ("Helo", input.helo.as_deref()),
        ("From", input.mail_from.as_deref()),
    ];
    let plain = |value: &&str| value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let headers: Vec<(&str, &str)> = told
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(plain)?)))
        .collect();
    let request = ApiRequest {
        method: "POST",
        url: &url,
        headers: &headers,
        body: Some(("message/rfc822", input.raw.to_vec())),
    };
    let answer = net.service(request).await.map_err(|error| error.why().clone())?;
    if answer.status != 200 {
        return Err(Why::new(
            "spam-answer",
            format!("{base} answered with status {}", answer.status),
        ));
    }
    let checked: Checked = serde_json::from_slice(&answer.body)
        .map_err(|error| Why::new("spam-answer", format!("{base} answered with something else: {error}")))?;
    // A message that a setting ends early (a pattern such as GTUBE) is "skipped" too, with an action.
    if checked.is_skipped && checked.action == "no action" {
        return Err(Why::new("spam-skipped", format!("{base} is set to skip this message")));
    }
    Ok(opinion(checked))
}

fn opinion(checked: Checked) -> SpamOpinion {
    SpamOpinion {
        score: checked.score,
        required: checked.required_score,
        action: match checked.action.as_str() {
            "no action" => SpamAction::Accept,
            "greylist" | "soft reject" => SpamAction::Defer(checked.action),
            _ => SpamAction::Spam(checked.action),
        },
        symbols: checked
            .symbols
            .into_iter()
            .map(|(name, symbol)| SpamSymbol {
                name,
                score: symbol.score,
                description: symbol.description.unwrap_or_default(),
            })
            .collect(),
    }
}

/// spamd's `REPORT` (spamd/PROTOCOL of SpamAssassin).
async fn spamd(net: &Net, address: &str, raw: &[u8]) -> Result<SpamOpinion, Why> {
    let (host, port) = address
        .rsplit_once(':')
        .and_then(|(host, port)| Some((host.trim_matches(['[', ']']), port.parse().ok()?)))
        .ok_or_else(|| Why::new("spam-address", format!("{address} is no host and port")))?;
    let mut stream = net.connect(host, port).await?;
    let failed = |error: std::io::Error| Why::new("closed", format!("{address}: {error}"));
    let talk = async {
        let head = format!("REPORT SPAMC/1.5\r\nContent-length: {}\r\n\r\n", raw.len());
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(raw).await?;
        stream.shutdown().await?;
        let mut answer = Vec::new();
        (&mut stream).take(MAX_ANSWER).read_to_end(&mut answer).await?;
        Ok(answer)
    };
    let answer = timeout(PATIENCE, talk)
        .await
        .map_err(|_| Why::new("timeout", format!("{address} did not answer in {PATIENCE:?}")))?
        .map_err(failed)?;
    report(&String::from_utf8_lossy(&answer)).ok_or_else(|| {
        Why::new(
            "spam-answer",
            format!("{address} answered with something else than a report"),
        )
    })
}

/// `SPAMD/1.1 0 EX_OK`, a header `Spam: True ; 8.1 / 5.0`, and the report with a line a rule: ` 0.7 MIME_HTML_ONLY  BODY: …`.
fn report(answer: &str) -> Option<SpamOpinion> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let mut lines = head.lines();
    let mut status = lines.next()?.split_whitespace();
    if !status.next()?.starts_with("SPAMD/") || status.next()? != "0" {
        return None;
    }
    let verdict = lines.find_map(|line| line.strip_prefix("Spam:"))?;
    let (word, numbers) = verdict.split_once(';')?;
    let (score, required) = numbers.split_once('/')?;
    Some(SpamOpinion {
        score: score.trim().parse().ok()?,
        required: required.trim().parse().ok()?,
        action: match word.trim() {
            "True" | "Yes" => SpamAction::Spam("spam".to_owned()),
            _ => SpamAction::Accept,
        },
        symbols: symbols(body),
    })
}

fn symbols(report: &str) -> Vec<SpamSymbol> {
    let mut found: Vec<SpamSymbol> = Vec::new();
    for line in report.lines() {
        let mut words = line.trim_start().splitn(2, ' ');
        let score = words.next().and_then(|score| score.parse().ok());
        let rest = words.next().unwrap_or_default().trim();
        let (name, description) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_name = name.len() > 1
            && name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        if let (Some(score), true) = (score, is_name) {
            found.push(SpamSymbol {
                name: name.to_owned(),
                score,
                description: description.trim().to_owned(),
            });
        } else if let (Some(last), true) = (found.last_mut(), line.starts_with("                ")) {
            last.description.push(' ');
            last.description.push_str(line.trim());
        }
    }
    found
}
