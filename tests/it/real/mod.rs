//! The product against servers that others wrote: Postfix, OpenDKIM, Dovecot. Each test runs them in a directory of its own
//! on loopback ports of its own; nothing of the system's configuration is read or touched.

pub mod daemon;
#[allow(dead_code, reason = "the tests of each room use their share")]
pub mod dovecot;
mod host;
mod opendkim;
mod policy;
mod postfix;
mod project;
mod spam;
mod stand;
mod travel;
mod whole;
mod zone;
