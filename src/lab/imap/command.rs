//! The commands of IMAP4rev1 (RFC 3501 §6) and of the extensions the providers advertise, read from their bytes.

use super::cursor::{Cursor, Malformed, Read};
use super::fetch_item::{self, Item};
use super::list_arguments::{self, ListArguments};
use super::search_key::{self, Key};
use super::sequence::SequenceSet;
use super::store_arguments::{self, StoreArguments};

/// One client command.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// CAPABILITY.
    Capability,
    /// NOOP and CHECK: a moment to report what is new.
    Noop,
    /// LOGOUT.
    Logout,
    /// ID (RFC 2971): the number of fields sent; `None` for NIL.
    Id(Option<usize>),
    /// LOGIN.
    Login {
        /// User name.
        user: Vec<u8>,
        /// Password.
        password: Vec<u8>,
    },
    /// AUTHENTICATE, with the initial response of SASL-IR (RFC 4959).
    Authenticate {
        /// SASL mechanism, in capitals.
        mechanism: String,
        /// Initial response, still base64.
        initial: Option<String>,
    },
    /// LIST, LSUB and XLIST.
    List(ListArguments),
    /// STATUS.
    Status {
        /// Mailbox name as sent.
        folder: Vec<u8>,
        /// Items, in capitals.
        items: Vec<String>,
    },
    /// SELECT or EXAMINE.
    Open {
        /// Mailbox name as sent.
        folder: Vec<u8>,
        /// EXAMINE.
        read_only: bool,
    },
    /// CLOSE (expunges) or UNSELECT (does not).
    Leave {
        /// CLOSE.
        expunge: bool,
    },
    /// EXPUNGE, or UID EXPUNGE of a set (RFC 4315).
    Expunge(Option<SequenceSet>),
    /// FETCH or UID FETCH.
    Fetch(Numbers, Vec<Item>),
    /// SEARCH or UID SEARCH.
    Search {
        /// Answer with UIDs.
        uid: bool,
        /// What to look for.
        key: Key,
    },
    /// STORE or UID STORE.
    Store(Numbers, StoreArguments),
    /// COPY or MOVE (RFC 6851).
    Transfer {
        /// Which messages.
        numbers: Numbers,
        /// Where to.
        folder: Vec<u8>,
        /// MOVE.
        take_away: bool,
    },
    /// IDLE (RFC 2177).
    Idle,
    /// ENABLE (RFC 5161), in capitals.
    Enable(Vec<String>),
    /// NAMESPACE (RFC 2342).
    Namespace,
    /// GETQUOTAROOT (RFC 9208).
    QuotaRoot(Vec<u8>),
}

/// Message numbers, or UIDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    /// They are UIDs.
    pub uid: bool,
    /// The set.
    pub set: SequenceSet,
}

/// The tag of a command, if its bytes begin with one.
pub fn tag(bytes: &[u8]) -> Option<&str> {
    let mut cursor = Cursor::new(bytes);
    let tag = cursor.word(|byte| byte != b'+' && byte.is_ascii_graphic() && !b"(){%*\"\\".contains(&byte));
    tag.ok().filter(|tag| tag.len() <= 64)
}

/// The verb of a command in capitals (`UID FETCH` for the pair); empty where there is none.
pub fn verb(bytes: &[u8]) -> String {
    let mut words = bytes
        .split(|byte| matches!(byte, b' ' | b'\r' | b'\n'))
        .map(|word| String::from_utf8_lossy(word).to_ascii_uppercase());
    let _tag = words.next();
    let first = words.next().unwrap_or_default();
    match first.as_str() {
        "UID" => format!("UID {}", words.next().unwrap_or_default()),
        _ => first,
    }
}

/// Reads a whole command: `tag SP verb …`, literals included, without the final line break.
pub fn parse(bytes: &[u8]) -> Read<Command> {
    let tag = tag(bytes).ok_or_else(|| Malformed("no tag".to_owned()))?;
    let mut cursor = Cursor::new(bytes.get(tag.len()..).unwrap_or_default());
    cursor.space()?;
    let verb = cursor.atom()?.to_ascii_uppercase();
    let command = match verb.as_str() {
        "UID" => {
            cursor.space()?;
            let verb = cursor.atom()?.to_ascii_uppercase();
            numbered(&mut cursor, &verb, true)?
        }
        _ => plain(&mut cursor, &verb)?,
    };
    cursor.end()?;
    Ok(command)
}

fn plain(cursor: &mut Cursor<'_>, verb: &str) -> Read<Command> {
    Ok(match verb {
        "CAPABILITY" => Command::Capability,
        "NOOP" | "CHECK" => Command::Noop,
        "LOGOUT" => Command::Logout,
        "IDLE" => Command::Idle,
        "NAMESPACE" => Command::Namespace,
        "CLOSE" => Command::Leave { expunge: true },
        "UNSELECT" => Command::Leave { expunge: false },
        "EXPUNGE" => Command::Expunge(None),
        _ => {
            cursor.space()?;
            with_arguments(cursor, verb)?
        }
    })
}

