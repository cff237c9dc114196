//! Tags of sending services that are no Liquid and are carried through a template as they stand: Postmark fills in `{{{ pm:unsubscribe }}}`
//! in whatever it is handed over.

use std::borrow::Cow;
use std::ops::Range;

/// What stands between the braces: the first prints a link or, within an attribute, its address; the second the address.
const NAMES: [&str; 2] = ["pm:unsubscribe", "pm:unsubscribe_url"];
/// Stand for the braces while the template is read as Liquid: as many characters, and none that Liquid knows.
const OPEN: &str = "\u{1}\u{2}\u{1}";
const CLOSE: &str = "\u{1}\u{3}\u{1}";
/// What Postmark's pages of unsubscribing are called by, where one is needed before there is one.
const STAND_IN: &str = "https://subscriptions.pstmrk.it/unsubscribe";

/// The template with its tags out of Liquid's sight, as long as it was.
pub(super) fn veil(text: &str) -> Cow<'_, str> {
    replaced(text, |_, inner| format!("{OPEN}{inner}{CLOSE}"))
}

/// The tags again, written as Postmark's documentation writes them.
pub(super) fn unveil(rendered: String) -> String {
    if !rendered.contains(OPEN) {
        return rendered;
    }
    NAMES.iter().fold(rendered, |text, name| {
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, behind)) = rest.split_once(OPEN) {
            out.push_str(before);
            match behind.split_once(CLOSE).filter(|(inner, _)| inner.trim() == *name) {
                Some((_, after)) => {
                    out.push_str(&format!("{{{{{{ {name} }}}}}}"));
                    rest = after;
                }
                None => {
                    out.push_str(OPEN);
                    rest = behind;
                }
            }
        }
        out + rest
    })
}

/// A part as Postmark makes it: every tag is an address, or a link where it stands alone in HTML. `None` where there is no tag.
pub fn filled(part: &str, is_html: bool) -> Option<String> {
    let filled = replaced(part, |before, inner| {
        let within = before.trim_end().ends_with(['"', '\'', '=']);
        match !is_html || within || inner.trim() == NAMES[1] {
            true => STAND_IN.to_owned(),
            false => format!("<a href=\"{STAND_IN}\">Unsubscribe</a>"),
        }
    });
    match filled {
        Cow::Borrowed(_) => None,
        Cow::Owned(filled) => Some(filled),
    }
}

fn replaced(text: &str, with: impl Fn(&str, &str) -> String) -> Cow<'_, str> {
    let mut out = String::new();
    let mut at = 0;
    while let Some(found) = next(text, at) {
        let inner = &text[found.start + 3..found.end - 3];
        out.push_str(&text[at..found.start]);
        out.push_str(&with(&text[..found.start], inner));
        at = found.end;
    }
    match at {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(out + &text[at..]),
    }
}

fn next(text: &str, from: usize) -> Option<Range<usize>> {
    let mut openings = text[from..].match_indices("{{{").map(|(at, _)| from + at);
    openings.find_map(|start| {
        let inner = &text[start + 3..];
        let length = inner.find("}}}")?;
        NAMES
            .contains(&inner[..length].trim())
            .then_some(start..start + length + 6)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_carried_and_everything_else_stays() {
        let text = "a {{{pm:unsubscribe}}} {{ b }} {{{ pm:other }}} é{{{  pm:unsubscribe_url }}}";
        let veiled = veil(text);
        assert_eq!(veiled.len(), text.len());
        assert!(
            !veiled.contains("{{{pm") && veiled.contains("{{{ pm:other }}}"),
            "{veiled}"
        );
        assert_eq!(
            unveil(veiled.into_owned()),
            "a {{{ pm:unsubscribe }}} {{ b }} {{{ pm:other }}} é{{{ pm:unsubscribe_url }}}"
        );
        for plain in [
            "",
            "{{{",
            "{{{ pm:unsubscribe",
            "\u{1}\u{2}\u{1}x\u{1}\u{3}\u{1}",
            "{{{{ pm:unsubscribe }}}",
        ] {
            assert_eq!(unveil(plain.to_owned()), plain);
        }
    }

    #[test]
    fn a_filled_part_has_an_address_or_a_link() {
        assert_eq!(filled("plain", true), None);
        assert_eq!(
            filled("<a href=\"{{{ pm:unsubscribe }}}\">x</a>", true).unwrap(),
            format!("<a href=\"{STAND_IN}\">x</a>")
        );
        assert_eq!(
            filled("<p>{{{ pm:unsubscribe }}}", true).unwrap(),
            format!("<p><a href=\"{STAND_IN}\">Unsubscribe</a>")
        );
        assert_eq!(filled("{{{ pm:unsubscribe }}}", false).unwrap(), STAND_IN);
    }
}
