//! Floor 3, pure: what is right and wrong about a delivery. One file a check, one row a check in `CHECKS`.
