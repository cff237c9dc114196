//! What Outlook for Windows alone shows: the HTML and VML inside downlevel-hidden conditional comments, `<!--[if mso]>…<![endif]-->`
//! (Microsoft, "About conditional comments"). To every other program it is a comment.

use scraper::{Html, Node};

/// Bytes of one comment that are read.
const MAX_COMMENT: usize = 64 * 1024;
/// Tags times the elements open at each.
const MAX_WORK: usize = 200_000;

/// The texts of a conditional comment, and the values of its `href`, `src`, `alt` and `title` attributes; nothing where the comment is an
/// ordinary one or is not for Outlook.
pub(super) fn read(comment: &str) -> Vec<String> {
    let mut found = Vec::new();
    let Some(inner) = shown(comment) else {
        return found;
    };
    for node in Html::parse_fragment(inner).tree.root().descendants() {
        match node.value() {
            Node::Text(text) if !text.trim().is_empty() => found.push(text.to_string()),
            Node::Element(element) => {
                let met = ["href", "src", "alt", "title"]
                    .into_iter()
                    .filter_map(|name| element.attr(name));
                found.extend(met.map(str::to_owned));
            }
            _ => {}
        }
    }
    found
}

/// What stands between `[if … mso …]>` and `<![endif]`.
fn shown(comment: &str) -> Option<&str> {
    let (condition, inner) = comment.trim_start().strip_prefix("[if")?.split_once("]>")?;
    let condition = condition.to_ascii_lowercase();
    let inner = inner.split("<![endif]").next().unwrap_or(inner);
    let bounded = inner.len() <= MAX_COMMENT && super::nesting::work(inner.as_bytes(), MAX_WORK) < MAX_WORK;
    (condition.contains("mso") && !condition.contains("!mso") && bounded).then_some(inner)
}
