//! Whole runs through the binary, in the lab.

mod doctor;
mod faults;
mod interrupt;
mod kit;
mod quickstart;
mod quiet;
