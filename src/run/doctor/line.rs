//! One line on its way: level, area and text; whose it is, is known to the caller.

use crate::model::{DoctorLine, Level};

/// A line without its subject.
pub struct Line {
    level: Level,
    blind: bool,
    area: &'static str,
    text: String,
    remedy: String,
    details: Vec<String>,
}

/// Several of them.
pub type Lines = Vec<Line>;

/// A line without a remedy.
pub fn line(level: Level, area: &'static str, text: impl Into<String>) -> Line {
    Line {
        level,
        blind: false,
        area,
        text: text.into(),
        remedy: String::new(),
        details: Vec::new(),
    }
}

/// A line about what could not be looked at: a warning that says nothing about the thing itself.
pub fn unseen(area: &'static str, text: impl Into<String>) -> Line {
    Line {
        blind: true,
        ..line(Level::Warn, area, text).fix("It could not be looked at, so nothing is known: try again.")
    }
}

impl Line {
    /// Adds what to do.
    pub fn fix(mut self, remedy: impl Into<String>) -> Line {
        self.remedy = remedy.into();
        self
    }

    /// Adds what only the JSON report tells.
    pub fn detailed(mut self, details: Vec<String>) -> Line {
        self.details = details;
        self
    }

    /// The line of a subject.
    pub fn of(self, subject: &str) -> DoctorLine {
        DoctorLine {
            level: self.level,
            blind: self.blind,
            area: self.area.to_owned(),
            subject: subject.to_owned(),
            text: self.text,
            remedy: self.remedy,
            details: self.details,
        }
    }
}
