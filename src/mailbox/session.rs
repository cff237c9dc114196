//! A logged-in session and the few commands we use. Folders are opened with EXAMINE and bodies read with BODY.PEEK, so a seed
//! stays as it was found; every answer is filtered to what was asked for.

use super::decode::{attribute, internal_date, quoted, unescaped};
use super::failure::Failure;
use super::login::{self, Capabilities, Proof, Welcome};
use super::wire::{Command, Transport, Wire};
use async_imap::imap_proto::rfc2087::QuotaResourceName;
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode};
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// Largest header section that is read, bytes.
pub const HEADER_CAP: u64 = 1024 * 1024;
/// Largest message that is read whole, bytes. Gmail's limit is 25 MB, plus the growth of base64.
pub const BODY_CAP: u64 = 36 * 1024 * 1024;

/// A line of LIST.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name as it goes into commands (modified UTF-7, unquoted).
    pub raw: String,
    /// Hierarchy delimiter.
    pub delimiter: Option<String>,
    /// Attributes, lower-case without backslash: `junk`, `noselect`, `nonexistent`.
    pub attributes: Vec<String>,
}

/// A folder as EXAMINE shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Examined {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// UIDNEXT.
    pub uid_next: u32,
    /// Number of messages.
    pub exists: u32,
}

/// What FETCH tells of a message without its text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// UID.
    pub uid: u32,
    /// RFC822.SIZE, bytes; Exchange's is not exact.
    pub size: u64,
    /// INTERNALDATE.
    pub internal_date: Option<OffsetDateTime>,
    /// X-GM-MSGID.
    pub gmail_id: Option<u64>,
}

/// The session.
#[derive(Debug)]
pub struct Session<S: Transport> {
    pub(super) wire: Wire<S>,
    welcome: Welcome,
}

impl<S: Transport> Session<S> {
    /// Greets and logs in over a fresh connection.
    pub async fn open(stream: S, host: &str, username: &str, proof: &Proof) -> Result<Self, Failure> {
        let mut wire = Wire::new(stream);
        let welcome = login::enter(&mut wire, host, username, proof).await?;
        Ok(Session { wire, welcome })
    }

