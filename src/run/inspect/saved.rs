//! Where saved messages are read from: files, mbox files, Maildirs (and folders of `.eml` files), standard input. Reading is
//! synchronous, one message at a time, and what can not be read is handed on as such.

use super::mbox::{Entry, Mbox};
use crate::mail::reading::MAX_MESSAGE;
use crate::model::Why;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc::Sender;
use tokio_util::sync::CancellationToken;

/// One saved message.
pub struct Saved {
    /// What reports call it: the path as the user named it, `#3` after it for the third message of an mbox, `-` for standard input.
    pub name: String,
    /// Its bytes, or why there are none.
    pub bytes: Result<Vec<u8>, Why>,
    /// An HTML file instead of a message.
    pub is_html: bool,
}

/// Where messages come from.
pub enum Source {
    /// A file: one message, or an mbox.
    File(PathBuf),
    /// A Maildir, or a folder of `.eml` files.
    Folder(PathBuf),
    /// Something that is read to its end, with what reports call it: standard input.
    Stream(String, Box<dyn Read + Send>),
}

impl Source {
    /// What reports call it, or the messages in it begin with.
    pub fn name(&self) -> String {
        match self {
            Source::File(path) | Source::Folder(path) => path.display().to_string(),
            Source::Stream(name, _) => name.clone(),
        }
    }
}

/// What a path on the command line stands for. Fails, in words, where nothing is there.
pub fn source(path: &Path) -> Result<Source, String> {
    if path == Path::new("-") {
        return Ok(Source::Stream("-".to_owned(), Box::new(std::io::stdin())));
    }
    match std::fs::metadata(path) {
        Ok(about) if about.is_dir() => Ok(Source::Folder(path.to_owned())),
        Ok(_) => Ok(Source::File(path.to_owned())),
        Err(error) => Err(format!("`{}` can not be read: {}", path.display(), plain(&error))),
    }
}

/// Reads every message of the sources into the channel, until all are read, nobody listens any more, or `stop` is cancelled.
pub fn read(sources: Vec<Source>, out: &Sender<Saved>, stop: &CancellationToken) {
    let mut put = |saved: Saved| !stop.is_cancelled() && out.blocking_send(saved).is_ok();
    for source in sources {
        let goes_on = match source {
            Source::Stream(name, input) => stream(&name, BufReader::new(input), true, &mut put),
            Source::File(path) => file(&path, &mut put),
            Source::Folder(path) => folder(&path, &mut put),
        };
        if !goes_on {
            return;
        }
    }
}

/// Says whether to go on.
type Put<'a> = dyn FnMut(Saved) -> bool + 'a;

fn failed(name: &str, put: &mut Put<'_>, code: &str, detail: String) -> bool {
    put(Saved {
        name: name.to_owned(),
        bytes: Err(Why::new(code, detail)),
        is_html: false,
    })
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension()
        .is_some_and(|ending| endings.iter().any(|one| ending.eq_ignore_ascii_case(one)))
}

/// An HTML file is judged as the HTML part of a message that is not there yet.
pub fn is_html(path: &Path) -> bool {
    has_ending(path, &["html", "htm"])
}

fn file(path: &Path, put: &mut Put<'_>) -> bool {
    let name = path.display().to_string();
    if is_html(path) {
        return match File::open(path) {
            Ok(file) => put(Saved {
                bytes: whole(file),
                name,
                is_html: true,
            }),
            Err(error) => failed(&name, put, "unreadable", plain(&error)),
        };
    }
    // A file that is called .eml is one message, whatever stray line it begins with.
    let is_one = has_ending(path, &["eml"]);
    match File::open(path) {
        Ok(file) => stream(&name, BufReader::new(file), !is_one, put),
        Err(error) => failed(&name, put, "unreadable", plain(&error)),
    }
}

/// The messages of a folder, by name: of `new` and `cur` where it is a Maildir, else its `.eml` and HTML files.
fn folder(path: &Path, put: &mut Put<'_>) -> bool {
    let parts: Vec<PathBuf> = ["new", "cur"]
        .iter()
        .map(|part| path.join(part))
        .filter(|part| part.is_dir())
        .collect();
    let is_maildir = !parts.is_empty();
    let found: Result<Vec<Vec<PathBuf>>, _> = match is_maildir {
        true => parts.iter().map(|part| files_of(part, |_| true)).collect(),
        false => files_of(path, |file| has_ending(file, &ENDINGS)).map(|files| vec![files]),
    };
    let name = path.display().to_string();
    match found.map(|files| files.concat()) {
        Err(error) => failed(&name, put, "unreadable", plain(&error)),
        Ok(files) if files.is_empty() && !is_maildir => {
            let detail =
                "it is neither a Maildir (no `cur`, no `new`) nor a folder with .eml or .html files".to_owned();
            failed(&name, put, "no-messages", detail)
        }
        Ok(files) => files.iter().all(|path| match is_maildir {
            true => one_file(path, put),
            false => file(path, put),
        }),
    }
}

/// The endings that a folder is searched for.
const ENDINGS: [&str; 3] = ["eml", "html", "htm"];

/// Files of a folder that are not judged, by their names: what else may be a message there has to be named itself.
pub fn passed_over(folder: &Path) -> Vec<String> {
    let is_maildir = ["new", "cur"].iter().any(|part| folder.join(part).is_dir());
    if is_maildir || !folder.is_dir() {
        return Vec::new();
    }
    let files = files_of(folder, |file| !has_ending(file, &ENDINGS)).unwrap_or_default();
    let names = files.iter().filter_map(|file| file.file_name());
    names.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// A file of a Maildir is one message whatever its name.
fn one_file(path: &Path, put: &mut Put<'_>) -> bool {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => stream(&name, BufReader::new(file), false, put),
        Err(error) => failed(&name, put, "unreadable", plain(&error)),
    }
}

fn files_of(folder: &Path, wanted: impl Fn(&Path) -> bool) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.is_file() && wanted(&path) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// One message, or the messages of an mbox where it begins like one and may be one.
fn stream(name: &str, mut input: impl BufRead, may_be_mbox: bool, put: &mut Put<'_>) -> bool {
    let begins = match input.fill_buf() {
        Ok(begin) => begin.starts_with(b"From "),
        Err(error) => return failed(name, put, "unreadable", plain(&error)),
    };
    if begins && may_be_mbox {
        return Mbox::new(input).enumerate().all(|(index, entry)| {
            let bytes = match entry {
                Entry::Message(bytes) => Ok(bytes),
                Entry::TooLarge => Err(too_large()),
                Entry::Failed(error) => Err(Why::new("unreadable", plain(&error))),
            };
            let name = format!("{name}#{}", index + 1);
            put(Saved {
                name,
                bytes,
                is_html: false,
            })
        });
    }
    put(Saved {
        name: name.to_owned(),
        bytes: whole(input),
        is_html: false,
    })
}

fn whole(input: impl Read) -> Result<Vec<u8>, Why> {
    let mut bytes = Vec::new();
    match input.take(MAX_MESSAGE as u64 + 1).read_to_end(&mut bytes) {
        Err(error) => Err(Why::new("unreadable", plain(&error))),
        Ok(length) if length > MAX_MESSAGE => Err(too_large()),
        Ok(_) => Ok(bytes),
    }
}

/// A message beyond the cap is not judged in part: a cut body would look like a broken signature.
fn too_large() -> Why {
    let detail = format!("it is larger than {} MiB", MAX_MESSAGE / 1024 / 1024);
    Why::new("too-large", detail)
}

/// An I/O error without the operating system's number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}
