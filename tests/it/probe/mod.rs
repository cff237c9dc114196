//! Tests of `probe`.

mod dkim;
mod dmarc;
mod dmarc_matrix;
mod gather;
mod hsts;
mod links;
pub mod signing;
mod spf;
mod spf_explained;
