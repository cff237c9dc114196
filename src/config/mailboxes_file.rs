//! The mailboxes file as it is written. The comments here are what `inboxqa schema mailboxes` and the errors show. `providers.toml`
//! is read with the same struct: a provider is a mailbox entry of defaults.

use crate::model::SecretRef;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// The seed mailboxes: the only addresses that can ever be sent to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "inboxqa mailboxes")]
pub(super) struct MailboxesFile {
    /// An IMAP account of your own, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawMailbox>")]
    pub mailbox: BTreeMap<Spanned<String>, Spanned<RawMailbox>>,
}

/// How the server speaks.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Dialect")]
pub(super) enum RawDialect {
    /// Gmail's extensions and folder names.
    Gmail,
    /// Yahoo and AOL.
    Yahoo,
    /// Outlook.com and Exchange Online.
    Outlook,
    /// Any other server.
    Generic,
}

/// How to log in to a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(rename = "Login")]
pub(super) enum RawLogin {
    /// A password or app password.
    Password,
    /// OAuth with a refresh token.
    Oauth,
    /// OAuth by the client itself, for mailboxes of your own Microsoft 365 organisation.
    ClientCredentials,
}

/// An IMAP account of your own.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Mailbox", title = "[mailbox.NAME]")]
pub(super) struct RawMailbox {
    /// gmail, workspace, yahoo, aol, outlook, m365, icloud, fastmail, or imap for any other server.
    #[schemars(with = "String")]
    pub provider: Option<Spanned<String>>,
    /// The address mail is sent to.
    #[schemars(with = "String")]
    pub address: Option<Spanned<String>>,
    /// IMAP login name; default: the address.
    #[schemars(with = "Option<String>")]
    pub username: Option<Spanned<String>>,
    /// Password or app password: "${env:NAME}", "${env:NAME:-default}" or "${file:PATH}".
    #[schemars(with = "Option<String>")]
    pub password: Option<Spanned<SecretRef>>,
    /// How to log in; default: oauth where `client_id` is stated, else password.
    pub login: Option<RawLogin>,
    /// OAuth: the client you registered with the provider. Not secret.
    #[schemars(with = "Option<String>")]
    pub client_id: Option<Spanned<String>>,
    /// OAuth: the client's secret, where it has one: "${env:NAME}" or "${file:PATH}".
    #[schemars(with = "Option<String>")]
    pub client_secret: Option<Spanned<SecretRef>>,
    /// OAuth: the refresh token that `inboxqa login` got: "${file:PATH}", or "${env:NAME}" in CI.
    #[schemars(with = "Option<String>")]
    pub refresh_token: Option<Spanned<SecretRef>>,
    /// OAuth at Microsoft: the directory, by name or id.
    #[schemars(with = "Option<String>")]
    pub tenant: Option<Spanned<String>>,
    /// Trust this certificate authority for this server too: a PEM file, relative to this file. Printed in every report.
    pub ca: Option<String>,
    /// Tags for selection, as "#tag" in a suite.
    #[serde(default)]
    pub tags: Vec<String>,
    /// May the unsubscribe drill unsubscribe and reactivate it? Default: false.
    pub drill: Option<bool>,
    /// OAuth: the scopes asked for, separated by blanks.
    pub scope: Option<String>,
    /// OAuth: where tokens are given out.
    #[schemars(with = "Option<String>")]
    pub token_url: Option<Spanned<String>>,
    /// OAuth: where access is granted in a browser.
    #[schemars(with = "Option<String>")]
    pub authorize_url: Option<Spanned<String>>,
    /// OAuth: where a code for another device's browser is given out.
    #[schemars(with = "Option<String>")]
    pub device_url: Option<Spanned<String>>,
    /// IMAP host.
    #[schemars(with = "Option<String>")]
    pub host: Option<Spanned<String>>,
    /// IMAP port (implicit TLS).
    #[schemars(with = "Option<i64>", range(min = 1, max = 65535))]
    pub port: Option<Spanned<i64>>,
    /// Time between two looks, such as "5s".
    #[schemars(with = "Option<String>")]
    pub poll: Option<Spanned<String>>,
    /// Let IDLE shorten the sleep where the server offers it.
    pub idle: Option<bool>,
    /// Does name+anything@domain reach the mailbox?
    pub plus: Option<bool>,
    /// Names of the junk folder, tried after the server's own mark.
    pub junk: Option<Vec<String>>,
    /// Is the stored copy what was delivered, byte by byte?
    pub byte_exact: Option<bool>,
    /// Which IMAP extensions and quirks to expect.
    pub dialect: Option<RawDialect>,
    /// Whose Authentication-Results to believe; "*" matches within a name; an empty list means nobody's.
    pub authserv_id: Option<Vec<String>>,
    /// Does the provider write several Authentication-Results of one name in a row?
    pub authserv_repeats: Option<bool>,
    /// Hosts (and those below them) whose Received lines are the provider's own.
    pub received_by: Option<Vec<String>>,
}
