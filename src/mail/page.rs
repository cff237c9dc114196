//! An HTML part as a reader's program sees it: anchors, images and text in document order. The parser's work grows with the square
//! of the nesting, so size and nesting are bounded by a linear scan before it is let loose.

use super::{inline_style, visible};
use html5ever::ParseOpts;
use html5ever::tendril::TendrilSink;
use html5ever::tree_builder::TreeBuilderOpts;
use scraper::node::Element;
use scraper::{Html, HtmlTreeSink, Node};

/// Bytes of HTML that are parsed; larger parts are not judged (Gmail clips at about 100 kB).
pub const MAX_HTML: usize = 1024 * 1024;
/// Tags times the elements open at each: about half a second of parsing at worst.
const MAX_WORK: usize = 4_000_000;
/// Nodes looked at for the text of one anchor.
const MAX_ANCHOR_NODES: usize = 500;
/// Characters kept of an anchor's text.
const MAX_ANCHOR_TEXT: usize = 200;

/// Why a part was not parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// More than [`MAX_HTML`] bytes.
    TooLarge,
    /// Nested beyond what can be parsed in bounded time.
    TooDeep,
}

impl Unreadable {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Unreadable::TooLarge => "the HTML part is larger than 1 MiB and was not parsed",
            Unreadable::TooDeep => "the HTML part is nested too deeply to be parsed",
        }
    }
}

/// One `<a href>` or `<area href>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anchor {
    /// The href, entities decoded, white space and line breaks removed as browsers do, resolved against `<base>`.
    pub href: String,
    /// Visible text, white space collapsed; the images' alternative text where there is no other.
    pub text: String,
    /// Marked `data-inboxqa="no-follow"`.
    pub no_follow: bool,
    /// Does it, or what it stands in, hide it from readers (`hidden`, inline styles)?
    pub hidden: bool,
}

/// One `<img>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Image {
    /// The source, cleaned and resolved like an href.
    pub src: String,
    /// `width` as written.
    pub width: Option<String>,
    /// `height` as written.
    pub height: Option<String>,
    /// `style`, lower-case without white space.
    pub style: String,
    /// `alt`; an empty one says "decoration".
    pub alt: Option<String>,
}

/// What an HTML part holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Anchors, in order.
    pub anchors: Vec<Anchor>,
    /// Images, in order.
    pub images: Vec<Image>,
    /// Text outside style and script, one entry a text node.
    pub texts: Vec<String>,
    /// Attribute values a reader meets: alt, title, and every href and src.
    pub attributes: Vec<String>,
    /// Texts and attribute values that Outlook for Windows alone meets.
    pub outlook_only: Vec<String>,
    /// The text that is shown, the hidden preheader included: what stands in different blocks is separated, what is only marked up
    /// differently is not.
    pub visible: String,
}

/// Parses a part, within bounds.
pub(super) fn parse(html: &str) -> Result<Html, Unreadable> {
    if html.len() > MAX_HTML {
        return Err(Unreadable::TooLarge);
    }
    if super::nesting::work(html.as_bytes(), MAX_WORK) >= MAX_WORK {
        return Err(Unreadable::TooDeep);
    }
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            // No mail program runs scripts, so what stands in <noscript> is shown.
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let sink = HtmlTreeSink::new(Html::new_document());
    Ok(html5ever::parse_document(sink, options).one(html))
}

/// Reads a part, within bounds.
pub fn read(html: &str) -> Result<Page, Unreadable> {
    let parsed = parse(html)?;
    let mut page = Page::default();
    // What stands in a template is not shown.
    let has_templates = parsed.tree.values().any(Node::is_fragment);
    let shown = parsed
        .tree
        .root()
        .descendants()
        .filter(|node| !has_templates || !node.ancestors().any(|above| above.value().is_fragment()));
    let base = base(shown.clone().filter_map(|node| node.value().as_element()));
    let (mut apart, mut last_block) = (false, None);
    for node in shown {
        match node.value() {
            Node::Element(element) => {
                apart |= !visible::is_inline(element.name());
                let attribute = |name: &str| element.attr(name);
                let address = |name: &str| attribute(name).map(|url| resolve(&clean(url), base.as_deref()));
                match element.name() {
                    "a" | "area" => page.anchors.extend(link_of(element).map(|href| Anchor {
                        href: resolve(&clean(href), base.as_deref()),
                        text: match element.name() {
                            "area" => shorten(attribute("alt").unwrap_or_default()),
                            _ => anchor_text(node.descendants().map(|inner| inner.value())),
                        },
                        no_follow: attribute("data-inboxqa").is_some_and(|word| word.trim() == "no-follow"),
                        hidden: {
                            let mut around = std::iter::once(node).chain(node.ancestors());
                            let words = node.descendants().find(|inner| is_words(inner.value()));
                            let mut sizes = words
                                .into_iter()
                                .flat_map(|words| words.ancestors())
                                .filter_map(|it| it.value().as_element().and_then(font_size_is_zero));
                            around.any(|it| it.value().as_element().is_some_and(hides)) || sizes.next() == Some(true)
                        },
                    })),
                    "img" => page.images.extend(address("src").map(|src| Image {
                        src,
                        width: attribute("width").map(str::to_owned),
                        height: attribute("height").map(str::to_owned),
                        style: inline_style::squeeze(attribute("style").unwrap_or_default()),
                        alt: attribute("alt").map(shorten),
                    })),
                    _ => {}
                }
                let met = ["href", "src", "alt", "title"].into_iter().filter_map(attribute);
                page.attributes.extend(met.map(str::to_owned));
            }
            Node::Comment(comment) => {
                page.outlook_only.extend(super::outlook_only::read(comment));
            }
            Node::Text(text) => {
                let parent = node
                    .parent()
                    .and_then(|parent| parent.value().as_element().map(|it| it.name()));
                if !matches!(parent, Some("style" | "script")) && !text.trim().is_empty() {
                    page.texts.push(text.to_string());
                }
                if parent.is_none_or(visible::is_shown) {
                    let inline = |name: Option<&str>| name.is_some_and(visible::is_inline);
                    let mut above = node.ancestors();
                    let block = above.find(|node| !inline(node.value().as_element().map(|element| element.name())));
                    let block = block.map(|node| node.id());
                    if apart || block != last_block {
                        page.visible.push('\n');
                    }
                    page.visible.push_str(text);
                    (apart, last_block) = (false, block);
                }
            }
            _ => {}
        }
    }
    Ok(page)
}

