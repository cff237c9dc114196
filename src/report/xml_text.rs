//! Makes any text fit for XML 1.0: quick-xml escapes markup but passes on characters that no XML document may hold, and does not
//! split `]]>` inside CDATA.

use super::escape::visible;

/// One line for an attribute: controls shown as escapes, characters that XML 1.0 forbids (§2.2) removed.
pub fn attribute(text: &str) -> String {
    visible(text).chars().filter(|character| legal(*character)).collect()
}

/// The same with markup escaped, for an attribute that we write ourselves.
pub fn escaped(text: &str) -> String {
    let escape = |character| match character {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    attribute(text).chars().map(escape).collect()
}

/// A text for a CDATA section: lines stay, other controls are shown as escapes, `]]>` is split over two sections.
pub fn cdata(text: &str) -> String {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| attribute(line.strip_suffix('\r').unwrap_or(line)))
        .collect();
    lines.join("\n").replace("]]>", "]]]]><![CDATA[>")
}

fn legal(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_is_shown_or_removed() {
        assert_eq!(attribute("a\0b\u{1b}c\u{fffe}d\ne"), "a\\u{0}b\\u{1b}cd\\ne");
        assert_eq!(cdata("x]]>y\r\nz\u{8}"), "x]]]]><![CDATA[>y\nz\\u{8}");
    }
}
