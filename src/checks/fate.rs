//! What became of a message that was not seen, and what proves it. Told alike by `arrival` and `placement`.

use super::words;
use crate::model::probe::FolderLook;
use crate::model::{EspAnswer, EspFate, EspTrace, Evidence, Placement, PlacementState, Probe, SendOutcome};

/// Does this word of `expect.placement` say that the message is not to arrive?
pub fn is_absence(word: &str) -> bool {
    ["missing", "rejected", "suppressed", "pending"].contains(&word)
}

/// The state of a message that was not seen, with the route's words and, where it was looked for, the folders swept and when.
pub fn of(evidence: &Evidence) -> (PlacementState, String) {
    let state = Placement::of(evidence).map_or(PlacementState::Pending, |placement| placement.state);
    let outcome = evidence.submission.as_ref().and_then(|submission| submission.outcome());
    let mut told = outcome.map_or("no try is recorded".to_owned(), sent);
    if let Probe::Absent(looked) = &evidence.arrival {
        let folders: Vec<String> = looked.folders().iter().map(folder).collect();
        told += &format!(
            "; swept from {}: {}",
            words::moment(looked.swept_at()),
            folders.join(", ")
        );
    }
    if let Some(end) = &evidence.watch.ended_by {
        told += &format!(
            "; looked for no longer, since {} after acceptance {} said: {}",
            words::duration(end.after_ms),
            end.log,
            end.said
        );
    }
    if let Probe::Blind(why) = &evidence.arrival {
        told += &format!("; {}: {}", why.code, why.detail);
    }
    for trace in &evidence.esp {
        told += &format!("; {}", logged(trace));
    }
    (state, told)
}

/// What one log of the sending service says became of it.
pub fn logged(trace: &EspTrace) -> String {
    let log = trace.log;
    let story = match &trace.answer {
        EspAnswer::Told(story) => story,
        EspAnswer::Blind(why) => return format!("the log of {log} could not be asked: {}: {}", why.code, why.detail),
        EspAnswer::NotAsked(reason) => return format!("the log of {log} tells nothing: {}", reason.detail),
    };
    match story.fate() {
        EspFate::Unlisted => format!("the log of {log} does not know it"),
        EspFate::UnderWay(text) => format!("{log} still has it: {text}"),
        EspFate::Sent => format!("{log} has sent it and knows no more"),
        EspFate::Delivered => format!("{log} says that the receiving server took it"),
        EspFate::Bounced(text) => format!("{log} says that it bounced: {text}"),
        EspFate::Dropped(text) => format!("{log} did not send it, the recipient is suppressed: {text}"),
    }
}

/// Who refused it and with which words: the route at the door, or its log about what came after.
pub fn refusal(evidence: &Evidence) -> String {
    let outcome = evidence.submission.as_ref().and_then(|submission| submission.outcome());
    if let Some(SendOutcome::Refused(reply)) = outcome {
        return words::reply(reply);
    }
    let mut bounced = evidence.esp.iter().filter_map(|trace| match trace.story()?.fate() {
        EspFate::Bounced(text) => Some(format!("{} says: {text}", trace.log)),
        _ => None,
    });
    bounced.next().unwrap_or_else(|| "nobody told why".to_owned())
}

/// Whom to ask about a message that is nowhere: the log, unless it has told what it knows.
pub fn who_knows(evidence: &Evidence) -> &'static str {
    let told = evidence.esp.iter().any(|trace| trace.story().is_some());
    match told {
        true => {
            "The route's log has told what it knows: ask the postmaster of the mailbox, and look into its quarantine."
        }
        false => {
            "Look into the route's own log what became of it (`[route.NAME.log]` lets inboxqa ask), and into the provider's quarantine."
        }
    }
}

fn sent(outcome: &SendOutcome) -> String {
    match outcome {
        SendOutcome::Accepted(reply) => format!("accepted by the route: {}", words::reply(reply)),
        SendOutcome::Refused(reply) => words::reply(reply),
        SendOutcome::Deferred(reply) => format!("refused for now: {}", words::reply(reply)),
        SendOutcome::Suppressed(text) => format!("suppressed: {text}"),
        SendOutcome::Unknown(text) => format!("handed over, but no answer came: {text}"),
        SendOutcome::NotSent { code, text } => format!("{code}: {text}"),
    }
}

fn folder(look: &FolderLook) -> String {
    if look.next_uid <= look.from_uid {
        return format!("{} (nothing new)", look.folder);
    }
    format!("{} (UID {} to {})", look.folder, look.from_uid, look.next_uid - 1)
}
