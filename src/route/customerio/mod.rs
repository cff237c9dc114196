//! Customer.io: its App API (docs.customer.io/integrations/api/app) sends messages and tells of them, its Track API
//! (docs.customer.io/integrations/api/track) takes events.

mod answers;
mod client;
mod payload;
pub mod people;
mod sender;
mod trace;
mod workspace;

pub(super) use client::Client;
pub use payload::{broadcast, event, held, transactional};
pub(super) use sender::Sender;
pub(super) use trace::story;
pub use workspace::{Workspace, examine, examine_track};
