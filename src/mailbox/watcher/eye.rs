//! One look at one folder: what is new in it is compared with every token, and what is ours is read.
//!
//! Headers come first; the body is read of our own messages, and of those that carry no token of anyone in their headers (a
//! provider may strip ours): a message without any token may be known by the id of its service. A message that the server lists but does not hand out leaves the look incomplete.

use super::desk::Desk;
use super::memory::Memory;
use super::moment::Moment;
use super::trail::Seen;
use crate::mail::headers::Headers;
use crate::mail::{address, esp_id, token_match};
use crate::mailbox::account::TlsSession;
use crate::mailbox::failure::Failure;
use crate::mailbox::folders::Folder;
use crate::mailbox::session::{BODY_CAP, Entry};
use crate::model::delivery::TOKEN_HEADER;
use crate::model::probe::FolderLook;
use crate::model::{EspId, FolderRole, MatchedBy, RawMessage, Token};
use std::collections::{BTreeMap, BTreeSet};

/// Headers fetched with one command.
const BATCH: usize = 50;
/// Of a message without any token in its headers so much is read to look for one.
const FOREIGN: u64 = 2 * 1024 * 1024;
/// Characters kept of a Message-ID: a line has no more (RFC 5322 §2.1.1).
const LONGEST_ID: usize = 998;
/// Gmail's categories, by what they say of placement.
const TABS: [&str; 5] = ["promotions", "social", "updates", "forums", "primary"];

/// Looks at `folder`: from the baseline on if `whole`, else from where the last look ended. `None` where something in it could
/// not be read, so that the look proves nothing.
pub async fn look(
    session: &mut TlsSession,
    folder: &Folder,
    memory: &mut Memory,
    desk: &mut Desk,
    whole: bool,
) -> Result<Option<FolderLook>, Failure> {
    let began = Moment::now();
    let examined = session.examine(&folder.raw).await?;
    memory.enter(folder, examined);
    let entries = match examined.exists {
        0 => Vec::new(),
        _ => session.entries(memory.first(&folder.name, whole)).await?,
    };
    let at = Moment::now();
    let uids: BTreeSet<u32> = entries.iter().map(|entry| entry.uid).collect();
    if whole {
        memory.present(&folder.name, &uids, at.instant);
    }
    let fresh = memory.fresh(&folder.name, entries);
    let unreadable = compare(session, folder, examined.uid_validity, fresh, at, memory, desk).await?;
    read(session, folder, memory).await?;
    let reached = uids
        .last()
        .map_or(0, |last| last.saturating_add(1))
        .max(examined.uid_next);
    let complete = unreadable == 0;
    memory.looked(&folder.name, began.instant, reached, complete);
    Ok(complete.then(|| FolderLook {
        folder: folder.name.clone(),
        uid_validity: examined.uid_validity,
        from_uid: memory.from(&folder.name),
        next_uid: reached,
        began_at: began.wall,
    }))
}

/// Compares messages with the tokens; returns how many could not be read.
async fn compare(
    session: &mut TlsSession,
    folder: &Folder,
    uid_validity: u32,
    fresh: Vec<Entry>,
    at: Moment,
    memory: &mut Memory,
    desk: &mut Desk,
) -> Result<usize, Failure> {
    let mut unreadable = 0;
    for batch in fresh.chunks(BATCH) {
        let headers = headers(session, batch).await?;
        for entry in batch {
            let Some(header) = headers.get(&entry.uid) else {
                unreadable += 1;
                continue;
            };
            let mut owner = owner_of(header, &desk.tokens());
            let mut borne = BTreeSet::new();
            if owner.is_none() && !carries_a_token(header) {
                let Some(body) = body(session, entry).await? else {
                    unreadable += 1;
                    continue;
                };
                owner = owner_of(&body, &desk.tokens());
                if owner.is_none() {
                    borne = esp_id::borne(&body);
                    owner = desk.owner_by_id(&borne);
                }
            }
            memory.compared(&folder.name, entry.uid);
            let seen = Seen {
                folder: folder.name.clone(),
                role: folder.role,
                uid_validity,
                uid: entry.uid,
                at,
                absent_until: memory.last_look(&folder.name),
                last_present: at.instant,
                gone: false,
                size: entry.size,
                internal_date: entry.internal_date,
                gmail_id: entry.gmail_id,
                tab: None,
                matched_by: MatchedBy::EspId,
                message_id: message_id(header),
                from: author(header),
                digest: None,
            };
            keep(memory, seen, owner, borne);
        }
    }
    Ok(unreadable)
}

fn keep(memory: &mut Memory, seen: Seen, owner: Option<(Token, MatchedBy)>, borne: BTreeSet<EspId>) {
    match owner {
        Some((token, matched_by)) => memory.sight(token, Seen { matched_by, ..seen }),
        None => memory.strangers.keep(borne, seen),
    }
}

