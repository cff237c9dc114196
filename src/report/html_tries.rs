//! The block of one delivery on the page, its other tries folded away inside it.

use super::escape::visible;
use super::html_delivery::{bar, body};
use super::sheet::{Row, Sheet};
use super::tries::{self, Tries};
use crate::model::Verdict;
use maud::{Markup, html};

/// A block that opens; open from the beginning where something is not well. `#d3` leads to the third. The tries of a delivery that do not
/// decide fold away inside it.
pub fn delivery(sheet: &Sheet, tries: &Tries<'_>, number: usize) -> Markup {
    let row = tries.row;
    let id = format!("d{number}");
    let open = matches!(row.verdict, Verdict::Fail | Verdict::Blind);
    html! {
        details class={ "delivery " (row.verdict) } id=(id) open[open] {
            summary {
                @if row.standing.flaky { span.chip.warn { "flaky" } } @else { span.chip { (row.verdict) } }
                span { (visible(&row.title())) @if row.standing.is_one_of_several() { " " span.quiet { (tries::place(row)) } } }
                span { (visible(&row.placement_words())) }
                (bar(&row.timing))
            }
            div {
                @for other in &tries.others {
                    (another(sheet, other, &format!("{id}-{}", tries::ordinal(other.standing.number))))
                }
                (body(sheet, row, &id))
            }
        }
    }
}

/// A try that does not decide.
fn another(sheet: &Sheet, row: &Row, id: &str) -> Markup {
    html! {
        details class={ "delivery " (row.verdict) } id=(id) {
            summary {
                span.chip { (row.verdict) }
                span { (tries::place(row)) }
                span { (visible(&row.placement_words())) }
                (bar(&row.timing))
            }
            div { (body(sheet, row, id)) }
        }
    }
}
