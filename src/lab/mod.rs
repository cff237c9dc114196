//! Floor 3: the other side of the wire: a small internet of real SMTP, IMAP, DNS and HTTPS servers on loopback.

pub mod imap;
