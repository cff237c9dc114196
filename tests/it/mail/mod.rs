//! Tests of `mail`.

mod authres;
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
