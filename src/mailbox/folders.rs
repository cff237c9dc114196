//! Which folder is what, and how we know: by what the server marks (SPECIAL-USE, RFC 6154), else by the names the profile
//! states, else by a table of names.

use super::mutf7;
use super::names;
use super::session::Listed;
use crate::model::profile::Dialect;
use crate::model::{FolderRole, Profile};
use std::collections::HashSet;
use std::fmt;

/// How a folder's role was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// INBOX is INBOX (RFC 9051 §5.1).
    Inbox,
    /// The server marks it.
    SpecialUse,
    /// The profile names it (`junk_names`).
    Profile,
    /// A known name.
    KnownName,
    /// Nothing marks it.
    Nothing,
}

impl fmt::Display for FoundBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FoundBy::Inbox => "by definition",
            FoundBy::SpecialUse => "by the server's SPECIAL-USE mark",
            FoundBy::Profile => "by the configured name",
            FoundBy::KnownName => "by its name",
            FoundBy::Nothing => "not marked",
        })
    }
}

/// A folder that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The name in commands.
    pub raw: String,
    /// The name for people; unique in the mailbox.
    pub name: String,
    /// What it is for.
    pub role: FolderRole,
    /// How that is known.
    pub found_by: FoundBy,
}

/// All folders of a mailbox that can be opened, the inbox first, then junk, then the other roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folders {
    /// The folders.
    pub all: Vec<Folder>,
    /// Folders that must exist at this provider but are not shown, in words. While there is one, nothing can be called missing.
    pub hidden: Vec<String>,
}

impl Folders {
    /// Reads a listing with a provider's facts.
    pub fn read(listed: &[Listed], profile: &Profile) -> Folders {
        let mut listed_once = HashSet::new();
        let mut all: Vec<Folder> = listed
            .iter()
            .filter(|line| selectable(line))
            .filter(|line| listed_once.insert(line.raw.as_str()))
            .map(by_mark)
            .collect();
        let delimiters = |raw: &str| {
            listed
                .iter()
                .find(|line| line.raw == raw)
                .and_then(|line| line.delimiter.clone())
        };
        let configured = |name: &str| profile.junk_names.iter().any(|known| known.to_lowercase() == name);
        if profile.junk_stated {
            by_configuration(&mut all, configured);
        }
        by_name(&mut all, FolderRole::Junk, FoundBy::Profile, configured, &delimiters);
        by_name(
            &mut all,
            FolderRole::Junk,
            FoundBy::KnownName,
            names::is_junk,
            &delimiters,
        );
        by_name(
            &mut all,
            FolderRole::Trash,
            FoundBy::KnownName,
            names::is_trash,
            &delimiters,
        );
        by_name(
            &mut all,
            FolderRole::Archive,
            FoundBy::KnownName,
            names::is_archive,
            &delimiters,
        );
        all.sort_by_key(|folder| folder.role);
        let hidden = hidden(&all, profile.dialect);
        Folders { all, hidden }
    }

    /// The folders that every round looks at: those with a role.
    pub fn candidates(&self) -> impl Iterator<Item = &Folder> {
        self.all.iter().filter(|folder| folder.role != FolderRole::Other)
    }

    /// The inbox, where the server has one.
    pub fn inbox(&self) -> Option<&Folder> {
        self.all.iter().find(|folder| folder.role == FolderRole::Inbox)
    }
}

/// A name with a line break or NUL can not be sent back; no server we know makes one.
fn selectable(line: &Listed) -> bool {
    let closed = ["noselect", "nonexistent"];
    !line
        .attributes
        .iter()
        .any(|attribute| closed.contains(&attribute.as_str()))
        && !line.raw.contains(['\r', '\n', '\0'])
        && !line.raw.is_empty()
}

fn by_mark(line: &Listed) -> Folder {
    let marked = |mark: &str| line.attributes.iter().any(|attribute| attribute == mark);
    let (role, found_by) = if line.raw.eq_ignore_ascii_case("INBOX") {
        (FolderRole::Inbox, FoundBy::Inbox)
    } else if marked("junk") || marked("spam") {
        (FolderRole::Junk, FoundBy::SpecialUse)
    } else if marked("all") || marked("allmail") {
        (FolderRole::All, FoundBy::SpecialUse)
    } else if marked("trash") {
        (FolderRole::Trash, FoundBy::SpecialUse)
    } else if marked("archive") {
        (FolderRole::Archive, FoundBy::SpecialUse)
    } else {
        (FolderRole::Other, FoundBy::Nothing)
    };
    Folder {
        raw: line.raw.clone(),
        name: mutf7::readable(&line.raw),
        role,
        found_by,
    }
}

/// What the user says of a folder outranks every mark. A folder that the server itself marks as junk is junk besides.
fn by_configuration(all: &mut [Folder], configured: impl Fn(&str) -> bool) {
    let stated = |folder: &&mut Folder| folder.role != FolderRole::Inbox && configured(&folder.name.to_lowercase());
    for folder in all.iter_mut().filter(stated) {
        folder.role = FolderRole::Junk;
        folder.found_by = FoundBy::Profile;
    }
}

/// Gives `role` to the folders whose whole name or last segment is known, unless some folder already has it.
fn by_name(
    all: &mut [Folder],
    role: FolderRole,
    found_by: FoundBy,
    known: impl Fn(&str) -> bool,
    delimiter: &impl Fn(&str) -> Option<String>,
) {
    if all.iter().any(|folder| folder.role == role) {
        return;
    }
    for folder in all.iter_mut().filter(|folder| folder.role == FolderRole::Other) {
        let name = folder.name.to_lowercase();
        let segment = delimiter(&folder.raw)
            .filter(|delimiter| !delimiter.is_empty())
            .and_then(|delimiter| name.rsplit(&delimiter).next().map(str::to_owned));
        if known(&name) || segment.is_some_and(|segment| known(&segment)) {
            folder.role = role;
            folder.found_by = found_by;
        }
    }
}

/// Providers that always have a junk folder hide it only when the user says so. Where it is hidden, a message may lie in it
/// unseen.
fn hidden(all: &[Folder], dialect: Dialect) -> Vec<String> {
    let lacks = |role| !all.iter().any(|folder| folder.role == role);
    let mut hidden = Vec::new();
    if lacks(FolderRole::Inbox) {
        hidden.push("the server lists no INBOX".to_owned());
    }
    let how = match dialect {
        Dialect::Gmail => "switch on 'Show in IMAP' for the label 'Spam' in Gmail's settings",
        Dialect::Yahoo | Dialect::Outlook => "name it as `junk` of this mailbox",
        Dialect::Generic => "",
    };
    if lacks(FolderRole::Junk) && dialect != Dialect::Generic {
        let seen: Vec<&str> = all.iter().map(|folder| folder.name.as_str()).take(40).collect();
        hidden.push(format!(
            "no junk folder is visible ({how}); visible: {}",
            seen.join(", ")
        ));
    }
    if lacks(FolderRole::All) && dialect == Dialect::Gmail {
        hidden.push(
            "All Mail is not visible (switch on 'Show in IMAP' for the label 'All Mail' in Gmail's settings)"
                .to_owned(),
        );
    }
    hidden
}
