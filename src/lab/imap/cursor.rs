//! The lexical layer of IMAP commands (RFC 3501 §9): a cursor over one complete command, literals included.
//! The bytes come from anybody; nothing here panics or recurses.

/// What a command that can not be read is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

/// A result of reading.
pub type Read<T> = Result<T, Malformed>;

/// A place in a command's bytes.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Begins at the first byte of a command (without its final line break).
    pub fn new(bytes: &'a [u8]) -> Self {
        Cursor { bytes, at: 0 }
    }

    /// The next byte, unread.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Everything unread.
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Takes one byte if it is the next one.
    pub fn eat(&mut self, byte: u8) -> bool {
        let hit = self.peek() == Some(byte);
        self.at += usize::from(hit);
        hit
    }

    /// Takes a byte that must be there.
    pub fn need(&mut self, byte: u8) -> Read<()> {
        match self.eat(byte) {
            true => Ok(()),
            false => Err(self.wrong(&format!("expected '{}'", char::from(byte)))),
        }
    }

    /// One blank.
    pub fn space(&mut self) -> Read<()> {
        self.need(b' ')
    }

    /// The end of the command.
    pub fn end(&self) -> Read<()> {
        match self.rest() {
            [] => Ok(()),
            _ => Err(self.wrong("unexpected text after the command")),
        }
    }

    /// An error at this place.
    pub fn wrong(&self, what: &str) -> Malformed {
        Malformed(format!("{what} at byte {}", self.at))
    }

    /// The longest run of bytes that fulfil a condition; may be empty.
    pub fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !wanted(*byte)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    /// An atom (RFC 3501 `atom`), as text; atoms are ASCII.
    pub fn atom(&mut self) -> Read<&'a str> {
        self.word(is_atom)
    }

    /// A word of bytes that fulfil a condition, at least one.
    pub fn word(&mut self, wanted: impl Fn(u8) -> bool) -> Read<&'a str> {
        match self.take_while(wanted) {
            [] => Err(self.wrong("expected a word")),
            word => std::str::from_utf8(word).map_err(|_| self.wrong("expected ASCII")),
        }
    }

    /// The next word in capitals, without taking it.
    pub fn coming(&self) -> String {
        let mut ahead = self.clone();
        ahead.atom().unwrap_or_default().to_ascii_uppercase()
    }

    /// A number of 32 bits.
    pub fn number(&mut self) -> Read<u32> {
        let digits = self.word(|byte| byte.is_ascii_digit())?;
        digits.parse().map_err(|_| self.wrong("number out of range"))
    }

    /// `astring`: an atom (which may hold `]`), a quoted string or a literal.
    pub fn astring(&mut self) -> Read<Vec<u8>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => Ok(self.word(|byte| is_atom(byte) || byte == b']')?.as_bytes().to_vec()),
        }
    }

    /// `list-mailbox`: as `astring`, with the wildcards `%` and `*`.
    pub fn pattern(&mut self) -> Read<Vec<u8>> {
        match self.peek() {
            Some(b'"' | b'{') => self.string(),
            _ => {
                let wild = |byte| is_atom(byte) || matches!(byte, b']' | b'%' | b'*');
                Ok(self.word(wild)?.as_bytes().to_vec())
            }
        }
    }

    /// `string`: quoted or literal.
    pub fn string(&mut self) -> Read<Vec<u8>> {
        match self.peek() {
            Some(b'"') => self.quoted(),
            Some(b'{') => self.literal(),
            _ => Err(self.wrong("expected a string")),
        }
    }

    /// `nstring`: a string, or `NIL` as `None`.
    pub fn nstring(&mut self) -> Read<Option<Vec<u8>>> {
        match self.coming().as_str() {
            "NIL" => self.atom().map(|_| None),
            _ => self.string().map(Some),
        }
    }

    fn quoted(&mut self) -> Read<Vec<u8>> {
        self.need(b'"')?;
        let mut text = Vec::new();
        loop {
            text.extend_from_slice(self.take_while(|byte| !matches!(byte, b'"' | b'\\' | b'\r' | b'\n' | 0)));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    match self.peek() {
                        Some(escaped @ (b'"' | b'\\')) => text.push(escaped),
                        _ => return Err(self.wrong("bad escape in a quoted string")),
                    }
                    self.at += 1;
                }
                _ => return Err(self.wrong("unfinished quoted string")),
            }
        }
    }

    fn literal(&mut self) -> Read<Vec<u8>> {
        self.need(b'{')?;
        let length = self.number()? as usize;
        self.eat(b'+');
        self.need(b'}')?;
        self.need(b'\r')?;
        self.need(b'\n')?;
        let text = self.rest().get(..length).ok_or_else(|| self.wrong("short literal"))?;
        self.at += length;
        Ok(text.to_vec())
    }

    /// A bracketed list of items, separated by blanks. An empty list is an error unless `may_be_empty`.
    pub fn list<T>(&mut self, may_be_empty: bool, mut item: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.need(b'(')?;
        let mut items = Vec::new();
        if may_be_empty && self.eat(b')') {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.eat(b')') {
                return Ok(items);
            }
            self.space()?;
        }
    }
}

