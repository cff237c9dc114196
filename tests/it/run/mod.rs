//! Whole runs through the binary, in the lab.

mod customerio;
mod doctor;
mod drill;
mod faults;
mod hearsay;
mod interrupt;
pub mod kit;
mod postmark_api;
mod quickstart;
mod quiet;
mod resume;
mod retries;
mod shipped;
mod states;
mod waivers;
