//! Which folders a mailbox of each provider has, under which names and with which attributes (RFC 6154). Names differ by
//! age and language of an account, so a mailbox can also be opened with a layout of its own.

use crate::model::FolderRole;
use crate::model::profile::Dialect;

/// One folder of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderPlan {
    /// Full name, decoded.
    pub name: String,
    /// What it is for; known to the server, shown to clients only as far as `attributes` tell.
    pub role: FolderRole,
    /// Attributes that LIST shows besides `\HasNoChildren` and its like.
    pub attributes: Vec<&'static str>,
    /// It can be opened.
    pub selectable: bool,
    /// LIST shows it; a folder that is not shown can not be opened either.
    pub listed: bool,
}

impl FolderPlan {
    /// A folder that can be opened.
    pub fn new(name: &str, role: FolderRole, attributes: &[&'static str]) -> FolderPlan {
        FolderPlan {
            name: name.to_owned(),
            role,
            attributes: attributes.to_vec(),
            selectable: true,
            listed: true,
        }
    }

    /// A name that only holds others.
    fn container(name: &str) -> FolderPlan {
        FolderPlan {
            selectable: false,
            ..FolderPlan::new(name, FolderRole::Other, &["\\Noselect"])
        }
    }
}

/// Hierarchy delimiter of a dialect.
pub fn delimiter(dialect: Dialect) -> char {
    match dialect {
        Dialect::Generic => '.',
        _ => '/',
    }
}

/// The folders of a new account of a dialect.
pub fn usual(dialect: Dialect) -> Vec<FolderPlan> {
    match dialect {
        Dialect::Gmail => gmail("[Gmail]"),
        Dialect::Yahoo => yahoo(),
        Dialect::Outlook => named(&["Deleted", "Junk", "Sent"]),
        Dialect::Generic => generic(),
    }
}

/// Gmail's folders under a prefix: `[Gmail]`, or `[Google Mail]` for accounts that began in some countries.
pub fn gmail(prefix: &str) -> Vec<FolderPlan> {
    let special = |name: &str, role, attribute| FolderPlan::new(&format!("{prefix}/{name}"), role, &[attribute]);
    vec![
        FolderPlan::new("INBOX", FolderRole::Inbox, &[]),
        FolderPlan::new("Größen & Maße", FolderRole::Other, &[]),
        FolderPlan::container(prefix),
        special("All Mail", FolderRole::All, "\\All"),
        special("Drafts", FolderRole::Other, "\\Drafts"),
        special("Important", FolderRole::Other, "\\Important"),
        special("Sent Mail", FolderRole::Other, "\\Sent"),
        special("Spam", FolderRole::Junk, "\\Junk"),
        special("Starred", FolderRole::Other, "\\Flagged"),
        special("Trash", FolderRole::Trash, "\\Trash"),
    ]
}

/// Exchange Online's folders: as Outlook.com's, under other names, equally without attributes.
pub fn microsoft365() -> Vec<FolderPlan> {
    named(&["Deleted Items", "Junk Email", "Sent Items"])
}

/// The same in a French mailbox: no attribute says what a folder is for, and the names are in the user's language.
pub fn microsoft365_french() -> Vec<FolderPlan> {
    named(&["Éléments supprimés", "Courrier indésirable", "Éléments envoyés"])
}

/// Gmail of an account that began in Germany, in German: attributes are all there is to go by.
pub fn gmail_german() -> Vec<FolderPlan> {
    let german = [
        ("All Mail", "Alle Nachrichten"),
        ("Drafts", "Entwürfe"),
        ("Important", "Wichtig"),
        ("Sent Mail", "Gesendet"),
        ("Starred", "Markiert"),
        ("Trash", "Papierkorb"),
    ];
    let mut plans = gmail("[Google Mail]");
    for plan in &mut plans {
        for (english, translated) in german {
            plan.name = plan.name.replace(english, translated);
        }
    }
    plans
}

fn named([trash, junk, sent]: &[&str; 3]) -> Vec<FolderPlan> {
    vec![
        FolderPlan::new("Archive", FolderRole::Archive, &[]),
        FolderPlan::new(trash, FolderRole::Trash, &[]),
        FolderPlan::new("Drafts", FolderRole::Other, &[]),
        FolderPlan::new("INBOX", FolderRole::Inbox, &[]),
        FolderPlan::new(junk, FolderRole::Junk, &[]),
        FolderPlan::new("Notes", FolderRole::Other, &[]),
        FolderPlan::new("Outbox", FolderRole::Other, &[]),
        FolderPlan::new(sent, FolderRole::Other, &[]),
    ]
}

fn yahoo() -> Vec<FolderPlan> {
    vec![
        FolderPlan::new("Archive", FolderRole::Archive, &["\\Archive"]),
        FolderPlan::new("Bulk", FolderRole::Junk, &["\\Junk"]),
        FolderPlan::new("Draft", FolderRole::Other, &["\\Drafts"]),
        FolderPlan::new("Inbox", FolderRole::Inbox, &[]),
        FolderPlan::new("Sent", FolderRole::Other, &["\\Sent"]),
        FolderPlan::new("Trash", FolderRole::Trash, &["\\Trash"]),
    ]
}

fn generic() -> Vec<FolderPlan> {
    vec![
        FolderPlan::new("Archive", FolderRole::Archive, &["\\Archive"]),
        FolderPlan::new("Drafts", FolderRole::Other, &["\\Drafts"]),
        FolderPlan::new("Junk", FolderRole::Junk, &["\\Junk"]),
        FolderPlan::new("Sent", FolderRole::Other, &["\\Sent"]),
        FolderPlan::new("Trash", FolderRole::Trash, &["\\Trash"]),
        FolderPlan::new("Belege.Größen & Maße", FolderRole::Other, &[]),
        FolderPlan::new("INBOX", FolderRole::Inbox, &[]),
    ]
}
