//! All integration tests in one binary, a module a room.
#![allow(clippy::unwrap_used, reason = "tests")]

mod checks;
mod cli;
mod compose;
mod config;
mod hostile;
mod lab;
mod mail;
mod mailbox;
mod net;
mod probe;
mod real;
mod referee;
mod report;
mod route;
mod run;
mod store;
