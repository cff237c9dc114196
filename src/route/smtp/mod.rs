//! SMTP submission over our own connections: TLS first, credentials after, one try per intent.
//!
//! ```text
//! plain    greeting, EHLO, STARTTLS in the clear; nothing learnt there is believed after TLS
//! wire     the secured stream as lettre reads it, line by line
//! session  greeting ─► EHLO ─► AUTH, then MAIL ─► RCPT ─► DATA ─► body ─► dot, each with its deadline
//! parcel   what is handed over, and what MAIL says of it       dot        what its ending means
//! sender   keeps a session between messages, turns a failure into an outcome
//! reply    codes, enhanced codes, capabilities      failure    why a try ended, and what that means for the message
//! ```

mod dot;
mod failure;
mod parcel;
mod plain;
mod reply;
mod sender;
mod session;
mod target;
mod wire;

pub use sender::{LoginFacts, Sender, verify_login};
pub use target::Target;
