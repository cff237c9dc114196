//! Floor 1: writing messages: templates, MIME, tokens. Randomness and time are arguments.
