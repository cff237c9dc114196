//! Mail is hostile: whatever it holds, no format is broken by it.

use super::fixture::{self, HOSTILE};
use inboxqa::model::{Report, Verdict};
use inboxqa::report::redact::Redacted;
use inboxqa::report::style::Style;
use inboxqa::report::{json_v1, junit, terminal};
use proptest::prelude::*;

/// A text in every place that mail, servers and users can reach.
fn everywhere(text: &str) -> Report {
    let mut report = fixture::every_verdict();
    report.notices.push(text.to_owned());
    for (index, judged) in report.deliveries.iter_mut().enumerate() {
        let verdicts = [
            Verdict::Fail,
            Verdict::Blind,
            Verdict::Warn,
            Verdict::Skip,
            Verdict::Pass,
        ];
        for finding in &mut judged.findings {
            finding.verdict = verdicts[index % verdicts.len()];
            finding.reason = text.to_owned();
            finding.summary = text.to_owned();
            finding.expected = text.to_owned();
            finding.observed = text.to_owned();
            finding.help = text.to_owned();
        }
        judged.evidence.faults = vec![text.to_owned()];
        judged.digest.subject = Some(text.to_owned());
        judged.digest.headers = text.to_owned();
    }
    report
}

#[test]
fn nothing_acts_on_a_terminal() {
    let text = terminal::render(&Redacted::new(everywhere(HOSTILE), &[]), Style::PLAIN);
    let acting = text
        .chars()
        .find(|character| *character != '\n' && (character.is_control() || *character == '\u{202e}'));
    assert_eq!(acting, None);
    assert!(!text.lines().any(|line| line.trim_start().starts_with("::")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_format_stays_well_formed(text in any::<String>(), tail in "[\\x00-\\x20<>&'\"\\]:|`]{0,12}") {
        let report = Redacted::new(everywhere(&format!("{text}{tail}]]>")), &[]);
        let document = junit::render(&report);
        let parsed = quick_junit::Report::deserialize_from_str(&document);
        prop_assert!(parsed.is_ok(), "{parsed:?}\n{document}");
        prop_assert!(serde_json::from_str::<serde_json::Value>(&json_v1::render(&report)).is_ok());
        let lines = terminal::render(&report, Style::PLAIN);
        prop_assert!(!lines.lines().any(|line| line.trim_start().starts_with("::")));
        prop_assert!(!lines.chars().any(|character| character != '\n' && character.is_control()));
    }
}
