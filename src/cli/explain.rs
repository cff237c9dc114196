//! `inboxqa explain CHECK`.

use super::args::ExplainArgs;
use super::exit::Exit;
use super::terminal;
use crate::checks;
use crate::model::CheckId;
use std::str::FromStr;

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
            let reasons = check
                .reasons
                .iter()
                .map(|(code, words)| format!("  {}.{code}: {words}", check.id));
            let reasons: Vec<String> = reasons.collect();
            terminal::out(&format!(
                "{}: {}\n\n{text}\n\nReason codes\n{}",
                check.id,
                check.title,
                reasons.join("\n")
            ));
            Exit::Pass
        }
        Err(unknown) => {
            let near = CheckId::ALL.iter().max_by(|a, b| {
                strsim::jaro_winkler(word, a.as_str()).total_cmp(&strsim::jaro_winkler(word, b.as_str()))
            });
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            terminal::error(&format!("{unknown}{hint}"));
            Exit::Usage
        }
    }
}
