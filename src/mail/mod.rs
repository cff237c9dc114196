//! Floor 1: reading messages: headers, parts, links, pixels, Authentication-Results. Pure, never panics on hostile bytes.

pub mod address;
pub mod alignment;
pub mod arc;
pub mod authres;
pub mod brought;
mod css;
pub mod dmarc;
pub mod dmarc_record;
mod embedded;
pub mod encoded_words;
pub mod esp_id;
pub mod filing;
pub mod headers;
pub mod links;
pub mod list_headers;
mod marks;
pub mod markup;
pub mod mojibake;
mod nesting;
mod outlook_only;
pub mod page;
pub mod pairing;
pub mod pixel;
pub mod reading;
pub mod received;
pub mod received_spf;
pub mod reverse_name;
mod structured;
pub mod suffix;
pub mod token_match;
pub mod unsubscribe;
pub mod url_diff;
pub mod vendors;
mod visible;
pub mod word_diff;

pub use reading::Reading;
