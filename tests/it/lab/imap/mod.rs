//! Tests of `lab::imap`: the server is asked by clients that others wrote, and by hand where their comfort would hide
//! what was really said.

mod by_async_imap;
mod by_imaplib;
mod dialects;
mod faults;
mod host;
mod raw;
mod reading;
mod syntax;
