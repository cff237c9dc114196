//! Tests of `config`.

mod filter;
mod problems;
mod quickstart;
mod schema;
mod waivers;
mod wording;
