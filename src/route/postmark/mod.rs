//! Postmark: its REST API (postmarkapp.com/developer/api).

mod answers;
mod client;
mod trace;

pub(super) use client::Client;
pub(super) use trace::story;
