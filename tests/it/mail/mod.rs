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
mod vendors;
