//! Arguments of LIST and its relatives (RFC 3501 §6.3.8, RFC 5258, RFC 5819, RFC 6154).

use super::cursor::{Cursor, Read};

/// Arguments of LIST and its relatives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListArguments {
    /// `LIST`, `LSUB` or `XLIST`.
    pub verb: &'static str,
    /// Reference name.
    pub reference: Vec<u8>,
    /// Pattern with `%` and `*`.
    pub pattern: Vec<u8>,
    /// `(SPECIAL-USE)` before the reference (RFC 6154): special folders only.
    pub special_only: bool,
    /// `RETURN (STATUS (…))` (RFC 5819).
    pub status: Vec<String>,
    /// Any syntax of RFC 5258 was used.
    pub extended: bool,
}

/// Reads what follows the verb.
pub fn parse(cursor: &mut Cursor<'_>, verb: &'static str) -> Read<ListArguments> {
    let mut arguments = ListArguments {
        verb,
        reference: Vec::new(),
        pattern: Vec::new(),
        special_only: false,
        status: Vec::new(),
        extended: false,
    };
    if cursor.peek() == Some(b'(') {
        arguments.extended = true;
        arguments.special_only = list_options(cursor)?.iter().any(|word| word == "SPECIAL-USE");
        cursor.space()?;
    }
    arguments.reference = cursor.astring()?;
    cursor.space()?;
    arguments.pattern = cursor.pattern()?;
    if cursor.eat(b' ') {
        arguments.extended = true;
        match cursor.atom()?.to_ascii_uppercase().as_str() {
            "RETURN" => cursor.space()?,
            _ => return Err(cursor.wrong("expected RETURN")),
        }
        arguments.status = return_options(cursor)?;
    }
    Ok(arguments)
}

fn list_options(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    cursor.list(true, |cursor| {
        let word = cursor.atom()?.to_ascii_uppercase();
        match word.as_str() {
            "SPECIAL-USE" | "SUBSCRIBED" | "REMOTE" | "RECURSIVEMATCH" => Ok(word),
            _ => Err(cursor.wrong("unknown selection option")),
        }
    })
}

/// The STATUS items of `RETURN (… STATUS (…))`; the other options add nothing to what we return anyway.
fn return_options(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    let options = cursor.list(true, |cursor| match cursor.atom()?.to_ascii_uppercase().as_str() {
        "SPECIAL-USE" | "CHILDREN" | "SUBSCRIBED" => Ok(Vec::new()),
        "STATUS" => {
            cursor.space()?;
            status_items(cursor)
        }
        _ => Err(cursor.wrong("unknown return option")),
    })?;
    Ok(options.concat())
}

/// Items of STATUS, in capitals.
pub fn status_items(cursor: &mut Cursor<'_>) -> Read<Vec<String>> {
    cursor.list(false, |cursor| Ok(cursor.atom()?.to_ascii_uppercase()))
}
