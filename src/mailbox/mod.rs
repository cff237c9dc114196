//! Floor 3: IMAP seed mailboxes: sessions in which every command is checked, and the watcher.
//!
//! A mail that is not seen is either not there or was not looked for properly, and the two must never mix. So every command
//! ends in its own tagged status or in a typed [`Failure`]; UIDs and bytes come only from answers to what was asked; and
//! "not there" is said only after a complete sweep.

mod account;
mod cleaning;
mod decode;
mod failure;
mod folders;
mod gate;
mod guard;
mod idle;
mod login;
mod mutf7;
mod names;
pub mod oauth;
mod refusal;
mod session;
mod survey;
mod watcher;
mod wire;

pub use account::{Account, TlsSession};
pub use cleaning::{Cleaned, TestMail, TestMessage, find_tests, remove_tests};
pub use failure::Failure;
pub use folders::{Folder, Folders, FoundBy};
pub use idle::Woken;
pub use login::Proof;
pub use refusal::Refusal;
pub use session::{Entry, Examined, Listed, Session};
pub use survey::{FolderReport, LoginReport, baseline, examine_login};
pub use watcher::{Teller, Ticket, Timing, Watched, Watcher};
