//! The report for people at a terminal or reading a CI log: one line a delivery, then what went wrong with its remedy, then
//! the grid, and the summary last. Silent about what is well.
//!
//! ```text
//! inboxqa 0.1.0  run 20261123-101502-7f3k  launch  3 deliveries: 1 case, 1 route, 3 mailboxes  (lab)
//!
//!    PASS [  0.4s] sale / cio / gmail-1   inbox
//!    FAIL [  0.9s] sale / cio / yahoo-1   spam (Bulk)   placement.spam
//!    …
//! Summary [  3.2s] 3 deliveries: 2 passed, 1 failed; 48 checks: 44 passed, 1 failed, 3 skipped
//! ```

use super::escape::{not_a_command, visible};
use super::grid::{Grid, GridLine};
use super::redact::Redacted;
use super::sheet::{Row, Sheet};
use super::style::Style;
use super::terminal_detail as detail;
use super::tries::{self, Tries};
use super::{faults, origin, span, tally, terminal_tries, waivers};
use crate::model::Verdict;
use std::collections::BTreeSet;
use textwrap::core::display_width;

/// Deliveries told in full; the rest is counted and left to the other formats.
pub(super) const TOLD_IN_FULL: usize = 20;
/// Columns of a title at most.
pub(super) const WIDEST_TITLE: usize = 64;

/// The whole report, ending in a line break.
pub fn render(report: &Redacted, style: Style) -> String {
    let sheet = report.sheet();
    let mut told = vec![header(sheet, Some(&deliveries(sheet)), style), String::new()];
    told.extend(delivery_lines(&sheet.rows, widths(&sheet.rows), style));
    told.extend(red_deliveries(sheet, style));
    told.extend(below(sheet, style));
    lines(told)
}

/// What stands below the deliveries.
pub(super) fn below(sheet: &Sheet, style: Style) -> Vec<String> {
    let mut lines = run_findings(sheet, style);
    lines.extend(grid(sheet, style));
    lines.extend(asides(sheet, style));
    lines.push(String::new());
    lines.push(summary(sheet, style));
    lines
}

/// Lines as they are printed.
pub(super) fn lines(lines: impl IntoIterator<Item = String>) -> String {
    lines
        .into_iter()
        .map(|line| format!("{}\n", not_a_command(line.trim_end())))
        .collect()
}

/// `9 deliveries: 3 cases, 2 routes, 3 mailboxes`, or `2 messages`.
fn deliveries(sheet: &Sheet) -> String {
    let distinct = |part: fn(&Row) -> Option<&str>| sheet.rows.iter().filter_map(part).collect::<BTreeSet<_>>().len();
    let of = [
        tally::counted(distinct(|row| row.suite.as_ref().map(|_| row.case.as_str())), "case"),
        tally::counted(distinct(|row| row.route.as_deref()), "route"),
        tally::counted(
            distinct(|row| row.route.as_ref().map(|_| row.mailbox.as_str())),
            "mailbox",
        ),
    ];
    if of.iter().any(|part| part.starts_with("0 ")) {
        tally::counted(sheet.rows.len(), "message")
    } else {
        let deliveries = tries::of(&sheet.rows).count();
        format!("{}: {}", tally::counted(deliveries, "delivery"), of.join(", "))
    }
}

/// The first line; what is judged is said where it is known.
pub(super) fn header(sheet: &Sheet, what: Option<&str>, style: Style) -> String {
    let name = style.strong(concat!("inboxqa ", env!("CARGO_PKG_VERSION")));
    let world = style.dim(&format!("({})", visible(&sheet.world)));
    let run = origin::run(sheet).map(|id| format!("run {}  ", visible(id)));
    format!(
        "{name}  {}{}  {}{world}",
        run.unwrap_or_default(),
        visible(&sheet.suite),
        what.map(|what| format!("{what}  ")).unwrap_or_default()
    )
}

