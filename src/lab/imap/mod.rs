//! The lab's seed mailboxes: an IMAP4rev1 server (RFC 3501) over TLS that plays the dialects of the big providers,
//! closely enough that a client which would misread the real ones misreads this one too.
//!
//! ```text
//! bytes    wire ─► cursor ─► command (its arguments in files of their own)     read, bounded, never panicking
//! answers  session (sign_in, idle) ─► dispatch ─► folders, messages ─► reply   pure over the seat's state, then written
//! words    dialect, layout                                                     what differs between providers
//! state    store ─► mailbox, furnished by seed                                 shared with the receiving side
//! mischief faults                                                              asked at each point of a session
//! ```

mod account;
mod command;
mod cursor;
mod dialect;
mod dispatch;
mod faults;
mod fetch;
mod fetch_item;
mod folders;
mod idle;
pub mod layout;
mod list_arguments;
mod mailbox;
mod messages;
mod mutf7;
mod reply;
mod search;
mod search_key;
mod seat;
mod seed;
mod sequence;
mod server;
mod session;
mod sign_in;
mod store;
mod store_arguments;
mod transcript;
mod wire;
mod world;

pub use account::{Accounts, Bearer, ImapAccount};
pub use faults::{Act, Along, ImapFaults, NAMES as FAULT_NAMES, Point, Times};
pub use mailbox::{Message, Row};
pub use server::serve;
pub use store::{Filed, FlagSnapshot, MailStore, NoSuchPlace};
pub use transcript::{Transcript, Transcripts};
pub use world::ImapWorld;
