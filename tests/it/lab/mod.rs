//! Tests of `lab`.

mod any_bytes;
mod bench;
mod customerio;
mod delivery;
mod dns;
mod fault_spec;
mod faults;
mod imap;
mod postmark;
mod signatures;
mod submission;
mod vendors;
mod web;
