//! Mail is hostile: whatever it holds, no format is broken by it.

use super::fixture::{self, HOSTILE};
use inboxqa::model::{Report, Verdict};
use inboxqa::report::redact::Redacted;
use inboxqa::report::style::Style;
use inboxqa::report::{html, json_v1, junit, markdown, terminal};
use proptest::prelude::*;
use scraper::Html;

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
        judged.digest.from = Some(text.to_owned());
        judged.digest.headers = text.to_owned();
        judged.digest.hops.iter_mut().for_each(|hop| hop.by = text.to_owned());
        judged.digest.links.iter_mut().for_each(|link| {
            (link.text, link.delivered, link.original, link.vendor) = (
                text.to_owned(),
                text.to_owned(),
                Some(text.to_owned()),
                Some(text.to_owned()),
            );
        });
        judged
            .digest
            .pixels
            .iter_mut()
            .for_each(|pixel| pixel.url = text.to_owned());
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

/// Every element with its attributes' names: what a page is made of, whatever its texts are.
fn skeleton(page: &str) -> Vec<String> {
    let elements = Html::parse_document(page);
    let element = |node: scraper::ElementRef<'_>| {
        let names: Vec<&str> = node.value().attrs().map(|(name, _)| name).collect();
        format!("{} {}", node.value().name(), names.join(" "))
    };
    elements.root_element().descendent_elements().map(element).collect()
}

#[test]
fn the_page_loads_nothing_runs_nothing_and_leads_nowhere() {
    let page = html::render(&Redacted::new(everywhere(HOSTILE), &[]));
    let parsed = Html::parse_document(&page);
    for node in parsed.root_element().descendent_elements() {
        let name = node.value().name();
        assert!(
            ![
                "script", "img", "iframe", "link", "object", "embed", "form", "base", "a", "image", "use"
            ]
            .contains(&name),
            "{name}"
        );
        for (attribute, value) in node.value().attrs() {
            assert!(
                !attribute.starts_with("on")
                    && !["src", "href", "srcset", "style", "action", "data"].contains(&attribute),
                "{attribute}={value}"
            );
        }
    }
    let twice = page
        .split('<')
        .find(|tag| tag.split('>').next().unwrap().matches(" class=").count() > 1);
    assert_eq!(twice, None);
    let policy = r#"content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'""#;
    assert!(page.contains(policy));
    let style = page.split("</style>").next().unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
}

#[test]
fn a_step_summary_stays_below_the_limit_and_says_what_it_left_out() {
    let mut report = fixture::every_verdict();
    let red = report.deliveries[1].clone();
    report.deliveries.extend(std::iter::repeat_n(red, 3000));
    let text = markdown::render(&Redacted::new(report, &[]));
    assert!(text.len() < 1024 * 1024);
    assert!(text.contains("left out here"), "{}", &text[text.len() - 200..]);
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
        let page = html::render(&report);
        prop_assert_eq!(skeleton(&page), skeleton(&html::render(&Redacted::new(everywhere("x"), &[]))));
        let summary = markdown::render(&report);
        prop_assert!(!summary.lines().any(|line| line.trim_start().starts_with("::")));
        let tags = |summary: &str| summary.replace("<br>", "").matches('<').count();
        prop_assert_eq!(tags(&summary), tags(&markdown::render(&Redacted::new(everywhere("x"), &[]))));
        let lines = terminal::render(&report, Style::PLAIN);
        prop_assert!(!lines.lines().any(|line| line.trim_start().starts_with("::")));
        prop_assert!(!lines.chars().any(|character| character != '\n' && character.is_control()));
    }
}
