//! Arguments of STORE (RFC 3501 §6.4.6).

use super::cursor::{Cursor, Read};

/// How STORE changes flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagChange {
    /// `FLAGS`.
    Set,
    /// `+FLAGS`.
    Add,
    /// `-FLAGS`.
    Remove,
}

/// What to do with the flags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreArguments {
    /// How.
    pub change: FlagChange,
    /// Which flags.
    pub flags: Vec<String>,
    /// `.SILENT`: no answer with the flags.
    pub silent: bool,
}

/// Reads what follows the message numbers.
pub fn parse(cursor: &mut Cursor<'_>) -> Read<StoreArguments> {
    let change = match cursor.peek() {
        Some(b'+') => FlagChange::Add,
        Some(b'-') => FlagChange::Remove,
        _ => FlagChange::Set,
    };
    let _sign = cursor.eat(b'+') || cursor.eat(b'-');
    let silent = match cursor.atom()?.to_ascii_uppercase().as_str() {
        "FLAGS" => false,
        "FLAGS.SILENT" => true,
        _ => return Err(cursor.wrong("expected FLAGS")),
    };
    cursor.space()?;
    let flags = match cursor.peek() {
        Some(b'(') => cursor.list(true, flag)?,
        _ => vec![flag(cursor)?],
    };
    Ok(StoreArguments { change, flags, silent })
}

/// A system flag in its canonical spelling, or a keyword.
fn flag(cursor: &mut Cursor<'_>) -> Read<String> {
    if !cursor.eat(b'\\') {
        return cursor.atom().map(str::to_owned);
    }
    let name = cursor.atom()?;
    let known = ["Seen", "Answered", "Flagged", "Deleted", "Draft"];
    let canonical = known.iter().find(|known| known.eq_ignore_ascii_case(name));
    match canonical {
        Some(canonical) => Ok(format!("\\{canonical}")),
        None => Err(cursor.wrong("unknown system flag")),
    }
}
