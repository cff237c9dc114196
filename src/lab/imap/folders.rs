//! Commands about folders: LIST and its relatives, STATUS, SELECT and EXAMINE.

use super::dialect::{self, Refusal};
use super::layout::{self, FolderPlan};
use super::list_arguments::ListArguments;
use super::mailbox::{Folder, Mailbox};
use super::mutf7;
use super::reply::{Reply, quoted};
use super::seat::{Opened, Seat};
use crate::model::FolderRole;
use crate::model::profile::Dialect;

/// The decoded name a client means.
pub fn name(wire: &[u8]) -> Option<String> {
    mutf7::decode(std::str::from_utf8(wire).ok()?)
}

/// LIST, LSUB, XLIST.
pub fn list(seat: &Seat, arguments: &ListArguments) -> Reply {
    let dialect = seat.dialect;
    let knows_options = dialect::has(dialect, "LIST-EXTENDED");
    if (arguments.extended && !knows_options) || (arguments.verb == "XLIST" && !dialect::has(dialect, "XLIST")) {
        return Reply::bad(dialect::bad(dialect, arguments.verb, "unknown syntax"));
    }
    let mut reply = Reply::ok(dialect::done(dialect, arguments.verb));
    let delimiter = layout::delimiter(dialect);
    if arguments.pattern.is_empty() {
        reply.line(&format!("* {} (\\Noselect) \"{delimiter}\" \"\"", arguments.verb));
        return reply;
    }
    let pattern = [arguments.reference.as_slice(), &arguments.pattern].concat();
    seat.store.read(&seat.mailbox, |mailbox| {
        for folder in mailbox.folders().iter().filter(|folder| folder.plan.listed) {
            let plan = &folder.plan;
            let wire = mutf7::encode(&plan.name);
            let special = plan.selectable && !plan.attributes.is_empty();
            if !fits(&pattern, wire.as_bytes(), delimiter) || (arguments.special_only && !special) {
                continue;
            }
            let attributes = attributes(mailbox, plan, arguments.verb, delimiter);
            let name = written(&wire, dialect);
            reply.line(&format!("* {} ({attributes}) \"{delimiter}\" {name}", arguments.verb));
            if plan.selectable && !arguments.status.is_empty() {
                match status_line(folder, mailbox, &wire, dialect, &arguments.status) {
                    Ok(line) => reply.line(&line),
                    Err(wrong) => reply = wrong,
                }
            }
        }
    });
    reply
}

fn attributes(mailbox: &Mailbox, plan: &FolderPlan, verb: &str, delimiter: char) -> String {
    let prefix = format!("{}{delimiter}", plan.name);
    let has_children = mailbox
        .folders()
        .iter()
        .any(|folder| folder.plan.name.starts_with(&prefix));
    let children = if has_children {
        "\\HasChildren"
    } else {
        "\\HasNoChildren"
    };
    let mut words = vec![children];
    let special = plan.attributes.iter().map(|attribute| match (verb, *attribute) {
        ("XLIST", "\\Junk") => "\\Spam",
        ("XLIST", "\\All") => "\\AllMail",
        ("XLIST", "\\Flagged") => "\\Starred",
        (_, attribute) => attribute,
    });
    words.extend(special);
    if verb == "XLIST" && plan.role == FolderRole::Inbox {
        words.push("\\Inbox");
    }
    // Gmail sorts them; Yahoo tells the use first, Dovecot and Exchange last.
    match mailbox.dialect {
        Dialect::Gmail => words.sort_unstable(),
        Dialect::Yahoo => words.reverse(),
        Dialect::Outlook | Dialect::Generic => {}
    }
    words.join(" ")
}

/// A name as the provider writes it: Exchange and Dovecot leave the quotes away where they can.
fn written(wire: &str, dialect: Dialect) -> String {
    let is_plain = wire
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.&,+".contains(&byte));
    match dialect {
        Dialect::Outlook | Dialect::Generic if is_plain => wire.to_owned(),
        _ => quoted(wire),
    }
}

