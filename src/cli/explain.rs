//! `inboxqa explain CHECK`.

use super::args::ExplainArgs;
use super::exit::Exit;
use super::terminal;
use crate::checks;
use crate::model::CheckId;
use std::str::FromStr;

/// Below this likeness a suggestion is a guess.
const NEAR: f64 = 0.87;

pub(super) fn explain(args: &ExplainArgs) -> Exit {
    let Some(word) = &args.check else {
        for check in checks::CHECKS {
            terminal::out(&format!("{:<20} {}", check.id.as_str(), check.title));
        }
        return Exit::Pass;
    };
    let (id, reason) = match word.split_once('.') {
        Some((id, reason)) => (id, Some(reason)),
        None => (word.as_str(), None),
    };
    match (CheckId::from_str(id), reason) {
        (Ok(id), None) => told(id, None),
        (Ok(id), Some(reason)) => {
            let check = checks::explain(id);
            let known = || {
                check
                    .reasons
                    .iter()
                    .chain(checks::COMMON_REASONS)
                    .map(|(code, _)| *code)
            };
            if known().any(|code| code == reason) {
                return told(id, Some(reason));
            }
            let near = nearest(reason, known());
            let hint = near.map(|near| format!("; did you mean `{id}.{near}`?"));
            terminal::error(&format!(
                "`{id}` has no reason code `{}`{}",
                reason.escape_debug(),
                hint.unwrap_or_else(|| format!("; `inboxqa explain {id}` lists them"))
            ));
            Exit::Usage
        }
        (Err(unknown), _) => {
            let near = nearest(id, CheckId::ALL.iter().map(|id| id.as_str()));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            terminal::error(&format!("{unknown}{hint}"));
            Exit::Usage
        }
    }
}

/// All of a check; the reason that was asked for is marked.
fn told(id: CheckId, asked: Option<&str>) -> Exit {
    let check = checks::explain(id);
    let text = textwrap::fill(check.explain.trim(), terminal::width());
    let sources = textwrap::fill(&check.sources.join("; "), terminal::width());
    let common = checks::COMMON_REASONS.iter().filter(|(code, _)| Some(*code) == asked);
    let reasons = check.reasons.iter().chain(common).map(|(code, words)| {
        let mark = if Some(*code) == asked { ">" } else { " " };
        format!("{mark} {}.{code}: {words}", check.id)
    });
    let reasons: Vec<String> = reasons.collect();
    terminal::out(&format!(
        "{}: {}\n\n{text}\n\nSources\n{sources}\n\nReason codes\n{}",
        check.id,
        check.title,
        reasons.join("\n")
    ));
    Exit::Pass
}

fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |name: &&str| strsim::jaro_winkler(word, name);
    let near = known.filter(|name| likeness(name) >= NEAR);
    near.max_by(|one, other| likeness(one).total_cmp(&likeness(other)))
}
