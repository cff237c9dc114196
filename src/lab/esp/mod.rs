//! The sending services: what becomes of a message between the submission server and the provider's MX, in the order a real
//! service works: headers, links, pixel, unsubscribe headers, signatures, queue.

pub mod forms;
pub mod identity;
pub mod links;
pub mod service;
pub mod signing;
pub mod spoil;
