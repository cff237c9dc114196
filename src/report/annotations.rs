//! What GitHub shows beside the lines of a pull request: workflow commands (`::error file=…,line=…::…`), one a mistake in a file or a
//! failed finding, at the line of its case.
//!
//! Source: "Workflow commands for GitHub Actions". GitHub shows ten errors and ten warnings of a step; what is over is counted in the last.

use super::escape::visible;
use super::redact::Redacted;
use super::sheet::Row;
use super::tries;
use crate::model::{Diagnostic, Finding, Place, Verdict};
use std::collections::BTreeMap;

/// Errors, or warnings, that GitHub shows of one step.
const MOST: usize = 10;

/// Where each case stands, by suite and case.
pub type Places = BTreeMap<(String, String), Place>;

/// Failed findings as errors, blind ones as warnings, and so is what was wrong with the other tries of a flaky delivery; what is the same at several mailboxes is told once. One command a line.
pub fn of_report(report: &Redacted, places: &Places) -> String {
    let of = |verdict| grouped(report, verdict, places);
    let (failed, blind) = (of(Verdict::Fail), of(Verdict::Blind));
    [commands("error", failed), commands("warning", blind)].concat()
}

/// Mistakes in files, as errors. One command a line.
pub fn of_diagnostics(diagnostics: &[Diagnostic]) -> String {
    let told = diagnostics.iter().map(|diagnostic| {
        let help = diagnostic.help.iter().map(|help| format!("help: {help}"));
        let lines: Vec<String> = std::iter::once(diagnostic.label.clone()).chain(help).collect();
        Annotation {
            place: diagnostic.place.clone(),
            title: diagnostic.message.clone(),
            text: lines.join("\n"),
        }
    });
    commands("error", told.collect())
}

struct Annotation {
    place: Option<Place>,
    title: String,
    text: String,
}

fn grouped(report: &Redacted, verdict: Verdict, places: &Places) -> Vec<Annotation> {
    type Key<'a> = (&'a str, &'a str, &'a str, &'a str);
    let mut order: Vec<Key<'_>> = Vec::new();
    let mut groups: BTreeMap<Key<'_>, Vec<(&Row, &Finding)>> = BTreeMap::new();
    // Beside the try that decides, those of a flaky delivery that were not well.
    let rows = tries::of(&report.sheet().rows).flat_map(|tries| match tries.row.standing.flaky {
        true => tries.all().collect(),
        false => vec![tries.row],
    });
    for row in rows {
        let told = |finding: &&Finding| level(row, finding) == Some(verdict);
        for finding in row.findings.iter().filter(told) {
            let suite = row.suite.as_deref().unwrap_or_default();
            let route = row.route.as_deref().unwrap_or_default();
            let key = (suite, row.case.as_str(), route, finding.reason.as_str());
            let group = groups.entry(key).or_default();
            if group.is_empty() {
                order.push(key);
            }
            group.push((row, finding));
        }
    }
    let told = order.into_iter().filter_map(|key| {
        let place = places.get(&(key.0.to_owned(), key.1.to_owned())).cloned();
        Some(annotation(groups.get(&key)?, place))
    });
    let of_run = report.sheet().run_findings.iter();
    let of_run = of_run
        .filter(|judged| judged.finding.verdict == verdict)
        .map(|judged| told_of(&judged.group, &judged.finding, None));
    told.chain(of_run).collect()
}

/// As what a finding is told: of a delivery that was tried again the try that decides tells as ever, the others warn.
fn level(row: &Row, finding: &Finding) -> Option<Verdict> {
    match (finding.verdict, row.standing.decides) {
        (verdict, true) => Some(verdict),
        (Verdict::Fail | Verdict::Blind, false) => Some(Verdict::Blind),
        (_, false) => None,
    }
}

fn annotation(group: &[(&Row, &Finding)], place: Option<Place>) -> Annotation {
    let mailboxes: Vec<&str> = group.iter().map(|(row, _)| row.mailbox.as_str()).collect();
    let (row, finding) = group[0];
    let route = row.route.iter().map(|route| format!("{route} / "));
    let tried = match tries::place(row) {
        place if row.standing.decides || place.is_empty() => String::new(),
        place => format!(", {place}"),
    };
    let about = format!(
        "{} / {}{}{tried}",
        row.case,
        route.collect::<String>(),
        mailboxes.join(", ")
    );
    told_of(&about, finding, place)
}

fn told_of(about: &str, finding: &Finding, place: Option<Place>) -> Annotation {
    let parts = [
        ("expected: ", &finding.expected),
        ("observed: ", &finding.observed),
        ("fix: ", &finding.help),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    let lines = parts.map(|(label, text)| format!("{label}{text}"));
    let text: Vec<String> = std::iter::once(finding.summary.clone()).chain(lines).collect();
    Annotation {
        place,
        title: format!("{} {about}", finding.reason),
        text: text.join("\n"),
    }
}

fn commands(level: &str, mut told: Vec<Annotation>) -> String {
    if told.len() > MOST {
        let more = told.split_off(MOST - 1);
        let titles: Vec<String> = more.iter().map(|one| one.title.clone()).collect();
        told.push(Annotation {
            place: None,
            title: format!("{} more", more.len()),
            text: titles.join("\n"),
        });
    }
    told.iter().map(|one| command(level, one)).collect()
}

fn command(level: &str, told: &Annotation) -> String {
    let mut properties = Vec::new();
    if let Some(place) = &told.place {
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={}", place.line));
    }
    properties.push(format!("title={}", property(&told.title)));
    format!("::{level} {}::{}\n", properties.join(","), data(&told.text))
}

/// The message of a command: a line break is written out, and what acts is shown, so that no text can begin a command of its own.
fn data(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| visible(line).replace("##[", "# #[").replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// A property of a command, which ends at a colon or comma.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
