//! Deliveries that were tried more than once, at the terminal.
//!
//! ```text
//! FLAKY 2/2 [  0.1s] order / postmark-tx / gmail-1   inbox   1st try: missing
//!  FAIL 2/2 [     -] order / postmark-tx / yahoo-1   missing   arrival.missing, placement.missing   1st try: missing
//! ```
//! Of a flaky one the tries that were not well are told in full; of one that failed the try that decides, and the others in a line.

use super::escape::visible;
use super::sheet::{Row, Sheet};
use super::style::Style;
use super::terminal_detail as detail;
use super::tries::Tries;
use crate::model::Verdict;

/// The verdict of a line.
pub fn word(row: &Row, style: Style) -> String {
    match row.standing.flaky {
        true => style.flaky(),
        false => style.verdict(row.verdict),
    }
}

/// What the other tries came to; nothing where there was one.
pub fn aside(tries: &Tries<'_>, style: Style) -> String {
    style.dim(&visible(&tries.others_words()))
}

/// Is there anything to be told of it?
pub fn is_red(tries: &Tries<'_>) -> bool {
    !tries.others.is_empty() || detail::red(tries.row).next().is_some()
}

/// The blocks of a delivery, each after an empty line.
pub fn blocks(sheet: &Sheet, tries: &Tries<'_>, style: Style) -> Vec<String> {
    if !tries.row.standing.flaky {
        let mut lines = detail::block(sheet, tries.row, &style.verdict(tries.row.verdict), style);
        for other in &tries.others {
            lines.extend(detail::try_line(other, style));
        }
        return lines;
    }
    let warned = Some(tries.row).filter(|row| row.verdict == Verdict::Warn);
    let told = tries.others.iter().copied().chain(warned);
    told.flat_map(|row| detail::block(sheet, row, &style.flaky(), style))
        .collect()
}
