//! Rewrites a Liquid template so that gaps in the data can be told with their places.
//!
//! The library stops at the first missing variable, also before a `default` filter, and names no place. So every `{{ value | filters }}`
//! becomes a tag of ours that is told the value, the whole chain, and the chain over nothing; other tags that evaluate are preceded by
//! one that notes the place. What is printed does not change, nor does whitespace control.

use super::loops;
use std::ops::Range;

/// One place where something is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    /// Bytes of the value (or tag) in the author's text.
    pub span: Range<usize>,
    /// Has the chain a `default` filter, so that a missing value is legal?
    pub defaulted: bool,
}

/// A rewritten template.
#[derive(Debug)]
pub(super) struct Rewritten {
    /// The text to parse.
    pub text: String,
    /// The places, by the number in our tags.
    pub marks: Vec<Mark>,
    /// Bytes of every `{{ … }}` in the author's text.
    pub outputs: Vec<Range<usize>>,
}

/// Tags of the sending service that print one address; here each prints the variable of its name.
pub(super) const URL_TAGS: [&str; 3] = [
    "unsubscribe_url",
    "view_in_browser_url",
    "manage_subscription_preferences_url",
];
/// Tags that evaluate something, and before which another tag may stand.
const EVALUATING: [&str; 10] = [
    "if",
    "unless",
    "for",
    "case",
    "assign",
    "tablerow",
    "cycle",
    "include",
    "render",
    "increment",
];
/// Blocks whose content is not Liquid.
const VERBATIM: [&str; 2] = ["raw", "comment"];

/// Rewrites a template that is known to parse.
pub(super) fn rewrite(text: &str) -> Rewritten {
    let mut out = Rewritten {
        text: String::with_capacity(text.len() * 2),
        marks: Vec::new(),
        outputs: Vec::new(),
    };
    let mut at = 0;
    while let Some(element) = next_element(text, at) {
        out.text.push_str(&text[at..element.whole.start]);
        at = element.whole.end;
        let inner = &text[element.inner.clone()];
        let name = tag_name(inner);
        if element.is_output {
            out.outputs.push(element.whole.clone());
            out.output(&element, inner);
        } else if URL_TAGS.contains(&name) {
            out.output(&element, name);
        } else if VERBATIM.contains(&name) {
            at = verbatim_end(text, at, name);
            out.text.push_str(&text[element.whole.start..at]);
        } else {
            if EVALUATING.contains(&name) {
                let number = out.mark(trimmed(text, element.inner.clone()), false);
                let open = if element.trims_before { "{%-" } else { "{%" };
                out.text.push_str(&format!("{open} __at {number} %}}"));
                let counting = loops::counting(inner).filter(|_| ["for", "tablerow"].contains(&name));
                out.text.extend(counting.map(|counting| format!("{{% {counting} %}}")));
            }
            out.text.push_str(&text[element.whole]);
        }
    }
    out.text.push_str(&text[at..]);
    out
}

impl Rewritten {
    fn mark(&mut self, span: Range<usize>, defaulted: bool) -> usize {
        self.marks.push(Mark { span, defaulted });
        self.marks.len() - 1
    }

    fn output(&mut self, element: &Element, inner: &str) {
        let (value, filters) = split_filters(inner);
        let start = element.inner.start + (inner.len() - inner.trim_start().len());
        let span = if element.is_output {
            start..start + value.trim().len()
        } else {
            element.whole.clone()
        };
        let defaulted = filter_names(filters).any(|name| name == "default");
        let number = self.mark(span, defaulted);
        let open = if element.trims_before { "{%-" } else { "{%" };
        let close = if element.trims_after { "-%}" } else { "%}" };
        let (value, inner) = (value.trim(), inner.trim());
        self.text.push_str(&format!(
            "{open} __out {number} = {value} = {inner} = nil {filters} {close}"
        ));
    }
}

/// One `{% … %}`.
pub(super) struct Tag<'a> {
    /// Delimiters included.
    pub whole: Range<usize>,
    /// What is between them, trimmed.
    pub span: Range<usize>,
    pub inner: &'a str,
    /// Its first word.
    pub name: &'a str,
}

