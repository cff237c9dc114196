//! JUnit XML for CI servers. Identity never depends on the outcome.
//!
//! ```xml
//! <testsuites tests="2" errors="0" failures="1">
//!   <testsuite id="0" name="launch·cio" package="launch" tests="2" errors="0" failures="1" timestamp="…" time="0.9" …>
//!     <testcase name="sale › arrival" time="0.9" classname="launch.cio.yahoo-1"/>
//!     <testcase name="sale › placement" time="0" classname="launch.cio.yahoo-1">
//!       <failure type="placement.spam" message="The message is in the junk folder"><![CDATA[expected: inbox …]]></failure>
//!     </testcase>
//!     <system-out><![CDATA[run …]]></system-out>
//!   </testsuite>
//! </testsuites>
//! ```
//! fail → `failure`, blind → `error`, skip → `skipped`, and so is a failure that is waived, with until when and why; a warning passes and is told in `system-out`. The `arrival` case carries
//! the time of arrival in seconds. One case a check: where a check says several things, the worst decides and all are told. A delivery that was
//! tried several times has its cases once, by the try that decides; what the check said of the others stands in `flakyFailure`, `rerunFailure`.

use super::junit_tries::{Reruns, told};
use super::pieces::Pieces;
use super::redact::Redacted;
use super::sheet::{Row, Sheet};
use super::tries::{self, Tries};
use super::xml_text::{attribute, cdata};
use super::{faults, origin, rerun, waivers};
use crate::model::{CheckId, Finding, RunFinding, Verdict};
use junit_report::{Duration, ReportBuilder, TestCase, TestCaseBuilder, TestSuite, TestSuiteBuilder};

/// Suite name of saved messages, which have neither suite nor route.
const SAVED: &str = "check";

/// The whole document.
pub fn render(report: &Redacted) -> String {
    let sheet = report.sheet();
    let mut suites: Vec<(String, Vec<TestCase>)> = Vec::new();
    let mut place = |suite: String, cases: Vec<TestCase>| match suites.iter_mut().find(|(name, _)| *name == suite) {
        Some((_, known)) => known.extend(cases),
        None => suites.push((suite, cases)),
    };
    let mut reruns = Reruns::default();
    for tries in tries::of(&sheet.rows) {
        place(suite_name(tries.row), cases(sheet, &tries, &mut reruns));
    }
    for found in &sheet.run_findings {
        place(
            format!("{}·{}", sheet.suite, group(found)),
            vec![run_case(sheet, found)],
        );
    }
    let suites = suites.into_iter().map(|(name, cases)| test_suite(sheet, &name, cases));
    reruns.put_into(document(suites.collect()))
}

/// The document of saved messages, row by row: one suite.
#[derive(Default)]
pub struct Saved {
    tests: usize,
    errors: usize,
    failures: usize,
}

impl Pieces for Saved {
    fn rows(&mut self, report: &Redacted) -> String {
        let sheet = report.sheet();
        // A saved message is not tried again.
        let none = &mut Reruns::default();
        let cases: Vec<TestCase> = tries::of(&sheet.rows)
            .flat_map(|tries| cases(sheet, &tries, none))
            .collect();
        self.tests += cases.len();
        self.errors += cases.iter().filter(|case| case.is_error()).count();
        self.failures += cases.iter().filter(|case| case.is_failure()).count();
        let text = document(vec![test_suite(sheet, SAVED, cases)]);
        let begin = text.find("<testcase ").unwrap_or(text.len());
        let end = text.rfind("<system-out>").unwrap_or(text.len());
        text.get(begin..end).unwrap_or_default().to_owned()
    }

