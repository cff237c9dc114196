//! Writing reports: parent folders are made, each file is complete or not there, an old one is never half overwritten.

use super::args::ReportArgs;
use super::exit::Exit;
use super::terminal;
use crate::report::redact::Redacted;
use crate::report::style::Style;
use crate::report::{html, json_v1, junit, markdown, terminal as summary};
use crate::store::StoreError;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes the report files that were asked for and prints the terminal report. Returns an exit code where one of them was lost.
pub(super) fn tell(report: &Redacted, args: &ReportArgs) -> Option<Exit> {
    let unwritten = write(report, args);
    let style = Style {
        color: terminal::colors_on_stdout(),
        width: terminal::width(),
    };
    let printed = terminal::try_out(&summary::render(report, style));
    unwritten.or((!printed).then_some(Exit::Usage))
}

/// The exit of a run that sent its messages and may have lost a report, or its place in the store. A CI server that repeats what ends with
/// 2 would send them twice.
pub(super) fn after_sending(
    run: &str,
    store: &Path,
    unkept: Option<StoreError>,
    lost: Option<Exit>,
    exit: Exit,
) -> Exit {
    let place = match store == Path::new(super::args::STORE) {
        true => String::new(),
        false => format!(" --store {}", store.display()),
    };
    let told = match (unkept, lost) {
        (Some(error), _) => format!("run {run} sent its messages, and the store could not keep it to its end: {error}"),
        (None, Some(_)) => format!(
            "run {run} sent its messages, so do not repeat it for the report: `inboxqa recheck {run}{place} --json F` writes it (or --junit, --html, --markdown)"
        ),
        (None, None) => return exit,
    };
    terminal::error(&told);
    exit.at_least_blind()
}

fn write(report: &Redacted, args: &ReportArgs) -> Option<Exit> {
    type Writer = fn(&Redacted) -> String;
    let wanted: [(&Option<_>, Writer); 4] = [
        (&args.junit, junit::render),
        (&args.json, json_v1::render),
        (&args.html, html::render),
        (&args.markdown, markdown::render),
    ];
    let mut failed = None;
    for (file, render) in wanted {
        if let Some(file) = file
            && let Err(error) = write_whole(file, |out| out.write_all(render(report).as_bytes()))
        {
            failed = Some(unwritten(file, &error));
        }
    }
    failed
}

/// The report files that were asked for.
pub(super) fn wanted(args: &ReportArgs) -> Vec<&PathBuf> {
    let all = [&args.junit, &args.json, &args.html, &args.markdown];
    all.into_iter().flatten().collect()
}

/// Says that a report could not be written.
pub(super) fn unwritten(file: &Path, error: &std::io::Error) -> Exit {
    terminal::error(&format!("the report {} could not be written: {error}", file.display()));
    Exit::Usage
}

/// Tries every report's place before anything is sent; what the command reads or keeps is not written over.
pub(super) fn writable(args: &ReportArgs, spared: &[PathBuf]) -> Result<(), Exit> {
    let files = wanted(args);
    let refused = |why: String| Some(std::io::Error::other(why));
    for (index, file) in files.iter().enumerate() {
        let twice = files[..index].iter().any(|other| is_same(other, file));
        let input = spared.iter().find(|input| is_same(input, file));
        let in_the_way = match (twice, input) {
            (true, _) => refused("two reports would go there".to_owned()),
            (_, Some(input)) => refused(format!(
                "{} is a file that this command reads or keeps",
                input.display()
            )),
            _ => None,
        };
        if let Some(error) = in_the_way.or_else(|| place(file).err()) {
            terminal::error(&format!(
                "the report {} could not be written, so nothing was sent: {error}",
                file.display()
            ));
            return Err(Exit::Usage);
        }
    }
    Ok(())
}

/// Do both names mean one file, which may not be there yet?
pub(super) fn is_same(one: &Path, other: &Path) -> bool {
    let place = |file: &Path| {
        let whole = file.canonicalize().ok();
        whole.or_else(|| Some(folder_of(file).canonicalize().ok()?.join(file.file_name()?)))
    };
    one == other || place(one).is_some_and(|one| place(other) == Some(one))
}

/// Can a report be put there?
fn place(file: &Path) -> std::io::Result<()> {
    match std::fs::metadata(file) {
        _ if is_our_output(file) => Ok(()),
        _ if file == Path::new("-") => Err(std::io::Error::other("`-` is no file; say /dev/stdout")),
        Ok(there) if there.is_dir() => Err(std::io::Error::other("it is a folder")),
        Ok(there) if !there.is_file() => std::fs::OpenOptions::new().write(true).open(file).map(drop),
        _ => {
            let probe = file.with_extension("inboxqa-probe");
            write_whole(&probe, |_| Ok(())).and_then(|()| std::fs::remove_file(&probe))
        }
    }
}

/// A device or a pipe is written through: a rename would put a file in its place.
pub(super) fn is_device(file: &Path) -> bool {
    is_our_output(file) || std::fs::metadata(file).is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// Where standard output was turned into a file, its name in /dev leads there, and is still no place for a rename.
fn is_our_output(file: &Path) -> bool {
    ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
        .iter()
        .any(|name| file == Path::new(name))
}

/// The folder a report goes into.
pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Fills a file that is complete or not there.
pub(super) fn write_whole(
    file: &Path,
    fill: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    if is_our_output(file) {
        let mut out = std::io::stdout().lock();
        return fill(&mut out).and_then(|()| out.flush());
    }
    if is_device(file) {
        return fill(&mut std::fs::OpenOptions::new().write(true).open(file)?);
    }
    let folder = folder_of(file);
    std::fs::create_dir_all(folder)?;
    let name = file
        .file_name()
        .ok_or_else(|| std::io::Error::other("it is no file name"))?;
    let draft = folder.join(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = std::fs::File::create(&draft).and_then(|mut open| {
        fill(&mut open)?;
        open.sync_all()
    });
    match written.and_then(|()| std::fs::rename(&draft, file)) {
        Ok(()) => Ok(()),
        Err(error) => {
            // The draft is ours; what can not be removed is left, the error matters more.
            let _ = std::fs::remove_file(&draft);
            Err(error)
        }
    }
}
