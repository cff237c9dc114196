//! Tests of `checks`: one file a check, and the framework they share.

mod arrival;
mod duplicate;
mod framework;
mod placement;
mod registry;
pub mod scene;
