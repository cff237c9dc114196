//! Tests of `probe`.

mod dkim;
mod dmarc;
mod gather;
pub mod signing;
mod spf;
