//! The page for people: one self-contained file without scripts. Its policy forbids every load, every text of mail is escaped by
//! maud and made visible by `escape`, and no URL of a message is a link.

use super::escape::visible;
use super::grid::{Grid, GridLine};
use super::html_delivery;
use super::pieces::{self, Pieces};
use super::redact::Redacted;
use super::sheet::Sheet;
use super::{faults, html_tries, origin, span, tally, tries, waivers};
use crate::model::{RunFinding, Verdict};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use time::macros::format_description;

/// No loads, no scripts, no forms; styles only from the page itself.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const CSS: &str = include_str!("html.css");
const FILTERS: [(&str, Option<Verdict>); 6] = [
    ("all", None),
    ("fail", Some(Verdict::Fail)),
    ("blind", Some(Verdict::Blind)),
    ("warn", Some(Verdict::Warn)),
    ("pass", Some(Verdict::Pass)),
    ("skip", Some(Verdict::Skip)),
];

/// The whole page.
pub fn render(report: &Redacted) -> String {
    pieces::render(Html::default(), report)
}

/// The page, row by row.
#[derive(Default)]
pub struct Html {
    rows: usize,
}

impl Pieces for Html {
    fn rows(&mut self, report: &Redacted) -> String {
        let sheet = report.sheet();
        let mut text = String::new();
        for tries in tries::of(&sheet.rows) {
            self.rows += 1;
            text.push_str(&html_tries::delivery(sheet, &tries, self.rows).into_string());
        }
        text
    }

    fn frame(&self, report: &Redacted) -> (String, String) {
        let page = page(report.sheet());
        let end = page.rfind("</main>").expect("the page has a main part");
        (page[..end].to_owned(), page[end..].to_owned())
    }
}

/// The page without its rows.
fn page(sheet: &Sheet) -> String {
    let title = format!("inboxqa: {} {}", visible(&sheet.suite), sheet.worst);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="referrer" content="no-referrer";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(CSS)) }
            }
            body {
                (header(sheet))
                @if let Some(grid) = Grid::of(sheet) { (grid_table(&grid)) }
                (run_findings(&sheet.run_findings))
                (deliveries(sheet))
            }
        }
    };
    page.into_string()
}

fn header(sheet: &Sheet) -> Markup {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second] UTC");
    let started = sheet
        .started_at
        .to_offset(time::UtcOffset::UTC)
        .format(format)
        .unwrap_or_default();
    let elapsed = u64::try_from((sheet.finished_at - sheet.started_at).whole_milliseconds()).unwrap_or(0);
    html! {
        header class=(sheet.worst) {
            h1 { span.chip { (sheet.worst) } " " (visible(&sheet.suite)) }
            p { span.tone { (tally::deliveries(sheet)) } " of " (tally::counted(sheet.totals.deliveries as usize, "delivery")) "; " (tally::checks(sheet)) }
            p.quiet { @if let Some(run) = origin::run(sheet) { "run " (visible(run)) " · " } (visible(&sheet.world)) " · " (started) " · " (span::words(elapsed)) " · inboxqa " (env!("CARGO_PKG_VERSION")) }
            @if sheet.interrupted { p { strong { "Interrupted: this report is partial." } } }
            @for notice in &sheet.notices { p { "Notice: " (visible(notice)) } }
            @for fault in faults::told(sheet) { p { "Lab fault: " (visible(&fault)) } }
            @for waiver in waivers::told(sheet) { p { "Waiver: " (visible(&waiver)) } }
        }
    }
}

fn grid_table(grid: &Grid) -> Markup {
    html! {
        h2 { "In the inbox" }
        table.narrow {
            tr {
                th { "route" }
                @for provider in &grid.providers { th.number { (visible(provider)) } }
                th.number { "arrival p50" } th.number { "p95" } th.number { "budget" } th {}
            }
            @for line in &grid.lines { (grid_row(line)) }
        }
    }
}

fn grid_row(line: &GridLine) -> Markup {
    let ms = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), span::words);
    html! {
        tr {
            td { (visible(&line.route)) }
            @for cell in &line.cells { td.number { (cell.map_or_else(|| "-".to_owned(), |cell| cell.words())) } }
            td.number { (ms(line.p50_ms)) }
            td.number { (ms(line.p95_ms)) }
            td.number { (line.budget_words()) }
            td {
                @match line.in_time() {
                    Some(true) => { span.tone.pass { "ok" } }
                    Some(false) => { span.tone.fail { "over" } }
                    None => {}
                }
            }
        }
    }
}

fn run_findings(found: &[RunFinding]) -> Markup {
    html! {
        @if !found.is_empty() {
            h2 { "The run as a whole" }
            table {
                @for (index, found) in found.iter().enumerate() {
                    (html_delivery::finding(&format!("run-{}", index + 1), &found.finding, &found.group))
                }
            }
        }
    }
}

fn deliveries(sheet: &Sheet) -> Markup {
    let count = |verdict: Option<Verdict>| verdict.map_or(sheet.totals.deliveries, |verdict| sheet.totals.of(verdict));
    html! {
        @for (name, verdict) in FILTERS {
            input.filter type="radio" name="show" id={ "show-" (name) } checked[verdict.is_none()];
        }
        div.filters {
            @for (name, verdict) in FILTERS {
                label for={ "show-" (name) } { (name) " " (count(verdict)) }
            }
        }
        main {}
    }
}
