//! By which marks of [`crate::mail::markup`] a feature of the support data is recognised. Most follow from the feature's name; the
//! rest is listed.

/// Features that are not looked for: comments and the doctype do not matter to a reader, a parser puts in `<body>` itself, an
/// animated PNG and an HDR image look like others from outside, AMP is a part of its own, and BIMI is no markup.
pub const NOT_LOOKED_FOR: &[&str] = &[
    "amp",
    "bimi",
    "css-comments",
    "html-body",
    "html-comments",
    "html-doctype",
    "image-apng",
    "image-hdr",
];

/// Beginnings of names, with the kind of mark they stand for.
const KINDS: &[(&str, &str)] = &[
    ("css-pseudo-class-", "pseudo-class:"),
    ("css-pseudo-element-", "pseudo-element:"),
    ("css-unit-", "unit:"),
    ("css-function-", "function:"),
    ("css-at-media-", "media:"),
    ("css-at-", "at:"),
    ("css-", "property:"),
    ("html-aria-", "attribute:aria-"),
    ("html-", "element:"),
    ("image-", "image:"),
];

/// Attributes whose features are called by the attribute alone.
const ATTRIBUTES: &[&str] = &[
    "align",
    "background",
    "cellpadding",
    "cellspacing",
    "dir",
    "height",
    "hidden",
    "lang",
    "popover",
    "required",
    "role",
    "target",
    "valign",
    "width",
];

/// Features whose name does not say their marks: a line each, `slug: mark mark`.
const LISTED: &str = include_str!("client_marks.txt");

/// The marks of a feature; none where it is not looked for.
pub fn of(slug: &str) -> Vec<String> {
    if NOT_LOOKED_FOR.contains(&slug) {
        return Vec::new();
    }
    let mut listed = LISTED.lines().filter_map(|line| line.split_once(": "));
    if let Some((_, marks)) = listed.find(|(listed, _)| *listed == slug) {
        return marks.split(' ').map(str::to_owned).collect();
    }
    if let Some(attribute) = slug.strip_prefix("html-").filter(|name| ATTRIBUTES.contains(name)) {
        return vec![format!("attribute:{attribute}")];
    }
    let mut kinds = KINDS.iter();
    let known = kinds.find_map(|(beginning, kind)| Some(format!("{kind}{}", slug.strip_prefix(beginning)?)));
    known.into_iter().collect()
}
