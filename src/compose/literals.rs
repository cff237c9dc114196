//! Whole numbers written in a template that are no number of 64 bits: the library's parser panics at them, so they are found first.

use std::ops::Range;

/// Where the first of them stands, in bytes: within `{{ … }}` or `{% … %}`, outside of quotes. Total.
pub(super) fn too_large(template: &str) -> Option<Range<usize>> {
    let bytes = template.as_bytes();
    let mut at = 0;
    while let Some(open) = template
        .get(at..)
        .and_then(|rest| rest.find('{'))
        .map(|found| at + found)
    {
        let closing: &[u8] = match bytes.get(open + 1) {
            Some(b'{') => b"}}",
            Some(b'%') => b"%}",
            _ => {
                at = open + 1;
                continue;
            }
        };
        let inside = open + 2;
        let end = bytes[inside..]
            .windows(2)
            .position(|pair| pair == closing)
            .map_or(bytes.len(), |found| inside + found);
        if let Some(found) = in_tag(template, inside..end) {
            return Some(found);
        }
        at = end;
    }
    None
}

/// Quotes are not heeded where one of them does not close: the parser may read on behind it.
fn in_tag(template: &str, tag: Range<usize>) -> Option<Range<usize>> {
    let bytes = template.as_bytes();
    let mut at = tag.start;
    while at < tag.end {
        match bytes[at] {
            quote @ (b'"' | b'\'') => {
                let close = bytes[at + 1..tag.end].iter().position(|byte| *byte == quote);
                at = close.map_or(at + 1, |close| at + close + 2);
            }
            byte if byte.is_ascii_digit() => {
                let digits = bytes[at..tag.end]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                let signed = at > tag.start && bytes[at - 1] == b'-';
                let number = at - usize::from(signed)..at + digits;
                let whole = !is_fraction(&bytes[tag.start..at]) && !has_fraction(&bytes[number.end..tag.end]);
                if whole && template.get(number.clone())?.parse::<i64>().is_err() {
                    return Some(number);
                }
                at = number.end;
            }
            _ => at += 1,
        }
    }
    None
}

/// Is what follows these bytes the part behind a decimal point? Behind two of them it is the end of a range.
fn is_fraction(before: &[u8]) -> bool {
    matches!(before, [.., digit, b'.'] if digit.is_ascii_digit())
}

fn has_fraction(behind: &[u8]) -> bool {
    matches!(behind, [b'.', digit, ..] if digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::too_large;

    #[test]
    fn only_numbers_within_tags_and_outside_of_quotes() {
        let large = "9223372036854775808";
        for fine in [
            format!("call {large}"),
            format!("{{{{ '{large}' }}}}"),
            "{{ 9223372036854775807 | plus: 1 }} {% if -9223372036854775808 < 0 %}{% endif %}".to_owned(),
            "{ { {{".to_owned(),
            "{{ 3.14159265358979323846 }} {{ 99999999999999999999.5 }}".to_owned(),
        ] {
            assert_eq!(too_large(&fine), None, "{fine}");
        }
        for wrong in [
            format!("{{{{ {large} }}}}"),
            format!("é{{% if x == -{large}1 %}}"),
            format!("{{{{ \" {large}"),
            format!("{{% for i in (1..{large}) %}}"),
        ] {
            let found = too_large(&wrong).unwrap();
            assert!(wrong[found].contains(large), "{wrong}");
        }
    }
}
