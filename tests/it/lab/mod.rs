//! Tests of `lab`.
