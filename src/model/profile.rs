//! A mailbox provider's facts, as data. Defaults live in `config/providers.toml`; every field can be overridden per mailbox.

use serde::{Deserialize, Serialize};

/// What a folder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FolderRole {
    /// INBOX.
    Inbox,
    /// Junk / spam / bulk (RFC 6154 `\Junk`).
    Junk,
    /// Gmail's All Mail (`\All`): a view, its messages also count where they are labelled.
    All,
    /// Trash.
    Trash,
    /// Archive.
    Archive,
    /// Anything else.
    Other,
}

/// Which IMAP dialect the provider speaks (also what the lab plays).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Gmail: X-GM-EXT-1, SPECIAL-USE, `[Gmail]/…`.
    Gmail,
    /// Yahoo and AOL: no IDLE, junk folder `Bulk`.
    Yahoo,
    /// Outlook.com and Exchange Online: no SPECIAL-USE, junk by name.
    Outlook,
    /// Any IMAP server.
    Generic,
}

/// Which Authentication-Results header is the provider's own (`facts`: RFC 8601 §5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "rule", content = "value")]
pub enum AuthresTrust {
    /// Topmost header whose authserv-id equals one of these (`*` matches within the name).
    ServId(Vec<String>),
    /// The same for a provider that writes several fields of one id in a row, and removes those that came with the message
    /// (RFC 8601 §5).
    RepeatedServId(Vec<String>),
    /// Microsoft: no authserv-id, above `X-IncomingTopHeaderMarker`, below a Received line by the provider.
    Microsoft,
    /// None is trusted.
    Nobody,
}

/// Provider facts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    /// Dialect.
    pub dialect: Dialect,
    /// IMAP host.
    pub host: String,
    /// IMAP port (implicit TLS).
    pub port: u16,
    /// Poll interval in milliseconds.
    pub poll_ms: u64,
    /// Use IDLE to shorten the sleep where the server offers it.
    pub idle: bool,
    /// Does `+` addressing work?
    pub plus: bool,
    /// Names of the junk folder, in order of trust after SPECIAL-USE (case-insensitive, last path segment or full name).
    pub junk_names: Vec<String>,
    /// Were those names stated for this very mailbox? Then they outrank the server's marks.
    #[serde(default)]
    pub junk_stated: bool,
    /// Is the stored copy byte-exact, so that a DKIM body hash is meaningful? `false` for Microsoft.
    pub byte_exact: bool,
    /// Which Authentication-Results to believe.
    pub authres: AuthresTrust,
    /// Suffixes of hosts whose Received lines are the provider's own (`google.com`).
    pub received_by: Vec<String>,
}
