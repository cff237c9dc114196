//! Tests of `lab::imap`.
