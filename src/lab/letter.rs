//! A message as the lab's services handle it: header fields with their own bytes, and a body nobody touches by accident.
//! Written apart from the product's reader, so that a misreading can not sit on both sides of the wire.

/// A message, or one part of a multipart message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The header fields, top to bottom.
    pub fields: Vec<Field>,
    /// Everything after the empty line.
    pub body: Vec<u8>,
    /// The empty line as it was written; nothing where there was none (a part may end with its header).
    separator: &'static [u8],
}

/// One header field with its own bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name as written.
    pub name: String,
    /// The whole field: name, colon, folded value, line end.
    pub raw: Vec<u8>,
}

impl Field {
    /// A field from a name and a value (which may hold CRLF plus white space as folds).
    pub fn new(name: &str, value: &str) -> Field {
        Field {
            name: name.to_owned(),
            raw: format!("{name}: {value}\r\n").into_bytes(),
        }
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The value, unfolded and trimmed.
    pub fn value(&self) -> String {
        let from = self
            .raw
            .iter()
            .position(|byte| *byte == b':')
            .map_or(0, |colon| colon + 1);
        let text = String::from_utf8_lossy(&self.raw[from..]);
        text.replace("\r\n", "").replace('\n', "").trim().to_owned()
    }
}

impl Letter {
    /// Splits a message; never fails (what is no field ends the header).
    pub fn parse(raw: &[u8]) -> Letter {
        let mut fields: Vec<Field> = Vec::new();
        let mut at = 0;
        while at < raw.len() {
            let end = raw[at..]
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(raw.len(), |line| at + line + 1);
            let line = &raw[at..end];
            if line == b"\r\n" || line == b"\n" {
                let body = raw[end..].to_vec();
                return Letter {
                    fields,
                    body,
                    separator: if line == b"\r\n" { b"\r\n" } else { b"\n" },
                };
            }
            match (line.first(), fields.last_mut()) {
                (Some(b' ' | b'\t'), Some(open)) => open.raw.extend_from_slice(line),
                _ => match line.iter().position(|byte| *byte == b':') {
                    Some(colon) => fields.push(Field {
                        name: String::from_utf8_lossy(&line[..colon]).trim().to_owned(),
                        raw: line.to_vec(),
                    }),
                    None => {
                        let body = raw[at..].to_vec();
                        return Letter {
                            fields,
                            body,
                            separator: b"",
                        };
                    }
                },
            }
            at = end;
        }
        Letter {
            fields,
            body: Vec::new(),
            separator: b"",
        }
    }

    /// The message again.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out: Vec<u8> = self.fields.iter().flat_map(|field| field.raw.iter().copied()).collect();
        out.extend_from_slice(self.separator);
        out.extend_from_slice(&self.body);
        out
    }

    /// Ends the last field's line, where the message broke off in it.
    fn close_head(&mut self) {
        if let Some(last) = self.fields.last_mut().filter(|field| !field.raw.ends_with(b"\n")) {
            last.raw.extend_from_slice(b"\r\n");
        }
    }

    /// Replaces the body.
    pub fn put_body(&mut self, body: Vec<u8>) {
        self.close_head();
        if self.separator.is_empty() {
            self.separator = b"\r\n";
        }
        self.body = body;
    }

    /// The value of the first field of that name, unfolded.
    pub fn get(&self, name: &str) -> Option<String> {
        self.fields.iter().find(|field| field.is(name)).map(Field::value)
    }

    /// Is there such a field?
    pub fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.is(name))
    }

    /// Replaces the first field of that name in its place, or adds it at the end.
    pub fn set(&mut self, name: &str, value: &str) {
        let fresh = Field::new(name, value);
        match self.fields.iter_mut().find(|field| field.is(name)) {
            Some(place) => *place = fresh,
            None => {
                self.close_head();
                self.fields.push(fresh);
            }
        }
    }

    /// Removes every field for which `unwanted` holds (given the lower-case name).
    pub fn remove(&mut self, unwanted: impl Fn(&str) -> bool) {
        self.fields.retain(|field| !unwanted(&field.name.to_ascii_lowercase()));
    }

    /// Adds a field at the top.
    pub fn prepend(&mut self, name: &str, value: &str) {
        self.fields.insert(0, Field::new(name, value));
    }

    /// Adds a field at the bottom.
    pub fn push(&mut self, name: &str, value: &str) {
        self.close_head();
        self.fields.push(Field::new(name, value));
    }
}
