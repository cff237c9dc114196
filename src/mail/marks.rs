//! Marks: short names of what a message uses of HTML, CSS and image formats, with how often and the first use.

use super::page;
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
            let example = page::shorten(example).chars().take(MAX_EXAMPLE).collect();
            self.used.insert(mark, Used { times: 1, example });
        }
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
