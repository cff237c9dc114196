//! Floor 4: plan, send, watch, gather, judge. Owns time, concurrency and cancellation.
