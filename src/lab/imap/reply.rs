//! An answer to one command before it is written: untagged data, then one tagged line.

/// Completion results (RFC 3501 §7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// OK.
    Ok,
    /// NO.
    No,
    /// BAD.
    Bad,
}

/// The answer to a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Untagged lines, each with its line break.
    pub data: Vec<u8>,
    /// The tagged result.
    pub status: Status,
    /// The text of the tagged line.
    pub text: String,
    /// The connection ends after it.
    pub ends: bool,
}

impl Reply {
    /// A result without data.
    pub fn new(status: Status, text: impl Into<String>) -> Reply {
        Reply {
            data: Vec::new(),
            status,
            text: text.into(),
            ends: false,
        }
    }

    /// OK.
    pub fn ok(text: impl Into<String>) -> Reply {
        Reply::new(Status::Ok, text)
    }

    /// NO.
    pub fn no(text: impl Into<String>) -> Reply {
        Reply::new(Status::No, text)
    }

    /// BAD.
    pub fn bad(text: impl Into<String>) -> Reply {
        Reply::new(Status::Bad, text)
    }

    /// Adds an untagged line, given without its line break.
    pub fn line(&mut self, line: &str) {
        self.data.extend_from_slice(line.as_bytes());
        self.data.extend_from_slice(b"\r\n");
    }

    /// All bytes of the answer.
    pub fn bytes(mut self, tag: &str) -> Vec<u8> {
        let status = match self.status {
            Status::Ok => "OK",
            Status::No => "NO",
            Status::Bad => "BAD",
        };
        let text = std::mem::take(&mut self.text);
        self.line(&format!("{tag} {status} {text}"));
        self.data
    }
}

/// An answer whose first literal announces another length than it has; unchanged where there is none.
pub fn with_false_literal(bytes: &[u8], length: u64) -> Vec<u8> {
    let end = bytes.windows(3).position(|three| three == b"}\r\n");
    let line = end.and_then(|end| bytes.get(..end));
    let start = line.and_then(|line| line.iter().rposition(|byte| *byte == b'{'));
    match (start, end) {
        (Some(start), Some(end)) => {
            let (before, after) = (bytes.get(..start), bytes.get(end + 3..));
            let announced = format!("{{{length}}}\r\n");
            [
                before.unwrap_or_default(),
                announced.as_bytes(),
                after.unwrap_or_default(),
            ]
            .concat()
        }
        _ => bytes.to_vec(),
    }
}

/// A string as IMAP writes it: quoted where that is possible, a literal otherwise.
pub fn string(text: &[u8]) -> Vec<u8> {
    let quotable = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    match text.len() <= 200 && text.iter().all(quotable) {
        true => [b"\"", text, b"\""].concat(),
        false => literal(text),
    }
}

/// A text in quotes, with escapes; for text without line breaks.
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A literal.
pub fn literal(text: &[u8]) -> Vec<u8> {
    [format!("{{{}}}\r\n", text.len()).as_bytes(), text].concat()
}
