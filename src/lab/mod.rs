//! Floor 3: the other side of the wire: a small internet of real SMTP, IMAP, DNS and HTTPS servers on loopback.
//!
//! ```text
//! world ─► opening                    one runtime thread; every server on a loopback port the system chose
//! smtp_server ─► post_office ─► esp (headers, links, pixel, signatures) ─► receive (the provider's stamps) ─► imap store
//! plan ─► zone ─► dns_server          every invented host has a documentation address; `Endpoints.forward` leads to loopback
//! esp ─► tracking ◄─ web_desk         faults of links sit behind each link's id
//! oauth_desk ◄─ web_desk, imap        the providers' authorization servers
//! ```
//! It shares no parser, canonicaliser, signer or link extractor with the product, so that a bug can not sit on both sides.

pub mod addresses;
pub mod arrival;
pub mod attempt;
pub mod customerio_desk;
pub mod customerio_post;
pub mod describe;
pub mod dkim;
pub mod dns_server;
pub mod esp;
pub mod fault;
pub mod fault_kind;
pub mod fault_spec;
pub mod held;
mod held_back;
pub mod html;
pub mod ids;
pub mod imap;
pub mod keys;
pub mod ledger;
pub mod letter;
pub mod mail_hosts;
pub mod mime;
pub mod names;
pub mod oauth_desk;
pub mod opening;
pub mod pki;
pub mod plan;
pub mod post_office;
pub mod postmark_desk;
pub mod postmark_post;
mod postmark_templates;
pub mod receive;
pub mod smtp_dialogue;
pub mod smtp_door;
pub mod smtp_server;
pub mod smtp_wire;
mod suppressed;
pub mod tracking;
pub mod weak_key;
mod web_desk;
pub mod web_server;
pub mod world;
pub mod writing;
pub mod zone;

pub use fault::Fault;
pub use fault_kind::{FaultKind, Takes};
pub use held::HeldTemplate;
pub use opening::Blueprint;
pub use world::World;
