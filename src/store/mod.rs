//! Floor 1: the run store and the journal that makes a double send impossible.
//!
//! One SQLite file in a folder that only its owner can read. What must survive a crash (that a message was about to be sent,
//! what was looked at before it) is on disk before the effect it guards; what a run found is stored as it was judged, so that
//! a later look says the same without a network.
//!
//! ```text
//! schema    the file: opening, tables, one writer      owner     is the process that wrote a row still alive?
//! journal   Baseline ─► Intent ─► Sent                 drill     whom to reactivate, whatever happens
//! evidence  judged deliveries in, reports out          history   runs by date
//! plan      what a run that stopped can go on with
//! ```

mod drill;
mod error;
mod evidence;
mod history;
mod journal;
mod owner;
mod plan;
mod schema;

pub use drill::{Begun, Settled, Unfinished, Unsubscribing};
pub use error::StoreError;
pub use history::RunSummary;
pub use journal::{Baseline, Intent, Sent, UnsettledIntent};
pub use plan::{Halted, PastTry};
pub use schema::{DEFAULT_FILE, RunRow, Store};
