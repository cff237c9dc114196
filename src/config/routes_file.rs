//! The routes file as it is written. The comments here are what `inboxqa schema routes` and the errors show.

use super::either::{OneOrMany, WordOr};
use super::suite_file::RawCategory;
use crate::model::SecretRef;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// Ways to send, each with the contract it makes about every message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "inboxqa routes")]
pub(super) struct RoutesFile {
    /// What holds for all routes.
    #[serde(default)]
    pub policy: RawPolicy,
    /// Exceptions from how the network is used; printed in every report.
    #[serde(default)]
    pub network: RawNetwork,
    /// Spam engines of your own that are asked about every message that arrived.
    #[serde(default)]
    pub spam: RawSpam,
    /// A way to send, by name.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawRoute>")]
    pub route: BTreeMap<Spanned<String>, Spanned<RawRoute>>,
}

/// What holds for all routes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Policy", title = "[policy]")]
pub(super) struct RawPolicy {
    /// Route by category, for cases that name none.
    #[serde(default)]
    #[schemars(with = "BTreeMap<RawCategory, String>")]
    pub default_route: BTreeMap<RawCategory, Spanned<String>>,
}

/// Exceptions from how the network is used.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Network", title = "[network]")]
pub(super) struct RawNetwork {
    /// Hosts that links may lead to although they have private addresses, such as "staging.brand.example".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub allow: Vec<Spanned<String>>,
    /// DNS servers to ask instead of the system's, such as "127.0.0.1:5353".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub dns: Vec<Spanned<String>>,
}

/// Spam engines that are asked about every message that arrived.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Spam", title = "[spam]")]
pub(super) struct RawSpam {
    /// rspamd's normal worker, such as "http://127.0.0.1:11333".
    #[schemars(with = "Option<String>")]
    pub rspamd: Option<Spanned<String>>,
    /// SpamAssassin's spamd, such as "127.0.0.1:783".
    #[schemars(with = "Option<String>")]
    pub spamassassin: Option<Spanned<String>>,
    /// The score from which on a message fails; default: what the engine itself would mark or refuse does.
    #[schemars(with = "Option<f64>")]
    pub limit: Option<Spanned<f64>>,
}

/// The kinds of routes.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Kind")]
pub(super) enum RawKind {
    /// SMTP submission.
    Smtp,
    /// Postmark's API.
    Postmark,
    /// Customer.io's APIs.
    CustomerIo,
}

/// Which links Postmark rewrites.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[schemars(rename = "TrackLinks")]
pub(super) enum RawTrackLinks {
    /// None.
    None,
    /// Those of both parts.
    HtmlAndText,
    /// Those of the HTML part.
    HtmlOnly,
    /// Those of the text part.
    TextOnly,
}

/// How a connection is secured.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Security")]
pub(super) enum RawSecurity {
    /// STARTTLS, required.
    Starttls,
    /// Implicit TLS.
    Tls,
}

/// A way to send.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Route", title = "[route.NAME]")]
pub(super) struct RawRoute {
    /// How messages are handed over.
    #[schemars(with = "RawKind")]
    pub kind: Option<RawKind>,
    /// smtp: a service's submission server, instead of host, port, security and a fixed login name: "postmark", "postmark-broadcasts",
    /// "ses", "sendgrid", "mailgun", "mailgun-eu", "resend".
    #[schemars(with = "Option<String>")]
    pub preset: Option<Spanned<String>>,
    /// smtp: submission host; also the name its certificate must carry.
    #[schemars(with = "Option<String>")]
    pub host: Option<Spanned<String>>,
    /// Port; default 587.
    #[schemars(with = "Option<i64>", range(min = 1, max = 65535))]
    pub port: Option<Spanned<i64>>,
    /// "starttls" or "tls" (implicit); default by port. Plain text is never an option.
    pub security: Option<RawSecurity>,
    /// Login name: "${env:NAME}", "${env:NAME:-default}", "${file:PATH}" or the name itself. Without it no login is done.
    #[schemars(with = "Option<String>")]
    pub username: Option<Spanned<SecretRef>>,
    /// Password: "${env:NAME}", "${env:NAME:-default}" or "${file:PATH}".
    #[schemars(with = "Option<String>")]
    pub password: Option<Spanned<SecretRef>>,
    /// postmark: the server's API token; customerio: the App API key. "${env:NAME}", "${env:NAME:-default}" or "${file:PATH}".
    #[schemars(with = "Option<String>")]
    pub token: Option<Spanned<SecretRef>>,
    /// postmark: message stream; default "outbound".
    #[schemars(with = "Option<String>")]
    pub stream: Option<Spanned<String>>,
    /// postmark: tag of every message.
    #[schemars(with = "Option<String>")]
    pub tag: Option<Spanned<String>>,
    /// postmark: count opens; default: as the server is set.
    #[schemars(with = "Option<bool>")]
    pub track_opens: Option<Spanned<bool>>,
    /// postmark: rewrite links; default: as the server is set.
    #[schemars(with = "Option<RawTrackLinks>")]
    pub track_links: Option<Spanned<RawTrackLinks>>,
    /// postmark: hand messages over by the batch endpoints, as the shop does; each message is a batch of one. Default: false.
    #[schemars(with = "Option<bool>")]
    pub batch: Option<Spanned<bool>>,
    /// customerio: where the workspace lives, "us" or "eu"; default "us". preset "ses": the AWS region, such as "eu-west-1".
    #[schemars(with = "Option<String>")]
    pub region: Option<Spanned<String>>,
    /// customerio: site id of the Track API; events need it.
    #[schemars(with = "Option<String>")]
    pub site_id: Option<Spanned<SecretRef>>,
    /// customerio: key of the Track API; events need it.
    #[schemars(with = "Option<String>")]
    pub track_key: Option<Spanned<SecretRef>>,
    /// Headers added to every message.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Envelope sender (MAIL FROM); default: the From address.
    #[schemars(with = "Option<String>")]
    pub envelope_from: Option<Spanned<String>>,
    /// Trust this certificate authority for this server too: a PEM file, relative to this file. Printed in every report.
    pub ca: Option<String>,
    /// Parallel submissions; default 4.
    #[schemars(with = "Option<i64>", range(min = 1, max = 100))]
    pub concurrency: Option<Spanned<i64>>,
    /// Submissions a second at most; default 0 = no limit.
    #[schemars(with = "Option<f64>", range(min = 0))]
    pub rate: Option<Spanned<f64>>,
    /// Who can be asked what became of a message; repeatable.
    pub log: Option<OneOrMany<RawLog>>,
    /// What the route must do to every message.
    #[serde(default)]
    pub contract: RawContract,
}

