//! Commands about the messages of an open folder: FETCH, SEARCH, STORE, COPY, MOVE, EXPUNGE.

use super::command::Numbers;
use super::dialect::{self, Refusal};
use super::fetch;
use super::fetch_item::Item;
use super::folders;
use super::mailbox::{Row, by_uid};
use super::reply::Reply;
use super::search::{self, Candidate};
use super::search_key::Key;
use super::seat::{Opened, Seat};
use super::sequence::SequenceSet;
use super::store_arguments::{FlagChange, StoreArguments};

/// FETCH and UID FETCH.
pub fn fetch(seat: &mut Seat, verb: &str, numbers: &Numbers, items: &[Item]) -> Reply {
    let dialect = seat.dialect;
    let Some(opened) = &seat.opened else {
        return nothing_open(seat, verb);
    };
    if !items.iter().all(|item| fetch::is_served(item, dialect)) {
        return Reply::bad(dialect::bad(dialect, verb, "unknown data item"));
    }
    let chosen = choose(opened, numbers);
    let marks = !opened.read_only && items.iter().any(fetch::marks_seen);
    if marks {
        change_flags(seat, &chosen, FlagChange::Add, &["\\Seen".to_owned()]);
    }
    let mut reply = Reply::ok(dialect::done(dialect, verb));
    let Some(opened) = &seat.opened else { return reply };
    let mut manner = opened.manner(dialect);
    manner.tell_uid = numbers.uid;
    manner.tell_flags = marks;
    let wants_labels = items.contains(&Item::GmailLabels);
    // What is gone by now is silently left out, though the client may still count it.
    let now = rows_now(seat);
    for (number, uid) in chosen {
        let Some(row) = by_uid(&now, uid) else { continue };
        let at = opened.at;
        let labels = wants_labels.then(|| seat.store.read(&seat.mailbox, |mailbox| mailbox.labels(at, uid)));
        let labels = labels.flatten().unwrap_or_default();
        reply
            .data
            .extend(fetch::line(number as usize, row, &labels, items, manner));
    }
    remember_flags(seat, &now);
    reply
}

/// SEARCH and UID SEARCH.
pub fn search(seat: &Seat, verb: &str, uid: bool, key: &Key) -> Reply {
    let dialect = seat.dialect;
    let Some(opened) = &seat.opened else {
        return nothing_open(seat, verb);
    };
    let is_gmail = dialect::has(dialect, "X-GM-EXT-1");
    if !is_gmail && needs_gmail(key) {
        return Reply::bad(dialect::bad(dialect, verb, "unknown search key"));
    }
    let mut found = Vec::new();
    for (number, row) in opened.numbered() {
        let candidate = Candidate {
            row,
            number,
            last_number: opened.count(),
            last_uid: opened.last_uid(),
            dialect,
        };
        if search::matches(key, candidate) {
            found.push(if uid { row.uid } else { number }.to_string());
        }
    }
    let mut reply = Reply::ok(dialect::done(dialect, verb));
    let line = [vec!["* SEARCH".to_owned()], found].concat().join(" ");
    reply.line(&line);
    reply
}

fn needs_gmail(key: &Key) -> bool {
    match key {
        Key::GmailRaw(_) | Key::GmailId(_) => true,
        Key::Not(key) => needs_gmail(key),
        Key::Or(keys) => needs_gmail(&keys.0) || needs_gmail(&keys.1),
        Key::And(keys) => keys.iter().any(needs_gmail),
        _ => false,
    }
}

/// STORE and UID STORE.
pub fn store(seat: &mut Seat, verb: &str, numbers: &Numbers, arguments: &StoreArguments) -> Reply {
    let chosen = match writable(seat, verb) {
        Ok(opened) => choose(opened, numbers),
        Err(reply) => return reply,
    };
    change_flags(seat, &chosen, arguments.change, &arguments.flags);
    let mut reply = Reply::ok(dialect::done(seat.dialect, verb));
    let now = rows_now(seat);
    if let Some(opened) = seat.opened.as_ref().filter(|_| !arguments.silent) {
        let mut manner = opened.manner(seat.dialect);
        manner.tell_uid = numbers.uid;
        for (number, uid) in &chosen {
            if let Some(row) = by_uid(&now, *uid) {
                let line = fetch::line(*number as usize, row, &[], &[Item::Flags], manner);
                reply.data.extend(line);
            }
        }
    }
    remember_flags(seat, &now);
    reply
}

