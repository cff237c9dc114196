//! A case while its routes are read: what it asks a service for, and what stands around that.

use super::either::NumberOrWord;
use super::suite_asks::{RawBroadcast, RawEvent, RawTemplate};
use std::ops::Range;
use toml::Spanned;

/// The four ways to ask for one, as they were written.
pub(super) struct RawHeld {
    pub template: Option<Spanned<RawTemplate>>,
    pub transactional: Option<Spanned<NumberOrWord>>,
    pub event: Option<Spanned<RawEvent>>,
    pub broadcast: Option<Spanned<RawBroadcast>>,
}

/// The case around it.
pub(super) struct Written<'a> {
    /// Does it have `html` or `text`?
    pub copied: bool,
    /// Does it have a subject?
    pub titled: bool,
    pub routes: &'a [String],
    pub mailboxes: &'a [String],
    pub span: &'a Range<usize>,
    pub give_up_ms: u64,
}
