//! inboxqa sends the real message through the real route into seed mailboxes we own, looks, and answers with proof.
//! This header is the architecture document.
//!
//! # Flow, once through (arrows never turn back)
//! ```text
//! cli/run      config::load ─► Suite, Routes, SeedMailboxes with SecretRefs    errors: exit 2, file:line:column + help
//! run::plan    Suite × Route × Mailbox ─► Plan [Delivery + Policy]             pure; templates rendered and checked here
//! cli/world    open(routes, mailboxes, choice) ─► World {endpoints, secrets}   THE seam between the real internet and the lab
//! run::watch   baseline: UIDVALIDITY + UIDNEXT of every candidate folder       a seed without a baseline is never sent to
//! run::stored  the composed plan, on disk before anything is sent              where `resume` enters; run::past says what is not sent again
//! run::send    store.intend ─► Intent ─► route.submit ─► settle                the only caller of submit; journal before effect
//! run::watch   one task a mailbox owns its session, serves all who wait there  sightings, what was looked at, gaps
//! run::gather  sightings + DNS + HTTP ─► Evidence                              the last network touch
//! run::again   came to nothing ─► the next spare attempt of the plan           a new token, sent and judged like the first; what may have been sent never is
//! checks       judge(Reading, Evidence, Policy) ─► [Finding]                   pure, sorted, deterministic
//! report       Redacted<Report> ─► terminal, junit, json, html, markdown       escaping per format in its writer
//! cli/exit     Report::worst() ─► exit code
//! ```
//!
//! # Floors: imports go strictly down, never sideways (`tests/floors.rs` holds it)
//! ```text
//! 5 cli                                           the only place that prints, exits, reads env and argv; cli/world alone imports lab
//! 4 run                                           plan, send, watch, gather, judge; owns time, concurrency, cancellation
//! 3 route · mailbox · probe | checks | lab        ways to send · IMAP seeds · asks DNS and HTTP | pure | the other side of the wire
//! 2 net                                           one door to the outside: resolver, TLS, connect (+forward), fence
//! 1 mail · compose · config · report · store      reading bytes · writing messages · files→model · model→bytes · model↔database
//! 0 model                                         nouns; std + serde + time; no I/O, no async
//! ```
//!
//! # What is deliberately absent
//! - A constructor for a false `missing`: [`model::Probe::Absent`] needs a [`model::Looked`], which needs a complete sweep.
//! - A way to send twice: `route` takes a `store` intent by value, and an intent exists only after its journal row is durable.
//! - A lab mode: the lab is a set of real servers behind [`model::Endpoints`]; nothing below `cli` knows whether it is there.
//! - A shared parser between lab and product: a bug would sit on both sides of the wire and cancel out.

pub mod checks;
pub mod cli;
pub mod compose;
pub mod config;
pub mod lab;
pub mod mail;
pub mod mailbox;
pub mod model;
pub mod net;
pub mod probe;
pub mod report;
pub mod route;
pub mod run;
pub mod store;