/// All tags of a text, those within what is not Liquid left out.
pub(super) fn tags(text: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut at = 0;
    while let Some(element) = next_element(text, at) {
        at = element.whole.end;
        if element.is_output {
            continue;
        }
        let span = trimmed(text, element.inner.clone());
        let inner = &text[span.clone()];
        let name = tag_name(inner);
        tags.push(Tag {
            whole: element.whole,
            span,
            inner,
            name,
        });
        if VERBATIM.contains(&name) {
            let end = verbatim_end(text, at, name);
            // Its end tag closes it, and what it holds is nobody's.
            let closing = text[..end].rfind("{%").filter(|found| *found >= at);
            at = closing.unwrap_or(end);
        }
    }
    tags
}

/// One `{{ … }}` or `{% … %}`.
struct Element {
    whole: Range<usize>,
    inner: Range<usize>,
    is_output: bool,
    trims_before: bool,
    trims_after: bool,
}

fn next_element(text: &str, from: usize) -> Option<Element> {
    let start = from
        + text[from..]
            .match_indices('{')
            .map(|(at, _)| at)
            .find(|at| matches!(text.as_bytes().get(from + at + 1), Some(b'{' | b'%')))?;
    let is_output = text.as_bytes()[start + 1] == b'{';
    let trims_before = text.as_bytes().get(start + 2) == Some(&b'-');
    let begin = start + 2 + usize::from(trims_before);
    let end = closing(text, begin, if is_output { "}}" } else { "%}" })?;
    let trims_after = end > begin && text.as_bytes()[end - 1] == b'-';
    Some(Element {
        whole: start..end + 2,
        inner: begin..end - usize::from(trims_after),
        is_output,
        trims_before,
        trims_after,
    })
}

/// Where the closing delimiter begins: one within a string does not close.
fn closing(text: &str, from: usize, delimiter: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text[from..].char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if text[from + at..].starts_with(delimiter) => return Some(from + at),
            None if c == '"' || c == '\'' => quote = Some(c),
            None => {}
        }
    }
    None
}

/// The end of a block that is not Liquid, its end tag included.
fn verbatim_end(text: &str, from: usize, name: &str) -> usize {
    let end = format!("end{name}");
    let mut at = from;
    while let Some(found) = text[at..].find("{%") {
        let begin = at + found + 2;
        let Some(close) = text[begin..].find("%}") else {
            return text.len();
        };
        at = begin + close + 2;
        if tag_name(&text[begin..begin + close]) == end {
            return at;
        }
    }
    text.len()
}

fn tag_name(inner: &str) -> &str {
    let inner = inner.trim_start_matches('-').trim_start();
    let end = inner
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(inner.len());
    &inner[..end]
}

/// The value, and the filters from their first `|` on.
fn split_filters(inner: &str) -> (&str, &str) {
    match pipes(inner).next() {
        Some(at) => (&inner[..at], inner[at..].trim_end()),
        None => (inner, ""),
    }
}

fn filter_names(filters: &str) -> impl Iterator<Item = &str> {
    pipes(filters).map(|at| tag_name(&filters[at + 1..]))
}

/// Positions of `|` outside strings.
fn pipes(text: &str) -> impl Iterator<Item = usize> {
    let mut quote = None;
    text.char_indices().filter_map(move |(at, c)| match quote {
        Some(open) => {
            if c == open {
                quote = None;
            }
            None
        }
        None if c == '"' || c == '\'' => {
            quote = Some(c);
            None
        }
        None => (c == '|').then_some(at),
    })
}

fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let inner = &text[range.clone()];
    let start = range.start + (inner.len() - inner.trim_start().len());
    start..start + inner.trim().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_filters_are_told_apart() {
        let rewritten = rewrite("Hi {{- a.b | default: 'x | }}' -}}!");
        assert_eq!(
            rewritten.text,
            "Hi {%- __out 0 = a.b = a.b | default: 'x | }}' = nil | default: 'x | }}' -%}!"
        );
        assert_eq!(
            rewritten.marks,
            [Mark {
                span: 7..10,
                defaulted: true
            }]
        );
    }

    #[test]
    fn what_is_not_liquid_stays() {
        for text in [
            "{% raw %}{{ a }}{% endraw %}",
            "{%- comment -%}{{ a }}{%- endcomment -%}",
            "a { b } {c} %}",
            "{{ never closed",
        ] {
            assert_eq!(rewrite(text).text, text);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "(\\PC|\\{\\{|\\}\\}|\\{%|%\\}|['\"|-]|raw|if ){0,40}") {
            rewrite(&text);
        }
    }
}
