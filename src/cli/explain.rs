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
    match CheckId::from_str(word) {
        Ok(id) => {
            let check = checks::explain(id);
            let text = textwrap::fill(check.explain.trim(), terminal::width());
            let sources = textwrap::fill(&check.sources.join("; "), terminal::width());
            let reasons = check
                .reasons
                .iter()
                .map(|(code, words)| format!("  {}.{code}: {words}", check.id));
            let reasons: Vec<String> = reasons.collect();
            terminal::out(&format!(
                "{}: {}\n\n{text}\n\nSources\n{sources}\n\nReason codes\n{}",
                check.id,
                check.title,
                reasons.join("\n")
            ));
            Exit::Pass
        }
        Err(unknown) => {
            let likeness = |id: &&CheckId| strsim::jaro_winkler(word, id.as_str());
            let near = CheckId::ALL.iter().filter(|id| likeness(id) >= NEAR);
            let near = near.max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            terminal::error(&format!("{unknown}{hint}"));
            Exit::Usage
        }
    }
}
