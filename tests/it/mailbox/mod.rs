//! Tests of `mailbox`: scripted servers that lie, drop and refuse; the lab's dialects; a real Dovecot.

mod cleaning;
mod dovecot;
mod dovecot_oauth;
mod evil;
mod folders;
pub mod oauth;
mod providers;
mod script;
pub mod seed;
mod session;
mod watcher;
