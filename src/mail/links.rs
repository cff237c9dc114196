//! The links of a message in order: from the HTML part's anchors and from bare URLs in the text part, each with what may be done
//! with it.

use super::list_headers::ListHeaders;
use super::page::{Anchor, Page, shorten};
use super::unsubscribe;
use crate::model::LinkKind;

/// Links read of one part.
const MAX_LINKS: usize = 2000;
/// Bytes of the text part that are searched for URLs.
const MAX_TEXT: usize = 1024 * 1024;

/// Which part a link stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The HTML part.
    Html,
    /// The text part.
    Text,
}

impl Part {
    /// The word of a contract's `clicks.parts`.
    pub fn as_str(self) -> &'static str {
        match self {
            Part::Html => "html",
            Part::Text => "text",
        }
    }
}

/// One link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it stands.
    pub part: Part,
    /// Visible text (HTML), or the words before the URL (text part).
    pub text: String,
    /// The URL as a reader's program would open it: entities decoded, white space removed. May be anything: `mailto:`, `#top`,
    /// an unreplaced placeholder.
    pub url: String,
    /// What may be done with it.
    pub kind: LinkKind,
    /// Why it is not an ordinary link, in words; empty for one.
    pub because: String,
    /// Hidden from who reads the HTML part.
    pub hidden: bool,
}

impl Link {
    /// Does it lead to the web?
    pub fn is_web(&self) -> bool {
        super::vendors::host(&self.url).is_some()
    }
}

/// The links of the HTML part.
pub fn of_page(page: &Page, list: &ListHeaders) -> Vec<Link> {
    let anchors = page.anchors.iter().take(MAX_LINKS);
    anchors.map(|anchor| of_anchor(anchor, list)).collect()
}

fn of_anchor(anchor: &Anchor, list: &ListHeaders) -> Link {
    let (kind, because) = judge(&anchor.href, &anchor.text, anchor.no_follow, list);
    Link {
        part: Part::Html,
        text: anchor.text.clone(),
        url: anchor.href.clone(),
        kind,
        because,
        hidden: anchor.hidden,
    }
}

/// The bare URLs of the text part.
pub fn of_text(text: &str, list: &ListHeaders) -> Vec<Link> {
    let mut links = Vec::new();
    let mut label = String::new();
    for line in text[..text.floor_char_boundary(MAX_TEXT)].lines() {
        let mut from = 0;
        while let Some((start, end)) = next_url(line, from) {
            let before = shorten(line[from..start].trim_matches(|char: char| "<(:-> ".contains(char)));
            if !before.is_empty() {
                label = before;
            }
            let url = line[start..end].to_owned();
            let (kind, because) = judge(&url, &label, false, list);
            let text = label.clone();
            links.push(Link {
                part: Part::Text,
                text,
                url,
                kind,
                because,
                hidden: false,
            });
            if links.len() >= MAX_LINKS {
                return links;
            }
            from = end;
        }
        // The words of a line without a URL introduce a URL on the next line, and no further one.
        label = match (from, line.trim()) {
            (0, "") => label,
            (0, words) => shorten(words.trim_end_matches(':')),
            _ => String::new(),
        };
    }
    links
}

fn judge(url: &str, text: &str, no_follow: bool, list: &ListHeaders) -> (LinkKind, String) {
    let unsubscribes = unsubscribe::by_url(url, &list.unsubscribe).or_else(|| unsubscribe::by_text(text));
    match unsubscribes {
        Some(because) => (LinkKind::Unsubscribe, because),
        None if no_follow => (LinkKind::NoFollow, "it is marked data-inboxqa=\"no-follow\"".to_owned()),
        None => (LinkKind::Link, String::new()),
    }
}

/// The next http(s) URL of a line: its byte range without the punctuation that belongs to the sentence.
fn next_url(line: &str, from: usize) -> Option<(usize, usize)> {
    let rest = line.get(from..)?;
    let starts = ["https://", "http://", "HTTPS://", "HTTP://"];
    let start = from + starts.iter().filter_map(|start| rest.find(start)).min()?;
    let stops = |char: char| char.is_whitespace() || char.is_control() || "<>\"\u{201c}\u{201d}".contains(char);
    let mut url = &line[start..line[start..].find(stops).map_or(line.len(), |end| start + end)];
    loop {
        let last = url.chars().next_back()?;
        let unbalanced =
            |open: char, close: char| last == close && url.matches(open).count() < url.matches(close).count();
        let punctuation = ".,;:!?'*".contains(last) || unbalanced('(', ')') || unbalanced('[', ']');
        if !punctuation {
            break;
        }
        url = &url[..url.len() - last.len_utf8()];
    }
    Some((start, start + url.len()))
}