/// RFC 3501 §6.3.8: `*` is anything, `%` anything without a delimiter. INBOX fits in any case.
fn fits(pattern: &[u8], name: &[u8], delimiter: char) -> bool {
    let is_delimiter = |byte: u8| char::from(byte) == delimiter;
    // Places in the name that the pattern read so far can end at; no backtracking, so no pattern is slow.
    let mut ends = vec![false; name.len() + 1];
    ends[0] = true;
    for wanted in pattern {
        let mut next = vec![false; name.len() + 1];
        let mut open = false;
        for at in 0..=name.len() {
            let before = at.checked_sub(1).and_then(|at| name.get(at).copied());
            match wanted {
                b'*' | b'%' => {
                    open = (open && !(*wanted == b'%' && before.is_some_and(is_delimiter))) || ends[at];
                    next[at] = open;
                }
                _ => {
                    let same = before.is_some_and(|byte| byte == *wanted);
                    next[at] = same && ends[at - 1];
                }
            }
        }
        ends = next;
    }
    let inbox = name.eq_ignore_ascii_case(b"INBOX") && pattern.eq_ignore_ascii_case(b"INBOX");
    ends[name.len()] || inbox
}

/// STATUS.
pub fn status(seat: &Seat, folder: &[u8], items: &[String]) -> Reply {
    let dialect = seat.dialect;
    let line = seat.store.read(&seat.mailbox, |mailbox| {
        let at = mailbox.find(&name(folder)?)?;
        let found = mailbox
            .folders()
            .get(at)
            .filter(|folder| folder.plan.selectable && folder.plan.listed)?;
        let wire = String::from_utf8_lossy(folder).into_owned();
        Some(status_line(found, mailbox, &wire, dialect, items))
    });
    match line.flatten() {
        Some(Ok(line)) => {
            let mut reply = Reply::ok(dialect::done(dialect, "STATUS"));
            reply.line(&line);
            reply
        }
        Some(Err(wrong)) => wrong,
        None => no_folder(dialect, "STATUS", folder),
    }
}

fn status_line(
    folder: &Folder,
    mailbox: &Mailbox,
    wire: &str,
    dialect: Dialect,
    items: &[String],
) -> Result<String, Reply> {
    let rows = mailbox
        .find(&folder.plan.name)
        .map(|at| mailbox.rows(at))
        .unwrap_or_default();
    let unseen = rows.iter().filter(|row| !row.message.flags.contains("\\Seen"));
    let recent = rows.iter().filter(|row| row.uid >= folder.recent_from);
    let mut parts = Vec::new();
    for item in items {
        let value = match item.as_str() {
            "MESSAGES" => rows.len() as u64,
            "RECENT" if dialect == Dialect::Gmail => 0,
            "RECENT" => recent.clone().count() as u64,
            "UIDNEXT" => u64::from(folder.uid_next),
            "UIDVALIDITY" => u64::from(folder.uid_validity),
            "UNSEEN" => unseen.clone().count() as u64,
            "HIGHESTMODSEQ" if dialect == Dialect::Gmail => u64::from(folder.uid_next) + 100_000,
            _ => return Err(Reply::bad(dialect::bad(dialect, "STATUS", "unknown item"))),
        };
        parts.push(format!("{item} {value}"));
    }
    Ok(format!("* STATUS {} ({})", written(wire, dialect), parts.join(" ")))
}