/// The columns that titles and placements need.
pub(super) fn widths(rows: &[Row]) -> (usize, usize) {
    let widest = |text: fn(&Row) -> String| {
        rows.iter()
            .map(|row| display_width(&visible(&text(row))))
            .max()
            .unwrap_or(0)
    };
    (
        widest(Row::title).min(WIDEST_TITLE),
        widest(Row::placement_words).min(32),
    )
}

/// A line a delivery.
pub(super) fn delivery_lines(rows: &[Row], (title_width, place_width): (usize, usize), style: Style) -> Vec<String> {
    let marks = tries::of(rows).map(|tries| tries.mark().len()).max().unwrap_or(0);
    let mark_width = if marks > 0 { marks + 1 } else { 0 };
    let line = |tries: Tries<'_>| {
        let row = tries.row;
        let time = row.timing.arrival_ms.map_or_else(|| "     -".to_owned(), span::column);
        let title = padded(&visible(&row.title()), title_width);
        let place = padded(&visible(&row.placement_words()), place_width);
        let reasons = style.toned(row.verdict, &reasons(row));
        let said = unverified(row).map(|said| format!("   {said}")).unwrap_or_default();
        let others = terminal_tries::aside(&tries, style);
        let between = if reasons.is_empty() || others.is_empty() {
            ""
        } else {
            "   "
        };
        let word = terminal_tries::word(row, style);
        let mark = format!("{:mark_width$}", format!(" {}", tries.mark()).trim_end());
        format!(" {word}{mark} [{time}] {title}   {place}   {reasons}{between}{others}{said}")
    };
    tries::of(rows).map(line).collect()
}

/// Where nobody verified, what the provider wrote is all there is; told where it is not good.
fn unverified(row: &Row) -> Option<String> {
    let asked = row
        .findings
        .iter()
        .any(|finding| finding.reason.ends_with(".not-verified"));
    let word = row.provider_word.as_ref().filter(|word| asked && word.trusted)?;
    let bad = [&word.dkim, &word.spf, &word.dmarc];
    let bad = bad.into_iter().flatten().any(|said| said != "pass");
    bad.then(|| format!("not verified; the provider {}", visible(&detail::provider_words(word))))
}

/// The reason codes of what is not well, at most three.
fn reasons(row: &Row) -> String {
    let mut codes: Vec<&str> = Vec::new();
    for finding in detail::red(row).filter(|finding| finding.verdict == row.verdict) {
        if !codes.contains(&finding.reason.as_str()) {
            codes.push(&finding.reason);
        }
    }
    let more = codes.len().saturating_sub(3);
    codes.truncate(3);
    let shown = visible(&codes.join(", ")).into_owned();
    if more > 0 { format!("{shown} +{more}") } else { shown }
}

fn padded(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(display_width(text))))
}

fn red_deliveries(sheet: &Sheet, style: Style) -> Vec<String> {
    let mut red: Vec<Tries<'_>> = tries::of(&sheet.rows).filter(terminal_tries::is_red).collect();
    red.sort_by_key(|tries| rank(tries.row.verdict));
    let mut lines: Vec<String> = red
        .iter()
        .take(TOLD_IN_FULL)
        .flat_map(|tries| terminal_tries::blocks(sheet, tries, style))
        .collect();
    lines.extend(more(red.len(), style));
    lines
}

/// In which order what is not well is told.
pub(super) fn rank(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Blind => 1,
        _ => 2,
    }
}

/// How many that are not well are not told in full.
pub(super) fn more(red: usize, style: Style) -> Vec<String> {
    if red <= TOLD_IN_FULL {
        return Vec::new();
    }
    let more = tally::counted(red - TOLD_IN_FULL, "more delivery");
    vec![
        String::new(),
        style.dim(&format!(
            "… and {more} that are not well: write --html or --json to see all"
        )),
    ]
}

