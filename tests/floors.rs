//! Imports go strictly down the floors.
