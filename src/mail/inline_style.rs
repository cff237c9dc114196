//! Inline styles of elements: what a property says, and whether it hides the element from readers.

/// A style attribute, lower-case without white space, cut where it is absurdly long.
pub(super) fn squeeze(style: &str) -> String {
    let kept = style.chars().filter(|char| !char.is_whitespace());
    kept.flat_map(char::to_lowercase).take(4096).collect()
}

/// The value of a property in a squeezed style, without `!important`; the last one counts.
pub(super) fn value<'s>(style: &'s str, property: &str) -> Option<&'s str> {
    let mut declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
    let found = declarations.rfind(|(name, _)| *name == property);
    found.map(|(_, value)| value.trim_end_matches("!important"))
}

/// Is what has this squeezed style not seen? Style sheets are not read: what they show again on a phone, they may.
pub(super) fn hides(style: &str) -> bool {
    let zero = |property: &str| value(style, property).is_some_and(is_zero);
    value(style, "display") == Some("none")
        || value(style, "visibility") == Some("hidden")
        || zero("opacity")
        || (zero("max-height") && value(style, "overflow") == Some("hidden"))
}

/// Is the font size that this squeezed style says nothing at all? `None` where it says none. It holds for the text below only as far as
/// nothing in between says another.
pub(super) fn font_size_is_zero(style: &str) -> Option<bool> {
    let size = value(style, "font-size").map(is_zero);
    size.or(value(style, "font").map(|_| false))
}

fn is_zero(value: &str) -> bool {
    value.trim_end_matches(char::is_alphabetic) == "0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_and_what_does_not() {
        for style in [
            "display: none",
            "DISPLAY:NONE !important",
            "opacity: 0",
            "max-height:0;overflow:hidden",
        ] {
            assert!(hides(&squeeze(style)), "{style}");
        }
        for style in [
            "",
            "display:block",
            "opacity:.8",
            "max-height:0",
            "display:none;display:inline",
        ] {
            assert!(!hides(&squeeze(style)), "{style}");
        }
        for (style, zero) in [
            ("font-size: 0px", Some(true)),
            ("font-size:0.9em", Some(false)),
            ("font: 13px/1.5 Arial", Some(false)),
            ("color:red", None),
        ] {
            assert_eq!(font_size_is_zero(&squeeze(style)), zero, "{style}");
        }
    }
}
