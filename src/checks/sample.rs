//! The deliveries of a run as a sample: what arrived after how long and where, what did not, and what nobody knows. Run-level checks
//! judge both ends of what is unknown: only where they agree is there a verdict.

use super::fate;
use crate::model::{JudgedDelivery, Placement, PlacementState, Probe};

/// One delivery that was to arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// Arrived, this many ms after acceptance; in the inbox (or a tab of it) or elsewhere.
    Arrived {
        /// Milliseconds after acceptance.
        after_ms: u64,
        /// Inbox or tab.
        inbox: bool,
    },
    /// Certainly did not.
    Lost,
    /// Pending, not sent, or in a mailbox that could not be looked into.
    Unknown,
}

/// The deliveries that were to arrive. What a case expects not to arrive is no member.
pub fn of(deliveries: &[JudgedDelivery]) -> Vec<Member> {
    let expected = |delivery: &&JudgedDelivery| is_to_arrive(delivery);
    deliveries.iter().filter(expected).filter_map(member).collect()
}

/// Is it expected to arrive at all?
pub fn is_to_arrive(delivery: &JudgedDelivery) -> bool {
    let allowed = &delivery.policy.placement;
    allowed.is_empty() || !allowed.iter().all(|word| fate::is_absence(word))
}

fn member(delivery: &JudgedDelivery) -> Option<Member> {
    let state = Placement::of(&delivery.evidence)?.state;
    if let Probe::Seen(arrival) = &delivery.evidence.arrival
        && let Some(first) = arrival.sightings.first()
    {
        let inbox = [PlacementState::Inbox, PlacementState::Tab].contains(&state);
        return Some(Member::Arrived {
            after_ms: first.after_ms,
            inbox,
        });
    }
    Some(match state {
        PlacementState::Pending | PlacementState::MailboxError => Member::Unknown,
        _ => Member::Lost,
    })
}

/// How many are not known.
pub fn unknown(sample: &[Member]) -> usize {
    sample.iter().filter(|member| **member == Member::Unknown).count()
}
