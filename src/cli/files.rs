//! Which files a command works on, and loading them with their problems shown.

use super::exit::Exit;
use super::{annotate, terminal};
use crate::config::{self, Loaded, SeedsFile};
use crate::model::Diagnostic;
use crate::report::diagnostic;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// The seeds that the lab plays where no file names others: what `inboxqa init` writes.
const EXAMPLE: SeedsFile = SeedsFile::Text {
    name: "mailboxes.example.toml (built in)",
    text: include_str!("../../mailboxes.example.toml"),
};
const USUAL: &str = "mailboxes.toml";
/// Names of the file where nothing real hangs on it, the nearest first.
const NAMES: [&str; 2] = [USUAL, "mailboxes.example.toml"];

/// The mailboxes file a command works on.
pub(super) struct Seeds {
    /// Where they are written.
    pub from: SeedsFile,
    /// What must be told where nobody would expect that.
    pub notice: Option<String>,
}

/// How a command stands to seed mailboxes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// Nobody is reached: any seeds will do.
    Nobody,
    /// The user's own are reached; `--lab` would need none.
    Own,
    /// The user's own are reached, and the command has no `--lab`.
    OwnAlone,
}

impl Reach {
    /// Of a command that has `--lab`.
    pub(super) fn by(lab: bool) -> Reach {
        if lab { Reach::Nobody } else { Reach::Own }
    }
}

/// The mailboxes file: as given, else `mailboxes.toml`. Where nobody is reached, else one of the usual names in the working folder, in a
/// suite's folder or beside it, else the built-in example. Real seeds are never looked for elsewhere than in the working folder.
pub(super) fn mailboxes(given: Option<&PathBuf>, suites: &[PathBuf], reach: Reach) -> Seeds {
    let at = |path: &Path| SeedsFile::At {
        path: path.to_owned(),
        otherwise: otherwise(given.is_some(), suites, reach),
    };
    let usual = Path::new(USUAL);
    match given {
        Some(path) => Seeds::plain(at(path)),
        None if reach != Reach::Nobody => Seeds::plain(at(usual)),
        None => match found(suites) {
            Some(path) if path.parent() == Some(Path::new("")) => Seeds::plain(at(&path)),
            Some(path) => Seeds {
                notice: Some(format!("seed mailboxes of {}", path.display())),
                from: at(&path),
            },
            None => Seeds {
                notice: Some(format!("seed mailboxes of {}", EXAMPLE.name())),
                from: EXAMPLE,
            },
        },
    }
}

impl Seeds {
    fn plain(from: SeedsFile) -> Seeds {
        Seeds { from, notice: None }
    }

    /// Tells the notice on stderr, for commands without a report.
    pub(super) fn told(self) -> SeedsFile {
        self.notice.iter().for_each(|notice| terminal::note(notice));
        self.from
    }
}

fn found(suites: &[PathBuf]) -> Option<PathBuf> {
    let beside = suites.iter().filter_map(|suite| suite.parent());
    let folders = beside.flat_map(|folder| [Some(folder), folder.parent()]).flatten();
    let mut files = std::iter::once(Path::new(""))
        .chain(folders)
        .flat_map(|folder| NAMES.map(|name| folder.join(name)));
    files.find(|file| file.exists())
}

/// What to do where the file can not be read.
fn otherwise(given: bool, suites: &[PathBuf], reach: Reach) -> String {
    let lab = match reach {
        Reach::Own if !given => "; `--lab` needs none",
        _ => "",
    };
    let mut folders = suites.iter().filter_map(|suite| suite.parent());
    match folders.find(|folder| folder.join(USUAL).exists()) {
        Some(folder) if !given => format!(
            "there is one beside the suite: name it with --mailboxes {}{lab}",
            folder.join(USUAL).display()
        ),
        _ => format!("copy mailboxes.example.toml (`inboxqa init` writes one) and put your seed mailboxes in{lab}"),
    }
}

/// Loads suites, routes and mailboxes, or shows every problem.
pub(super) fn load(suites: &[PathBuf], mailboxes: &SeedsFile) -> Result<Loaded, Exit> {
    config::load_with(suites, mailboxes, OffsetDateTime::now_utc().date())
        .map_err(|problems| show(&problems.diagnostics, &problems.sources))
}

/// Shows diagnostics on stderr, beside their lines too where GitHub reads along, and gives the exit code for them.
pub(super) fn show(diagnostics: &[Diagnostic], sources: &BTreeMap<String, String>) -> Exit {
    terminal::note(&diagnostic::render(diagnostics, sources, terminal::colors_on_stderr()));
    annotate::diagnostics(diagnostics);
    Exit::Usage
}

/// Every file that a command reads: suites, routes, templates, data, mailboxes.
pub(super) fn read(loaded: &Loaded, suites: &[PathBuf], mailboxes: &SeedsFile) -> Vec<PathBuf> {
    let named = loaded.sources.keys().map(PathBuf::from);
    named
        .chain(suites.iter().cloned())
        .chain([PathBuf::from(mailboxes.name())])
        .collect()
}
