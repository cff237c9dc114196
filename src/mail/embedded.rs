//! Messages inside a message are attachments, and are not opened: nothing of them is what a reader is shown first, and the parser's work
//! with them is recursive, so that a thousand of them inside each other would end the program. Their type is overwritten, letter for
//! letter, in the copy that is parsed.

use std::borrow::Cow;

/// Subtypes of messages (RFC 2046 §5.2.1, RFC 6532 §3.7), the type of a part that holds messages only (RFC 2046 §5.1.5), and what is
/// written over them.
const WORDS: [(&[u8], &[u8]); 3] = [(b"rfc822", b"x-mail"), (b"global", b"x-mail"), (b"digest", b"x-mail")];
/// What such a part is no longer.
const MULTIPART: (&[u8], &[u8]) = (b"multipart", b"x-digests");
const FIELD: &[u8] = b"content-type";

/// The message with every Content-Type field closed that would open another message; the same bytes where there is none.
pub(super) fn closed(raw: &[u8]) -> Cow<'_, [u8]> {
    let mut out = Cow::Borrowed(raw);
    let mut at = 0;
    while at < raw.len() {
        let end = line_end(raw, at);
        if is_field(&raw[at..end]) {
            let end = field_end(raw, end);
            close(&mut out, at, end);
            at = end;
        } else {
            at = end;
        }
    }
    out
}

fn line_end(raw: &[u8], from: usize) -> usize {
    let found = raw[from..].iter().position(|byte| *byte == b'\n');
    found.map_or(raw.len(), |found| from + found + 1)
}

/// Errs towards yes: a field's name may stand behind blanks.
fn is_field(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    line.len() >= FIELD.len() && line[..FIELD.len()].eq_ignore_ascii_case(FIELD)
}

/// End of the field with its continuation lines.
fn field_end(raw: &[u8], mut end: usize) -> usize {
    while matches!(raw.get(end), Some(b' ' | b'\t')) {
        end = line_end(raw, end);
    }
    end
}

fn close(out: &mut Cow<'_, [u8]>, from: usize, to: usize) {
    let mut digest = false;
    for (word, instead) in WORDS {
        digest |= overwrite(out, from, to, word, instead) && word == b"digest";
    }
    if digest {
        overwrite(out, from, to, MULTIPART.0, MULTIPART.1);
    }
}

fn overwrite(out: &mut Cow<'_, [u8]>, from: usize, to: usize, word: &[u8], instead: &[u8]) -> bool {
    let mut found = false;
    for at in from..to.saturating_sub(word.len() - 1) {
        if out[at..at + word.len()].eq_ignore_ascii_case(word) {
            out.to_mut()[at..at + word.len()].copy_from_slice(instead);
            found = true;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_opens_a_message_is_overwritten() {
        let raw = b"Content-Type: multipart/digest;\r\n boundary=x\r\n\r\n--x\r\n content-type : Message/RFC822\r\n\r\nglobal digest\r\n";
        let closed = closed(raw);
        assert_eq!(
            String::from_utf8_lossy(&closed),
            "Content-Type: x-digests/x-mail;\r\n boundary=x\r\n\r\n--x\r\n content-type : Message/x-mail\r\n\r\nglobal digest\r\n"
        );
    }

    #[test]
    fn a_message_without_any_is_not_copied() {
        let raw = b"Content-Type: text/plain\r\n\r\nContent-Length is no type; rfc822\r\n";
        assert!(matches!(closed(raw), Cow::Borrowed(_)));
    }
}
