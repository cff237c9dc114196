//! What `doctor` found, as JSON: `{"schema": "inboxqa/doctor/1", "version": …, "lines": [{level, blind, area, subject, text, remedy, details}]}`.

use super::redact::RedactedLines;
use crate::model::{DoctorLine, Level};
use serde::Serialize;

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    lines: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    level: &'static str,
    blind: bool,
    area: &'a str,
    subject: &'a str,
    text: &'a str,
    remedy: &'a str,
    details: &'a [String],
}

/// The whole document.
pub fn render(lines: &RedactedLines) -> String {
    let document = Document {
        schema: "inboxqa/doctor/1",
        version: env!("CARGO_PKG_VERSION"),
        lines: lines.lines().iter().map(shown).collect(),
    };
    serde_json::to_string_pretty(&document).expect("plain strings can be written")
}

fn shown(line: &DoctorLine) -> Line<'_> {
    Line {
        level: match line.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "fail",
        },
        blind: line.blind,
        area: &line.area,
        subject: &line.subject,
        text: &line.text,
        remedy: &line.remedy,
        details: &line.details,
    }
}
