//! Where a message ended up: nine states, none collapses into another.

use super::esp::EspFate;
use super::evidence::{Evidence, Subject};
use super::probe::Probe;
use super::profile::FolderRole;
use super::submission::SendOutcome;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The nine states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlacementState {
    /// In the inbox (Gmail: primary, or tab unknown).
    Inbox,
    /// In the inbox, under a tab.
    Tab,
    /// In the junk folder.
    Spam,
    /// In another folder.
    Other,
    /// Every folder was swept and it is nowhere.
    Missing,
    /// Not decided: still under way (deferred, greylisted, unknown) when we stopped looking.
    Pending,
    /// Refused by the route or the provider.
    Rejected,
    /// Dropped by the route because the recipient is suppressed.
    Suppressed,
    /// The mailbox could not be looked into.
    MailboxError,
}

impl fmt::Display for PlacementState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PlacementState::Inbox => "inbox",
            PlacementState::Tab => "tab",
            PlacementState::Spam => "spam",
            PlacementState::Other => "other",
            PlacementState::Missing => "missing",
            PlacementState::Pending => "pending",
            PlacementState::Rejected => "rejected",
            PlacementState::Suppressed => "suppressed",
            PlacementState::MailboxError => "mailbox-error",
        })
    }
}

/// A state with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// The state.
    pub state: PlacementState,
    /// Folder name, where it was seen.
    pub folder: Option<String>,
    /// Gmail tab, where known.
    pub tab: Option<String>,
}

impl Placement {
    /// Derives the placement; `None` for a message read from a file.
    pub fn of(evidence: &Evidence) -> Option<Placement> {
        if matches!(evidence.subject, Subject::File(_)) {
            return None;
        }
        let only = |state| {
            Some(Placement {
                state,
                folder: None,
                tab: None,
            })
        };
        let outcome = evidence.submission.as_ref().and_then(|submission| submission.outcome());
        match (&evidence.arrival, outcome) {
            (Probe::NotAsked(_), None) => None,
            (Probe::Seen(arrival), _) => {
                let sighting = arrival.resting();
                // All Mail holds what the inbox and other folders hold too: alone, and without a look at all of them, it says nothing.
                if sighting.role == FolderRole::All && arrival.quiet_look.is_none() {
                    return only(PlacementState::Pending);
                }
                let state = match (sighting.role, &sighting.tab) {
                    (FolderRole::Inbox, Some(tab)) if tab != "primary" => PlacementState::Tab,
                    (FolderRole::Inbox, _) => PlacementState::Inbox,
                    (FolderRole::Junk, _) => PlacementState::Spam,
                    _ => PlacementState::Other,
                };
                Some(Placement {
                    state,
                    folder: Some(sighting.folder.clone()),
                    tab: sighting.tab.clone(),
                })
            }
            (_, Some(SendOutcome::Refused(_))) => only(PlacementState::Rejected),
            (_, Some(SendOutcome::Suppressed(_))) => only(PlacementState::Suppressed),
            // Nobody looked any more: the mailbox is not to blame.
            (Probe::Blind(why), _) if why.code == "interrupted" => only(PlacementState::Pending),
            (Probe::Blind(_), _) => only(PlacementState::MailboxError),
            // Nowhere in the mailbox: the sending service's log may know why.
            (Probe::Absent(_), Some(SendOutcome::Accepted(_) | SendOutcome::Unknown(_))) => {
                let accepted = matches!(outcome, Some(SendOutcome::Accepted(_)));
                let fate = evidence.esp_fate();
                let settled = matches!(fate, Some(EspFate::Dropped(_) | EspFate::Bounced(_)));
                // It was not waited for to the end on the word of a log that says something else by now.
                if evidence.watch.ended_by.is_some() && !settled {
                    return only(PlacementState::Pending);
                }
                only(match fate {
                    Some(EspFate::Dropped(_)) => PlacementState::Suppressed,
                    Some(EspFate::Bounced(_)) => PlacementState::Rejected,
                    Some(EspFate::UnderWay(_)) => PlacementState::Pending,
                    Some(EspFate::Delivered) => PlacementState::Missing,
                    Some(EspFate::Sent | EspFate::Unlisted) | None if accepted => PlacementState::Missing,
                    Some(EspFate::Sent | EspFate::Unlisted) | None => PlacementState::Pending,
                })
            }
            _ => only(PlacementState::Pending),
        }
    }
}
