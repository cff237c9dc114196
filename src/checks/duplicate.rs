//! `duplicate`: did it come once?

use super::check::{Check, Needs, Rule, Subject};
use super::words;
use crate::model::probe::FolderLook;
use crate::model::{CheckId, Finding, Sighting, Verdict};
use std::collections::BTreeSet;

const ID: CheckId = CheckId::Duplicate;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "comes once",
    explain: "One message was sent, so one may arrive. After the first sighting the mailbox is watched on (`quiet`), and one full look at every \
candidate folder must fit into that time: without it a second copy cannot be denied, and the check is skipped instead of passing. A message that Gmail \
shows both in the inbox and in All Mail is one message, and so is one that was moved. A message of another author that bears the token (a reply, a \
forward) is no copy: it is told as a warning.\n\
Why it matters: two receipts look like two charges, and two campaigns to one reader draw complaints.\n\
What to do: look for two tries by one sender (a retry after a lost answer), a forwarding rule, or two routes that both took the event.",
    sources: &[
        "RFC 5321 §4.5.3.2.6 (a lost answer after the data makes a second copy)",
        "RFC 5322 §3.6.4 (Message-ID)",
    ],
    reasons: &[
        ("ok", "one copy, after a full look at every folder"),
        ("copies", "more than one copy"),
        ("foreign", "a message by somebody else bears this delivery's token"),
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
    let copies: Vec<&Sighting> = arrival
        .copies
        .iter()
        .filter_map(|index| arrival.sightings.get(*index))
        .collect();
    let author = arrival.sightings.first().and_then(|first| first.from.as_ref());
    let (ours, foreign): (Vec<_>, Vec<_>) = copies.iter().partition(|copy| copy.from.as_ref() == author);
    vec![match (ours.len(), &arrival.quiet_look) {
        (2.., _) => several(&ours, &copies),
        _ if !foreign.is_empty() => carried_on(&foreign, &copies),
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

fn several(ours: &[&Sighting], all: &[&Sighting]) -> Finding {
    Finding::new(ID, Verdict::Fail, "copies", format!("{} copies arrived", ours.len()))
        .with("one copy", listed(all))
        .help(parting(ours))
}

/// Where the copies part, as far as their Message-IDs tell.
fn parting(copies: &[&Sighting]) -> &'static str {
    let ids: Option<BTreeSet<&str>> = copies.iter().map(|copy| copy.message_id.as_deref()).collect();
    match ids.map(|ids| ids.len()) {
        Some(1) => {
            "All copies bear one Message-ID: it was made once and delivered more than once. Look at forwarding rules, at aliases that lead to the \
same mailbox, and at a server that tried again after a lost answer: compare the Received lines, where they part it was doubled."
        }
        Some(different) if different == copies.len() => {
            "Each copy bears a Message-ID of its own: it was made more than once. Look at what triggers the route (an event taken twice, two \
campaigns for one event), and at retries of whatever hands messages over."
        }
        _ => "Compare the Received lines of the copies: where they part, the message was doubled.",
    }
}

/// Somebody else's message with our token in it: no second copy, and nothing that should be there.
fn carried_on(foreign: &[&Sighting], all: &[&Sighting]) -> Finding {
    let authors: BTreeSet<&str> = foreign
        .iter()
        .map(|copy| copy.from.as_deref().unwrap_or("nobody"))
        .collect();
    let authors = authors.into_iter().collect::<Vec<_>>().join(", ");
    Finding::new(
        ID,
        Verdict::Warn,
        "foreign",
        format!("came once; another message that bears its token is from {authors}"),
    )
    .with("one message with this token", listed(all))
    .help(
        "The token is known to this run and to who read the message: a reply or a forward that quotes it, an automatic answer, or a message \
that somebody sent on under another name. Judged is what came first.",
    )
}

fn listed(copies: &[&Sighting]) -> String {
    copies.iter().map(|copy| told(copy)).collect::<Vec<_>>().join("; ")
}

fn told(sighting: &Sighting) -> String {
    let named = |name: &str, value: &Option<String>| value.as_ref().map(|value| format!(", {name} {value}"));
    let date = sighting.internal_date.map(words::moment);
    format!(
        "{} UID {} at {}{}{}{}",
        sighting.folder,
        sighting.uid,
        words::duration(sighting.after_ms),
        named("INTERNALDATE", &date).unwrap_or_default(),
        named("Message-ID", &sighting.message_id).unwrap_or_default(),
        named("from", &sighting.from).unwrap_or_default(),
    )
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
