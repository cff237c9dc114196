//! The form of a header section: cut, with lines that are no field, lines too long, raw bytes, encoded words.

use super::check::Subject;
use super::web;
use crate::mail::encoded_words::{self, Flaw};
use crate::mail::headers::{Header, MAX_HEADER_BYTES, MAX_HEADERS};
use crate::model::{CheckId, Finding, Verdict};

const ID: CheckId = CheckId::HeaderHygiene;
/// RFC 5322 §2.1.1, without the line break.
const MAX_LINE: usize = 998;
/// Fields whose encoded words readers see.
const SEEN: &[&str] = &["From", "Sender", "Reply-To", "To", "Cc", "Subject"];

/// A signature, or a second From, may stand behind the cut: to say that there is none would be a guess.
pub(super) fn cut(id: CheckId) -> Finding {
    let limits = format!(
        "a header section of at most {MAX_HEADERS} fields and {} KiB",
        MAX_HEADER_BYTES / 1024
    );
    Finding::new(
        id,
        Verdict::Blind,
        "headers-cut",
        "the header section has no end that could be read",
    )
    .with(limits, "more than that: what stands behind is not known")
    .help("Receivers refuse such a message too. Find out what adds the fields.")
}

pub(super) fn fail(code: &str, summary: impl Into<String>) -> Finding {
    Finding::new(ID, Verdict::Fail, code, summary)
}

pub(super) fn quoted(field: &Header<'_>) -> String {
    web::short(&format!("{}: {}", field.name, field.unfolded()))
}

pub(super) fn strays(subject: &Subject<'_>) -> Option<Finding> {
    let strays = &subject.reading.headers().strays;
    let told: Vec<String> = strays
        .iter()
        .map(|line| web::short(String::from_utf8_lossy(line).trim()))
        .collect();
    let first = told.first()?;
    let finding = fail("not-a-field", format!("a line among the header fields is none: {first}"))
        .with("`Name: value`, or a continuation that begins with a blank", web::listed(&told))
        .help(match (subject.evidence.file.is_some(), subject.reading.raw().starts_with(strays[0])) {
            (true, true) => "Something stands above the first header field: save the message's source alone, from its first field on. If it was sent like this, many readers show all of it as text.",
            (true, false) => "Many readers end the header section there and show the rest as text. In a saved copy a line may have been broken when it was copied; in a message that was sent so, a line break in a template's value is the usual cause.",
            (false, _) => "Many readers end the header section there and show the rest as text. A line break in a template's value is the usual cause.",
        });
    Some(finding)
}

/// The longest line, in bytes, without its break.
fn longest(bytes: &[u8]) -> usize {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line).len())
        .max()
        .unwrap_or(0)
}

const LINES: &str = "Servers on the way may break or refuse such lines, and a broken line breaks the signature. Fold header fields at blanks; encode the body as quoted-printable or base64.";

pub(super) fn long_lines(fields: &[&Header<'_>]) -> Option<Finding> {
    // The name and its colon stand in the first line; that they are counted with a later one too never matters at this size.
    let length = |field: &Header<'_>| match longest(field.raw) {
        0 => 0,
        longest if field.raw.starts_with(b"\r\n") => longest,
        longest => longest + field.name.len() + 1,
    };
    let long: Vec<String> = fields
        .iter()
        .filter(|field| length(field) > MAX_LINE)
        .map(|field| format!("{}: {} bytes", field.name, length(field)))
        .collect();
    let first = long.first()?;
    let summary = format!("a header line is too long: {first}");
    Some(
        fail("long-line", summary)
            .with(format!("lines of at most {MAX_LINE} bytes"), web::listed(&long))
            .help(LINES),
    )
}

pub(super) fn long_body_lines(subject: &Subject<'_>) -> Option<Finding> {
    if !subject.policy.provider.byte_exact {
        return None;
    }
    let body = subject.reading.raw().get(subject.reading.headers().body_at..)?;
    let longest = Some(longest(body)).filter(|longest| *longest > MAX_LINE)?;
    let summary = format!("a line of the body has {longest} bytes");
    let observed = format!("{longest} bytes");
    Some(
        fail("long-body-line", summary)
            .with(format!("lines of at most {MAX_LINE} bytes"), observed)
            .help(LINES),
    )
}

pub(super) fn raw_bytes(subject: &Subject<'_>, fields: &[&Header<'_>]) -> Option<Finding> {
    let utf8 = |protocol: &String| protocol.to_ascii_uppercase().contains("UTF8");
    let internationalised = subject
        .reading
        .received()
        .iter()
        .any(|line| line.with.as_ref().is_some_and(utf8));
    let allowed = |bytes: &[u8]| bytes.is_ascii() || (internationalised && std::str::from_utf8(bytes).is_ok());
    let raw: Vec<String> = fields
        .iter()
        .filter(|field| !allowed(field.raw))
        .map(|field| quoted(field))
        .collect();
    let first = raw.first()?;
    let finding = fail("raw-8bit", format!("raw bytes over 127 in {first}"))
        .with("ASCII, with other characters in encoded words (RFC 2047)", web::listed(&raw))
        .help("Some servers refuse it, others guess the charset. Encode the field (RFC 2047), as every mail library does when it is given text.");
    Some(finding)
}

pub(super) fn encoded(fields: &[&Header<'_>]) -> Vec<Finding> {
    let mut flawed: Vec<(Flaw, String)> = Vec::new();
    for field in fields.iter().filter(|field| SEEN.iter().any(|name| field.is(name))) {
        let value = field.unfolded();
        let found = encoded_words::flaws(&value).into_iter();
        flawed.extend(found.map(|(flaw, word)| (flaw, format!("{} in {}", web::short(word), field.name))));
    }
    let of = |wanted: Flaw| {
        let told: Vec<String> = flawed
            .iter()
            .filter(|(flaw, _)| *flaw == wanted)
            .map(|(_, told)| told.clone())
            .collect();
        let first = told.first()?;
        let (verdict, code, what) = in_words(wanted);
        Some(
            Finding::new(ID, verdict, code, format!("{what}: {first}"))
                .with("encoded words as RFC 2047 has them", web::listed(&told))
                .help("Some readers show such a word raw or garbled. Let a mail library encode the whole value, instead of parts of it or already encoded text."),
        )
    };
    [Flaw::Charset, Flaw::Cut, Flaw::Broken, Flaw::Long]
        .into_iter()
        .filter_map(of)
        .collect()
}

fn in_words(flaw: Flaw) -> (Verdict, &'static str, &'static str) {
    match flaw {
        Flaw::Long => (
            Verdict::Warn,
            "encoded-word-long",
            "an encoded word of more than 75 characters",
        ),
        Flaw::Charset => (
            Verdict::Fail,
            "encoded-word-charset",
            "an encoded word in a charset nobody knows",
        ),
        Flaw::Cut => (
            Verdict::Fail,
            "encoded-word-cut",
            "an encoded word cuts a character in two",
        ),
        Flaw::Broken => (
            Verdict::Fail,
            "encoded-word-broken",
            "an encoded word that can not be decoded",
        ),
    }
}