/// RFC 3501 `ATOM-CHAR`.
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// Does this line announce a literal? Its length and whether the client waits for our go-ahead (RFC 3501 §4.3, RFC 7888).
pub fn announced_literal(line: &[u8]) -> Option<Literal> {
    let open = line.iter().rposition(|byte| *byte == b'{')?;
    let inner = line.get(open + 1..)?.strip_suffix(b"}")?;
    let (digits, waits) = match inner.strip_suffix(b"+") {
        Some(digits) => (digits, false),
        None => (inner, true),
    };
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let text = std::str::from_utf8(digits).ok()?;
    is_number.then(|| Literal {
        // A number beyond 64 bits is as good as the largest: both are over every cap.
        length: text.parse().unwrap_or(u64::MAX),
        waits,
    })
}

/// An announced literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Literal {
    /// Bytes that follow.
    pub length: u64,
    /// Synchronising: the client sends the bytes only after a `+` line.
    pub waits: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_in_all_three_forms() {
        let mut cursor = Cursor::new(b"plain \"with \\\"quote\\\" and \\\\\" {5}\r\na\"\\ b {3+}\r\n)(* rest");
        assert_eq!(cursor.astring().unwrap(), b"plain");
        cursor.space().unwrap();
        assert_eq!(cursor.astring().unwrap(), b"with \"quote\" and \\");
        cursor.space().unwrap();
        assert_eq!(cursor.astring().unwrap(), b"a\"\\ b");
        cursor.space().unwrap();
        assert_eq!(cursor.astring().unwrap(), b")(*");
        assert_eq!(cursor.rest(), b" rest");
    }

    #[test]
    fn broken_strings_are_named() {
        for bytes in [
            &b"\"open"[..],
            b"\"a\\x\"",
            b"{9}\r\nshort",
            b"{-1}\r\n",
            b"{99999999999}\r\n",
            b"",
            b"(",
        ] {
            assert!(Cursor::new(bytes).astring().is_err(), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn literals_are_seen_only_at_the_end_of_a_line() {
        let literal = |length, waits| Some(Literal { length, waits });
        assert_eq!(announced_literal(b"a LOGIN {5}"), literal(5, true));
        assert_eq!(announced_literal(b"a LOGIN u {12+}"), literal(12, false));
        assert_eq!(
            announced_literal(b"a {99999999999999999999999}"),
            literal(u64::MAX, true)
        );
        for line in [&b"a LOGIN {5} x"[..], b"a {}", b"a {+}", b"a {-1}", b"a {1x}", b"5}"] {
            assert_eq!(announced_literal(line), None, "{}", line.escape_ascii());
        }
    }
}
