//! The tries that do not decide, in JUnit: `flakyFailure` and `flakyError` in a case that does not fail, `rerunFailure` and `rerunError` in
//! one that does (Maven Surefire's words, which Jenkins' schema has too).
//!
//! The writer of the document does not know these elements. A case that is to have them gets a `system-err` with a number between two NULs,
//! which no text of ours can hold (`xml_text` takes them out), and the elements take its place.

use super::sheet::Row;
use super::tries::{self, Tries};
use super::waivers;
use super::xml_text::{cdata, escaped};
use crate::model::{CheckId, Finding, Verdict};
use junit_report::TestCase;

/// Elements to be put in.
#[derive(Default)]
pub struct Reruns(Vec<String>);

impl Reruns {
    /// Marks a case where other tries of the delivery were not well by this check.
    pub fn mark(&mut self, case: TestCase, tries: &Tries<'_>, check: CheckId) -> TestCase {
        let stem = match case.is_failure() || case.is_error() {
            true => "rerun",
            false => "flaky",
        };
        let elements: String = tries
            .others
            .iter()
            .filter_map(|row| element(stem, row, check))
            .collect();
        if elements.is_empty() {
            return case;
        }
        let mut case = case;
        case.system_err = Some(marker(self.0.len()));
        self.0.push(elements);
        case
    }

    /// Puts the elements in the places of their marks.
    pub fn put_into(&self, mut document: String) -> String {
        for (index, elements) in self.0.iter().enumerate() {
            let place = format!("<system-err><![CDATA[{}]]></system-err>", marker(index));
            document = document.replacen(&place, elements, 1);
        }
        document
    }
}

fn marker(index: usize) -> String {
    format!("\0{index}\0")
}

/// What a check said of another try; nothing where that was well.
fn element(stem: &str, row: &Row, check: CheckId) -> Option<String> {
    let findings: Vec<&Finding> = row.findings.iter().filter(|finding| finding.check == check).collect();
    let of = |verdict: Verdict| findings.iter().find(|finding| finding.verdict == verdict);
    let (finding, kind) = match of(Verdict::Fail) {
        Some(failed) => (failed, "Failure"),
        None => (of(Verdict::Blind)?, "Error"),
    };
    let name = format!("{stem}{kind}");
    let message = format!("{}: {}", tries::place(row), finding.summary);
    Some(format!(
        "<{name} type=\"{}\" message=\"{}\"><stackTrace><![CDATA[{}]]></stackTrace></{name}>",
        escaped(&finding.reason),
        escaped(&message),
        cdata(&told(&findings, None))
    ))
}

/// Everything that is not well, and how to see it again.
pub fn told(findings: &[&Finding], rerun: Option<&str>) -> String {
    let mut lines = Vec::new();
    for finding in findings
        .iter()
        .filter(|finding| !matches!(finding.verdict, Verdict::Pass | Verdict::Skip))
    {
        lines.push(format!("{} {}: {}", finding.word(), finding.reason, finding.summary));
        for (label, text) in [
            ("expected", &finding.expected),
            ("observed", &finding.observed),
            ("fix", &finding.help),
        ] {
            if !text.is_empty() {
                lines.push(format!("{label}: {text}"));
            }
        }
        lines.extend(waivers::words(finding).map(|words| format!("waived: {words}")));
    }
    lines.extend(rerun.map(str::to_owned));
    lines.join("\n")
}
