//! The report for a CI step summary (GitHub, GitLab): verdict, grid, then what is not well in blocks that open. Every text goes
//! through [`plain`], and the whole stays below the size that GitHub accepts.

use super::escape::visible;
use super::grid::{Grid, GridLine};
use super::pieces::{self, Pieces};
use super::redact::Redacted;
use super::sheet::{Row, Sheet};
use super::tries::{self, Tries};
use super::{faults, origin, rerun, span, tally, waivers};
use crate::model::{Finding, Verdict};

/// GitHub refuses a step summary of 1 MiB; room is left for the closing note.
const ROOM: usize = 1024 * 1024 - 4096;

/// The whole text.
pub fn render(report: &Redacted) -> String {
    pieces::render(Markdown::default(), report)
}

/// The text, row by row. It has room for so little that it is kept until the end.
#[derive(Default)]
pub struct Markdown {
    blocks: Vec<String>,
    bytes: usize,
    /// Blocks that no longer fit, whatever stands above them.
    beyond: usize,
}

impl Pieces for Markdown {
    fn rows(&mut self, report: &Redacted) -> String {
        let sheet = report.sheet();
        let ill = |tries: &Tries<'_>| tries.all().any(|row| row.findings.iter().any(red));
        for tries in tries::of(&sheet.rows).filter(ill) {
            if self.bytes > ROOM {
                self.beyond += 1;
                continue;
            }
            let block = block(sheet, &tries);
            self.bytes += block.len();
            self.blocks.push(block);
        }
        String::new()
    }

    fn frame(&self, report: &Redacted) -> (String, String) {
        let sheet = report.sheet();
        let mut text = head(sheet);
        let of_run = sheet.run_findings.iter().filter(|found| red(&found.finding));
        let of_run: Vec<String> = of_run.map(run_block).collect();
        let blocks: Vec<&String> = of_run.iter().chain(&self.blocks).collect();
        for (index, block) in blocks.iter().enumerate() {
            if text.len() + block.len() > ROOM {
                let out = tally::counted(blocks.len() - index + self.beyond, "block");
                text.push_str(&format!("\n{out} left out here: see the HTML report.\n"));
                break;
            }
            text.push_str(block);
        }
        (text, String::new())
    }
}

fn head(sheet: &Sheet) -> String {
    let elapsed = u64::try_from((sheet.finished_at - sheet.started_at).whole_milliseconds()).unwrap_or(0);
    let run = origin::run(sheet).map(|id| format!("run {} · ", plain(id)));
    let mut text = format!(
        "## {} inboxqa: {} of {}\n\n{} · {}{} · {} · {}\n",
        sign(sheet.worst),
        tally::deliveries(sheet),
        tally::counted(sheet.totals.deliveries as usize, "delivery"),
        plain(&sheet.suite),
        run.unwrap_or_default(),
        plain(&sheet.world),
        span::words(elapsed),
        tally::checks(sheet),
    );
    if let Some(grid) = Grid::of(sheet) {
        text.push_str(&grid_table(&grid));
    }
    let mut asides: Vec<String> = sheet.notices.iter().map(|notice| format!("notice: {notice}")).collect();
    asides.extend(
        faults::told(sheet)
            .into_iter()
            .map(|fault| format!("lab fault: {fault}")),
    );
    asides.extend(
        waivers::told(sheet)
            .into_iter()
            .map(|waiver| format!("waiver: {waiver}")),
    );
    if sheet.interrupted {
        asides.push("interrupted: this report is partial".to_owned());
    }
    for (index, aside) in asides.iter().enumerate() {
        let start = if index == 0 { "\n" } else { "" };
        text.push_str(&format!("{start}- {}\n", plain(aside)));
    }
    cut(text, ROOM / 2)
}

/// Shortens at a character, should notices without end ever come.
fn cut(mut text: String, room: usize) -> String {
    if text.len() > room {
        text.truncate(text.floor_char_boundary(room));
        text.push_str(" …\n");
    }
    text
}

fn grid_table(grid: &Grid) -> String {
    let mut rows = vec!["inbox".to_owned()];
    rows.extend(grid.providers.iter().map(|provider| plain(provider)));
    rows.extend(["arrival p50", "p95", "budget", ""].map(String::from));
    let rule = vec!["---"; rows.len()].join(" | ");
    let lines: String = grid.lines.iter().map(grid_line).collect();
    format!("\n| {} |\n| {rule} |\n{lines}", rows.join(" | "))
}

