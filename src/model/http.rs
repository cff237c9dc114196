//! HTTP evidence: every URL that was asked for, hop by hop.

use super::tls::TlsFacts;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Why a URL was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// A link a reader may click.
    Link,
    /// An open pixel.
    Pixel,
    /// A picture.
    Image,
    /// A front page over https: does a host of http links answer there, and what do the domains above it ask of browsers?
    Hsts,
}

/// One delivered URL and where it led. Each URL is fetched at most once per delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UrlProbe {
    /// The URL as delivered.
    pub url: String,
    /// Why it was fetched.
    pub purpose: Purpose,
    /// Every request made, in order.
    pub hops: Vec<Hop>,
    /// How the chain ended.
    pub end: HopEnd,
}

/// One request and its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hop {
    /// The URL asked for.
    pub url: String,
    /// HTTP status, where an answer came.
    pub status: Option<u16>,
    /// `Location`, resolved against the URL.
    pub location: Option<String>,
    /// The address that answered (proof of where it went).
    pub peer: Option<SocketAddr>,
    /// TLS facts for https.
    pub tls: Option<TlsFacts>,
    /// `Strict-Transport-Security`, where it came over https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hsts: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// Bytes of body read (capped).
    pub body_bytes: u64,
    /// First bytes of the body, lower-case hex (at most 64 bytes): enough for an image's magic number.
    pub body_head: String,
    /// Milliseconds from request to end of headers.
    pub elapsed_ms: u64,
}

/// How a chain of hops ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "end", content = "detail")]
pub enum HopEnd {
    /// The last hop answered without a redirect.
    Answered,
    /// A redirect led to a URL already visited.
    Loop(String),
    /// More than the allowed number of hops.
    TooManyHops(u32),
    /// A redirect from https to http (the http URL was not requested).
    Downgrade(String),
    /// A redirect to something that is not http(s), or no valid URL.
    NotHttp(String),
    /// The fence refused the next URL: a private, loopback or otherwise forbidden address. The text says which and why.
    Fenced(String),
    /// The chain leads to an unsubscribe link: stopped before requesting it.
    Unsubscribe(String),
    /// TLS failed: certificate unknown, expired, for another name.
    BadCertificate(String),
    /// Nothing could be learnt: DNS failed, connection refused, timed out. Codes: `dns-failed`, `dns-timeout`, `no-such-host`,
    /// `refused`, `timeout`, `closed`, `protocol`.
    Failed {
        /// Stable code.
        code: String,
        /// In words.
        text: String,
    },
    /// Not requested at all (probe off, one-time link).
    NotRequested(String),
}
