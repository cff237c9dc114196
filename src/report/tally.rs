//! Counts in words, the same in every format.

use super::sheet::Sheet;
use crate::model::Verdict;

/// `1 delivery`, `2 deliveries`, `3 mailboxes`.
pub fn counted(count: usize, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with('x') => format!("{noun}es"),
        None => format!("{noun}s"),
    };
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {plural}")
    }
}

/// `2 passed, 1 failed`: deliveries by verdict.
pub fn deliveries(sheet: &Sheet) -> String {
    by_verdict(sheet.rows.iter().map(|row| row.verdict))
}

/// `48 checks: 44 passed, 1 failed, 3 skipped`: findings by verdict, those about the run too; what is waived counts as that.
pub fn checks(sheet: &Sheet) -> String {
    let of_rows = sheet.rows.iter().flat_map(|row| &row.findings);
    let of_run = sheet.run_findings.iter().map(|found| &found.finding);
    let (waived, others): (Vec<_>, Vec<_>) = of_rows.chain(of_run).partition(|finding| finding.waived.is_some());
    let waiver = match waived.len() {
        0 => String::new(),
        count => format!(", {count} waived"),
    };
    format!(
        "{}: {}{waiver}",
        counted(waived.len() + others.len(), "check"),
        by_verdict(others.iter().map(|finding| finding.verdict))
    )
}

/// `44 passed, 1 failed`; `none` where there is nothing to count.
pub fn by_verdict(verdicts: impl Iterator<Item = Verdict> + Clone) -> String {
    let words = [
        (Verdict::Pass, "passed"),
        (Verdict::Warn, "warned"),
        (Verdict::Fail, "failed"),
        (Verdict::Blind, "blind"),
        (Verdict::Skip, "skipped"),
    ];
    let part = |(verdict, word): &(Verdict, &str)| match verdicts.clone().filter(|found| found == verdict).count() {
        0 => None,
        count => Some(format!("{count} {word}")),
    };
    let parts: Vec<String> = words.iter().filter_map(part).collect();
    if parts.is_empty() {
        "none".to_owned()
    } else {
        parts.join(", ")
    }
}