    fn frame(&self, report: &Redacted) -> (String, String) {
        let empty = document(vec![test_suite(report.sheet(), SAVED, Vec::new())]);
        let counts = |tests, errors, failures| format!(r#"tests="{tests}" errors="{errors}" failures="{failures}""#);
        let text = empty.replace(&counts(0, 0, 0), &counts(self.tests, self.errors, self.failures));
        let at = text.find("<system-out>").unwrap_or(text.len());
        (text[..at].to_owned(), text[at..].to_owned())
    }
}

fn document(suites: Vec<TestSuite>) -> String {
    let root = root(&suites);
    let mut document = Vec::new();
    let written = ReportBuilder::new()
        .add_testsuites(suites)
        .build()
        .write_xml(&mut document);
    written.expect("writing to memory does not fail");
    String::from_utf8_lossy(&document).replacen("<testsuites>", &root, 1)
}

/// The root element with the counts that CI servers show before they open a suite; the writer leaves them out.
fn root(suites: &[TestSuite]) -> String {
    let sum = |count: fn(&TestSuite) -> usize| suites.iter().map(count).sum::<usize>();
    format!(
        r#"<testsuites tests="{}" errors="{}" failures="{}">"#,
        sum(TestSuite::tests),
        sum(TestSuite::errors),
        sum(TestSuite::failures)
    )
}

fn suite_name(row: &Row) -> String {
    match (&row.suite, &row.route) {
        (Some(suite), Some(route)) => format!("{suite}·{route}"),
        _ => SAVED.to_owned(),
    }
}

fn group(found: &RunFinding) -> &str {
    if found.group.is_empty() { "run" } else { &found.group }
}

fn test_suite(sheet: &Sheet, name: &str, cases: Vec<TestCase>) -> TestSuite {
    let mut suite = TestSuiteBuilder::new(&attribute(name))
        .set_timestamp(sheet.started_at)
        .add_testcases(cases)
        .build();
    suite.package = attribute(name.split('·').next().unwrap_or(name));
    let mut about = vec![format!(
        "inboxqa {}{} ({})",
        env!("CARGO_PKG_VERSION"),
        origin::run(sheet).map(|id| format!(" run {id}")).unwrap_or_default(),
        sheet.world
    )];
    about.extend(sheet.notices.iter().map(|notice| format!("notice: {notice}")));
    about.extend(faults::told(sheet).iter().map(|fault| format!("fault: {fault}")));
    about.extend(waivers::told(sheet).iter().map(|waiver| format!("waiver: {waiver}")));
    if sheet.interrupted {
        about.push("interrupted: this report is partial".to_owned());
    }
    suite.set_system_out(&cdata(&about.join("\n")));
    suite
}

fn cases(sheet: &Sheet, tries: &Tries<'_>, reruns: &mut Reruns) -> Vec<TestCase> {
    let row = tries.row;
    let mut checks: Vec<CheckId> = row.findings.iter().map(|finding| finding.check).collect();
    checks.dedup();
    let attempt = row
        .attempt
        .filter(|attempt| *attempt > 1 && tries.others.is_empty())
        .map(|attempt| format!(" #{attempt}"))
        .unwrap_or_default();
    let class = match (&row.suite, &row.route) {
        (Some(suite), Some(route)) => format!("{suite}.{route}.{}", row.mailbox),
        _ => SAVED.to_owned(),
    };
    let rerun = rerun::command(sheet, row).map(|command| format!("rerun: {command}"));
    let case = |check: &CheckId| {
        let findings: Vec<&Finding> = row.findings.iter().filter(|finding| finding.check == *check).collect();
        let arrival = row.timing.arrival_ms.filter(|_| *check == CheckId::Arrival);
        let name = format!("{}{attempt} › {check}", row.case);
        let case = test_case(&class, &name, arrival.unwrap_or(0), &findings, rerun.as_deref());
        reruns.mark(case, tries, *check)
    };
    checks.iter().map(case).collect()
}

fn run_case(sheet: &Sheet, found: &RunFinding) -> TestCase {
    let class = format!("{}.{}", sheet.suite, group(found));
    test_case(
        &class,
        &format!("run › {}", found.finding.check),
        0,
        &[&found.finding],
        None,
    )
}

fn test_case(class: &str, name: &str, ms: u64, findings: &[&Finding], rerun: Option<&str>) -> TestCase {
    let name = attribute(name);
    let time = Duration::milliseconds(i64::try_from(ms).unwrap_or(i64::MAX));
    let verdict = findings
        .iter()
        .fold(Verdict::Skip, |worst, finding| worst.worse(finding.verdict));
    let mut decisive = findings.iter().filter(|finding| finding.verdict == verdict);
    let worst = decisive
        .clone()
        .find(|finding| finding.waived.is_none())
        .or(decisive.next());
    let reason = attribute(worst.map_or("", |finding| &finding.reason));
    let message = attribute(worst.map_or("", |finding| &finding.summary));
    let waiver = worst.and_then(|finding| waivers::words(finding));
    let waived = waiver.map(|words| attribute(&format!("waived {words}: {message}")));
    let told = cdata(&told(findings, rerun));
    let mut case = match verdict {
        _ if waived.is_some() => TestCaseBuilder::skipped_with_cause(&name, &reason, &waived.unwrap_or_default()),
        Verdict::Pass => TestCaseBuilder::success(&name, time),
        Verdict::Warn => TestCaseBuilder::success(&name, time).set_system_out(&told).clone(),
        Verdict::Skip => TestCaseBuilder::skipped_with_cause(&name, &reason, &message),
        Verdict::Fail => TestCaseBuilder::failure(&name, time, &reason, &message)
            .set_trace(&told)
            .clone(),
        Verdict::Blind => TestCaseBuilder::error(&name, time, &reason, &message)
            .set_trace(&told)
            .clone(),
    };
    case.set_classname(&attribute(class)).build()
}
