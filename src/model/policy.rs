//! What is expected of one delivery: suite defaults ⊕ case expectations ⊕ contract, resolved once in `run::plan` and stored
//! beside the evidence.

use super::category::Category;
use super::check_id::CheckId;
use super::profile::AuthresTrust;
use super::route::Contract;
use super::severity::Severity;
use super::spam::SpamPolicy;
use super::suite::LinkExpectation;
use super::waiver::Waiver;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What may be done with the message's links.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkPolicy {
    /// Request URLs at all?
    pub probe: bool,
    /// Globs of one-time links: decoded, never requested.
    pub skip: Vec<String>,
    /// Stated expectations (for templates that the ESP holds).
    pub expected: Vec<LinkExpectation>,
}

/// Facts of the mailbox's provider that judging needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProviderFacts {
    /// Provider key (`gmail`).
    pub provider: String,
    /// See `Profile::byte_exact`.
    pub byte_exact: bool,
    /// See `Profile::authres`.
    pub authres: AuthresTrust,
    /// See `Profile::received_by`.
    pub received_by: Vec<String>,
}

/// The resolved policy of one delivery. Durations in milliseconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    /// The case's category.
    pub category: Category,
    /// Arrival budget: later fails `arrival`.
    pub within_ms: u64,
    /// Stop looking: `missing`.
    pub give_up_ms: u64,
    /// Watched on for duplicates after the first sighting.
    pub quiet_ms: u64,
    /// Allowed placements: a state (`inbox`, `spam`…) or `tab:NAME`.
    pub placement: Vec<String>,
    /// The route's contract.
    pub contract: Contract,
    /// The mailbox provider's facts.
    pub provider: ProviderFacts,
    /// Severity by check; a check not named counts as `Fail`.
    pub severity: BTreeMap<CheckId, Severity>,
    /// Links.
    pub links: LinkPolicy,
    /// Values that must not appear unreplaced, etc. Kept for the `merge-tags` check: literal texts that are allowed to look like tags.
    pub allowed_tags: Vec<String>,
    /// Is the message triggered by an event or a broadcast, not sent as such?
    #[serde(default)]
    pub triggered: bool,
    /// Failures that are accepted for now, of those the suite states that fit the delivery's case and route.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
    /// Spam engines that are asked about the message.
    #[serde(default)]
    pub spam: SpamPolicy,
}
