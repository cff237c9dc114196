//! Floor 1: writing messages: templates, MIME, tokens. Randomness and time are arguments, so the same arguments make the same bytes.

mod arithmetic;
pub mod filters;
mod gaps;
mod literals;
mod loops;
pub mod message;
mod rewrite;
mod scope;
pub mod service_tags;
mod tags;
mod telling;
pub mod template;
pub mod token;
