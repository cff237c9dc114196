//! The command that repeats one delivery, ready to be pasted into a POSIX shell.

use super::sheet::{Row, Sheet};
use std::path::Path;

/// `inboxqa run suites/x.toml -E 'case(..) & route(..) & mailbox(..)' [--mailboxes ..] [--lab [--fault ..]]`; `None` for a saved message.
pub fn command(sheet: &Sheet, row: &Row) -> Option<String> {
    let (suite, route) = (row.suite.as_ref()?, row.route.as_ref()?);
    let stem = |file: &&String| {
        Path::new(file)
            .file_stem()
            .is_some_and(|stem| stem.to_str() == Some(suite))
    };
    let file = sheet.files.iter().find(stem).unwrap_or(suite);
    let filter = format!("case({}) & route({route}) & mailbox({})", row.case, row.mailbox);
    let mut command = format!("inboxqa run {} -E {}", quoted(file), quoted(&filter));
    if let Some(file) = &sheet.mailboxes_file {
        command.push_str(&format!(" --mailboxes {}", quoted(file)));
    }
    if sheet.world == "lab" {
        command.push_str(" --lab");
        for fault in &row.faults {
            command.push_str(&format!(" --fault {}", quoted(fault)));
        }
    }
    Some(command)
}

/// In single quotes where the shell would read anything into it.
fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@,+%".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
