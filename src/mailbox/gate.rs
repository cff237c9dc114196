//! Caps what an IMAP server can make us hold, before a byte of it is allocated, and keeps from the parser what it can not digest.
//!
//! The parser of async-imap reserves the length a literal declares as soon as it reads the declaration, grows without bound on
//! a line that never ends, recurses on nested parentheses, and gives up the session at an untagged line that it does not know.
//! So lines are held back here until they are complete, measured, and known to be of a kind we ask for. Bytes inside a
//! literal are counted and passed on, never looked at: a mail may have `{400000000}` in its text.

use std::fmt;

/// Deepest nesting of parentheses in one response line; what we ask for needs two.
const DEPTH: u32 = 24;
/// How much a server may send.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// Bytes of one literal.
    pub literal: u64,
    /// Bytes of one line (a literal ends a line).
    pub line: usize,
    /// Bytes in all since the last [`Gate::begin`].
    pub response: u64,
}

/// The server sent more than a cap allows. Travels inside an `io::Error` of kind `InvalidData`.
#[derive(Debug)]
pub struct Oversize(pub String);

impl fmt::Display for Oversize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Oversize {}

/// The state of reading: which piece of which response line the next byte belongs to.
#[derive(Debug)]
pub struct Gate {
    caps: Caps,
    spent: u64,
    literal_left: u64,
    line: Vec<u8>,
    /// Set between a literal and the end of its response line: is the line passed on?
    continues: Option<bool>,
    depth: u32,
}

/// What a line is, by its beginning (RFC 9051 §7).
#[derive(PartialEq)]
enum Kind {
    /// A status, tagged or not, or a continuation request: ends in text, which can not open a literal.
    Text,
    /// Untagged data that we ask for.
    Data,
    /// Other untagged data.
    Foreign,
}

impl Gate {
    /// A gate at the beginning of a line.
    pub fn new(caps: Caps) -> Self {
        Gate {
            caps,
            spent: 0,
            literal_left: 0,
            line: Vec::new(),
            continues: None,
            depth: 0,
        }
    }

    /// A new command begins: the response cap counts from here.
    pub fn begin(&mut self, literal: u64, response: u64) {
        self.caps.literal = literal;
        self.caps.response = response;
        self.spent = 0;
    }

