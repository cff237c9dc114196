//! What a report shows of a message's bytes: plain rows, filled from the reading when a delivery is judged. Reports read
//! these rows and never the bytes, so no writer parses mail. Every text here may be hostile: writers escape it.

use super::authentication::DmarcResult;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

/// The rows of one message. Empty where there are no bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Digest {
    /// Subject, decoded.
    pub subject: Option<String>,
    /// From, decoded, as `Name <address>`.
    pub from: Option<String>,
    /// The header section as it came (invalid UTF-8 replaced), at most [`Digest::HEADERS_CAP`] bytes.
    pub headers: String,
    /// The way it took, oldest Received line first.
    pub hops: Vec<HopRow>,
    /// What aligns with the From domain.
    pub alignment: AlignmentRow,
    /// What the mailbox provider says of authentication.
    pub provider: Option<ProviderWord>,
    /// Links, in order of appearance.
    pub links: Vec<LinkRow>,
    /// Open pixels, in order of appearance.
    pub pixels: Vec<PixelRow>,
}

impl Digest {
    /// Bytes of the header section that are kept.
    pub const HEADERS_CAP: usize = 64 * 1024;
}

/// One Received line (RFC 5321 §4.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HopRow {
    /// The host that wrote it.
    pub by: String,
    /// Its stamp, its own clock.
    #[serde(with = "time::serde::rfc3339::option")]
    pub at: Option<OffsetDateTime>,
    /// Milliseconds since the hop before; negative where clocks differ, `None` for the first.
    pub delay_ms: Option<i64>,
}

/// Alignment in the mode the DMARC record asks for (RFC 7489 §3.1).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlignmentRow {
    /// One a signature, in the order of `Authentication::dkim`.
    pub dkim: Vec<bool>,
    /// SPF's domain; `None` where SPF was not evaluated.
    pub spf: Option<bool>,
    /// What DMARC comes to: pass if something that aligns passed, none without a record.
    pub dmarc: DmarcResult,
}

/// The Authentication-Results of the provider, in its own words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderWord {
    /// Did the provider itself write it? Otherwise the rest is empty.
    pub trusted: bool,
    /// `dkim=`.
    pub dkim: Option<String>,
    /// `spf=`.
    pub spf: Option<String>,
    /// `dmarc=`.
    pub dmarc: Option<String>,
}

/// What may be done with a link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// May be followed.
    #[default]
    Link,
    /// Unsubscribes: never requested.
    Unsubscribe,
    /// Marked not to be followed.
    NoFollow,
}

/// One delivered link. Where it led is in the evidence, under `delivered`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkRow {
    /// Visible text.
    pub text: String,
    /// The URL of the same link as composed, where known.
    pub original: Option<String>,
    /// The URL as delivered.
    pub delivered: String,
    /// Who wrapped it (outermost layer), where recognised.
    pub vendor: Option<String>,
    /// What may be done with it.
    pub kind: LinkKind,
}

/// One open pixel. What it answered is in the evidence, under `url`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixelRow {
    /// Its URL.
    pub url: String,
    /// Whose it is, where recognised.
    pub vendor: Option<String>,
}
