//! Reports of messages that are judged one by one: each result is printed as it comes and its part of every report goes into a file
//! without a name beside the report, so that thousands need no more memory than one. The reports are put together at the end.

use super::args::ReportArgs;
use super::exit::Exit;
use super::{reports, terminal};
use crate::model::{Report, Subject};
use crate::report::counts::Counts;
use crate::report::growing::Growing;
use crate::report::html::Html;
use crate::report::json_v1::Json;
use crate::report::junit;
use crate::report::markdown::Markdown;
use crate::report::pieces::Pieces;
use crate::report::redact::Redacted;
use crate::report::style::Style;
use crate::report::terminal_lines::Lines;
use crate::run::inspect::Inspected;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// The reports so far.
pub(super) struct Streamed {
    report: Growing,
    lines: Lines,
    files: Vec<Piecewise>,
    /// What was taken off messages: the first of each kind, and how many.
    taken_off: BTreeMap<&'static str, (String, usize)>,
}

/// One report file.
struct Piecewise {
    file: PathBuf,
    format: Box<dyn Pieces>,
    rows: std::io::Result<BufWriter<File>>,
}

impl Streamed {
    /// Opens what was asked for. `width` is the expected width of titles, in columns.
    pub(super) fn open(args: &ReportArgs, head: Report, width: usize) -> Streamed {
        let style = Style {
            color: terminal::colors_on_stdout(),
            width: terminal::width(),
        };
        let wanted: [(&Option<PathBuf>, Box<dyn Pieces>); 4] = [
            (&args.junit, Box::new(junit::Saved::default())),
            (&args.json, Box::new(Json::default())),
            (&args.html, Box::new(Html::default())),
            (&args.markdown, Box::new(Markdown::default())),
        ];
        let files = wanted.into_iter().filter_map(|(file, format)| {
            let file = file.clone()?;
            let rows = nameless(&file).map(BufWriter::new);
            Some(Piecewise { file, format, rows })
        });
        Streamed {
            files: files.collect(),
            lines: Lines::new(style, width),
            report: Growing::new(head, Vec::new()),
            taken_off: BTreeMap::new(),
        }
    }

    /// What was counted so far.
    pub(super) fn counts(&self) -> Counts {
        self.report.counts()
    }

    /// One more result.
    pub(super) fn put(&mut self, inspected: Inspected) {
        self.begin();
        for what in inspected.taken_off {
            let first = || match &inspected.judged.evidence.subject {
                Subject::File(name) => (name.clone(), 0),
                Subject::Delivery(delivery) => (delivery.id.to_string(), 0),
            };
            self.taken_off.entry(what).or_insert_with(first).1 += 1;
        }
        let row = self.report.row(inspected.judged);
        terminal::out(&self.lines.rows(&row));
        self.files.iter_mut().for_each(|file| file.put(&row));
    }

    fn begin(&self) {
        if self.counts().totals.deliveries == 0 {
            terminal::out(&self.lines.head(&self.report.head()));
            terminal::out("");
        }
    }

    /// Writes what stands around the rows, and prints the summary. Returns an exit code where a report could not be written.
    pub(super) fn end(mut self, interrupted: bool) -> Option<Exit> {
        self.begin();
        for (what, (first, count)) in &self.taken_off {
            let more = match count {
                1 => String::new(),
                count => format!(" (and of {} more)", count - 1),
            };
            self.report.notice(format!(
                "{what} above the header section of {first}{more} was passed over"
            ));
        }
        let report = self.report.end(OffsetDateTime::now_utc(), interrupted);
        let mut failed = None;
        for piecewise in self.files {
            let file = piecewise.file.clone();
            if let Err(error) = piecewise.end(&report) {
                failed = Some(reports::unwritten(&file, &error));
            }
        }
        terminal::out(&self.lines.end(&report));
        failed
    }
}

impl Piecewise {
    fn put(&mut self, row: &Redacted) {
        let Ok(rows) = &mut self.rows else { return };
        if let Err(error) = rows.write_all(self.format.rows(row).as_bytes()) {
            // Told at the end, when the others are written.
            self.rows = Err(error);
        }
    }

    fn end(self, report: &Redacted) -> std::io::Result<()> {
        let mut rows = self.rows?.into_inner().map_err(|error| error.into_error())?;
        rows.rewind()?;
        let (before, after) = self.format.frame(report);
        reports::write_whole(&self.file, |out| {
            out.write_all(before.as_bytes())?;
            std::io::copy(&mut rows, out)?;
            out.write_all(after.as_bytes())
        })
    }
}

/// A file that is gone with the program, whatever ends it; on the disk that the report goes to.
fn nameless(report: &Path) -> std::io::Result<File> {
    let temporary = std::env::temp_dir();
    let folder = match reports::is_device(report) {
        true => &temporary,
        false => reports::folder_of(report),
    };
    let name = report.file_name().unwrap_or_default().to_string_lossy();
    std::fs::create_dir_all(folder)?;
    let path = folder.join(format!(".{name}.{}.rows", std::process::id()));
    let file = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}