fn with_arguments(cursor: &mut Cursor<'_>, verb: &str) -> Read<Command> {
    Ok(match verb {
        "ID" => id(cursor)?,
        "LOGIN" => {
            let user = cursor.astring()?;
            cursor.space()?;
            let password = cursor.astring()?;
            Command::Login { user, password }
        }
        "AUTHENTICATE" => {
            let mechanism = cursor.atom()?.to_ascii_uppercase();
            let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
            let initial = match cursor.eat(b' ') {
                true => Some(cursor.word(base64)?.to_owned()),
                false => None,
            };
            Command::Authenticate { mechanism, initial }
        }
        "GETQUOTAROOT" => Command::QuotaRoot(cursor.astring()?),
        "LIST" => Command::List(list_arguments::parse(cursor, "LIST")?),
        "LSUB" => Command::List(list_arguments::parse(cursor, "LSUB")?),
        "XLIST" => Command::List(list_arguments::parse(cursor, "XLIST")?),
        "STATUS" => {
            let folder = cursor.astring()?;
            cursor.space()?;
            let items = list_arguments::status_items(cursor)?;
            Command::Status { folder, items }
        }
        "SELECT" | "EXAMINE" => Command::Open {
            folder: cursor.astring()?,
            read_only: verb == "EXAMINE",
        },
        "ENABLE" => {
            let mut names = vec![cursor.atom()?.to_ascii_uppercase()];
            while cursor.eat(b' ') {
                names.push(cursor.atom()?.to_ascii_uppercase());
            }
            Command::Enable(names)
        }
        _ => numbered(cursor, verb, false)?,
    })
}

/// Commands that have a UID form.
fn numbered(cursor: &mut Cursor<'_>, verb: &str, uid: bool) -> Read<Command> {
    if uid {
        cursor.space()?;
    }
    if verb == "SEARCH" {
        let key = search_key::parse(cursor)?;
        return Ok(Command::Search { uid, key });
    }
    let has_numbers = matches!(verb, "FETCH" | "STORE" | "COPY" | "MOVE") || (uid && verb == "EXPUNGE");
    if !has_numbers {
        return Err(Malformed("unknown command".to_owned()));
    }
    let set = SequenceSet::parse(cursor)?;
    if verb == "EXPUNGE" {
        return Ok(Command::Expunge(Some(set)));
    }
    let numbers = Numbers { uid, set };
    cursor.space()?;
    Ok(match verb {
        "FETCH" => Command::Fetch(numbers, fetch_item::parse(cursor)?),
        "STORE" => Command::Store(numbers, store_arguments::parse(cursor)?),
        _ => Command::Transfer {
            numbers,
            folder: cursor.astring()?,
            take_away: verb == "MOVE",
        },
    })
}

fn id(cursor: &mut Cursor<'_>) -> Read<Command> {
    if cursor.coming() == "NIL" {
        cursor.atom()?;
        return Ok(Command::Id(None));
    }
    let fields = cursor.list(true, Cursor::nstring)?;
    match fields.len() % 2 {
        0 => Ok(Command::Id(Some(fields.len() / 2))),
        _ => Err(cursor.wrong("a field without a value")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_login_keeps_every_byte() {
        let command = parse(b"a1 LOGIN \"seed@gmail.example\" {10}\r\np\"a ss\\w)(").unwrap();
        let Command::Login { user, password } = command else {
            panic!("{command:?}");
        };
        assert_eq!(user, b"seed@gmail.example");
        assert_eq!(password, b"p\"a ss\\w)(");
        assert!(parse(b"a1 LOGIN \"seed@gmail.example\" {9}\r\np\"a ss\\w)(").is_err());
    }

    #[test]
    fn verbs_in_any_case_and_their_uid_forms() {
        assert_eq!(parse(b"x noop").unwrap(), Command::Noop);
        assert!(matches!(parse(b"x uid fetch 5:* (flags)").unwrap(), Command::Fetch(numbers, _) if numbers.uid));
        assert!(matches!(parse(b"x UID EXPUNGE 5").unwrap(), Command::Expunge(Some(_))));
        assert_eq!(verb(b"x uid fetch 5:*"), "UID FETCH");
        assert_eq!(verb(b"x"), "");
    }

    #[test]
    fn what_is_no_command_is_malformed() {
        for line in [
            &b""[..],
            b"a1",
            b"a1 ",
            b"a1 NOPE",
            b"a1 NOOP x",
            b"a1  NOOP",
            b"+ NOOP",
            b"a1 UID NOOP",
            b"a1 UID",
            b"a1 LOGIN onlyuser",
            b"a1 STORE 1 +FLAGS (\\Bogus)",
            b"a1 FETCH 0 FLAGS",
            b"a1 SELECT INBOX\"\r\nA1 DELETE x",
            b"a1 LIST \"\"",
            b"\xff\xfe LOGIN a b",
        ] {
            assert!(parse(line).is_err(), "{}", line.escape_ascii());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            let _ = (parse(&bytes), tag(&bytes), verb(&bytes));
        }

        #[test]
        fn near_misses_are_read_or_refused(
            verb in "(UID )?(FETCH|SEARCH|STORE|LIST|LOGIN|ID|STATUS|MOVE|EXPUNGE|AUTHENTICATE)",
            tail in "[ ()\\[\\]<>{}+*%:,.\"\\\\0-9A-Za-z\r\n-]{0,60}",
        ) {
            let _ = parse(format!("a {verb} {tail}").as_bytes());
        }

        #[test]
        fn a_string_means_the_same_in_every_form(text in "[ -~]{0,40}") {
            let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
            let quoted = parse(format!("a EXAMINE \"{escaped}\"").as_bytes());
            let literal = parse(format!("a EXAMINE {{{}}}\r\n{text}", text.len()).as_bytes());
            let folder = text.into_bytes();
            proptest::prop_assert_eq!(&quoted, &Ok(Command::Open { folder, read_only: true }));
            proptest::prop_assert_eq!(quoted, literal);
        }
    }
}
