//! What may stand in a header: one rule for what users write, what templates produce and what is built.

/// Longest word of a header value in bytes. Lines are folded at blanks only (not at tabs), and none may be longer than 998 (RFC 5322 §2.1.1).
const LONGEST_WORD: usize = 900;
/// Longest value in bytes.
const LONGEST: usize = 16 * 1024;

/// Why `text` can not be a header's value, or `None`.
pub fn value_problem(text: &str) -> Option<&'static str> {
    if text.contains(['\r', '\n', '\0']) {
        Some("a header may not contain a line break or NUL")
    } else if text
        .chars()
        .any(|c| (c.is_control() && c != '\t') || matches!(c, '\u{2028}' | '\u{2029}'))
    {
        Some("a header may not contain control characters")
    } else if text.len() > LONGEST {
        Some("a header's value may not be longer than 16 KiB")
    } else if text.split(' ').any(|word| word.len() > LONGEST_WORD) {
        Some("a header may not contain a word of more than 900 characters")
    } else {
        None
    }
}

/// Why `name` can not be a header's name (RFC 5322 §3.6.8), or `None`.
pub fn name_problem(name: &str) -> Option<&'static str> {
    let plain = |b: u8| (33..=126).contains(&b) && b != b':';
    (name.is_empty() || name.len() > 76 || !name.bytes().all(plain))
        .then_some("a header name consists of printable ASCII without `:`")
}

/// Is a header written by the program itself: from the message's own parts, or to tie it to its delivery?
pub fn is_ours(name: &str) -> bool {
    const OURS: [&str; 13] = [
        "from",
        "to",
        "cc",
        "bcc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
        "reply-to",
        "sender",
        "return-path",
    ];
    let name = name.to_ascii_lowercase();
    OURS.contains(&name.as_str()) || name.starts_with("x-inboxqa-")
}
