//! Counts in words, the same in every format.

use super::sheet::Sheet;
use crate::model::{Totals, Verdict};

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

/// `3 passed (1 flaky), 1 failed`: deliveries by verdict.
pub fn deliveries(sheet: &Sheet) -> String {
    in_words(sheet.totals, sheet.flaky)
}

/// `48 checks: 44 passed, 1 failed, 3 skipped`: findings by verdict, those about the run too; what is waived counts as that.
pub fn checks(sheet: &Sheet) -> String {
    let waiver = match sheet.waived {
        0 => String::new(),
        count => format!(", {count} waived"),
    };
    let all = sheet.checks.deliveries + sheet.waived;
    format!(
        "{}: {}{waiver}",
        counted(all as usize, "check"),
        in_words(sheet.checks, Totals::default())
    )
}

/// `44 passed, 1 failed`; `none` where there is nothing to count.
pub fn by_verdict(verdicts: impl Iterator<Item = Verdict>) -> String {
    let mut counts = Totals::default();
    verdicts.for_each(|verdict| counts.count(verdict));
    in_words(counts, Totals::default())
}

fn in_words(counts: Totals, flaky: Totals) -> String {
    let words = [
        (Verdict::Pass, "passed"),
        (Verdict::Warn, "warned"),
        (Verdict::Fail, "failed"),
        (Verdict::Blind, "blind"),
        (Verdict::Skip, "skipped"),
    ];
    let part = |(verdict, word): &(Verdict, &str)| match (counts.of(*verdict), flaky.of(*verdict)) {
        (0, _) => None,
        (count, 0) => Some(format!("{count} {word}")),
        (count, flaky) => Some(format!("{count} {word} ({flaky} flaky)")),
    };
    let parts: Vec<String> = words.iter().filter_map(part).collect();
    if parts.is_empty() {
        "none".to_owned()
    } else {
        parts.join(", ")
    }
}
