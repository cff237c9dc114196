//! What a case asks and expects, as it is written: templates that a service holds, what differs by route, placements, load. The comments
//! here are what `inboxqa schema suite` and the errors show.

use super::either::{NumberOrWord, Placements, WordOr};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A template that Postmark holds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Template", title = "`template`")]
pub(super) struct RawTemplate {
    /// Its alias.
    pub alias: Option<String>,
    /// Its id, instead of the alias.
    pub id: Option<u64>,
    /// Its model: a JSON file, relative to this file, or a table; default: the case's data.
    #[schemars(with = "Option<WordOr<BTreeMap<String, serde_json::Value>>>")]
    pub model: Option<Spanned<WordOr<toml::Table>>>,
}

/// An event that triggers a campaign of Customer.io's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Event", title = "`event`")]
pub(super) struct RawEvent {
    /// The event's name.
    #[schemars(with = "String")]
    pub name: Option<String>,
    /// Its data: a JSON file, relative to this file, or a table; default: the case's data.
    #[schemars(with = "Option<WordOr<BTreeMap<String, serde_json::Value>>>")]
    pub data: Option<Spanned<WordOr<toml::Table>>>,
    /// Does the campaign's message carry `{{event.inboxqa}}` in a header or its text? Without it the message is aimed at the seed's
    /// plus-address.
    #[serde(default)]
    pub carries_token: bool,
}

/// An API-triggered broadcast of Customer.io's.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Broadcast", title = "`broadcast`")]
pub(super) struct RawBroadcast {
    /// Its id.
    #[schemars(with = "u64")]
    pub id: Option<u64>,
    /// Its data: a JSON file, relative to this file, or a table; default: the case's data.
    #[schemars(with = "Option<WordOr<BTreeMap<String, serde_json::Value>>>")]
    pub data: Option<Spanned<WordOr<toml::Table>>>,
    /// Does its message carry `{{trigger.inboxqa}}` in a header or its text?
    #[serde(default)]
    pub carries_token: bool,
}

/// What differs on one route.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "On", title = "[case.on.ROUTE]")]
pub(super) struct RawOn {
    /// A template that Postmark holds.
    #[schemars(with = "Option<RawTemplate>")]
    pub template: Option<Spanned<RawTemplate>>,
    /// A transactional message that Customer.io holds: its id or trigger name.
    #[schemars(with = "Option<NumberOrWord>")]
    pub transactional_message_id: Option<Spanned<NumberOrWord>>,
    /// An event that triggers a campaign of Customer.io's.
    #[schemars(with = "Option<RawEvent>")]
    pub event: Option<Spanned<RawEvent>>,
    /// An API-triggered broadcast of Customer.io's.
    #[schemars(with = "Option<RawBroadcast>")]
    pub broadcast: Option<Spanned<RawBroadcast>>,
    /// Headers besides the case's; the same name replaces.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: BTreeMap<Spanned<String>, Spanned<String>>,
    /// What is expected there instead.
    #[serde(default)]
    pub expect: RawOnExpect,
}

/// What is expected of every delivery by one route.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "OnExpect", title = "`expect` of [case.on.ROUTE]")]
pub(super) struct RawOnExpect {
    /// Allowed placements, in the forms and words of the case's.
    #[serde(default)]
    pub placement: Placements,
    /// Arrival budget by this route.
    #[schemars(with = "Option<String>")]
    pub within: Option<Spanned<String>>,
}

/// What is expected of every delivery of the case.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Expect", title = "`expect` of [[case]]")]
pub(super) struct RawExpect {
    /// Allowed placements: a list for every provider, or { default = ["inbox"], gmail = ["inbox", "tab"] } by provider with "default" for
    /// the rest. The words: inbox, tab, tab:NAME, spam, other, missing, pending, rejected, suppressed.
    #[serde(default)]
    pub placement: Placements,
    /// Arrival budget of this case.
    #[schemars(with = "Option<String>")]
    pub within: Option<Spanned<String>>,
    /// Is the case there to prove that policy refuses it? It is never sent; where policy allows it, that is an error.
    #[serde(default)]
    pub refused: bool,
}

/// Many messages of one case, to each of its mailboxes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Load", title = "[case.load]")]
pub(super) struct RawLoad {
    /// How many, 1 to 100: seeds are people's mailboxes, not a load generator's.
    #[schemars(with = "i64", range(min = 1, max = 100))]
    pub messages: Option<Spanned<i64>>,
    /// Time between two of them, such as "500ms"; default: all at once.
    #[schemars(with = "Option<String>")]
    pub every: Option<Spanned<String>>,
}
