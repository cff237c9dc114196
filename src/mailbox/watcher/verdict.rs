//! Decides what a case came to, from what was seen and what was looked at. Pure: the only place where "not there" is said.

use super::desk::{Case, Pass, Timing};
use super::memory::Trace;
use super::trail::{Seen, copies};
use crate::model::probe::FolderLook;
use crate::model::{Arrival, Looked, Probe, RawMessage, Sighting, Why};
use tokio::time::Instant;

/// What is known of the mailbox when a case is judged.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// Now.
    pub now: Instant,
    /// The pass that just ended, if one did.
    pub pass: Option<&'a Pass>,
    /// Why nothing can be seen just now.
    pub blind: Option<&'a Why>,
    /// Is that more than a passing loss?
    pub down: bool,
    /// Is it for good?
    pub hopeless: bool,
}

/// The answer for a case, once there is one.
pub fn judge(case: &mut Case, trace: Option<&Trace>, around: &Circumstances<'_>) -> Option<Probe<Arrival>> {
    let timing = case.timing?;
    match trace.filter(|trace| !trace.seen.is_empty()) {
        Some(trace) => match &trace.raw {
            Some(raw) => seen(case, &timing, trace, raw, around),
            None => unread(case, &timing, trace, around),
        },
        None => unseen(case, &timing, around),
    }
}

/// When the look after the quiet time is due.
pub fn quiet_due(timing: &Timing, trace: &Trace) -> Option<Instant> {
    trace.seen.first().map(|first| first.at.instant + timing.quiet)
}

/// When a case ends, whatever is known by then.
pub fn final_at(case: &Case, trace: Option<&Trace>) -> Option<Instant> {
    let timing = case.timing?;
    let give_up = timing.accepted + timing.give_up;
    let quiet = trace.and_then(|trace| quiet_due(&timing, trace));
    Some(quiet.map_or(give_up, |quiet| quiet.max(give_up)) + case.allowance())
}

fn seen(
    case: &mut Case,
    timing: &Timing,
    trace: &Trace,
    raw: &RawMessage,
    around: &Circumstances<'_>,
) -> Option<Probe<Arrival>> {
    let due = quiet_due(timing, trace)?;
    let quiet = around
        .pass
        .filter(|pass| pass.whole && pass.began.instant >= due && pass.covers(&pass.candidates));
    let found = copies(&trace.seen);
    if quiet.is_some() {
        let resting = matches!(found[..], [one] if !trace.seen[one].gone);
        if !resting && !case.confirming {
            case.confirming = true;
            return None;
        }
    }
    let over = around.hopeless || final_at(case, Some(trace)).is_some_and(|at| around.now >= at);
    (quiet.is_some() || over).then(|| {
        Probe::Seen(Arrival {
            sightings: trace.seen.iter().map(|seen| sighting(seen, timing)).collect(),
            copies: found,
            quiet_look: quiet.map(candidate_looks),
            raw: raw.clone(),
        })
    })
}

fn candidate_looks(pass: &Pass) -> Vec<FolderLook> {
    let of_a_candidate = |look: &&FolderLook| pass.candidates.contains(&look.folder);
    pass.looks.iter().filter(of_a_candidate).cloned().collect()
}

/// It is there, but its bytes can not be had: nothing can be said about them.
fn unread(case: &Case, timing: &Timing, trace: &Trace, around: &Circumstances<'_>) -> Option<Probe<Arrival>> {
    let oversize = trace.trouble.as_ref().is_some_and(|why| why.code == "imap-oversize");
    let given_up = around.now >= timing.accepted + timing.give_up && around.down;
    let over = final_at(case, Some(trace)).is_some_and(|at| around.now >= at);
    (oversize || around.hopeless || given_up || over).then(|| {
        let why = trace.trouble.as_ref().or(around.blind).cloned();
        Probe::Blind(why.unwrap_or_else(|| {
            Why::new(
                "imap-unreadable",
                "the message is listed, but the server does not hand out its text",
            )
        }))
    })
}

fn unseen(case: &mut Case, timing: &Timing, around: &Circumstances<'_>) -> Option<Probe<Arrival>> {
    let give_up = timing.accepted + timing.give_up;
    // What can not be proved before the time is over is looked for until it is.
    if let (Some(since), Some(pass)) = (case.hurried, around.pass.filter(|pass| pass.whole))
        && pass.began.instant >= since
        && let Ok(looked) = absent(pass)
    {
        return Some(Probe::Absent(looked));
    }
    if around.now >= give_up && !around.hopeless {
        let sweep = around.pass.filter(|pass| pass.whole && pass.began.instant >= give_up);
        match sweep.map(absent) {
            Some(Ok(looked)) => return Some(Probe::Absent(looked)),
            Some(Err(Absence::Hidden(why))) => return Some(Probe::Blind(why)),
            Some(Err(Absence::Incomplete(why))) => case.doubt = Some(why),
            None => {}
        }
    }
    let over = final_at(case, None).is_some_and(|at| around.now >= at);
    let down = around.down && around.now >= give_up;
    (around.hopeless || down || over).then(|| {
        let why = around.blind.or(case.doubt.as_ref()).cloned();
        Probe::Blind(why.unwrap_or_else(too_slow))
    })
}

fn too_slow() -> Why {
    Why::new("imap-timeout", "the last sweep of all folders did not end in time")
}

enum Absence {
    Hidden(Why),
    Incomplete(Why),
}

/// The proof that a message is not there: every folder that can be opened was looked at from its baseline on, after the end
/// of the waiting, and the provider hides none where it could lie.
fn absent(pass: &Pass) -> Result<Looked, Absence> {
    if !pass.hidden.is_empty() {
        return Err(Absence::Hidden(Why::new("folder-hidden", pass.hidden.join("; "))));
    }
    Looked::complete(&pass.selectable, pass.looks.clone(), pass.began.wall).map_err(|unseen| {
        let text = format!("these folders could not be looked at completely: {}", unseen.join(", "));
        Absence::Incomplete(Why::new("imap-unreadable", text))
    })
}

fn sighting(seen: &Seen, timing: &Timing) -> Sighting {
    let after = |instant: Instant| {
        let elapsed = instant.saturating_duration_since(timing.accepted);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
    };
    Sighting {
        folder: seen.folder.clone(),
        role: seen.role,
        uid_validity: seen.uid_validity,
        uid: seen.uid,
        at: seen.at.wall,
        after_ms: after(seen.at.instant),
        absent_until_ms: seen.absent_until.map(after),
        internal_date: seen.internal_date,
        size: seen.size,
        gmail_id: seen.gmail_id,
        tab: seen.tab.clone(),
        matched_by: seen.matched_by,
        message_id: seen.message_id.clone(),
        from: seen.from.clone(),
    }
}

/// The answer where waiting is broken off: what was seen so far, without the look that could deny duplicates.
pub fn interrupted(case: &Case, trace: Option<&Trace>) -> Probe<Arrival> {
    let seen = trace.and_then(|trace| trace.raw.as_ref().map(|raw| (trace, raw)));
    match (seen, case.timing) {
        (Some((trace, raw)), Some(timing)) => Probe::Seen(Arrival {
            sightings: trace.seen.iter().map(|seen| sighting(seen, &timing)).collect(),
            copies: copies(&trace.seen),
            quiet_look: None,
            raw: raw.clone(),
        }),
        _ => Probe::Blind(Why::new(
            "interrupted",
            "the run was interrupted before the message was seen",
        )),
    }
}
