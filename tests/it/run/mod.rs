//! Whole runs through the binary, in the lab.

mod doctor;
mod faults;
mod interrupt;
pub mod kit;
mod postmark_api;
mod quickstart;
mod quiet;
mod states;
