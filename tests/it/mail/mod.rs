//! Tests of `mail`.
