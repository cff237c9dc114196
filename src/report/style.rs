//! How a terminal report looks: colours or none, how wide. Decided by `cli` (terminal, `NO_COLOR`), passed down.

use crate::model::Verdict;
use owo_colors::{OwoColorize as _, Style as Paint};

/// The look of a terminal report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Use ANSI colours.
    pub color: bool,
    /// Columns at which help texts are wrapped.
    pub width: usize,
}

impl Style {
    /// No colours, 100 columns.
    pub const PLAIN: Style = Style {
        color: false,
        width: 100,
    };

    /// The verdict as a word of five columns, right-aligned.
    pub fn verdict(self, verdict: Verdict) -> String {
        let word = format!("{:>5}", verdict.as_str().to_uppercase());
        self.paint(&word, colour(verdict).bold())
    }

    /// `FLAKY`, in the place of the verdict of what was well only at another try.
    pub fn flaky(self) -> String {
        self.paint("FLAKY", colour(Verdict::Warn).bold())
    }

    /// A text in the verdict's colour.
    pub fn toned(self, verdict: Verdict, text: &str) -> String {
        self.paint(text, colour(verdict))
    }

    /// A heading.
    pub fn strong(self, text: &str) -> String {
        self.paint(text, Paint::new().bold())
    }

    /// What may be overlooked.
    pub fn dim(self, text: &str) -> String {
        self.paint(text, Paint::new().dimmed())
    }

    fn paint(self, text: &str, paint: Paint) -> String {
        if self.color && !text.trim().is_empty() {
            text.style(paint).to_string()
        } else {
            text.to_owned()
        }
    }
}

fn colour(verdict: Verdict) -> Paint {
    match verdict {
        Verdict::Pass => Paint::new().green(),
        Verdict::Warn => Paint::new().yellow(),
        Verdict::Fail => Paint::new().red(),
        Verdict::Blind => Paint::new().magenta(),
        Verdict::Skip => Paint::new().dimmed(),
    }
}
