//! Open pixels: by the forms of the sending services first, then by what a pixel looks like (one by one, or hidden).

use super::inline_style;
use super::page::{Image, Page};
use super::vendors;

/// An image that is there to be fetched, not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixel {
    /// Its URL as a reader's program would fetch it.
    pub url: String,
    /// Whose form it has.
    pub vendor: Option<&'static str>,
}

/// The pixels of a page, in order.
pub fn of_page(page: &Page) -> Vec<Pixel> {
    let pixel = |image: &Image| {
        vendors::host(&image.src)?;
        let vendor = vendors::open(&image.src);
        (vendor.is_some() || is_tiny(image) || is_hidden(image)).then(|| Pixel {
            url: image.src.clone(),
            vendor,
        })
    };
    page.images.iter().filter_map(pixel).collect()
}

/// Both sides at most one pixel, by attribute or by style.
fn is_tiny(image: &Image) -> bool {
    let side = |attribute: &Option<String>, property: &str| {
        let styled = inline_style::value(&image.style, property)
            .or_else(|| inline_style::value(&image.style, &format!("max-{property}")));
        styled.or(attribute.as_deref()).and_then(pixels)
    };
    let small = |side: Option<f64>| side.is_some_and(|side| side <= 1.0);
    small(side(&image.width, "width")) && small(side(&image.height, "height"))
}

/// Not displayed, and no size stated that would make it a picture (another one for phones, say).
fn is_hidden(image: &Image) -> bool {
    let hidden = inline_style::value(&image.style, "display") == Some("none")
        || inline_style::value(&image.style, "visibility") == Some("hidden");
    let sized = |side: &Option<String>| side.as_deref().and_then(pixels).is_some_and(|side| side > 1.0);
    hidden && !sized(&image.width) && !sized(&image.height)
}

fn pixels(text: &str) -> Option<f64> {
    text.trim().trim_end_matches("px").trim().parse().ok()
}
