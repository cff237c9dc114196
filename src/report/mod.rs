//! Floor 1: results written as text: terminal, JUnit, JSON, HTML, Markdown, diagnostics.
//!
//! ```text
//! Report ─► sheet (what all formats show, joined once) ─► redact (the only door) ─► terminal junit json_v1 html markdown
//! ```
//! A writer takes a [`redact::Redacted`] and nothing else, so no secret can reach a file. Texts quote hostile mail: each writer
//! neutralises them for its own format, at one place (`escape`, `xml_text`, maud, `markdown`).

pub mod annotations;
pub mod comparison;
pub mod counts;
pub mod diagnostic;
pub mod doctor_json;
pub mod doctor_text;
pub mod escape;
mod faults;
mod fill;
mod grid;
pub mod growing;
pub mod html;
mod html_delivery;
mod html_tries;
pub mod json_document;
pub mod json_v1;
pub mod junit;
mod junit_tries;
pub mod live;
pub mod markdown;
mod origin;
pub mod pieces;
pub mod redact;
mod rerun;
pub mod sheet;
mod span;
pub mod style;
pub mod tally;
pub mod terminal;
mod terminal_detail;
pub mod terminal_lines;
mod terminal_tries;
mod tries;
pub mod veil;
mod waivers;
mod words;
mod xml_text;
