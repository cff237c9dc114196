//! Seed mailboxes: IMAP accounts we own.

use super::oauth::OAuth;
use super::profile::Profile;
use super::secret::SecretRef;
use serde::{Deserialize, Serialize};

/// A seed mailbox with its provider's facts resolved (defaults of the provider, overridden by the file).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeedMailbox {
    /// The table name in `mailboxes.toml`.
    pub name: String,
    /// Provider key (`gmail`, `yahoo`, `outlook`, `imap`…).
    pub provider: String,
    /// The address mail is sent to: nothing else can ever be sent to.
    pub address: String,
    /// IMAP login name (the address, unless stated).
    pub username: String,
    /// Password or app password.
    pub password: Option<SecretRef>,
    /// OAuth instead of a password.
    #[serde(default)]
    pub oauth: Option<OAuth>,
    /// Extra trust anchor for this server: path of a PEM file, relative to the mailboxes file. Printed in every report.
    pub ca_file: Option<String>,
    /// Tags for selection.
    pub tags: Vec<String>,
    /// May the unsubscribe drill unsubscribe and reactivate it?
    #[serde(default)]
    pub drill: bool,
    /// The provider's facts.
    pub profile: Profile,
}
