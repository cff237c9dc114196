//! Floor 1: the files a user writes, read into the model with errors that point at the place.
//!
//! Reading never stops at the first problem. A file's text becomes a tree with places; [`shape`] compares it with the JSON Schema of
//! its raw structs (so the schema users see is the one that is enforced), reports and takes out what does not fit; what is left is
//! turned into the model, and everything that is wrong in meaning is reported too. Any problem at all means that nothing is loaded.

mod address;
mod checked;
mod content;
mod contract;
mod defaults;
mod desk;
mod dns_file;
mod drills;
mod duration;
mod either;
mod files;
pub mod filter;
mod held;
mod load;
mod logs;
mod mailboxes;
mod mailboxes_file;
mod mask;
mod names;
mod oauth;
mod on_route;
mod presets;
mod providers;
mod reference;
mod route_api;
mod route_entry;
mod route_kind;
mod routes;
mod routes_file;
pub mod schema;
mod schema_view;
mod secrets;
mod select;
mod shape;
pub mod spam;
mod suggest;
mod suite_asks;
mod suite_file;
mod suite_names;
mod suite_terms;
mod suites;
mod unlock;
mod waivers;
mod written;

pub use desk::Problems;
pub use dns_file::read_zone;
pub use load::{Loaded, Network, SeedsFile, load, load_as_of, load_routes, load_with};
pub use providers::facts as provider_facts;
pub use schema::{Schema, schema};
pub use secrets::MailboxSecrets;
pub use suggest::help as meant;
pub use unlock::{read_ca, unlock};
pub use waivers::day;

/// Reads a duration as the files write it ("500ms", "60s", "10m", "2h", "7d") into milliseconds.
pub fn duration(text: &str) -> Result<u64, String> {
    duration::parse(text).map_err(|why| format!("{why}: {}", duration::HELP))
}
