//! What a report is of: a run that the history lists, or messages that nobody sent.

use super::sheet::Sheet;
use crate::model::Report;

/// `20261123-101502-7f3k`; `None` where there was no run.
pub fn run(sheet: &Sheet) -> Option<&str> {
    let none = [Report::COMPOSED, Report::SAVED].contains(&sheet.world.as_str());
    (!none).then_some(sheet.id.as_str())
}

/// The word of the JSON report, which knows two worlds.
pub fn world(sheet: &Sheet) -> &str {
    match run(sheet) {
        Some(_) => &sheet.world,
        None => "real",
    }
}
