//! Floor 3: asks DNS and HTTP about what was delivered, and verifies over what was recorded.

pub mod auth;
pub mod dns;
pub mod hsts;
pub mod links;
pub mod spam;
