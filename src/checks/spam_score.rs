//! `spam-score`: what do the spam engines that the user runs make of the message?

use super::check::{Check, Needs, Rule, Subject};
use crate::model::spam::{SpamAction, SpamAsked, SpamOpinion};
use crate::model::{CheckId, Finding, Probe, Verdict};

const ID: CheckId = CheckId::SpamScore;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the spam engines that are asked let the message through",
    explain: "Where `[spam]` of the routes file (or `check --rspamd URL`, `--spamassassin HOST:PORT`) names an engine, it is asked about every message that arrived, as it arrived. \
A message that the engine would mark or refuse fails; with `limit` the score decides, from that number on. One that rspamd would greylist warns. The symbols that weigh most are told. \
An engine that does not answer leaves the check blind.\n\
Why it matters: mailbox providers use engines of their own, with other data: this is no forecast of placement. But what these two find (broken MIME, hidden text, listed hosts, a missing Date) costs everywhere.\n\
What to do: mend what the heaviest symbols name. A symbol about the way into the seed mailbox (a missing PTR, the engine's own resolver being blocked) says nothing of the message.",
    sources: &["Rspamd, HTTP protocol (/checkv2)", "SpamAssassin, spamd/PROTOCOL"],
    reasons: &[
        ("ok", "below the limit"),
        (
            "spam",
            "the engine would mark or refuse it, or its score reaches the limit",
        ),
        ("deferred", "the engine would defer it"),
        ("no-engine", "no engine is configured"),
        ("no-answer", "the engine could not be asked"),
    ],
    needs: Needs::Message,
    follows: &[],
    run: Rule::Each(judge),
};

/// Symbols that are told.
const MAX_SYMBOLS: usize = 8;

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let asked = &subject.evidence.spam;
    if asked.is_empty() {
        return vec![Finding::new(ID, Verdict::Skip, "no-engine", "no spam engine is asked")];
    }
    let limit = subject.policy.spam.limit;
    asked.iter().map(|asked| one(asked, limit)).collect()
}

fn one(asked: &SpamAsked, limit: Option<f64>) -> Finding {
    let engine = &asked.engine;
    let opinion = match &asked.opinion {
        Probe::Seen(opinion) => opinion,
        Probe::Blind(why) => {
            return Finding::new(ID, Verdict::Blind, "no-answer", format!("{engine} could not be asked"))
                .with("an opinion", format!("{}: {}", why.code, why.detail))
                .help("Start the engine, or take it out of `[spam]`.");
        }
        Probe::Absent(_) | Probe::NotAsked(_) => {
            return Finding::new(ID, Verdict::Skip, "no-engine", format!("{engine} was not asked"));
        }
    };
    let action = match &opinion.action {
        SpamAction::Accept => "no action",
        SpamAction::Defer(word) | SpamAction::Spam(word) => word.as_str(),
    };
    let summary = format!("{engine}: {:.1} of {:.1}, {action}", opinion.score, opinion.required);
    let expected = match limit {
        Some(limit) => format!("less than {limit:.1}"),
        None => "no action".to_owned(),
    };
    let found = |verdict, code, help: &str| {
        Finding::new(ID, verdict, code, summary.clone())
            .with(expected.clone(), symbols(opinion))
            .help(help)
    };
    let is_spam = match limit {
        Some(limit) => opinion.score >= limit,
        None => matches!(opinion.action, SpamAction::Spam(_)),
    };
    match &opinion.action {
        _ if is_spam => found(Verdict::Fail, "spam", HELP),
        SpamAction::Defer(_) if limit.is_none() => found(
            Verdict::Warn,
            "deferred",
            "A server with this engine would put the message off for some minutes. Mend what the heaviest symbols name.",
        ),
        _ => found(Verdict::Pass, "ok", ""),
    }
}

const HELP: &str = "Receivers with this engine would mark or refuse it. Mend what the heaviest symbols name; what says nothing of the message (a resolver that a blocklist refuses) is a matter of the engine.";

/// The heaviest first; what weighs nothing is counted.
fn symbols(opinion: &SpamOpinion) -> String {
    let mut heavy: Vec<_> = opinion.symbols.iter().filter(|symbol| symbol.score != 0.0).collect();
    heavy.sort_by(|one, other| other.score.abs().total_cmp(&one.score.abs()));
    let weightless = opinion.symbols.len() - heavy.len();
    let mut told: Vec<String> = heavy
        .iter()
        .take(MAX_SYMBOLS)
        .map(|symbol| match symbol.description.is_empty() {
            true => format!("{} {:+.1}", symbol.name, symbol.score),
            false => format!("{} {:+.1} ({})", symbol.name, symbol.score, symbol.description),
        })
        .collect();
    let more = heavy.len().saturating_sub(MAX_SYMBOLS) + weightless;
    if more > 0 {
        told.push(format!("{more} more of little or no weight"));
    }
    match told.is_empty() {
        true => "no symbols".to_owned(),
        false => told.join(", "),
    }
}
