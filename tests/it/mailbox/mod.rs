//! Tests of `mailbox`: scripted servers that lie, drop and refuse; the lab's dialects; a real Dovecot.

mod folders;
pub mod script;
pub mod seed;
mod session;
mod watcher;
