//! HTML files: templates, or what a design tool made, judged as the HTML part of a message that is not there yet. What needs a header
//! section, a text part or a way through the network is skipped; tags that are filled when it is sent count as filled.

use crate::model::Why;

/// What stands above the HTML, so that it is read as a message's part is.
const PART: &[u8] = b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";

/// The HTML with what stands above it.
pub fn part(html: Vec<u8>) -> Result<Vec<u8>, Why> {
    let text = String::from_utf8(html).map_err(|error| {
        let whole = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = whole.iter().filter(|byte| **byte == b'\n').count() + 1;
        Why::new(
            "not-utf-8",
            format!("it is not text in UTF-8 (line {line}): save it as UTF-8"),
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    match text.trim().is_empty() {
        true => Err(Why::new("empty", "there is nothing in it")),
        false => Ok([PART, text.as_bytes()].concat()),
    }
}
