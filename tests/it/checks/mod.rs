//! Tests of `checks`: one file a check, and the framework they share.

mod arrival;
mod arrival_percentile;
mod dkim_signature;
mod dmarc;
mod duplicate;
mod framework;
mod from_alignment;
mod inbox_rate;
mod placement;
pub mod post;
mod registry;
pub mod scene;
mod spf;
mod transport_tls;
