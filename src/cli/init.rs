//! `inboxqa init`: lays the quickstart into a folder, so that an installed binary has something to run and a team something to edit.

use super::args::{InitArgs, Pipeline};
use super::exit::Exit;
use super::terminal;
use std::io::Write;
use std::path::{Path, PathBuf};

macro_rules! shipped {
    ($($path:literal),* $(,)?) => { &[$(($path, include_str!(concat!("../../", $path)))),*] };
}

/// What is laid out: the files the project ships, under the same names.
const QUICKSTART: &[(&str, &str)] = shipped![
    "mailboxes.example.toml",
    "suites/drill.toml",
    "suites/quickstart.toml",
    "suites/routes.toml",
    "suites/data/order.json",
    "suites/data/sale.json",
    "suites/data/shipment.json",
    "suites/templates/order_confirmation.html",
    "suites/templates/order_confirmation.txt",
    "suites/templates/shipping_notice.html",
    "suites/templates/shipping_notice.txt",
    "suites/templates/spring_sale.html",
    "suites/templates/spring_sale.txt",
];

const NEXT: &str = "Next:
  inboxqa run suites/quickstart.toml --lab      see it work, with no account
  cp mailboxes.example.toml mailboxes.toml      then name your own seed mailboxes
  edit suites/routes.toml                       how you send, and what each route promises
  inboxqa doctor suites/quickstart.toml         look at everything a run depends on; sends nothing";

pub(super) fn init(args: &InitArgs) -> Exit {
    let files = files(args.ci);
    let at = |path: &str| args.folder.join(path);
    let taken: Vec<PathBuf> = files
        .iter()
        .map(|(path, _)| at(path))
        .filter(|path| is_there(path))
        .collect();
    if let Some(first) = taken.first() {
        let more = match taken.len() {
            1 => String::new(),
            count => format!(" (and {} more)", count - 1),
        };
        terminal::error(&format!(
            "{} is there already{more}; nothing was written. Choose another folder: inboxqa init FOLDER",
            first.display()
        ));
        return Exit::Usage;
    }
    for (path, text) in &files {
        let path = at(path);
        if let Err(error) = write_new(&path, text) {
            terminal::error(&format!("{} can not be written: {error}", path.display()));
            return Exit::Usage;
        }
        terminal::out(&format!("wrote {}", path.display()));
    }
    terminal::note(NEXT);
    Exit::Pass
}

fn files(ci: Option<Pipeline>) -> Vec<(&'static str, &'static str)> {
    let pipeline = ci.map(|ci| match ci {
        Pipeline::Github => (
            ".github/workflows/inbox-qa.yml",
            include_str!("../../ci/github-actions.yml"),
        ),
        Pipeline::Gitlab => ("inbox-qa.gitlab-ci.yml", include_str!("../../ci/gitlab-ci.yml")),
        Pipeline::Jenkins => ("Jenkinsfile", include_str!("../../ci/Jenkinsfile")),
    });
    QUICKSTART.iter().copied().chain(pipeline).collect()
}

/// Also a link that leads nowhere: writing would follow it.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Never overwrites, whatever came in between.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::options().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
