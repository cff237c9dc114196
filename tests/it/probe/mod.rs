//! Tests of `probe`.

mod dkim;
mod dmarc;
mod gather;
mod links;
pub mod signing;
mod spf;
