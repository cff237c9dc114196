//! Floor 3: ways to send.
