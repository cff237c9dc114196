//! An error in what the user wrote: file, place, offending text, suggestion. Rendered by `report::diagnostic`.

use serde::{Deserialize, Serialize};

/// Where in a file. Line and column count from 1, in characters; the span is in bytes of the file's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file as the user named it.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// Byte range of the offending text within the file.
    pub span: std::ops::Range<usize>,
}

/// One problem with the user's input. Any diagnostic means exit 2 and nothing sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// What is wrong, one line ("unknown key `rotues`").
    pub message: String,
    /// Where, when it has a place.
    pub place: Option<Place>,
    /// Label under the caret ("not a key of [[case]]").
    pub label: String,
    /// What to do ("did you mean `routes`?").
    pub help: Option<String>,
}

impl Diagnostic {
    /// A problem without a place (a file that can not be read, a bad option).
    pub fn plain(message: impl Into<String>, help: Option<String>) -> Self {
        Diagnostic {
            message: message.into(),
            place: None,
            label: String::new(),
            help,
        }
    }
}

impl Place {
    /// The place of a byte range within a file's text. A range that is out of bounds or cuts a character is moved to the nearest
    /// place that exists.
    pub fn locate(file: &str, text: &str, span: std::ops::Range<usize>) -> Place {
        let floor = |wanted: usize| {
            let wanted = wanted.min(text.len());
            (0..=wanted).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
        };
        let start = floor(span.start);
        let end = floor(span.end).max(start);
        let before = &text[..start];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            span: start..end,
        }
    }
}
