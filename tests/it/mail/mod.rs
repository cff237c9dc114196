//! Tests of `mail`.

mod headers;
mod token_match;
