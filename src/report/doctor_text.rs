//! What `doctor` found, for people: grouped by what was looked at, each line with its level, and a remedy where there is one.
//!
//! ```text
//! postmark-tx
//!     ok  spf         pm-bounces.brand.example: 2 of 10 lookups, ends in -all
//!   warn  dkim        s1._domainkey.brand.example: 1024 bits
//!                     fix: Replace it by a key of 2048 bits.
//!
//! 5 ok, 1 warning, 0 failures; nothing was sent
//! ```

use super::escape::{not_a_command, visible};
use super::redact::RedactedLines;
use super::style::Style;
use super::tally::counted;
use crate::model::{DoctorLine, Level, Verdict};

/// Column in which texts begin.
const TEXT: usize = 20;

/// The whole text, ending in a line break.
pub fn render(lines: &RedactedLines, style: Style) -> String {
    let lines = lines.lines();
    let mut shown: Vec<String> = Vec::new();
    for group in lines.chunk_by(|one, other| one.subject == other.subject) {
        shown.extend(group.first().map(|line| style.strong(&visible(&line.subject))));
        shown.extend(group.iter().flat_map(|line| told(line, style)));
        shown.push(String::new());
    }
    shown.push(summary(lines, style));
    shown
        .iter()
        .map(|line| format!("{}\n", not_a_command(line.trim_end())))
        .collect()
}

fn told(line: &DoctorLine, style: Style) -> Vec<String> {
    let (word, verdict) = level(line.level);
    let head = format!(
        "{}  {:<12}",
        style.toned(verdict, &format!("{word:>6}")),
        visible(&line.area)
    );
    let mut shown = wrapped(&line.text, &head, style);
    if !line.remedy.is_empty() {
        shown.extend(wrapped(&format!("fix: {}", line.remedy), &" ".repeat(TEXT), style));
    }
    shown
}

/// A text wrapped at the style's width, the first line behind `head`.
fn wrapped(text: &str, head: &str, style: Style) -> Vec<String> {
    let options = textwrap::Options::new(style.width.max(TEXT + 20) - TEXT).break_words(false);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    let text = visible(text);
    let lines = textwrap::wrap(&text, options).into_iter().enumerate();
    lines
        .map(|(index, line)| {
            if index == 0 {
                format!("{head}{line}")
            } else {
                format!("{}{line}", " ".repeat(TEXT))
            }
        })
        .collect()
}

fn level(level: Level) -> (&'static str, Verdict) {
    match level {
        Level::Ok => ("ok", Verdict::Pass),
        Level::Warn => ("warn", Verdict::Warn),
        Level::Fail => ("fail", Verdict::Fail),
    }
}

fn summary(lines: &[DoctorLine], style: Style) -> String {
    let count = |level: Level| lines.iter().filter(|line| line.level == level).count();
    let worst = lines.iter().map(|line| line.level).max().unwrap_or(Level::Ok);
    let (warnings, failures) = (
        counted(count(Level::Warn), "warning"),
        counted(count(Level::Fail), "failure"),
    );
    let text = format!("{} ok, {warnings}, {failures}; nothing was sent", count(Level::Ok));
    style.toned(level(worst).1, &text)
}
