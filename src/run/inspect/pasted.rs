//! What stands above a saved message and is none of it: a byte order mark, blank lines, the table that Gmail shows above the source. It is
//! taken off and told; what a mail program would not have read either is left.

/// Bytes that are looked at for the table.
const MAX_TABLE: usize = 16 * 1024;
/// What lines of the table begin with; `Message-ID:` in a header section is written otherwise.
const ROWS: [&str; 5] = ["Message ID", "Created at:", "SPF:", "DKIM:", "DMARC:"];
/// As many of them are a table.
const ENOUGH: usize = 3;
/// What a message in a mailbox begins with.
const FIRST: [&str; 4] = ["Delivered-To:", "X-Received:", "Received:", "Return-Path:"];

/// The message without it, and what was taken off, in words.
pub fn trimmed(mut raw: Vec<u8>) -> (Vec<u8>, Vec<&'static str>) {
    let mut told = Vec::new();
    let mark = b"\xef\xbb\xbf".as_slice();
    if raw.starts_with(mark) {
        raw.drain(..mark.len());
        told.push("a byte order mark");
    }
    let blank = blank_lines(&raw);
    if blank > 0 && blank < raw.len() {
        raw.drain(..blank);
        told.push("blank lines");
    }
    if let Some(table) = table(&raw) {
        raw.drain(..table);
        told.push("the table of Gmail's \"Show original\"");
    }
    (raw, told)
}

/// Lines of white space at the beginning. A line that only begins with it may be a line of its own.
fn blank_lines(raw: &[u8]) -> usize {
    let mut at = 0;
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        if !line.ends_with(b"\n") || !line.iter().all(u8::is_ascii_whitespace) {
            break;
        }
        at += line.len();
    }
    at
}

/// The length of the table, where the message behind it begins.
fn table(raw: &[u8]) -> Option<usize> {
    let (mut at, mut rows) = (0, 0);
    for line in raw[..raw.len().min(MAX_TABLE)].split_inclusive(|byte| *byte == b'\n') {
        let begins = |words: &&str| {
            let start = line.get(..words.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(words.as_bytes()))
        };
        if rows >= ENOUGH && FIRST.iter().any(begins) {
            return Some(at);
        }
        rows += usize::from(ROWS.iter().any(begins));
        at += line.len();
    }
    None
}

/// Why these bytes can not be the lines of a message, or `None`.
pub fn no_lines(raw: &[u8]) -> Option<&'static str> {
    let text = raw.trim_ascii_end();
    match (text.contains(&b'\n'), text.contains(&b'\r')) {
        (false, true) => Some(
            "its lines end in a bare CR, which mail programs do not read as the end of a line: save it with LF or CRLF",
        ),
        (false, false) => Some("it is one line: its line breaks were lost, so save the message's source again"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> (String, Vec<&'static str>) {
        let (raw, told) = trimmed(text.as_bytes().to_vec());
        (String::from_utf8(raw).unwrap(), told)
    }

    #[test]
    fn what_stands_above_a_message_is_taken_off() {
        let message = "Delivered-To: a@b.example\nFrom: c@d.example\n\nSPF:\nhi\n";
        let page = format!(
            "Original Message\nMessage ID\t<1@b.example>\nCreated at:\tMon\nFrom:\tBrand <c@d.example>\nSPF:\tPASS with IP 203.0.113.9\n\
             DKIM:\t'PASS' with domain d.example\nDMARC:\t'PASS'\n\nDownload Original\n{message}"
        );
        assert_eq!(
            told(&page),
            (message.to_owned(), vec!["the table of Gmail's \"Show original\""])
        );
        let marked = format!("\u{feff}\r\n \n{message}");
        assert_eq!(
            told(&marked),
            (message.to_owned(), vec!["a byte order mark", "blank lines"])
        );
        assert_eq!(told(message), (message.to_owned(), vec![]));
        // A header section may speak of all that.
        let own = "Message-ID: <1>\nDKIM: x\nSPF: y\nReceived: by z\n\nx\n";
        assert_eq!(told(own), (own.to_owned(), vec![]));
        assert_eq!(told("\n\n"), ("\n\n".to_owned(), vec![]));
    }

    #[test]
    fn a_message_has_lines() {
        assert!(
            no_lines(b"From: a@b.example\rSubject: x\r\rhi\r")
                .unwrap()
                .contains("bare CR")
        );
        assert!(
            no_lines(b"From: a@b.example Subject: x\n")
                .unwrap()
                .contains("one line")
        );
        assert_eq!(no_lines(b"From: a@b.example\n\nhi"), None);
    }
}
