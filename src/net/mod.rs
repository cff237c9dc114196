//! Floor 2: the one door to the outside: resolver, TLS, connect, fence.
