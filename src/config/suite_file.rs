//! A suite as it is written. The comments here are what `inboxqa schema suite` and the errors show.

use super::either::{NumberOrWord, Placements, WordOr};
use super::suite_asks::{RawBroadcast, RawEvent, RawExpect, RawLoad, RawOn, RawTemplate};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

/// A suite: messages to send and what is expected of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "inboxqa suite")]
pub(super) struct SuiteFile {
    /// What holds for every case of the suite.
    pub suite: Option<RawSuite>,
    /// One message, with the routes and mailboxes it goes through and what is expected.
    #[serde(default)]
    #[schemars(with = "Vec<RawCase>", length(min = 1))]
    pub case: Vec<Spanned<RawCase>>,
}

/// What holds for every case of the suite.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Suite", title = "[suite]")]
pub(super) struct RawSuite {
    /// Display name; default: the file's name.
    pub name: Option<String>,
    /// The routes file, relative to this file; default: "routes.toml".
    #[schemars(with = "Option<String>")]
    pub routes_file: Option<Spanned<String>>,
    /// Seed mailboxes: names, "@provider" or "#tag"; default: all.
    #[schemars(with = "Option<Vec<String>>")]
    pub mailboxes: Option<Spanned<Vec<Spanned<String>>>>,
    /// Arrival budget such as "60s": a message that comes later fails `arrival`.
    #[schemars(with = "Option<String>")]
    pub within: Option<Spanned<String>>,
    /// Stop looking after, such as "10m": what was not seen by then is `missing`.
    #[schemars(with = "Option<String>")]
    pub give_up: Option<Spanned<String>>,
    /// Look on after the arrival for duplicates, such as "5s".
    #[schemars(with = "Option<String>")]
    pub quiet: Option<Spanned<String>>,
    /// Expectations of the whole run; a run-level check acts only when its gate is stated.
    pub gate: Option<RawGate>,
    /// Severity by check id: "off", "warn" or "fail".
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawSeverity>")]
    pub checks: BTreeMap<Spanned<String>, RawSeverity>,
    /// Failures that are accepted until a day: told in every report, counted in none.
    #[serde(default)]
    #[schemars(with = "Vec<RawWaiver>")]
    pub waive: Vec<Spanned<RawWaiver>>,
    /// Allowed placements: a list for every provider, or by provider, with "default" for the rest.
    #[serde(default)]
    pub placement: Placements,
    /// Request links and pixels? Default: true.
    pub probe: Option<bool>,
    /// Tags of every case, for the filter.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// Expectations of the whole run.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Gate", title = "suite.gate")]
pub(super) struct RawGate {
    /// 50th percentile of arrival, such as "10s".
    #[schemars(with = "Option<String>")]
    pub p50: Option<Spanned<String>>,
    /// 95th percentile of arrival, such as "30s".
    #[schemars(with = "Option<String>")]
    pub p95: Option<Spanned<String>>,
    /// Share of deliveries that reach the inbox or a tab, 0 to 1.
    #[schemars(with = "Option<f64>", range(min = 0, max = 1))]
    pub inbox_rate: Option<Spanned<f64>>,
    /// Longest time from an event (or a broadcast's trigger) to its message in the mailbox, such as "30s".
    #[schemars(with = "Option<String>")]
    pub event: Option<Spanned<String>>,
}

/// A failure that is accepted until a day.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Waiver", title = "`waive` of [suite]")]
pub(super) struct RawWaiver {
    /// Check id.
    #[schemars(with = "String")]
    pub check: Option<Spanned<String>>,
    /// The last day on which it holds (UTC), such as "2026-12-31"; from the next day on the suite is refused.
    #[schemars(with = "String")]
    pub until: Option<Spanned<String>>,
    /// Why it is accepted: shown in every report.
    #[schemars(with = "String")]
    pub why: Option<Spanned<String>>,
    /// Glob of the cases; default: all.
    #[schemars(with = "Option<String>")]
    pub case: Option<Spanned<String>>,
    /// Glob of the routes; default: all.
    #[schemars(with = "Option<String>")]
    pub route: Option<Spanned<String>>,
    /// This reason of the check alone, such as "images.broken".
    #[schemars(with = "Option<String>")]
    pub reason: Option<Spanned<String>>,
}

/// How loud a check may be.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Severity")]
pub(super) enum RawSeverity {
    /// Do not run it.
    Off,
    /// Failures count as warnings.
    Warn,
    /// As the check says.
    Fail,
}

/// What kind of mail it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "Category")]
pub(super) enum RawCategory {
    /// Order mail.
    Transactional,
    /// Campaigns.
    Marketing,
    /// An operational mail with an offer in it.
    Hybrid,
}

/// One message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Case", title = "[[case]]")]
pub(super) struct RawCase {
    /// Name, unique in the suite: a-z, 0-9 and "-".
    #[schemars(with = "String")]
    pub name: Option<Spanned<String>>,
    /// What kind of mail it is.
    #[schemars(with = "RawCategory")]
    pub category: Option<Spanned<RawCategory>>,
    /// Subject, a Liquid template. A template that the sending service holds has its own.
    #[schemars(with = "Option<String>")]
    pub subject: Option<Spanned<String>>,
    /// From as "Name <address>"; default: the contract's.
    #[schemars(with = "Option<String>")]
    pub from: Option<Spanned<String>>,
    /// Reply-To address; default: the contract's.
    #[schemars(with = "Option<String>")]
    pub reply_to: Option<Spanned<String>>,
    /// File of the HTML template (Liquid), relative to this file.
    #[schemars(with = "Option<String>")]
    pub html: Option<Spanned<String>>,
    /// File of the text template (Liquid), relative to this file.
    #[schemars(with = "Option<String>")]
    pub text: Option<Spanned<String>>,
    /// Template data: a JSON file, relative to this file, or a table.
    #[schemars(with = "Option<WordOr<BTreeMap<String, serde_json::Value>>>")]
    pub data: Option<Spanned<WordOr<toml::Table>>>,
    /// A template that Postmark holds, for routes of kind "postmark". `html` and `text` may stand beside it, as the copy it is compared with.
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
    /// What differs by route, so that the same case can go through an old and a new one.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawOn>")]
    pub on: BTreeMap<Spanned<String>, Spanned<RawOn>>,
    /// The topic of Customer.io's subscription preferences that the message belongs to, such as "topic_1": who opted out of it gets none.
    #[schemars(with = "Option<String>")]
    pub topic: Option<Spanned<String>>,
    /// Extra headers.
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: BTreeMap<Spanned<String>, Spanned<String>>,
    /// Route names; default: the category's `default_route` in the routes file.
    #[schemars(with = "Option<Vec<String>>")]
    pub routes: Option<Spanned<Vec<Spanned<String>>>>,
    /// Seed mailboxes of this case instead of the suite's.
    #[schemars(with = "Option<Vec<String>>")]
    pub mailboxes: Option<Spanned<Vec<Spanned<String>>>>,
    /// What is expected of every delivery of the case.
    #[serde(default)]
    pub expect: RawExpect,
    /// What may be done with the links.
    #[serde(default)]
    pub links: RawLinks,
    /// A link that must be there, for templates that the sending service holds.
    #[serde(default)]
    pub link: Vec<RawLink>,
    /// Send the case many times, spread over time.
    #[schemars(with = "Option<RawLoad>")]
    pub load: Option<Spanned<RawLoad>>,
    /// Unsubscribe by one click, prove that it works, and reactivate: only at seeds with `drill = true`.
    #[schemars(with = "Option<RawDrill>")]
    pub drill: Option<Spanned<RawDrill>>,
    /// Request links and pixels? Default: the suite's.
    pub probe: Option<bool>,
    /// Severity by check id: "off", "warn" or "fail".
    #[serde(default)]
    #[schemars(with = "BTreeMap<String, RawSeverity>")]
    pub checks: BTreeMap<Spanned<String>, RawSeverity>,
    /// Literal texts that may look like merge tags.
    #[serde(default)]
    pub allowed_tags: Vec<String>,
    /// Tags for the filter.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What a drill does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(rename = "DrillKind")]
pub(super) enum RawDrillKind {
    /// Unsubscribes by one click (RFC 8058).
    Unsubscribe,
}

/// Unsubscribes the seed by one click and proves what must follow.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Drill", title = "`drill` of [[case]]")]
pub(super) struct RawDrill {
    /// What the drill does.
    #[schemars(with = "RawDrillKind")]
    #[allow(dead_code, reason = "there is one kind, and it is stated")]
    pub kind: Option<RawDrillKind>,
    /// The transactional case of this suite that must still arrive.
    #[schemars(with = "String")]
    pub receipt: Option<Spanned<String>>,
    /// The route it takes; default: the first of its routes.
    #[schemars(with = "Option<String>")]
    pub receipt_route: Option<Spanned<String>>,
    /// How soon the sending service's list must name the seed; default: "60s".
    #[schemars(with = "Option<String>")]
    pub noted: Option<Spanned<String>>,
    /// How long the next message is looked for, which must not arrive; default: "60s".
    #[schemars(with = "Option<String>")]
    pub silence: Option<Spanned<String>>,
}

/// What may be done with the links.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Links", title = "`links` of [[case]]")]
pub(super) struct RawLinks {
    /// Globs of one-time links: decoded, never requested.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub skip: Vec<Spanned<String>>,
}

/// A link that must be there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Link", title = "[[case.link]]")]
pub(super) struct RawLink {
    /// The link's visible text.
    #[schemars(with = "String")]
    pub text: Option<String>,
    /// Glob of the destination URL.
    #[schemars(with = "String")]
    pub to: Option<Spanned<String>>,
}
