//! Tests of `config`.

mod problems;
mod quickstart;
mod schema;
