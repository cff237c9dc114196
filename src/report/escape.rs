//! Makes hostile text harmless on a terminal and in a CI log: what would move the cursor, hide or reorder text is shown as an
//! escape, and no line can be taken for a command of a CI runner.

use std::borrow::Cow;

/// Shows every character that acts instead of being seen: C0, DEL and C1 controls (ESC, BEL, line breaks), bidirectional
/// controls, invisible separators and tags. The result is one line.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if acts(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The joiners U+200C and U+200D stay: scripts and emoji are written with them.
fn acts(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Breaks what a CI runner would obey: GitHub reads `::command::` at the beginning of a line (after blanks) and
/// `##[command]` anywhere in it.
pub fn not_a_command(line: &str) -> Cow<'_, str> {
    let start = line.len() - line.trim_start().len();
    if !line[start..].starts_with("::") && !line.contains("##[") {
        return Cow::Borrowed(line);
    }
    let rest = line[start..].replace("##[", "# #[");
    let guard = if rest.starts_with("::") { "\\" } else { "" };
    Cow::Owned(format!("{}{guard}{rest}", &line[..start]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reordering_become_visible() {
        assert_eq!(visible("a\x1b]52;c;aGk=\x07b"), "a\\u{1b}]52;c;aGk=\\u{7}b");
        assert_eq!(
            visible("gpj.\u{202e}exe\u{9b}2J\r\n"),
            "gpj.\\u{202e}exe\\u{9b}2J\\r\\n"
        );
        assert_eq!(visible("Grüße 👩‍🚀"), "Grüße 👩‍🚀");
    }

    #[test]
    fn a_line_of_mail_is_never_a_command_of_the_runner() {
        assert_eq!(
            not_a_command("   ::set-output name=x::y"),
            "   \\::set-output name=x::y"
        );
        assert_eq!(not_a_command("see ##[error]x"), "see # #[error]x");
        assert_eq!(not_a_command("fe80::1 is fine"), "fe80::1 is fine");
    }
}