    /// How the login was done: `login`, `plain`, `xoauth2`, `oauthbearer`, `preauth`.
    pub fn method(&self) -> &'static str {
        self.welcome.method
    }

    /// Capabilities after login.
    pub fn capabilities(&self) -> &Capabilities {
        &self.welcome.capabilities
    }

    fn can(&self, capability: &str) -> bool {
        self.welcome.capabilities.contains(capability)
    }

    /// Does the server offer IDLE?
    pub fn can_idle(&self) -> bool {
        self.can("IDLE")
    }

    /// Does the server speak Gmail's extension?
    pub fn is_gmail(&self) -> bool {
        self.can("X-GM-EXT-1")
    }

    /// Every folder, as listed. Some servers show special uses only when asked for them (RFC 6154 §5.1).
    pub async fn list(&mut self) -> Result<Vec<Listed>, Failure> {
        if self.can("LIST-EXTENDED") && self.can("SPECIAL-USE") {
            match self.list_with(" RETURN (SPECIAL-USE)").await {
                Err(failure) if failure.session_lives() => {}
                other => return other,
            }
        }
        self.list_with("").await
    }

    async fn list_with(&mut self, options: &str) -> Result<Vec<Listed>, Failure> {
        let mut folders = Vec::new();
        let command = Command::new("LIST", format!("LIST \"\" \"*\"{options}"));
        self.wire
            .checked(command, |response| {
                if let Response::MailboxData(MailboxDatum::List(line)) = response {
                    folders.push(Listed {
                        raw: unescaped(&line.name),
                        delimiter: line.delimiter.as_deref().map(unescaped),
                        attributes: line.name_attributes.iter().map(attribute).collect(),
                    });
                }
            })
            .await?;
        Ok(folders)
    }

    /// Opens a folder read-only. A folder without UIDVALIDITY has no usable UIDs and is refused.
    pub async fn examine(&mut self, raw: &str) -> Result<Examined, Failure> {
        let (mut validity, mut next, mut exists) = (None, None, 0);
        let command = Command::new("EXAMINE", format!("EXAMINE {}", quoted(raw)));
        self.wire
            .checked(command, |response| match response {
                Response::Data { outcome, .. } => match outcome.code {
                    Some(ResponseCode::UidValidity(value)) => validity = Some(value),
                    Some(ResponseCode::UidNext(value)) => next = Some(value),
                    _ => {}
                },
                Response::MailboxData(MailboxDatum::Exists(count)) => exists = *count,
                _ => {}
            })
            .await?;
        let Some(uid_validity) = validity else {
            return Err(Failure::Unreadable(format!("EXAMINE of {raw} told no UIDVALIDITY")));
        };
        let uid_next = match (next, exists) {
            (Some(next), _) => next,
            (None, 0) => 1,
            // RFC 9051 §6.3.2: without UIDNEXT nothing may be assumed; the last message's UID tells.
            (None, _) => self.last_uid().await?.saturating_add(1),
        };
        Ok(Examined {
            uid_validity,
            uid_next,
            exists,
        })
    }

    async fn last_uid(&mut self) -> Result<u32, Failure> {
        let mut last = 0;
        self.fetch("UID FETCH * (UID)".to_owned(), 0, |uid, _| last = last.max(uid))
            .await?;
        Ok(last)
    }

    /// Every message of the open folder with a UID from `from` on, by UID. (`n:*` always answers with the last message.)
    pub async fn entries(&mut self, from: u32) -> Result<Vec<Entry>, Failure> {
        let gmail = if self.is_gmail() { " X-GM-MSGID" } else { "" };
        let line = format!("UID FETCH {from}:* (UID RFC822.SIZE INTERNALDATE{gmail})");
        let mut found: BTreeMap<u32, Entry> = BTreeMap::new();
        self.fetch(line, 0, |uid, attributes| {
            let entry = found.entry(uid).or_default();
            entry.uid = uid;
            for attribute in attributes {
                match attribute {
                    AttributeValue::Rfc822Size(size) => entry.size = u64::from(*size),
                    AttributeValue::InternalDate(date) => entry.internal_date = internal_date(date),
                    AttributeValue::GmailMsgId(id) => entry.gmail_id = Some(*id),
                    _ => {}
                }
            }
        })
        .await?;
        Ok(found.into_values().filter(|entry| entry.uid >= from).collect())
    }

    /// Header sections by UID. A UID that is missing in the answer was not told: it may be gone, or the server kept silent.
    pub async fn headers(&mut self, uids: &[u32]) -> Result<BTreeMap<u32, Vec<u8>>, Failure> {
        let line = format!("UID FETCH {} (UID BODY.PEEK[HEADER])", uid_set(uids));
        let mut found = self.sections(line, HEADER_CAP).await?;
        found.retain(|uid, _| uids.contains(uid));
        Ok(found)
    }

    /// Header sections cut down to some fields, by UID.
    pub async fn fields(&mut self, uids: &[u32], names: &[&str]) -> Result<BTreeMap<u32, Vec<u8>>, Failure> {
        let line = format!(
            "UID FETCH {} (UID BODY.PEEK[HEADER.FIELDS ({})])",
            uid_set(uids),
            names.join(" ")
        );
        let mut found = self.sections(line, HEADER_CAP).await?;
        found.retain(|uid, _| uids.contains(uid));
        Ok(found)
    }

    /// A whole message of about `size` bytes. `None` where the server said OK and sent nothing.
    pub async fn body(&mut self, uid: u32, size: u64) -> Result<Option<Vec<u8>>, Failure> {
        let line = format!("UID FETCH {uid} (UID BODY.PEEK[])");
        // Exchange's sizes are estimates.
        let cap = (size + size / 2 + 1024 * 1024).min(BODY_CAP + 1024 * 1024);
        Ok(self.sections(line, cap).await?.remove(&uid))
    }

    /// The first `length` bytes of a message.
    pub async fn beginning(&mut self, uid: u32, length: u64) -> Result<Option<Vec<u8>>, Failure> {
        let line = format!("UID FETCH {uid} (UID BODY.PEEK[]<0.{length}>)");
        Ok(self.sections(line, length + 1024).await?.remove(&uid))
    }

    async fn sections(&mut self, line: String, cap: u64) -> Result<BTreeMap<u32, Vec<u8>>, Failure> {
        let mut found = BTreeMap::new();
        self.fetch(line, cap, |uid, attributes| {
            for attribute in attributes {
                if let AttributeValue::BodySection { data: Some(data), .. } = attribute {
                    found.insert(uid, data.to_vec());
                }
            }
        })
        .await?;
        Ok(found)
    }

    /// FETCH data of other messages and data without UID (RFC 9051 §7.5.2: unsolicited flag changes) is left out.
    async fn fetch(
        &mut self,
        line: String,
        literal: u64,
        mut each: impl FnMut(u32, &[AttributeValue<'_>]),
    ) -> Result<(), Failure> {
        let command = Command::new("FETCH", line).literals(literal.max(16 * 1024));
        self.wire
            .checked(command, |response| {
                if let Response::Fetch(_, attributes) = response {
                    let uid = attributes.iter().find_map(|attribute| match attribute {
                        AttributeValue::Uid(uid) => Some(*uid),
                        _ => None,
                    });
                    if let Some(uid) = uid {
                        each(uid, attributes);
                    }
                }
            })
            .await?;
        Ok(())
    }

    /// Gmail: which of these messages of the open folder are in a category (`promotions`)?
    pub async fn in_category(&mut self, uids: &[u32], category: &str) -> Result<Vec<u32>, Failure> {
        let set = uid_set(uids);
        let line = format!(
            "UID SEARCH UID {set} X-GM-RAW {}",
            quoted(&format!("category:{category}"))
        );
        let mut found = Vec::new();
        self.wire
            .checked(Command::new("SEARCH", line), |response| {
                if let Response::MailboxData(MailboxDatum::Search(answer)) = response {
                    found.extend(answer.iter().filter(|uid| uids.contains(uid)));
                }
            })
            .await?;
        Ok(found)
    }

    /// Bytes used and allowed (RFC 9208 §4.2, in units of 1024), where the server keeps a quota of storage and tells.
    pub async fn quota(&mut self) -> Result<Option<(u64, u64)>, Failure> {
        if !self.can("QUOTA") {
            return Ok(None);
        }
        let mut storage = None;
        let command = Command::new("GETQUOTAROOT", "GETQUOTAROOT INBOX");
        let asked = self.wire.checked(command, |response| {
            if let Response::Quota(quota) = response {
                let mut resources = quota.resources.iter();
                let told = resources.find(|resource| resource.name == QuotaResourceName::Storage);
                storage = told
                    .map(|told| (told.usage.saturating_mul(1024), told.limit.saturating_mul(1024)))
                    .or(storage);
            }
        });
        match asked.await {
            Ok(_) => Ok(storage.filter(|(_, limit)| *limit > 0)),
            Err(failure) if failure.session_lives() => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Says goodbye; whatever the server answers, the connection is over.
    pub async fn logout(mut self) {
        let mut command = Command::new("LOGOUT", "LOGOUT");
        command.patience = std::time::Duration::from_secs(2);
        // Nothing depends on the answer: a server that does not answer is left.
        drop(self.wire.checked(command, |_| ()).await);
    }
}

fn uid_set(uids: &[u32]) -> String {
    let texts: Vec<String> = uids.iter().map(u32::to_string).collect();
    texts.join(",")
}
