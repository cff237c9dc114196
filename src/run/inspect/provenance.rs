//! Where a saved message comes from, read off itself: whose mailbox, when it arrived, who handed it over, what kind of mail it is. What
//! the user states comes before all of it.

use super::super::gather;
use crate::mail::links::Link;
use crate::mail::{Reading, received, suffix};
use crate::model::policy::ProviderFacts;
use crate::model::profile::AuthresTrust;
use crate::model::spam::SpamPolicy;
use crate::model::{Category, Contract, LinkKind, LinkPolicy, Policy};
use crate::probe::auth::AuthInput;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// What reports call a provider that is not known.
const UNKNOWN: &str = "unknown";

/// What the user says of the messages; what is not said, each message is asked.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// The contract of the route they came by.
    pub contract: Option<Contract>,
    /// Their category.
    pub category: Option<Category>,
    /// Whose mailbox they were saved from.
    pub provider: Option<ProviderFacts>,
    /// Every provider that a message can be recognised to come from.
    pub providers: Vec<ProviderFacts>,
    /// Spam engines that are asked about them.
    pub spam: SpamPolicy,
    /// When they arrived.
    pub at: Option<OffsetDateTime>,
}

/// What is expected of a saved message: the contract's word, and nothing of a delivery.
pub fn policy(reading: &Reading<'_>, stated: &Stated, probe: bool) -> Policy {
    let contract = stated.contract.clone().unwrap_or_default();
    let of_contract = match contract.categories[..] {
        [only] => Some(only),
        _ => None,
    };
    let category = stated.category.or(of_contract).unwrap_or_else(|| category(reading));
    let provider = stated
        .provider
        .clone()
        .unwrap_or_else(|| provider(reading, &stated.providers));
    Policy {
        spam: stated.spam.clone(),
        ..policy_of(contract, category, provider, probe)
    }
}

/// A policy of these parts.
pub fn policy_of(contract: Contract, category: Category, provider: ProviderFacts, probe: bool) -> Policy {
    Policy {
        category,
        within_ms: 0,
        give_up_ms: 0,
        quiet_ms: 0,
        placement: Vec::new(),
        contract,
        provider,
        severity: BTreeMap::new(),
        links: LinkPolicy {
            probe,
            ..LinkPolicy::default()
        },
        allowed_tags: Vec::new(),
        triggered: false,
        waivers: Vec::new(),
        spam: SpamPolicy::default(),
    }
}

/// A mailbox of which nothing is known: its copy counts as it is, and nobody's word is believed.
pub fn nobody() -> ProviderFacts {
    ProviderFacts {
        provider: UNKNOWN.to_owned(),
        byte_exact: true,
        authres: AuthresTrust::Nobody,
        received_by: Vec::new(),
    }
}

/// The provider that took the message in, by the topmost Received line that names its writer: nobody could add one above it. Where it
/// is none that is known, the lines of the writer's own organisation are believed, and no Authentication-Results.
fn provider(reading: &Reading<'_>, known: &[ProviderFacts]) -> ProviderFacts {
    let Some(writer) = received::taken_in_by(reading.received()) else {
        return nobody();
    };
    let is_writer = |suffix: &String| received::has_suffix(writer, suffix);
    // What a provider is called by comes first: some share the others (Yahoo and AOL).
    let by_first = known
        .iter()
        .find(|facts| facts.received_by.first().is_some_and(is_writer));
    let by_any = || known.iter().find(|facts| facts.received_by.iter().any(is_writer));
    if let Some(found) = by_first.or_else(by_any) {
        return of_microsoft(reading, known, found).clone();
    }
    let writer = writer.trim_end_matches('.').to_ascii_lowercase();
    ProviderFacts {
        byte_exact: !is_rebuilt(reading, &writer),
        received_by: vec![suffix::organisation(&writer).unwrap_or(writer)],
        ..nobody()
    }
}

/// Are the bytes made anew from what the mailbox keeps? Exchange of one's own does so (its header firewall takes these fields off mail
/// that leaves), and Proton, which keeps parts, not messages.
fn is_rebuilt(reading: &Reading<'_>, writer: &str) -> bool {
    const OF_EXCHANGE: &str = "x-ms-exchange-organization-";
    let names = reading
        .headers()
        .fields
        .iter()
        .map(|field| field.name.to_ascii_lowercase());
    names.into_iter().any(|name| name.starts_with(OF_EXCHANGE)) || received::has_suffix(writer, "protonmail.ch")
}

/// Outlook.com and Microsoft 365 share their servers; only Outlook.com counts the fields that came with a message.
fn of_microsoft<'k>(reading: &Reading<'_>, known: &'k [ProviderFacts], found: &'k ProviderFacts) -> &'k ProviderFacts {
    let name = match reading.header("X-IncomingHeaderCount") {
        _ if found.authres != AuthresTrust::Microsoft => return found,
        Some(_) => "outlook",
        None => "m365",
    };
    known.iter().find(|facts| facts.provider == name).unwrap_or(found)
}

/// A way to unsubscribe, in the header or in the body, tells a campaign; everything else counts as transactional, of which less is asked.
/// A discussion list has such a way and is none, and `Precedence: bulk` is what programs of all kinds write to keep answers away.
fn category(reading: &Reading<'_>) -> Category {
    let list = reading.list_headers();
    if list.discussion || reading.is_automatic_answer() {
        return Category::Transactional;
    }
    // Receipts too lead to a page of settings.
    let unsubscribes = |link: &Link| link.kind == LinkKind::Unsubscribe && !link.because.contains("preference");
    match !list.unsubscribe.is_empty() || list.id.is_some() || reading.links().iter().any(unsubscribes) {
        true => Category::Marketing,
        false => Category::Transactional,
    }
}

/// What authentication needs beyond the bytes.
pub fn auth_input<'a>(reading: &Reading<'a>, policy: &Policy, at: Option<OffsetDateTime>) -> AuthInput<'a> {
    let mut input = gather::auth_input(reading.raw(), policy, at.unwrap_or_else(|| arrived_at(reading)));
    // Of a saved message nobody knows the network: a private client names nobody that SPF could speak of.
    input.client = input.client.filter(|(address, _)| !received::is_private(*address));
    input
}

/// The stamp of the topmost Received line; without one the Date, as far as it is past. Expiry is judged at that moment.
fn arrived_at(reading: &Reading<'_>) -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    let received = reading.received().iter().find_map(|line| line.at);
    let dated = || {
        let date = reading.header("Date")?.unfolded();
        received::stamp(&date).filter(|at| *at <= now)
    };
    received.or_else(dated).unwrap_or(now)
}
