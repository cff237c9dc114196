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
    let zero =
        |property: &str| value(style, property).is_some_and(|value| value.trim_end_matches(char::is_alphabetic) == "0");
    value(style, "display") == Some("none")
        || value(style, "visibility") == Some("hidden")
        || zero("font-size")
        || zero("opacity")
        || (zero("max-height") && value(style, "overflow") == Some("hidden"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_and_what_does_not() {
        for style in [
            "display: none",
            "DISPLAY:NONE !important",
            "font-size:0px",
            "opacity: 0",
            "max-height:0;overflow:hidden",
        ] {
            assert!(hides(&squeeze(style)), "{style}");
        }
        for style in [
            "",
            "display:block",
            "font-size:0.9em",
            "opacity:.8",
            "max-height:0",
            "display:none;display:inline",
        ] {
            assert!(!hides(&squeeze(style)), "{style}");
        }
    }
}
