//! Tests of `mail`.

mod authres;
mod esp_id;
mod headers;
mod links;
mod page;
mod pairing;
mod pixel;
mod reading;
mod received;
mod token_match;
mod url_diff;
mod vendors;
