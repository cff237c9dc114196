//! Tests of `report`.

mod fixture;
mod formats;
mod hostile;
mod junit;
mod pieces;
mod redact;
