//! Formats that are written piece by piece: the rows as they come, at the end what stands around them. A report that is whole is
//! written by the same code.

use super::redact::Redacted;

/// A format.
pub trait Pieces {
    /// The part of the rows of this report, which come after those of the reports before.
    fn rows(&mut self, report: &Redacted) -> String;

    /// What stands before all rows and after them, once every one has come. The report has the counts of all; its rows are not read
    /// but for what is told of them together.
    fn frame(&self, report: &Redacted) -> (String, String);
}

/// A whole report.
pub(super) fn render(mut format: impl Pieces, report: &Redacted) -> String {
    let rows = format.rows(report);
    let (before, after) = format.frame(report);
    [before, rows, after].concat()
}
