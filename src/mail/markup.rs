//! What an HTML part uses of HTML, CSS and image formats, as marks: `element:video`, `attribute:srcset`, `property:border-radius`,
//! `unit:rem`, `image:webp`. What stands in comments (Outlook's conditional ones too) is not among it.

use super::css;
use super::page::{self, Unreadable};
use scraper::Node;
use scraper::node::Element;
use std::collections::BTreeMap;

/// Characters kept of an example.
const MAX_EXAMPLE: usize = 60;
/// Different marks that are kept of one message.
const MAX_MARKS: usize = 4_000;

/// One mark's uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Used {
    /// How often.
    pub times: usize,
    /// The first of them, as written, cut.
    pub example: String,
}

/// Everything that is used, by mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks {
    used: BTreeMap<String, Used>,
}

impl Marks {
    /// What is used of a mark.
    pub fn get(&self, mark: &str) -> Option<&Used> {
        self.used.get(mark)
    }

    /// Notes a use.
    pub(super) fn add(&mut self, mark: String, example: &str) {
        if let Some(used) = self.used.get_mut(&mark) {
            used.times += 1;
        } else if self.used.len() < MAX_MARKS {
            let example = super::page::shorten(example).chars().take(MAX_EXAMPLE).collect();
            self.used.insert(mark, Used { times: 1, example });
        }
    }
}

/// Reads a part, within the bounds of [`page::read`].
pub fn read(html: &str) -> Result<Marks, Unreadable> {
    let parsed = page::parse(html)?;
    let mut marks = Marks::default();
    for node in parsed.tree.root().descendants() {
        let Some(element) = node.value().as_element() else {
            continue;
        };
        if element.name() == "style" {
            let texts = node.children().filter_map(|child| match child.value() {
                Node::Text(text) => Some(&**text),
                _ => None,
            });
            css::sheet(&texts.collect::<String>(), &mut marks);
        }
        of_element(element, &mut marks);
    }
    Ok(marks)
}

/// Elements that the parser puts in itself where they are missing.
const IMPLIED: [&str; 4] = ["html", "head", "body", "tbody"];

fn of_element(element: &Element, marks: &mut Marks) {
    let name = element.name();
    let shown = format!("<{name}>");
    if !IMPLIED.contains(&name) {
        marks.add(format!("element:{name}"), &shown);
    }
    for (attribute, value) in element.attrs() {
        let example = format!("<{name} {attribute}=\"{value}\">");
        marks.add(format!("attribute:{attribute}"), &example);
        match (name, attribute) {
            ("input" | "button", "type") => {
                marks.add(format!("type:{name}:{}", value.trim().to_ascii_lowercase()), &example)
            }
            ("meta", "name") => marks.add(format!("meta:{}", value.trim().to_ascii_lowercase()), &example),
            ("a" | "area", "href") => link(value.trim(), &example, marks),
            ("img", "src") | (_, "background") => {
                image_format(value)
                    .into_iter()
                    .for_each(|mark| marks.add(mark, &example));
            }
            (_, "style") => css::attribute(value, marks),
            _ => {}
        }
    }
}

fn link(href: &str, example: &str, marks: &mut Marks) {
    if href.len() > 1 && href.starts_with('#') {
        marks.add("link:#".to_owned(), example);
    }
    if href
        .get(..7)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"))
    {
        marks.add("link:mailto".to_owned(), example);
    }
}

/// The format an image's URL tells: by its ending, or by the media type of a `data:` URL.
pub(super) fn image_format(url: &str) -> Vec<String> {
    let url = url.trim();
    if let Some(data) = url.strip_prefix("data:") {
        let kind = data.split([';', ',']).next().unwrap_or_default();
        let kind = kind.strip_prefix("image/").unwrap_or_default();
        let kind = kind.split('+').next().unwrap_or_default().to_ascii_lowercase();
        return vec!["image:data".to_owned(), format!("image:{kind}")];
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let file = path.rsplit('/').next().unwrap_or_default();
    match file.rsplit_once('.') {
        Some((_, ending)) if (2..=5).contains(&ending.len()) => vec![format!("image:{}", ending.to_ascii_lowercase())],
        _ => Vec::new(),
    }
}