/// Headers of a batch. Where the server refuses the batch for one bad message, each is asked for alone.
async fn headers(session: &mut TlsSession, batch: &[Entry]) -> Result<BTreeMap<u32, Vec<u8>>, Failure> {
    let uids: Vec<u32> = batch.iter().map(|entry| entry.uid).collect();
    match session.headers(&uids).await {
        Err(failure) if failure.session_lives() && uids.len() > 1 => {}
        done => return done,
    }
    let mut found = BTreeMap::new();
    for uid in uids {
        match session.headers(&[uid]).await {
            Ok(one) => found.extend(one),
            Err(failure) if failure.session_lives() => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(found)
}

fn owner_of(raw: &[u8], tokens: &[Token]) -> Option<(Token, MatchedBy)> {
    tokens
        .iter()
        .find_map(|token| token_match::find(raw, token).map(|matched_by| (token.clone(), matched_by)))
}

/// What a message calls itself, as far as anybody would compare it.
fn message_id(header: &[u8]) -> Option<String> {
    let headers = Headers::of(header);
    let id = headers.all("Message-ID").next()?.unfolded();
    Some(id.trim().chars().take(LONGEST_ID).collect()).filter(|id: &String| !id.is_empty())
}

/// Who a message says it is from: the first address, its domain in lower case.
fn author(header: &[u8]) -> Option<String> {
    let headers = Headers::of(header);
    let first = address::of_header(headers.all("From").next()?).into_iter().next()?;
    let (local, _) = first.address.rsplit_once('@')?;
    Some(format!("{local}@{}", first.domain))
}

/// A message of another run in the same seed needs no reading.
fn carries_a_token(header: &[u8]) -> bool {
    let headers = Headers::of(header);
    headers
        .all(TOKEN_HEADER)
        .any(|field| Token::parse(&field.unfolded()).is_some())
}

/// Of a message that names nobody in its headers, as much as is searched. `None` where the server does not hand it out.
async fn body(session: &mut TlsSession, entry: &Entry) -> Result<Option<Vec<u8>>, Failure> {
    let read = if entry.size > FOREIGN {
        session.beginning(entry.uid, FOREIGN).await
    } else {
        session.body(entry.uid, entry.size).await
    };
    match read {
        Err(failure) if failure.session_lives() => Ok(None),
        done => done,
    }
}

/// Reads the bytes of what was seen in the open folder. What can not be read now is tried again at the next look.
async fn read(session: &mut TlsSession, folder: &Folder, memory: &mut Memory) -> Result<(), Failure> {
    for (token, index) in memory.unread(&folder.name, session.is_gmail()) {
        let Some(trace) = memory.trace_mut(&token) else {
            continue;
        };
        let (uid, size) = (trace.seen[index].uid, trace.seen[index].size);
        if size > BODY_CAP {
            let text = format!("the message has {size} bytes, at most {BODY_CAP} are read");
            trace.trouble = Some(Failure::Oversize(text).why());
            continue;
        }
        match session.body(uid, size).await {
            Ok(Some(body)) => {
                let digest = ring::digest::digest(&ring::digest::SHA256, &body);
                trace.seen[index].digest = digest.as_ref().try_into().ok();
                trace.raw.get_or_insert(RawMessage(body));
            }
            Ok(None) => {}
            Err(failure) if failure.session_lives() => trace.trouble = Some(failure.why()),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// Asks Gmail for the category of messages in the inbox. A server that does not want to tell leaves it unknown.
pub async fn tabs(
    session: &mut TlsSession,
    inbox: &Folder,
    memory: &mut Memory,
    tokens: &[Token],
) -> Result<(), Failure> {
    let mut wanted: BTreeMap<u32, Token> = BTreeMap::new();
    for token in tokens {
        let seen = memory.trace(token).into_iter().flat_map(|trace| &trace.seen);
        let here = seen.filter(|seen| seen.role == FolderRole::Inbox && !seen.gone && seen.tab.is_none());
        wanted.extend(here.map(|seen| (seen.uid, token.clone())));
    }
    if wanted.is_empty() {
        return Ok(());
    }
    session.examine(&inbox.raw).await?;
    for tab in TABS {
        let uids: Vec<u32> = wanted.keys().copied().collect();
        let found = match session.in_category(&uids, tab).await {
            Ok(found) => found,
            Err(failure) if failure.session_lives() => return Ok(()),
            Err(failure) => return Err(failure),
        };
        for uid in found {
            let trace = wanted.remove(&uid).and_then(|token| memory.trace_mut(&token));
            for seen in trace.into_iter().flat_map(|trace| &mut trace.seen) {
                if seen.role == FolderRole::Inbox && seen.uid == uid {
                    seen.tab = Some(tab.to_owned());
                }
            }
        }
        if wanted.is_empty() {
            break;
        }
    }
    Ok(())
}
