//! Tests of `mailbox`: scripted servers that lie, drop and refuse.

mod folders;
pub mod script;
mod session;
