//! Postmark: its REST API (postmarkapp.com/developer/api).

mod answers;
mod client;
mod payload;
mod sender;
mod server;
pub(super) mod suppressions;
pub mod templates;
mod trace;

pub(super) use client::Client;
pub use payload::{payload, template_model, with_template};
pub(super) use sender::Sender;
pub use server::{Server, Suppressed, Webhook, examine};
pub(super) use trace::story;