fn grid_line(line: &GridLine) -> String {
    let ms = |ms: Option<u64>| ms.map_or_else(|| "-".to_owned(), span::words);
    let mut cells = vec![plain(&line.route)];
    cells.extend(
        line.cells
            .iter()
            .map(|cell| cell.map_or_else(|| "-".to_owned(), |cell| cell.words())),
    );
    cells.extend([ms(line.p50_ms), ms(line.p95_ms), line.budget_words()]);
    cells.push(
        line.in_time()
            .map_or("", |in_time| if in_time { "ok" } else { "over" })
            .to_owned(),
    );
    format!("| {} |\n", cells.join(" | "))
}

fn red(finding: &Finding) -> bool {
    !matches!(finding.verdict, Verdict::Pass | Verdict::Skip)
}

fn run_block(found: &crate::model::RunFinding) -> String {
    let group = if found.group.is_empty() {
        "whole run"
    } else {
        &found.group
    };
    let summary = format!("{} {}", sign(found.finding.verdict), plain(group));
    format!(
        "\n<details><summary>{summary}</summary>\n\n{}\n</details>\n",
        finding(&found.finding)
    )
}

fn block(sheet: &Sheet, tries: &Tries<'_>) -> String {
    let row = tries.row;
    let place = row.placement_words();
    let arrival = row
        .timing
        .arrival_ms
        .map(|ms| format!(" after {}", span::words(ms)))
        .unwrap_or_default();
    // A saved message has no place.
    let place = match place.as_str() {
        "" | "-" => arrival,
        place => format!(": {}{arrival}", plain(place)),
    };
    let word = match row.standing.flaky {
        true => "⚠️ flaky",
        false => sign(row.verdict),
    };
    let summary = format!("{word} {}{place}", plain(&row.title()));
    let findings = findings(row) + &tries.others.iter().map(|row| another(row)).collect::<String>();
    // What is to be seen again is what was not well.
    let shown = tries
        .others
        .first()
        .copied()
        .filter(|_| row.standing.flaky)
        .unwrap_or(row);
    let rerun = rerun::command(sheet, shown)
        .map(|command| format!("\n<code>{}</code>\n", plain(&command)))
        .unwrap_or_default();
    format!("\n<details><summary>{summary}</summary>\n\n{findings}{rerun}\n</details>\n")
}

fn findings(row: &Row) -> String {
    row.findings
        .iter()
        .filter(|finding| red(finding))
        .map(finding)
        .collect()
}

/// A try that does not decide.
fn another(row: &Row) -> String {
    format!(
        "\n{}: {}\n\n{}",
        tries::place(row),
        plain(&tries::came_to(row)),
        findings(row)
    )
}

fn finding(finding: &Finding) -> String {
    let mut text = format!(
        "- **{} {}**: {}\n",
        finding.word(),
        plain(&finding.reason),
        plain(&finding.summary)
    );
    let waived = waivers::words(finding).unwrap_or_default();
    for (label, part) in [
        ("expected", &finding.expected),
        ("observed", &finding.observed),
        ("fix", &finding.help),
        ("waived", &waived),
    ] {
        if !part.is_empty() {
            let lines: Vec<String> = part.lines().map(plain).collect();
            text.push_str(&format!("  - {label}: {}\n", lines.join("<br>")));
        }
    }
    text
}

fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✅ pass",
        Verdict::Warn => "⚠️ warn",
        Verdict::Fail => "❌ fail",
        Verdict::Blind => "❔ blind",
        Verdict::Skip => "⏭️ skip",
    }
}

/// A text that shows as it is: on one line, without markup, HTML, table bars, mentions, references, links or commands of the
/// runner. Entities are used because a backslash does not work inside HTML blocks.
fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let text = visible(text);
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        let acts = "&<>|`*_[]~@#\\$!{}\"'".contains(character)
            || (character == ':' && matches!(rest.peek(), Some('/' | ':')))
            || (character == '.'
                && shown
                    .as_bytes()
                    .last_chunk()
                    .is_some_and(|last: &[u8; 3]| last.eq_ignore_ascii_case(b"www")));
        if acts {
            shown.push_str(&format!("&#{};", u32::from(character)));
        } else {
            shown.push(character);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            plain("a|b `c` <d> @e #1"),
            "a&#124;b &#96;c&#96; &#60;d&#62; &#64;e &#35;1"
        );
        assert_eq!(
            plain("https://x.example www.x.example"),
            "https&#58;//x.example www&#46;x.example"
        );
        assert_eq!(plain("::error::x\n- y"), "&#58;:error&#58;:x&#92;n- y");
    }
}
