//! Which text of an HTML part is seen, and where one word ends and the next begins though nothing stands between them.

/// Elements that stand in a line of text (HTML §4.5): what they enclose may be part of a word.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var",
    "wbr",
];
/// Elements whose text is not shown in the message.
const NOT_SHOWN: &[&str] = &["script", "style", "title"];

/// May a word go on across its borders?
pub(super) fn is_inline(element: &str) -> bool {
    INLINE.contains(&element)
}

/// Is its text shown?
pub(super) fn is_shown(element: &str) -> bool {
    !NOT_SHOWN.contains(&element)
}
