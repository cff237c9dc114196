//! Suites and cases, as loaded: names resolved, files read, durations in milliseconds.

use super::category::Category;
use super::check_id::CheckId;
use super::diagnostic::Place;
use super::drill::DrillTerms;
use super::held::Held;
use super::severity::Severity;
use super::waiver::Waiver;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Run-level expectations; a run-level check acts only when its gate is stated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// 50th percentile of arrival, ms.
    pub p50_ms: Option<u64>,
    /// 95th percentile of arrival, ms.
    pub p95_ms: Option<u64>,
    /// Share of deliveries that reach inbox or tab, 0..=1.
    pub inbox_rate: Option<f64>,
    /// Longest time from an event to its message in the mailbox, ms.
    #[serde(default)]
    pub event_ms: Option<u64>,
}

/// A text with the place it was written, so that template errors can point at it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceText {
    /// The template's text.
    pub text: String,
    /// The file it came from (a template file, or the suite file for inline text).
    pub file: String,
    /// Where the reference (file name or inline string) stands in the suite.
    pub at: Place,
    /// Byte offset of the text within `file`: 0 for a template file. For inline text in the suite it is inside `at`, or equal to its
    /// beginning where the text is written with escapes, so that no place within it can be told.
    pub offset: usize,
}

/// An expected link, for templates the ESP holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkExpectation {
    /// The link's visible text.
    pub text: String,
    /// Glob of the destination URL.
    pub to: String,
}

/// A template that a sending service holds, with what is put into it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// How it is asked for.
    pub held: Held,
    /// Its data (a JSON object); `None`: the case's.
    pub data: Option<serde_json::Value>,
}

/// What differs on one route.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OnRoute {
    /// A template that the route's service holds.
    pub asked: Option<Asked>,
    /// Headers besides the case's.
    pub headers: BTreeMap<String, String>,
    /// Allowed placements, for the providers that are named.
    pub placement: BTreeMap<String, Vec<String>>,
    /// Arrival budget, ms.
    pub within_ms: Option<u64>,
}

/// A case that is sent many times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Messages to each mailbox.
    pub messages: u32,
    /// Between two of them, ms.
    pub every_ms: u64,
}

/// One templated message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Name, unique in the suite, `[a-z0-9-]`.
    pub name: String,
    /// Where the case begins.
    pub at: Place,
    /// Category.
    pub category: Category,
    /// Subject template; `None` where the sending service holds the template.
    pub subject: Option<SourceText>,
    /// From as `Name <address>`; default: the contract's.
    pub from: Option<String>,
    /// Reply-To; default: the contract's.
    pub reply_to: Option<String>,
    /// HTML template.
    pub html: Option<SourceText>,
    /// Text template.
    pub text: Option<SourceText>,
    /// Template data (a JSON object).
    pub data: serde_json::Value,
    /// Extra headers.
    pub headers: BTreeMap<String, String>,
    /// What differs by route: templates that a service holds, and `[case.on.ROUTE]`.
    pub on: BTreeMap<String, OnRoute>,
    /// Sent many times, where stated.
    pub load: Option<Load>,
    /// Route names.
    pub routes: Vec<String>,
    /// Mailbox names (resolved from names, `@provider`, `#tag`).
    pub mailboxes: Vec<String>,
    /// Allowed placements by provider; key `default` for the rest.
    pub placement: BTreeMap<String, Vec<String>>,
    /// Arrival budget, ms.
    pub within_ms: u64,
    /// One-time links, globs.
    pub skip_links: Vec<String>,
    /// Stated links.
    pub expected_links: Vec<LinkExpectation>,
    /// Request URLs?
    pub probe: bool,
    /// The topic of Customer.io's subscription preferences that the message belongs to.
    #[serde(default)]
    pub topic: Option<String>,
    /// The unsubscribe drill, where the case asks for it by name.
    #[serde(default)]
    pub drill: Option<DrillTerms>,
    /// Severity by check.
    pub checks: BTreeMap<CheckId, Severity>,
    /// Literal texts that may look like merge tags.
    pub allowed_tags: Vec<String>,
    /// Tags for the filter.
    pub tags: Vec<String>,
}

/// A suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Suite {
    /// File stem: the first part of every delivery id.
    pub slug: String,
    /// Display name.
    pub name: String,
    /// The file as the user named it.
    pub file: String,
    /// Stop looking, ms.
    pub give_up_ms: u64,
    /// Watched on for duplicates, ms.
    pub quiet_ms: u64,
    /// Run-level gate.
    pub gate: Gate,
    /// Failures that are accepted for now.
    pub waivers: Vec<Waiver>,
    /// Cases, in file order.
    pub cases: Vec<Case>,
    /// Cases that are there to be refused by policy, and were: name and why. They are never sent.
    pub refused: Vec<(String, String)>,
}
