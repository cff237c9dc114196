//! Everything derived from a message's bytes, built once per message and lazily.

/// A message as the checks see it. Every accessor is total: hostile bytes give less, never a panic.
pub struct Reading<'a> {
    raw: &'a [u8],
}

impl<'a> Reading<'a> {
    /// Takes the bytes; nothing is parsed yet.
    pub fn new(raw: &'a [u8]) -> Reading<'a> {
        Reading { raw }
    }

    /// The bytes.
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }
}