/// SELECT and EXAMINE. A folder that can not be opened leaves none open (RFC 3501 §6.3.1).
pub fn open(seat: &mut Seat, wire: &[u8], read_only: bool) -> Reply {
    seat.opened = None;
    let dialect = seat.dialect;
    let verb = if read_only { "EXAMINE" } else { "SELECT" };
    let Some(name) = name(wire) else {
        return no_folder(dialect, verb, wire);
    };
    let opened = seat.store.read(&seat.mailbox, |mailbox| {
        let at = mailbox.find(&name)?;
        let folder = mailbox
            .folders()
            .get(at)
            .filter(|folder| folder.plan.selectable && folder.plan.listed)?;
        let opened = Opened {
            at,
            read_only,
            uid_validity: folder.uid_validity,
            recent_from: folder.recent_from,
            rows: mailbox.rows(at),
            told: None,
        };
        Some((opened, folder.uid_next))
    });
    let Some((opened, uid_next)) = opened.flatten() else {
        return no_folder(dialect, verb, wire);
    };
    if !read_only {
        claim_recent(seat, &opened, uid_next);
    }
    let text = dialect::opened(dialect, verb, &String::from_utf8_lossy(wire), read_only);
    let mut reply = Reply::ok(text);
    for line in opening_lines(&opened, uid_next, dialect) {
        reply.line(&line);
    }
    seat.opened = Some(opened);
    reply
}

/// The first session that may write takes `\Recent` from the messages for all others (RFC 3501 §2.3.2).
fn claim_recent(seat: &Seat, opened: &Opened, uid_next: u32) {
    // The folder was found a moment ago and folders are never removed.
    let _ = seat.store.change(&seat.mailbox, "", |mailbox| {
        mailbox.folder_mut(opened.at)?.recent_from = uid_next;
        Some(())
    });
}

fn opening_lines(opened: &Opened, uid_next: u32, dialect: Dialect) -> Vec<String> {
    let recent = opened.rows.iter().filter(|row| row.uid >= opened.recent_from).count();
    let recent = if dialect == Dialect::Gmail { 0 } else { recent };
    let unseen = opened.numbered().find(|(_, row)| !row.message.flags.contains("\\Seen"));
    let permanent = match (opened.read_only, dialect) {
        (true, _) => "",
        (false, Dialect::Outlook) => "\\Seen \\Answered \\Flagged \\Deleted \\Draft $MDNSent",
        (false, _) => "\\Answered \\Flagged \\Draft \\Deleted \\Seen \\*",
    };
    let exists = format!("* {} EXISTS", opened.rows.len());
    let recent = format!("* {recent} RECENT");
    let validity = format!("* OK [UIDVALIDITY {}] UIDs valid", opened.uid_validity);
    let next = format!("* OK [UIDNEXT {uid_next}] Predicted next UID");
    let permanent = format!("* OK [PERMANENTFLAGS ({permanent})] Flags permitted");
    let flags = "* FLAGS (\\Answered \\Flagged \\Draft \\Deleted \\Seen)".to_owned();
    let first_unseen = unseen.map(|(number, _)| format!("* OK [UNSEEN {number}] Is the first unseen message"));
    let modseq = format!("* OK [HIGHESTMODSEQ {}]", u64::from(uid_next) + 100_000);
    match dialect {
        Dialect::Gmail => vec![flags, permanent, validity, exists, recent, next, modseq],
        Dialect::Yahoo => vec![exists, recent, validity, flags, permanent, next, modseq],
        Dialect::Outlook => [exists, recent, flags, permanent]
            .into_iter()
            .chain(first_unseen)
            .chain([validity, next])
            .collect(),
        Dialect::Generic => [flags, permanent, exists, recent]
            .into_iter()
            .chain(first_unseen)
            .chain([validity, next])
            .collect(),
    }
}

fn no_folder(dialect: Dialect, verb: &str, wire: &[u8]) -> Reply {
    let name = wire.escape_ascii().to_string();
    Reply::no(dialect::refused(dialect, verb, &Refusal::NoFolder(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, name, expected) in [
            ("*", "[Gmail]/Spam", true),
            ("%", "[Gmail]/Spam", false),
            ("%", "INBOX", true),
            ("[Gmail]/%", "[Gmail]/Spam", true),
            ("[Gmail]/*a*", "[Gmail]/Spam", true),
            ("*/%m", "[Gmail]/Spam", true),
            ("inbox", "INBOX", true),
            ("spam", "Spam", false),
            ("", "x", false),
            ("a%b", "ab", true),
            ("a%%b", "a/b", false),
            ("a**b", "a/b", true),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), name.as_bytes(), '/'),
                expected,
                "{pattern} {name}"
            );
        }
    }
}