    /// Takes what came in and adds to `out` what may pass.
    pub fn feed(&mut self, mut chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Oversize> {
        self.spent += chunk.len() as u64;
        if self.spent > self.caps.response {
            let cap = self.caps.response;
            return Err(Oversize(format!(
                "the server sent more than {cap} bytes for one command"
            )));
        }
        while !chunk.is_empty() {
            if self.literal_left > 0 {
                let length = chunk
                    .len()
                    .min(usize::try_from(self.literal_left).unwrap_or(usize::MAX));
                if self.continues == Some(true) {
                    out.extend_from_slice(&chunk[..length]);
                }
                self.literal_left -= length as u64;
                chunk = &chunk[length..];
                continue;
            }
            let end = chunk.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let piece = &chunk[..end.unwrap_or(chunk.len())];
            if self.line.len() + piece.len() > self.caps.line {
                return Err(Oversize(format!("a line of more than {} bytes", self.caps.line)));
            }
            self.line.extend_from_slice(piece);
            chunk = &chunk[piece.len()..];
            if end.is_some() {
                self.release(out)?;
            }
        }
        Ok(())
    }

    /// A line is complete: decide over it.
    fn release(&mut self, out: &mut Vec<u8>) -> Result<(), Oversize> {
        let line = std::mem::take(&mut self.line);
        let passed = match self.continues {
            Some(passed) => passed,
            None => {
                self.depth = 0;
                match kind(&line) {
                    Kind::Text => {
                        spaced(&line, out);
                        return Ok(());
                    }
                    Kind::Data => true,
                    Kind::Foreign => false,
                }
            }
        };
        self.continues = match declared(&line) {
            Some(length) => {
                self.literal_left = self.allowed(length)?;
                Some(passed)
            }
            None => None,
        };
        if passed {
            self.measure(&line)?;
            out.extend_from_slice(&line);
        }
        Ok(())
    }

    fn allowed(&self, digits: &[u8]) -> Result<u64, Oversize> {
        let text = String::from_utf8_lossy(digits);
        match text.parse::<u64>() {
            Ok(length) if length <= self.caps.literal => Ok(length),
            _ => Err(Oversize(format!(
                "a literal of {} bytes, {} are allowed here",
                text.get(..40).unwrap_or(&text),
                self.caps.literal
            ))),
        }
    }

    /// Follows the nesting of parentheses outside quoted strings.
    fn measure(&mut self, line: &[u8]) -> Result<(), Oversize> {
        let (mut quoted, mut escaped) = (false, false);
        for byte in line {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                b'(' if !quoted => self.depth += 1,
                b')' if !quoted => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            if self.depth > DEPTH {
                return Err(Oversize(format!("parentheses nested deeper than {DEPTH}")));
            }
        }
        Ok(())
    }
}

fn kind(line: &[u8]) -> Kind {
    let Some(rest) = line.strip_prefix(b"* ") else {
        return Kind::Text;
    };
    let mut words = rest
        .split(|byte| byte.is_ascii_whitespace())
        .map(|word| word.to_ascii_uppercase());
    let first = words.next().unwrap_or_default();
    match first.as_slice() {
        b"OK" | b"NO" | b"BAD" | b"BYE" | b"PREAUTH" => Kind::Text,
        b"LIST" | b"SEARCH" | b"CAPABILITY" | b"QUOTA" => Kind::Data,
        number if !number.is_empty() && number.iter().all(u8::is_ascii_digit) => match words.next().as_deref() {
            Some(b"EXISTS" | b"EXPUNGE" | b"FETCH") => Kind::Data,
            _ => Kind::Foreign,
        },
        _ => Kind::Foreign,
    }
}

/// The digits of a literal's length at the end of a line.
fn declared(line: &[u8]) -> Option<&[u8]> {
    let inner = line.strip_suffix(b"}\r\n")?;
    let open = inner.iter().rposition(|byte| *byte == b'{')?;
    let digits = &inner[open + 1..];
    (!digits.is_empty() && digits.iter().all(u8::is_ascii_digit)).then_some(digits)
}

/// Passes a status line on with a blank after a `]` that a non-ASCII byte follows: the parser cuts one *byte* off the text
/// behind a response code and would panic in the middle of a character.
fn spaced(line: &[u8], out: &mut Vec<u8>) {
    for (at, byte) in line.iter().enumerate() {
        out.push(*byte);
        if *byte == b']' && line.get(at + 1).is_some_and(|next| !next.is_ascii()) {
            out.push(b' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: Caps = Caps {
        literal: 1000,
        line: 200,
        response: 100_000,
    };

    fn pass(input: &[u8], step: usize) -> Result<Vec<u8>, String> {
        let mut gate = Gate::new(CAPS);
        let mut out = Vec::new();
        for chunk in input.chunks(step) {
            gate.feed(chunk, &mut out).map_err(|Oversize(text)| text)?;
        }
        Ok(out)
    }

    fn same(input: &[u8]) {
        for step in [1, 2, 7, 4096] {
            assert_eq!(pass(input, step).as_deref(), Ok(input), "in steps of {step}");
        }
    }

    #[test]
    fn passes_what_we_ask_for_unchanged() {
        same(b"* OK ready\r\n* 1 EXISTS\r\n* LIST () \"/\" INBOX\r\n+ go on\r\nA1 OK done\r\n");
        same(b"* 1 FETCH (UID 7 BODY[] {5}\r\nab\r\nc)\r\nA1 OK done\r\n");
        same(b"* 1 FETCH (BODY[HEADER] {0}\r\n BODY[] {2}\r\nhi UID 3)\r\n");
    }

    #[test]
    fn text_can_not_open_a_literal() {
        same(b"* OK the text {2000}\r\nA1 NO {99999999999999999999}\r\n+ {4000}\r\n* BYE {4}\r\n");
    }

    #[test]
    fn bytes_inside_a_literal_are_not_read() {
        same(b"* 1 FETCH (BODY[] {24}\r\n* x {400000000}\r\n* y ((\r\n)\r\nA1 OK done\r\n");
    }

    #[test]
    fn a_literal_over_the_cap_is_refused_at_its_declaration() {
        for length in ["1001", "4294967295", "99999999999999999999"] {
            let line = format!("* 1 FETCH (BODY[] {{{length}}}\r\n");
            let refusal = pass(line.as_bytes(), 4096).unwrap_err();
            assert!(refusal.contains("a literal of"), "{refusal}");
        }
    }

    #[test]
    fn an_endless_line_and_an_endless_response_are_refused() {
        assert!(pass(&[b'A'; 201], 50).unwrap_err().contains("a line of more"));
        let flood = b"* 1 EXISTS\r\n".repeat(10_000);
        assert!(pass(&flood, 4096).unwrap_err().contains("100000 bytes"));
    }

    #[test]
    fn nesting_is_bounded_but_parentheses_in_quotes_are_text() {
        let nested = format!("* 1 FETCH (ENVELOPE {})\r\n", "(".repeat(30));
        assert!(pass(nested.as_bytes(), 9).unwrap_err().contains("nested"));
        same(format!("* LIST () \"/\" \"{}\\\"(\"\r\n", "(".repeat(40)).as_bytes());
    }

    #[test]
    fn untagged_data_of_unknown_kind_is_left_out_with_its_literals() {
        let input = b"* XYZ {7}\r\nA1 OK\r\n tail\r\n* NAMESPACE NIL\r\n* 5 RECENT\r\n* 6 EXISTS\r\n";
        for step in [1, 3, 4096] {
            assert_eq!(pass(input, step).as_deref(), Ok(&b"* 6 EXISTS\r\n"[..]));
        }
    }

    #[test]
    fn a_character_right_behind_a_code_gets_its_blank() {
        let out = pass("* NO [ALERT]é\r\n".as_bytes(), 4096);
        assert_eq!(out.as_deref(), Ok("* NO [ALERT] é\r\n".as_bytes()));
    }
}
