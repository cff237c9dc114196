//! Floor 1: the run store and the journal that makes a double send impossible.
