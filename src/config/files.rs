//! Reading files: sizes capped, only regular files, relative paths resolved against the file that names them.

use crate::model::Place;
use std::io::Read;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

/// Largest TOML file, template or data file in bytes: far above any real one, far below what would hurt.
const LARGEST: u64 = 8 * 1024 * 1024;

/// A file with its text.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The file as the user named it.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The folder that relative paths in it start from.
    pub dir: PathBuf,
}

impl Source {
    /// The place of a byte range.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        // The span of a whole table reaches over many lines: its first line says enough.
        let line = self.text.get(span.clone()).and_then(|text| text.find(['\r', '\n']));
        let end = line.map_or(span.end, |at| span.start + at);
        Place::locate(&self.file, &self.text, span.start..end)
    }
}

/// Reads a text file.
pub(super) fn read(path: &Path) -> Result<Source, String> {
    let about = std::fs::metadata(path).map_err(|error| plain(&error))?;
    if !about.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let file = std::fs::File::open(path).map_err(|error| plain(&error))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| plain(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(format!("is larger than {} MiB", LARGEST / 1024 / 1024));
    }
    let text =
        String::from_utf8(bytes).map_err(|error| not_utf8(error.as_bytes(), error.utf8_error().valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let dir = path
        .parent()
        .filter(|dir| !dir.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    Ok(Source {
        file: shown(path),
        text,
        dir: dir.to_owned(),
    })
}

/// What the words of a file in another encoding begin with.
const NOT_UTF8: &str = "is not UTF-8";

/// Where the text stops being UTF-8: the line, as an editor counts it. UTF-16 has no such place, it is another encoding throughout.
fn not_utf8(bytes: &[u8], at: usize) -> String {
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => format!("{NOT_UTF8} but UTF-16"),
        _ => format!("{NOT_UTF8} (line {line})"),
    }
}

/// What to do about a file that can not be read, where the words themselves tell.
pub(super) fn remedy(why: &str) -> Option<&'static str> {
    why.starts_with(NOT_UTF8)
        .then_some("open it in an editor and save it as UTF-8")
}

/// Resolves a path written in a file; the words say why it may not be read. A message's parts may only come from below the suite's
/// own folder or the working folder: a suite must not be able to mail `/etc/passwd`.
pub(super) fn resolve_inside(dir: &Path, written: &str) -> Result<PathBuf, String> {
    if written.is_empty() || written.contains('\0') {
        return Err("is not a path".to_owned());
    }
    if Path::new(written).is_absolute() {
        return Err("is an absolute path".to_owned());
    }
    let joined = join(dir, written);
    let real = joined.canonicalize().map_err(|error| plain(&error))?;
    let roots = [dir.canonicalize(), Path::new(".").canonicalize()];
    match roots.into_iter().flatten().any(|root| real.starts_with(root)) {
        true => Ok(joined),
        false => Err("lies outside the suite's folder and the working folder".to_owned()),
    }
}

/// Joins and tidies `a/b/../c` to `a/c` as far as names alone allow, so that messages show the path a person would write.
pub(super) fn join(dir: &Path, written: &str) -> PathBuf {
    let mut path = PathBuf::new();
    for part in dir.join(written).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(path.components().next_back(), Some(Component::Normal(_))) => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path
}

/// A path as text.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// An I/O error without the operating system's number.
pub(super) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_lowercase(),
        None => text,
    }
}
