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

/// Features whose name does not say their marks.
const LISTED: &[(&str, &[&str])] = &[
    ("css-at-media-device-pixel-ratio", &["media:device-pixel-ratio"]),
    ("css-at-media-hover", &["media:hover", "media:any-hover"]),
    (
        "css-block-inline-size",
        &["property:block-size", "property:inline-size"],
    ),
    (
        "css-border",
        &[
            "property:border",
            "property:border-top",
            "property:border-right",
            "property:border-bottom",
            "property:border-left",
        ],
    ),
    (
        "css-border-inline-block-individual",
        &[
            "property:border-inline-start",
            "property:border-inline-end",
            "property:border-block-start",
            "property:border-block-end",
        ],
    ),
    (
        "css-border-inline-block-longhand",
        &[
            "property:border-inline-width",
            "property:border-inline-style",
            "property:border-inline-color",
            "property:border-block-width",
            "property:border-block-style",
            "property:border-block-color",
        ],
    ),
    (
        "css-border-inline-block",
        &["property:border-inline", "property:border-block"],
    ),
    (
        "css-border-radius",
        &[
            "property:border-radius",
            "property:border-top-left-radius",
            "property:border-top-right-radius",
            "property:border-bottom-left-radius",
            "property:border-bottom-right-radius",
        ],
    ),
    (
        "css-border-radius-logical",
        &[
            "property:border-start-start-radius",
            "property:border-start-end-radius",
            "property:border-end-start-radius",
            "property:border-end-end-radius",
        ],
    ),
    (
        "css-column-layout-properties",
        &[
            "property:columns",
            "property:column-width",
            "property:column-rule",
            "property:column-span",
            "property:column-fill",
        ],
    ),
    (
        "css-conic-gradient",
        &["function:conic-gradient", "function:repeating-conic-gradient"],
    ),
    (
        "css-linear-gradient",
        &["function:linear-gradient", "function:repeating-linear-gradient"],
    ),
    (
        "css-radial-gradient",
        &["function:radial-gradient", "function:repeating-radial-gradient"],
    ),
    ("css-display-flex", &["value:display:flex", "value:display:inline-flex"]),
    ("css-display-grid", &["value:display:grid", "value:display:inline-grid"]),
    ("css-display-none", &["value:display:none"]),
    (
        "css-flex-direction",
        &["value:flex-direction:column", "value:flex-direction:column-reverse"],
    ),
    (
        "css-flex-wrap",
        &["value:flex-wrap:wrap", "value:flex-wrap:wrap-reverse"],
    ),
    (
        "css-gap",
        &[
            "property:gap",
            "property:column-gap",
            "property:row-gap",
            "property:grid-gap",
        ],
    ),
    (
        "css-grid-template",
        &[
            "property:grid-template",
            "property:grid-template-columns",
            "property:grid-template-rows",
            "property:grid-template-areas",
        ],
    ),
    ("css-important", &["important"]),
    (
        "css-intrinsic-size",
        &["ident:fit-content", "ident:min-content", "ident:max-content"],
    ),
    (
        "css-left-right-top-bottom",
        &["property:left", "property:right", "property:top", "property:bottom"],
    ),
    (
        "css-margin",
        &[
            "property:margin",
            "property:margin-top",
            "property:margin-right",
            "property:margin-bottom",
            "property:margin-left",
        ],
    ),
    (
        "css-margin-block-start-end",
        &["property:margin-block-start", "property:margin-block-end"],
    ),
    (
        "css-margin-inline-block",
        &["property:margin-inline", "property:margin-block"],
    ),
    (
        "css-margin-inline-start-end",
        &["property:margin-inline-start", "property:margin-inline-end"],
    ),
    (
        "css-modern-color",
        &["function:lch", "function:oklch", "function:lab", "function:oklab"],
    ),
    ("css-nesting", &["nesting"]),
    (
        "css-overflow",
        &["property:overflow", "property:overflow-x", "property:overflow-y"],
    ),
    (
        "css-padding",
        &[
            "property:padding",
            "property:padding-top",
            "property:padding-right",
            "property:padding-bottom",
            "property:padding-left",
        ],
    ),
    (
        "css-padding-block-start-end",
        &["property:padding-block-start", "property:padding-block-end"],
    ),
    (
        "css-padding-inline-block",
        &["property:padding-inline", "property:padding-block"],
    ),
    (
        "css-padding-inline-start-end",
        &["property:padding-inline-start", "property:padding-inline-end"],
    ),
    ("css-rgb", &["function:rgb"]),
    ("css-rgba", &["function:rgba"]),
    (
        "css-scroll-snap",
        &["property:scroll-snap-type", "property:scroll-snap-align"],
    ),
    ("css-selector-adjacent-sibling", &["selector:+"]),
    ("css-selector-attribute", &["selector:[]"]),
    ("css-selector-chaining", &["selector:chained"]),
    ("css-selector-child", &["selector:>"]),
    ("css-selector-class", &["selector:."]),
    ("css-selector-descendant", &["selector:descendant"]),
    ("css-selector-general-sibling", &["selector:~"]),
    ("css-selector-grouping", &["selector:,"]),
    ("css-selector-id", &["selector:#"]),
    ("css-selector-type", &["selector:type"]),
    ("css-selector-universal", &["selector:*"]),
    (
        "css-sytem-ui",
        &[
            "ident:system-ui",
            "ident:ui-serif",
            "ident:ui-sans-serif",
            "ident:ui-rounded",
            "ident:ui-monospace",
        ],
    ),
    ("css-unit-calc", &["function:calc"]),
    ("css-unit-initial", &["ident:initial"]),
    ("css-unit-percent", &["unit:%"]),
    ("css-variables", &["function:var", "property:--*"]),
    ("html-anchor-links", &["link:#"]),
    ("html-button-reset", &["type:button:reset"]),
    ("html-button-submit", &["type:button:submit"]),
    (
        "html-h1-h6",
        &[
            "element:h1",
            "element:h2",
            "element:h3",
            "element:h4",
            "element:h5",
            "element:h6",
        ],
    ),
    ("html-image-maps", &["element:map", "attribute:usemap"]),
    ("html-input-checkbox", &["type:input:checkbox"]),
    ("html-input-hidden", &["type:input:hidden"]),
    ("html-input-radio", &["type:input:radio"]),
    ("html-input-reset", &["type:input:reset"]),
    ("html-input-submit", &["type:input:submit"]),
    ("html-input-text", &["type:input:text"]),
    ("html-lists", &["element:ul", "element:ol", "element:dl"]),
    ("html-loading-attribute", &["attribute:loading"]),
    ("html-mailto-links", &["link:mailto"]),
    ("html-meta-color-scheme", &["meta:color-scheme"]),
    (
        "html-semantics",
        &[
            "element:article",
            "element:aside",
            "element:details",
            "element:figcaption",
            "element:figure",
            "element:footer",
            "element:header",
            "element:main",
            "element:mark",
            "element:nav",
            "element:section",
            "element:summary",
            "element:time",
        ],
    ),
    ("html-srcset", &["attribute:srcset", "attribute:sizes"]),
    ("image-base64", &["image:data"]),
    ("image-heif", &["image:heif", "image:heic"]),
    ("image-jpg", &["image:jpg", "image:jpeg"]),
    ("image-tiff", &["image:tif", "image:tiff"]),
];

/// The marks of a feature; none where it is not looked for.
pub fn of(slug: &str) -> Vec<String> {
    if NOT_LOOKED_FOR.contains(&slug) {
        return Vec::new();
    }
    if let Some((_, marks)) = LISTED.iter().find(|(listed, _)| *listed == slug) {
        return marks.iter().map(|mark| (*mark).to_owned()).collect();
    }
    if let Some(attribute) = slug.strip_prefix("html-").filter(|name| ATTRIBUTES.contains(name)) {
        return vec![format!("attribute:{attribute}")];
    }
    let mut kinds = KINDS.iter();
    let known = kinds.find_map(|(beginning, kind)| Some(format!("{kind}{}", slug.strip_prefix(beginning)?)));
    known.into_iter().collect()
}
