//! What an HTML part uses of HTML, CSS and image formats, as marks: `element:video`, `attribute:srcset`, `property:border-radius`,
//! `unit:rem`, `image:webp`. What stands in comments (Outlook's conditional ones too) is not among it.

use super::css;
use super::marks::image_format;
pub use super::marks::{Marks, Used};
use super::page::{self, Unreadable};
use scraper::Node;
use scraper::node::Element;

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
