//! Floor 1: reading messages: headers, parts, links, pixels, Authentication-Results. Pure, never panics on hostile bytes.

pub mod headers;
pub mod reading;
pub mod token_match;
