//! Domain names that are shown in other letters than they are asked by (RFC 5890 §2.3.2): `xn--brnd-63d.example` and what a reader sees.

/// A name for people: as it is asked by, and where readers see something else, that too, letter by letter where it is not Latin.
///
/// Two names that look the same are told apart by the first form; by the second a reader knows which one stood in the message.
pub fn told(a_labels: &str) -> String {
    let (shown, valid) = idna::domain_to_unicode(a_labels);
    if valid.is_err() || shown == a_labels {
        return a_labels.to_owned();
    }
    let foreign: Vec<String> = shown.chars().filter(|char| !char.is_ascii()).map(code).collect();
    format!("{a_labels} (readers see {shown}, with {})", foreign.join(", "))
}

fn code(char: char) -> String {
    format!("{char} U+{:04X}", u32::from(char))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_where_there_are_two() {
        assert_eq!(told("brand.example"), "brand.example");
        assert_eq!(
            told("xn--brnd-63d.example"),
            "xn--brnd-63d.example (readers see brаnd.example, with а U+0430)"
        );
        assert_eq!(
            told("xn--\u{7f}.example"),
            "xn--\u{7f}.example",
            "what is no such name is left"
        );
    }
}
