//! What is known of one TLS session.

use serde::{Deserialize, Serialize};

/// Facts of a completed TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsFacts {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: String,
    /// Cipher suite, IANA name, where it is known (not for HTTP).
    pub cipher: Option<String>,
    /// Leaf certificate's SHA-256, lower-case hex.
    pub certificate_sha256: String,
}
