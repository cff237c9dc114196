//! The deliveries of a run as a sample: what arrived after how long and where, what did not, and what nobody knows. Run-level checks
//! judge both ends of what is unknown: only where they agree is there a verdict.

use super::fate;
use crate::model::{JudgedDelivery, Placement, PlacementState, Probe, SendOutcome, Standing, report};

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
    measured(deliveries).filter(expected).filter_map(member).collect()
}

/// Of each delivery the attempt that measures: a retry does not make a run faster or more of it arrive. Of retried ones that is the first
/// that the route took, or may have taken, since one that was never under way measures nothing; else the last.
pub fn measured(deliveries: &[JudgedDelivery]) -> impl Iterator<Item = &JudgedDelivery> {
    let standings = report::standings(deliveries);
    let pairs: Vec<_> = deliveries.iter().zip(standings).collect();
    let chains = pairs.chunk_by(|_, (_, next)| next.number > 1);
    chains.filter_map(measuring).collect::<Vec<_>>().into_iter()
}

fn measuring<'d>(attempts: &[(&'d JudgedDelivery, Standing)]) -> Option<&'d JudgedDelivery> {
    let sent = attempts.iter().find(|(judged, _)| was_under_way(judged));
    sent.or(attempts.last()).map(|(judged, _)| *judged)
}

fn was_under_way(judged: &JudgedDelivery) -> bool {
    let sent = judged.evidence.submission.as_ref();
    let outcome = sent.and_then(|submission| submission.outcome());
    !matches!(
        outcome,
        None | Some(SendOutcome::Deferred(_) | SendOutcome::NotSent { .. })
    )
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
