//! How much work would an HTML parser have with this? A linear scan that errs upwards: what it is not sure is closed stays open.

/// Elements without an end tag (HTML §13.1.2), and those that an element of the same kind closes.
const NOT_NESTING: &[&[u8]] = &[
    b"area", b"base", b"br", b"col", b"embed", b"hr", b"img", b"input", b"link", b"meta", b"source", b"track", b"wbr",
    b"p", b"li", b"dd", b"dt",
];
/// Elements whose content is text up to their end tag.
const RAW: &[&[u8]] = &[
    b"style",
    b"script",
    b"title",
    b"textarea",
    b"xmp",
    b"iframe",
    b"noembed",
    b"noframes",
];
/// Elements inside of which other rules hold, so that raw text may be markup after all.
const FOREIGN: &[&[u8]] = &[b"svg", b"math", b"select", b"frameset"];

/// Comparisons of two attributes' names that cost as much as one open element: each attribute of a tag is compared with those before it.
const COMPARISONS: usize = 32;

/// The sum, over all tags, of the elements open at that tag, and of what comparing its attributes costs. Stops counting at `enough`.
pub(super) fn work(html: &[u8], enough: usize) -> usize {
    let mut scan = Scan::default();
    let mut at = 0;
    while scan.work < enough {
        let found = html[at..].iter().position(|byte| *byte == b'<');
        if scan.distrust {
            scan.doubtful(&html[at..found.map_or(html.len(), |found| at + found)]);
        }
        let Some(found) = found else { break };
        at = scan.markup(html, at + found + 1);
    }
    scan.work + squared(scan.doubtful)
}

fn squared(attributes: usize) -> usize {
    attributes * attributes / COMPARISONS
}

#[derive(Default)]
struct Scan<'a> {
    open: Vec<&'a [u8]>,
    foreign: usize,
    /// Where it can not be told text from markup (raw text or CDATA inside SVG), every `<name` counts as open from then on.
    distrust: bool,
    /// Since then, what may be attributes of the tag that began last.
    doubtful: usize,
    work: usize,
}

impl<'a> Scan<'a> {
    /// Handles what follows a `<`; returns where to go on.
    fn markup(&mut self, html: &'a [u8], at: usize) -> usize {
        match html.get(at..).unwrap_or_default() {
            [letter, ..] if self.distrust && letter.is_ascii_alphabetic() => {
                let name = tag_name(html, at);
                self.work += squared(std::mem::take(&mut self.doubtful));
                self.begin(name);
                at + name.len()
            }
            _ if self.distrust => at,
            [b'!', b'-', b'-', ..] => comment_end(html, at + 3),
            [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                let (name, end, attributes) = tag(html, at + 1);
                self.work += squared(attributes);
                self.close(name);
                end
            }
            [letter, ..] if letter.is_ascii_alphabetic() => {
                let (name, end, attributes) = tag(html, at);
                self.work += squared(attributes);
                self.begin(name);
                let raw = is_in(name, RAW);
                self.distrust |= raw && self.foreign > 0;
                if raw && !self.distrust {
                    raw_end(html, end, name)
                } else {
                    end
                }
            }
            [b'!' | b'?' | b'/', rest @ ..] => {
                self.distrust |= rest.starts_with(b"[CDATA[");
                find(html, at, b">").map_or(html.len(), |end| end + 1)
            }
            _ => at,
        }
    }

    /// Where text can not be told from markup, everything between two separators may be an attribute.
    fn doubtful(&mut self, text: &[u8]) {
        let separates = |byte: &u8| byte.is_ascii_whitespace() || b"/\"'=>".contains(byte);
        self.doubtful += text.split(separates).filter(|part| !part.is_empty()).count();
    }

    fn begin(&mut self, name: &'a [u8]) {
        self.work += self.open.len() + 1;
        if !is_in(name, NOT_NESTING) {
            self.open.push(name);
            self.foreign += usize::from(is_in(name, FOREIGN));
        }
    }

    fn close(&mut self, name: &[u8]) {
        self.work += self.open.len() + 1;
        let is_top = self.open.last().is_some_and(|top| top.eq_ignore_ascii_case(name));
        if is_top {
            self.open.pop();
            self.foreign -= usize::from(is_in(name, FOREIGN));
        }
    }
}

fn is_in(name: &[u8], names: &[&[u8]]) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn find(html: &[u8], from: usize, what: &[u8]) -> Option<usize> {
    let rest = html.get(from..)?;
    rest.windows(what.len())
        .position(|window| window == what)
        .map(|found| from + found)
}

/// End of a comment whose text begins at `at` (HTML §13.2.5.43 and following).
fn comment_end(html: &[u8], at: usize) -> usize {
    for abrupt in [b">".as_slice(), b"->"] {
        if html[at.min(html.len())..].starts_with(abrupt) {
            return at + abrupt.len();
        }
    }
    let mut from = at;
    while let Some(dashes) = find(html, from, b"--") {
        match html.get(dashes + 2..).unwrap_or_default() {
            [b'>', ..] => return dashes + 3,
            [b'!', b'>', ..] => return dashes + 4,
            _ => from = dashes + 1,
        }
    }
    html.len()
}

/// Where the end tag of a raw text element begins.
fn raw_end(html: &[u8], from: usize, name: &[u8]) -> usize {
    let mut at = from;
    while let Some(found) = find(html, at, b"</") {
        let after = html.get(found + 2..).unwrap_or_default();
        if after.len() >= name.len() && after[..name.len()].eq_ignore_ascii_case(name) {
            return found;
        }
        at = found + 2;
    }
    html.len()
}

/// A tag's name, where the tag ends, and the number of its attributes, with the standard's rules for quotes (HTML §13.2.5.32 and following).
fn tag(html: &[u8], at: usize) -> (&[u8], usize, usize) {
    let name = tag_name(html, at);
    let mut value_due = false;
    let mut in_name = false;
    let mut attributes = 0;
    let mut index = at + name.len();
    while let Some(byte) = html.get(index) {
        match byte {
            b'>' => return (name, index + 1, attributes),
            b'"' | b'\'' if value_due => {
                index = find(html, index + 1, &[*byte]).unwrap_or(html.len());
                value_due = false;
                in_name = false;
            }
            b'=' if in_name && !value_due => value_due = true,
            byte if byte.is_ascii_whitespace() => {}
            b'/' if !value_due => in_name = false,
            _ if value_due => {
                let unquoted = |byte: &u8| !byte.is_ascii_whitespace() && *byte != b'>';
                index += html[index..].iter().take_while(|byte| unquoted(byte)).count() - 1;
                value_due = false;
                in_name = false;
            }
            _ => {
                attributes += usize::from(!in_name);
                in_name = true;
            }
        }
        index += 1;
    }
    (name, html.len(), attributes)
}

fn tag_name(html: &[u8], at: usize) -> &[u8] {
    let is_name = |byte: &&u8| !byte.is_ascii_whitespace() && !matches!(byte, b'/' | b'>');
    let length = html[at..].iter().take_while(is_name).count();
    &html[at..at + length]
}
