//! Which folder is what, at providers that mark their folders, name them, or hide them.

use super::script::account;
use inboxqa::mailbox::{Folders, FoundBy, Listed};
use inboxqa::model::FolderRole;
use inboxqa::model::profile::Dialect;

fn read(dialect: Dialect, junk_names: &[&str], lines: &[(&str, &[&str])]) -> Folders {
    let mut profile = account(993, dialect).seed.profile;
    profile.junk_names = junk_names.iter().map(|name| (*name).to_owned()).collect();
    let listed: Vec<Listed> = lines
        .iter()
        .map(|(raw, attributes)| Listed {
            raw: (*raw).to_owned(),
            delimiter: Some("/".to_owned()),
            attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        })
        .collect();
    Folders::read(&listed, &profile)
}

fn junk(folders: &Folders) -> Vec<(&str, FoundBy)> {
    let junk = folders.all.iter().filter(|folder| folder.role == FolderRole::Junk);
    junk.map(|folder| (folder.name.as_str(), folder.found_by)).collect()
}

#[test]
fn gmail_in_any_language_is_read_by_its_marks() {
    let folders = read(
        Dialect::Gmail,
        &[],
        &[
            ("INBOX", &["hasnochildren"]),
            ("[Gmail]", &["noselect"]),
            ("[Gmail]/Alle Nachrichten", &["all"]),
            ("[Gmail]/Pourriel", &["junk"]),
            ("[Gmail]/Papierkorb", &["trash"]),
            ("Spam", &[]),
        ],
    );
    assert_eq!(junk(&folders), [("[Gmail]/Pourriel", FoundBy::SpecialUse)]);
    assert_eq!(folders.all.len(), 5, "a folder that can not be opened is left out");
    let candidates: Vec<&str> = folders.candidates().map(|folder| folder.name.as_str()).collect();
    assert_eq!(
        candidates,
        [
            "INBOX",
            "[Gmail]/Pourriel",
            "[Gmail]/Alle Nachrichten",
            "[Gmail]/Papierkorb"
        ]
    );
    assert!(folders.hidden.is_empty());
}

#[test]
fn exchange_is_read_by_name_in_the_users_language() {
    let folders = read(
        Dialect::Outlook,
        &[],
        &[
            ("INBOX", &[]),
            ("Junk-E-Mail", &[]),
            ("Spamberichte", &[]),
            ("Archiv", &[]),
        ],
    );
    assert_eq!(junk(&folders), [("Junk-E-Mail", FoundBy::KnownName)]);
    let folders = read(
        Dialect::Outlook,
        &[],
        &[("INBOX", &[]), ("Courrier ind&AOk-sirable", &[])],
    );
    assert_eq!(junk(&folders), [("Courrier indésirable", FoundBy::KnownName)]);
    assert_eq!(
        folders.all[1].raw, "Courrier ind&AOk-sirable",
        "commands use the name as it came"
    );
}

#[test]
fn a_configured_name_wins_over_the_table_and_a_mark_over_both() {
    let lines: &[(&str, &[&str])] = &[("INBOX", &[]), ("Bulk", &[]), ("Spam", &[])];
    assert_eq!(
        junk(&read(Dialect::Yahoo, &["bulk"], lines)),
        [("Bulk", FoundBy::Profile)]
    );
    let both: &[(&str, &[&str])] = &[("INBOX", &[]), ("Bulk", &[]), ("Werbung/Spam", &["junk"])];
    assert_eq!(
        junk(&read(Dialect::Yahoo, &["bulk"], both)),
        [("Werbung/Spam", FoundBy::SpecialUse)]
    );
    let nested: &[(&str, &[&str])] = &[("INBOX", &[]), ("INBOX/Junk", &[])];
    assert_eq!(
        junk(&read(Dialect::Generic, &[], nested)),
        [("INBOX/Junk", FoundBy::KnownName)]
    );
}

#[test]
fn what_a_provider_hides_is_said() {
    let gmail = read(Dialect::Gmail, &[], &[("INBOX", &[])]);
    assert_eq!(gmail.hidden.len(), 2, "{:?}", gmail.hidden);
    let outlook = read(Dialect::Outlook, &[], &[("INBOX", &[]), ("Eigenes", &[])]);
    assert!(outlook.hidden[0].contains("`junk`") && outlook.hidden[0].contains("Eigenes"));
    let own_server = read(Dialect::Generic, &[], &[("INBOX", &[])]);
    assert!(
        own_server.hidden.is_empty(),
        "a server of one's own need not have a junk folder"
    );
    assert!(
        !read(Dialect::Generic, &[], &[]).hidden.is_empty(),
        "but an inbox it must have"
    );
}

#[test]
fn hostile_names_are_left_out() {
    let folders = read(
        Dialect::Generic,
        &[],
        &[("INBOX", &[]), ("a\r\nb", &[]), ("", &[]), ("n\0l", &[])],
    );
    assert_eq!(folders.all.len(), 1);
}

#[test]
fn what_the_user_states_outranks_the_servers_marks() {
    let mut profile = account(993, Dialect::Generic).seed.profile;
    profile.junk_names = vec!["Quarantaine".to_owned()];
    profile.junk_stated = true;
    let line = |raw: &str, attribute: &str| Listed {
        raw: raw.to_owned(),
        delimiter: Some("/".to_owned()),
        attributes: vec![attribute.to_owned()],
    };
    let listed = [line("INBOX", ""), line("Quarantaine", "archive"), line("Spam", "junk")];
    let folders = Folders::read(&listed, &profile);
    assert_eq!(
        junk(&folders),
        [("Quarantaine", FoundBy::Profile), ("Spam", FoundBy::SpecialUse)]
    );
}