/// Whose log it is.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "LogKind")]
pub(super) enum RawLogKind {
    /// Postmark's Messages, Bounces and Suppressions API.
    Postmark,
    /// Customer.io's App API.
    CustomerIo,
}

/// Who can be asked what became of a message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Log", title = "[route.NAME.log]")]
pub(super) struct RawLog {
    /// Whose log it is.
    #[schemars(with = "RawLogKind")]
    pub kind: Option<RawLogKind>,
    /// postmark: the server's API token; customerio: the App API key.
    #[schemars(with = "String")]
    pub token: Option<Spanned<SecretRef>>,
    /// postmark: the message stream whose suppression list counts; default: the route's X-PM-Message-Stream, else "outbound".
    #[schemars(with = "Option<String>")]
    pub stream: Option<Spanned<String>>,
    /// customerio: where the workspace lives, "us" or "eu"; default: as the route, else "us".
    #[schemars(with = "Option<String>")]
    pub region: Option<Spanned<String>>,
}

/// What a route must do to every message.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Contract", title = "[route.NAME.contract]")]
pub(super) struct RawContract {
    /// Categories that may use the route; default: all.
    #[serde(default)]
    pub categories: Vec<RawCategory>,
    /// Expected From: "Name <address>" or an address alone.
    #[schemars(with = "Option<String>")]
    pub from: Option<Spanned<String>>,
    /// Expected Reply-To address.
    #[schemars(with = "Option<String>")]
    pub reply_to: Option<Spanned<String>>,
    /// Domains that must each have a verifying DKIM signature.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub dkim: Vec<Spanned<String>>,
    /// DKIM selector by domain, for `inboxqa doctor`.
    #[serde(default)]
    pub selectors: BTreeMap<String, String>,
    /// Expected domain of the envelope sender.
    #[schemars(with = "Option<String>")]
    pub return_path: Option<Spanned<String>>,
    /// Click tracking: "off", or the host links must go through.
    #[schemars(with = "Option<WordOr<RawClicks>>")]
    pub clicks: Option<Spanned<WordOr<RawClicks>>>,
    /// Open tracking: "off", or the host of the pixel.
    #[schemars(with = "Option<WordOr<RawOpens>>")]
    pub opens: Option<Spanned<WordOr<RawOpens>>>,
    /// Globs of query parameters that the route may append, such as "utm_*".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub may_append: Vec<Spanned<String>>,
    /// May the route append a footer of its own to the parts of the message? Default: false.
    #[serde(default)]
    pub may_append_footer: bool,
    /// Mail clients that must show everything a message uses, such as "gmail" or "outlook/windows"; default: what is lost is told.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub clients: Vec<Spanned<String>>,
    /// Features of HTML and CSS that they may lose all the same, such as "css-border-radius".
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub may_lose: Vec<Spanned<String>>,
}

/// A part of the message.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Part")]
pub(super) enum RawPart {
    /// text/html.
    Html,
    /// text/plain.
    Text,
}

/// Click tracking through a host.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Clicks", title = "`clicks` of a contract")]
pub(super) struct RawClicks {
    /// The tracking host.
    #[schemars(with = "String")]
    pub host: Option<Spanned<String>>,
    /// Parts whose links are rewritten; default: html and text.
    pub parts: Option<Vec<RawPart>>,
    /// Links that stay as they are: "unsubscribe", or globs of URLs.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub except: Vec<Spanned<String>>,
}

/// Open tracking through a host.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Opens", title = "`opens` of a contract")]
pub(super) struct RawOpens {
    /// The pixel's host.
    #[schemars(with = "String")]
    pub host: Option<Spanned<String>>,
}
