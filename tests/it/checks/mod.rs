//! Tests of `checks`: one file a check, and the framework they share.

mod arrival;
mod arrival_percentile;
mod content_intact;
mod dkim_signature;
mod dmarc;
mod duplicate;
mod esp_events;
mod framework;
mod from_alignment;
mod from_identity;
mod header_hygiene;
mod inbox_rate;
pub mod letters;
mod link_destination;
mod link_health;
mod link_rewrite;
mod merge_tags;
mod message_size;
mod open_pixel;
mod placement;
pub mod post;
mod provider_verdict;
mod registry;
pub mod scene;
mod spf;
mod transport_tls;
