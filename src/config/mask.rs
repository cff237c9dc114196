//! Blanks out literal secrets in the text that error messages show. Works on the bare text, so it holds for files that are not even TOML.

use std::ops::Range;

/// The text with every literal secret replaced by `*`, byte for byte, so that places stay true. `unknown` are values under unknown keys:
/// a secret under a mistyped name is a secret still.
pub(super) fn masked(text: &str, unknown: &[Range<usize>]) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for at in text.match_indices('=').map(|(at, _)| at) {
        if is_secret_name(key_before(text, at)) {
            blank(&mut bytes, secret_part(text, value_after(text, at + 1)));
        }
    }
    for span in unknown {
        blank(&mut bytes, span.start.min(text.len())..span.end.min(text.len()));
    }
    // Blanking writes ASCII over whole characters or parts of them; what is left of a cut character goes too.
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_secret_name(key: &str) -> bool {
    let key = key.to_lowercase();
    // Where tokens are given out is no secret.
    if key.ends_with("_url") {
        return false;
    }
    ["pass", "token", "secret", "username", "key"]
        .iter()
        .any(|word| key.contains(word))
        || ["password", "username", "token"]
            .iter()
            .any(|word| strsim::damerau_levenshtein(&key, word) <= 2)
}

fn key_before(text: &str, at: usize) -> &str {
    let before = text[..at].trim_end_matches([' ', '\t', '"', '\'']);
    let start = before
        .rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '-')
        .map_or(0, |cut| cut + before[cut..].chars().next().map_or(1, char::len_utf8));
    &before[start..]
}

/// The value's range: within its quotes if it has some, to the end of the line or list if not (or if they never close).
fn value_after(text: &str, from: usize) -> Range<usize> {
    let start = from + (text[from..].len() - text[from..].trim_start_matches([' ', '\t']).len());
    let rest = &text[start..];
    let line = || start + rest.find(['\n', '\r']).unwrap_or(rest.len());
    for quotes in ["\"\"\"", "'''"] {
        if let Some(inner) = rest.strip_prefix(quotes) {
            let end = inner.find(quotes).unwrap_or(inner.len());
            return start + 3..start + 3 + end;
        }
    }
    match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let end = rest[1..].char_indices().find(|&(_, c)| {
                let ends = !escaped && (c == quote || c == '\n');
                escaped = quote == '"' && c == '\\' && !escaped;
                ends
            });
            start + 1..end.map_or(text.len(), |(at, _)| start + 1 + at)
        }
        Some('[' | '{') => start + 1..rest.find([']', '}']).map_or_else(line, |at| start + at),
        _ => {
            start
                ..rest
                    .find([',', '}', ']', '#', '\n', '\r'])
                    .map_or(text.len(), |at| start + at)
        }
    }
}

/// A reference is no secret, its default is.
fn secret_part(text: &str, value: Range<usize>) -> Range<usize> {
    let inner = &text[value.clone()];
    let reference = ["${env:", "${file:"].iter().any(|prefix| inner.starts_with(prefix))
        && inner.find('}') == Some(inner.len() - 1);
    match inner.find(":-") {
        _ if !reference => value,
        Some(at) => value.start + at + 2..value.end - 1,
        None => value.end..value.end,
    }
}

fn blank(bytes: &mut [u8], range: Range<usize>) {
    for byte in &mut bytes[range] {
        if !matches!(byte, b'\n' | b'\r') {
            *byte = b'*';
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_blanked_and_references_stay() {
        let text = "password = \"hunter2\"\nuser = { password = 'a\\', port = 1 }\npassword = \"${env:X}\"\npassword = \"${env:X:-deflt}\"\n# password=bare # c\n";
        let shown = masked(text, &[]);
        assert_eq!(shown.len(), text.len());
        for gone in ["hunter2", "a\\", "deflt", "bare"] {
            assert!(!shown.contains(gone), "{gone} in {shown}");
        }
        assert!(shown.contains("${env:X}\""), "{shown}");
        assert!(shown.contains("port = 1"), "{shown}");
    }

    #[test]
    fn unfinished_strings_and_typos_are_blanked() {
        for text in [
            "password = \"hunter2",
            "password = \"\"\"\nhunter2\n",
            "pasword = \"hunter2\"",
            "\"password\" = hunter2, x",
            "a.passwd='hunter2'",
            "username = [\"hunter2\"]",
            "password = \"\\\"hunter2\"",
        ] {
            assert!(!masked(text, &[]).contains("hunter2"), "{text}");
        }
        assert!(!masked("xyz = \"hunter2\"", &[6..8, 8..15]).contains("hunter2"));
    }

    proptest::proptest! {
        #[test]
        fn any_text_keeps_its_length_and_lines(text in "(\\PC|[\"'=\n{}\\[\\]#,]|password|=){0,60}") {
            let shown = masked(&text, &[]);
            proptest::prop_assert_eq!(shown.len(), text.len());
            proptest::prop_assert_eq!(shown.matches('\n').count(), text.matches('\n').count());
        }
    }
}