/// COPY and MOVE. The client is told of what went by the news that follow.
pub fn transfer(seat: &mut Seat, verb: &str, numbers: &Numbers, folder: &[u8], take_away: bool) -> Reply {
    let dialect = seat.dialect;
    let opened = match (take_away, &seat.opened) {
        (false, Some(opened)) => Ok(opened),
        _ => writable(seat, verb),
    };
    let (from, chosen) = match opened {
        Ok(opened) => (opened.at, choose(opened, numbers)),
        Err(reply) => return reply,
    };
    let moved = seat.store.change(&seat.mailbox, "", |mailbox| {
        let to = mailbox.find(&folders::name(folder)?)?;
        let target = mailbox.folders().get(to).filter(|folder| folder.plan.selectable)?;
        let validity = target.uid_validity;
        let pair = |(_, uid): &(u32, u32)| Some((*uid, mailbox.transfer(from, *uid, to, take_away)?));
        let pairs: Vec<(u32, u32)> = chosen.iter().filter_map(pair).collect();
        Some((validity, pairs))
    });
    let Ok((validity, pairs)) = moved else {
        return Reply::no(format!("[TRYCREATE] No folder {}", folder.escape_ascii()));
    };
    let done = dialect::done(dialect, verb);
    if pairs.is_empty() {
        return Reply::ok(done);
    }
    let join = |uids: Vec<String>| uids.join(",");
    let from = join(pairs.iter().map(|(uid, _)| uid.to_string()).collect());
    let to = join(pairs.iter().map(|(_, uid)| uid.to_string()).collect());
    let code = format!("[COPYUID {validity} {from} {to}]");
    match take_away {
        // RFC 6851 §4.3: for MOVE the code precedes the EXPUNGE lines.
        true => {
            let mut reply = Reply::ok(done);
            reply.line(&format!("* OK {code} moved"));
            reply
        }
        false => Reply::ok(format!("{code} {done}")),
    }
}

/// EXPUNGE and UID EXPUNGE; also the silent half of CLOSE.
pub fn expunge(seat: &mut Seat, verb: &str, only: Option<&SequenceSet>) -> Reply {
    let opened = match writable(seat, verb) {
        Ok(opened) => opened,
        Err(reply) => return reply,
    };
    let (at, last_uid) = (opened.at, opened.last_uid());
    let done = seat.store.change(&seat.mailbox, "", |mailbox| {
        let goes = |row: &Row| {
            let wanted = only.is_none_or(|set| set.holds(row.uid, last_uid));
            wanted && row.message.flags.contains("\\Deleted")
        };
        let uids: Vec<u32> = mailbox
            .rows(at)
            .iter()
            .filter(|row| goes(row))
            .map(|row| row.uid)
            .collect();
        mailbox.remove(at, &uids);
        Some(())
    });
    match done {
        Ok(()) => Reply::ok(dialect::done(seat.dialect, verb)),
        Err(_) => Reply::no(dialect::refused(seat.dialect, verb, &Refusal::Unavailable)),
    }
}

fn nothing_open(seat: &Seat, verb: &str) -> Reply {
    Reply::bad(dialect::bad(seat.dialect, verb, "no mailbox selected"))
}

fn writable<'a>(seat: &'a Seat, verb: &str) -> Result<&'a Opened, Reply> {
    match &seat.opened {
        None => Err(nothing_open(seat, verb)),
        Some(opened) if opened.read_only => Err(Reply::no(dialect::refused(seat.dialect, verb, &Refusal::ReadOnly))),
        Some(opened) => Ok(opened),
    }
}

/// Message numbers and UIDs of a set, among the messages the client was told of.
fn choose(opened: &Opened, numbers: &Numbers) -> Vec<(u32, u32)> {
    let last = if numbers.uid { opened.last_uid() } else { opened.count() };
    let chosen = |(number, row): &(u32, &Row)| numbers.set.holds(if numbers.uid { row.uid } else { *number }, last);
    opened
        .numbered()
        .filter(chosen)
        .map(|(number, row)| (number, row.uid))
        .collect()
}

fn change_flags(seat: &Seat, chosen: &[(u32, u32)], change: FlagChange, flags: &[String]) {
    let Some(opened) = &seat.opened else { return };
    // The mailbox of a session exists as long as the store.
    let _ = seat.store.change(&seat.mailbox, "", |mailbox| {
        for (_, uid) in chosen {
            mailbox.change_flags(opened.at, *uid, |held| match change {
                FlagChange::Set => *held = flags.iter().cloned().collect(),
                FlagChange::Add => held.extend(flags.iter().cloned()),
                FlagChange::Remove => held.retain(|flag| !flags.contains(flag)),
            });
        }
        Some(())
    });
}

/// The messages of the open folder as they are now, by UID.
fn rows_now(seat: &Seat) -> Vec<Row> {
    let Some(opened) = &seat.opened else {
        return Vec::new();
    };
    let rows = seat.store.read(&seat.mailbox, |mailbox| {
        let same = mailbox.folders().get(opened.at).map(|folder| folder.uid_validity) == Some(opened.uid_validity);
        same.then(|| mailbox.rows(opened.at))
    });
    rows.flatten().unwrap_or_default()
}

/// What an answer has told of flags is no news any more.
fn remember_flags(seat: &mut Seat, now: &[Row]) {
    if let Some(opened) = &mut seat.opened {
        for told in &mut opened.rows {
            if let Some(row) = by_uid(now, told.uid) {
                told.message = std::sync::Arc::clone(&row.message);
            }
        }
    }
}
