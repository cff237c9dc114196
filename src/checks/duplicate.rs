//! `duplicate`: did it come once?

use super::check::{Check, Needs, Rule, Subject};
use super::words;
use crate::model::probe::FolderLook;
use crate::model::{Arrival, CheckId, Finding, Sighting, Verdict};

const ID: CheckId = CheckId::Duplicate;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "comes once",
    explain: "One message was sent, so one may arrive. After the first sighting the mailbox is watched on (`quiet`), and one full look at every \
candidate folder must fit into that time: without it a second copy cannot be denied, and the check is skipped instead of passing. A message that Gmail \
shows both in the inbox and in All Mail is one message, and so is one that was moved.\n\
What to do: two tries by one sender (a retry after a lost answer), a forwarding rule, or two routes that both took the event.",
    reasons: &[
        ("ok", "one copy, after a full look at every folder"),
        ("copies", "more than one copy"),
        ("not-watched", "no full look fitted into the quiet time"),
    ],
    needs: Needs::Sighting,
    follows: &[],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(arrival) = subject.evidence.arrival.seen() else {
        return Vec::new();
    };
    vec![match (arrival.copies.len(), &arrival.quiet_look) {
        (2.., _) => copies(arrival),
        (_, Some(look)) => once(look, subject.policy.quiet_ms),
        (_, None) => Finding::new(
            ID,
            Verdict::Skip,
            "not-watched",
            "a second copy cannot be denied: no full look fitted into the quiet time",
        )
        .with("one copy", "one copy so far")
        .help("Make `quiet` longer than one look at every folder takes."),
    }]
}

fn copies(arrival: &Arrival) -> Finding {
    let told = |sighting: &Sighting| {
        let date = sighting
            .internal_date
            .map(|date| format!(", INTERNALDATE {}", words::moment(date)))
            .unwrap_or_default();
        format!(
            "{} UID {} at {}{date}",
            sighting.folder,
            sighting.uid,
            words::duration(sighting.after_ms)
        )
    };
    let seen: Vec<String> = arrival
        .copies
        .iter()
        .filter_map(|index| arrival.sightings.get(*index))
        .map(told)
        .collect();
    Finding::new(
        ID,
        Verdict::Fail,
        "copies",
        format!("{} copies arrived", arrival.copies.len()),
    )
    .with("one copy", seen.join("; "))
    .help("Compare the Received lines of the copies: where they part, the message was doubled.")
}

fn once(look: &[FolderLook], quiet_ms: u64) -> Finding {
    let folders: Vec<&str> = look.iter().map(|look| look.folder.as_str()).collect();
    let last = look
        .iter()
        .map(|look| look.began_at)
        .max()
        .map(words::moment)
        .unwrap_or_default();
    let observed = format!(
        "one copy; watched on for {}, last full look {last} at {}",
        words::duration(quiet_ms),
        folders.join(", ")
    );
    Finding::new(ID, Verdict::Pass, "ok", "came once").with("one copy", observed)
}
