//! Floor 4: plan, send, watch, gather, judge. Owns time, concurrency and cancellation.

pub mod again;
pub mod compare;
mod compare_sides;
pub mod deliver;
pub mod digest;
pub mod doctor;
mod drill;
mod drill_lists;
pub mod gather;
mod hearsay;
pub mod inspect;
pub mod judge;
pub mod lint;
pub mod past;
pub mod plan;
pub mod planned;
pub mod pool;
pub mod reactivation;
mod rehearsal;
mod rendering;
pub mod runner;
pub mod send;
mod spares;
pub mod stored;
mod trace;
pub mod travel;
pub mod waive;