fn is_words(node: &Node) -> bool {
    matches!(node, Node::Text(text) if !text.trim().is_empty())
}

/// Is a font size of 0 what this element says of the text in it? `None` where it says nothing of the size, and `false` where a style
/// sheet may: the templates of MJML write 0 around everything, and a size where the text is.
fn font_size_is_zero(element: &Element) -> Option<bool> {
    let style = element.attr("style").map(inline_style::squeeze).unwrap_or_default();
    let otherwise = element.name() == "font" || ["class", "id"].iter().any(|name| element.attr(name).is_some());
    match inline_style::font_size_is_zero(&style) {
        None if otherwise => Some(false),
        said => said,
    }
}

fn hides(element: &Element) -> bool {
    element.attr("hidden").is_some()
        || element
            .attr("style")
            .is_some_and(|style| inline_style::hides(&inline_style::squeeze(style)))
}

/// The first base, wherever it stands: it holds for what is above it too.
fn base<'e>(mut elements: impl Iterator<Item = &'e Element>) -> Option<String> {
    elements.find_map(|element| element.attr("href").filter(|_| element.name() == "base").map(clean))
}

/// An address by the attribute's local name: in SVG it may be `xlink:href`.
fn link_of(element: &Element) -> Option<&str> {
    let of_svg = || {
        element
            .attrs()
            .find(|(name, _)| *name == "href")
            .map(|(_, value)| value)
    };
    element.attr("href").or_else(of_svg)
}

fn anchor_text<'n>(nodes: impl Iterator<Item = &'n Node>) -> String {
    let mut text = String::new();
    let mut alternative = String::new();
    for node in nodes.take(MAX_ANCHOR_NODES) {
        match node {
            Node::Text(inner) => text.push_str(inner),
            Node::Element(element) if element.name() == "img" => {
                alternative.push_str(element.attr("alt").unwrap_or_default());
                alternative.push(' ');
            }
            Node::Element(element) if matches!(element.name(), "br" | "p" | "div" | "td") => text.push(' '),
            _ => {}
        }
    }
    let visible = shorten(&text);
    if visible.is_empty() {
        shorten(&alternative)
    } else {
        visible
    }
}

/// Collapses white space (with the invisible characters of preheaders) and cuts.
pub(super) fn shorten(text: &str) -> String {
    let blank = |char: char| {
        char.is_whitespace() || matches!(char, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' | '\u{ad}')
    };
    let words: Vec<&str> = text.split(blank).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(MAX_ANCHOR_TEXT).collect()
}

/// Strips what the URL standard strips: controls and blanks at the ends, tabs and line breaks anywhere.
fn clean(url: &str) -> String {
    let trimmed = url.trim_matches(|char: char| char <= ' ');
    trimmed
        .chars()
        .filter(|char| !matches!(char, '\t' | '\n' | '\r'))
        .collect()
}

/// Resolves a relative reference; an absolute one stays letter by letter, and without a base nothing changes but `//host`.
fn resolve(url: &str, base: Option<&str>) -> String {
    if url.starts_with("//") {
        return format!("https:{url}");
    }
    let relative = url::Url::parse(url) == Err(url::ParseError::RelativeUrlWithoutBase);
    let base = base.filter(|_| relative && !url.is_empty() && !url.starts_with('#'));
    base.and_then(|base| url::Url::parse(base).ok()?.join(url).ok())
        .map_or_else(|| url.to_owned(), String::from)
}