fn run_findings(sheet: &Sheet, style: Style) -> Vec<String> {
    let red = sheet
        .run_findings
        .iter()
        .filter(|found| !matches!(found.finding.verdict, Verdict::Pass | Verdict::Skip));
    red.flat_map(|found| {
        let group = if found.group.is_empty() {
            "whole run".to_owned()
        } else {
            visible(&found.group).into_owned()
        };
        let head = format!(" {} {}", style.verdict(found.finding.verdict), style.strong(&group));
        [
            vec![String::new(), head],
            detail::findings(&[&found.finding], &[], style),
        ]
        .concat()
    })
    .collect()
}

fn grid(sheet: &Sheet, style: Style) -> Vec<String> {
    let Some(grid) = Grid::of(sheet) else {
        return Vec::new();
    };
    let heads = [
        vec!["Inbox".to_owned()],
        grid.providers.clone(),
        ["arrival p50", "p95", "budget"].map(String::from).to_vec(),
    ];
    let mut table = vec![heads.concat()];
    table.extend(grid.lines.iter().map(grid_cells));
    let columns = table[0].len();
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            table
                .iter()
                .map(|cells| display_width(&cells[column]))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let mut lines = vec![String::new()];
    for (index, cells) in table.iter().enumerate() {
        let text = aligned(cells, &widths);
        let verdict = index.checked_sub(1).and_then(|line| grid.lines[line].in_time());
        lines.push(match verdict {
            None if index == 0 => format!("  {}", style.dim(&text)),
            None => format!("  {text}"),
            Some(true) => format!("  {text}  {}", style.toned(Verdict::Pass, "ok")),
            Some(false) => format!("  {text}  {}", style.toned(Verdict::Fail, "over")),
        });
    }
    if grid
        .lines
        .iter()
        .flat_map(|line| line.cells.iter().flatten())
        .any(|cell| cell.unknown > 0)
    {
        lines.push(format!(
            "  {}",
            style.dim("? not all could be looked at, or something is still under way")
        ));
    }
    lines
}

fn grid_cells(line: &GridLine) -> Vec<String> {
    let ms = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), span::words);
    let mut cells = vec![visible(&line.route).into_owned()];
    cells.extend(
        line.cells
            .iter()
            .map(|cell| cell.map_or_else(|| "-".to_owned(), |cell| cell.words())),
    );
    cells.extend([ms(line.p50_ms), ms(line.p95_ms), line.budget_words()]);
    cells
}

/// First column to the left, the others to the right.
fn aligned(cells: &[String], widths: &[usize]) -> String {
    let cell = |(index, text): (usize, &String)| match index {
        0 => padded(text, widths[0]),
        _ => format!(
            "{}{text}",
            " ".repeat(widths[index].saturating_sub(display_width(text)))
        ),
    };
    cells.iter().enumerate().map(cell).collect::<Vec<_>>().join("   ")
}

fn asides(sheet: &Sheet, style: Style) -> Vec<String> {
    let mut lines: Vec<String> = sheet
        .notices
        .iter()
        .map(|notice| format!("  notice  {}", visible(notice)))
        .collect();
    lines.extend(
        faults::told(sheet)
            .iter()
            .map(|fault| format!("  fault   {}", visible(fault))),
    );
    let told = waivers::told(sheet);
    lines.extend(told.iter().map(|waiver| format!("  waiver  {}", visible(waiver))));
    if sheet.interrupted {
        lines.push(format!(
            "  {}",
            style.toned(Verdict::Blind, "interrupted: this report is partial")
        ));
    }
    if lines.is_empty() {
        lines
    } else {
        [vec![String::new()], lines].concat()
    }
}

fn summary(sheet: &Sheet, style: Style) -> String {
    let elapsed = u64::try_from((sheet.finished_at - sheet.started_at).whole_milliseconds()).unwrap_or(0);
    let deliveries = format!(
        "{}: {}",
        tally::counted(sheet.totals.deliveries as usize, "delivery"),
        tally::deliveries(sheet)
    );
    let text = format!("{deliveries}; {}", tally::checks(sheet));
    format!(
        "{} [{}] {}",
        style.strong("Summary"),
        span::column(elapsed),
        style.toned(sheet.worst, &text)
    )
}
