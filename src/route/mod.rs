//! Floor 3: ways to send.
//!
//! A [`Worker`] owns one connection of one route and makes exactly one try per [`Intent`](crate::store::Intent); how many
//! workers a route has is its concurrency, and whether a try is followed by another is decided above, with a new intent.

mod credentials;
mod customerio;
mod deadlines;
mod handover;
mod log;
mod postmark;
mod question;
mod request;
mod smtp;
mod worker;

pub use credentials::Credentials;
pub use customerio::{Workspace, examine as examine_customerio, examine_track};
pub use deadlines::Deadlines;
pub use handover::handover;
pub use log::{Log, Wanted};
pub use postmark::{
    Server as PostmarkServer, Suppressed as PostmarkSuppressed, Webhook as PostmarkWebhook, examine as examine_postmark,
};
pub use postmark::{template_model as postmark_template_model, templates as postmark_templates};
pub use request::Request;
pub use smtp::LoginFacts;
pub use worker::{Worker, verify_login};
