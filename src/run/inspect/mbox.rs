//! mbox files (RFC 4155, the mboxrd form), message by message: a line `From address date` after an empty line begins a message,
//! `>From` at the beginning of a line was quoted and loses one `>`. Memory is bounded by one message, whatever the lines are.

use crate::mail::reading::MAX_MESSAGE;
use std::io::{BufRead, Read};

/// Bytes read at a time; a longer line comes in pieces.
const PIECE: u64 = 64 * 1024;

/// What comes out of an mbox.
#[derive(Debug)]
pub enum Entry {
    /// A message.
    Message(Vec<u8>),
    /// A message of more than [`MAX_MESSAGE`] bytes.
    TooLarge,
    /// Reading failed: nothing follows.
    Failed(std::io::Error),
}

/// The messages of an mbox, in order. One that is too large is told as such and passed over.
pub struct Mbox<R> {
    input: R,
    begun: bool,
    /// Of the separator's line, more is to come.
    in_separator: bool,
    ended: bool,
}

impl<R: BufRead> Mbox<R> {
    /// Reads from the beginning of an mbox.
    pub fn new(input: R) -> Mbox<R> {
        Mbox {
            input,
            begun: false,
            in_separator: false,
            ended: false,
        }
    }

    /// The lines up to the next separator. `None` at the end of the file with nothing read.
    fn message(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut message = Vec::new();
        let mut piece = Vec::new();
        let (mut at_line_start, mut after_blank) = (!self.in_separator, !self.in_separator);
        loop {
            piece.clear();
            if (&mut self.input).take(PIECE).read_until(b'\n', &mut piece)? == 0 {
                self.ended = true;
                return Ok(self.begun.then_some(message));
            }
            let line_ends = piece.ends_with(b"\n");
            if at_line_start && after_blank && is_separator(&piece, !self.begun) {
                self.in_separator = !line_ends;
                if std::mem::replace(&mut self.begun, true) {
                    return Ok(Some(message));
                }
            } else if self.in_separator {
                self.in_separator = !line_ends;
            } else if message.len() <= MAX_MESSAGE {
                message.extend_from_slice(if at_line_start { unquoted(&piece) } else { &piece });
            }
            after_blank = at_line_start && matches!(&piece[..], b"\n" | b"\r\n");
            at_line_start = line_ends;
        }
    }
}

impl<R: BufRead> Iterator for Mbox<R> {
    type Item = Entry;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.message() {
            Err(error) => {
                self.ended = true;
                Some(Entry::Failed(error))
            }
            Ok(Some(message)) if message.len() > MAX_MESSAGE => Some(Entry::TooLarge),
            Ok(message) => message.map(|message| Entry::Message(without_final_blank(message))),
        }
    }
}

/// `From somebody@brand.example Mon Nov 23 10:00:00 2026`. Inside a file a day and a month are asked for too, so that a sentence that
/// begins with "From " and was not quoted splits nothing.
fn is_separator(line: &[u8], is_first: bool) -> bool {
    let Some(rest) = line.strip_prefix(b"From ") else {
        return false;
    };
    let text = String::from_utf8_lossy(rest);
    let has = |names: &[&str]| {
        text.split_whitespace()
            .any(|word| names.contains(&word.trim_end_matches(',')))
    };
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    is_first || (has(&days) && has(&months))
}

fn unquoted(line: &[u8]) -> &[u8] {
    let quotes = line.iter().take_while(|byte| **byte == b'>').count();
    match quotes > 0 && line[quotes..].starts_with(b"From ") {
        true => &line[1..],
        false => line,
    }
}

/// The empty line before a separator belongs to the file, not to the message.
fn without_final_blank(mut message: Vec<u8>) -> Vec<u8> {
    for (blank, line) in [(&b"\r\n\r\n"[..], 2), (b"\n\n", 1)] {
        if message.ends_with(blank) {
            message.truncate(message.len() - line);
            break;
        }
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &[u8]) -> Vec<String> {
        Mbox::new(text)
            .map(|entry| match entry {
                Entry::Message(message) => String::from_utf8_lossy(&message).into_owned(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn messages_end_before_the_next_separator_and_quoting_is_undone() {
        let text = b"From a@b.example Mon Nov 23 10:00:00 2026\nSubject: 1\n\n>From here\n>>From there\n\n\
            From - Tue Nov 24 10:00:00 2026\nSubject: 2\n\nFrom the beginning\n\nFrom Monday on\n";
        assert_eq!(
            split(text),
            [
                "Subject: 1\n\nFrom here\n>From there\n",
                "Subject: 2\n\nFrom the beginning\n\nFrom Monday on\n"
            ]
        );
    }

    #[test]
    fn line_breaks_stay_as_they_are_and_an_empty_message_is_one() {
        let text = b"From x Mon Nov 23 10:00:00 2026\r\nSubject: 1\r\n\r\na\r\n\r\nFrom x Mon Nov 23 10:00:00 2026\r\n";
        assert_eq!(split(text), ["Subject: 1\r\n\r\na\r\n", ""]);
    }

    #[test]
    fn a_line_without_end_comes_through_whole_and_hides_no_separator() {
        let long = "x".repeat(300_000);
        let text = format!("From x {long}\nSubject: 1\n\n{long}\n\nFrom x Mon Nov 23 10:00:00 2026\nSubject: 2\n");
        assert_eq!(
            split(text.as_bytes()),
            [format!("Subject: 1\n\n{long}\n"), "Subject: 2\n".to_owned()]
        );
    }
}
