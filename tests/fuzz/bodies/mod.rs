//! What is tried with arbitrary bytes: that nothing panics, that nothing takes without end, and a few things that must hold whatever
//! the bytes are. The fuzzer calls these, and so does `tests/it/hostile/corpus.rs` with the corpus and mutations of it.
#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(dead_code, reason = "a fuzz target calls one of them")]

mod authres;
mod links;
mod message;
mod template;

pub use authres::authres;
pub use links::links;
pub use message::message;
pub use template::template;
