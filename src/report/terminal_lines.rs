//! The terminal report of messages that come one by one: a line each as it comes, and at the end, of what is not well, as many in
//! full as a report that is whole tells.

use super::redact::Redacted;
use super::style::Style;
use super::terminal::{self, TOLD_IN_FULL};
use super::terminal_detail as detail;

/// The report so far.
pub struct Lines {
    style: Style,
    /// Columns of the title, those of the lines before at least.
    width: usize,
    /// The first blocks of what failed, of what is blind, of the rest.
    told: [Vec<String>; 3],
    /// Rows that are not well.
    red: usize,
}

impl Lines {
    /// Titles will have about so many columns.
    pub fn new(style: Style, width: usize) -> Lines {
        Lines {
            style,
            width,
            told: Default::default(),
            red: 0,
        }
    }

    /// What stands above the first row.
    pub fn head(&self, report: &Redacted) -> String {
        terminal::lines([terminal::header(report.sheet(), None, self.style), String::new()])
    }

    /// The lines of the next rows.
    pub fn rows(&mut self, report: &Redacted) -> String {
        let sheet = report.sheet();
        for row in sheet.rows.iter().filter(|row| detail::red(row).next().is_some()) {
            self.red += 1;
            let blocks = &mut self.told[terminal::rank(row.verdict)];
            if blocks.len() < TOLD_IN_FULL {
                blocks.push(terminal::lines(detail::block(
                    sheet,
                    row,
                    &self.style.verdict(row.verdict),
                    self.style,
                )));
            }
        }
        let widths = terminal::widths(&sheet.rows);
        self.width = self.width.min(terminal::WIDEST_TITLE).max(widths.0);
        terminal::lines(terminal::delivery_lines(
            &sheet.rows,
            (self.width, widths.1),
            self.style,
        ))
    }

    /// What stands below the last row.
    pub fn end(&self, report: &Redacted) -> String {
        let told: Vec<&String> = self.told.iter().flatten().take(TOLD_IN_FULL).collect();
        let more = terminal::more(self.red, self.style);
        let rest = terminal::below(report.sheet(), self.style);
        let told: String = told.into_iter().map(String::as_str).collect();
        [told, terminal::lines(more), terminal::lines(rest)].concat()
    }
}
