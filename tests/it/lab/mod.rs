//! Tests of `lab`.

mod imap;
