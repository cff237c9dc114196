//! `placement`: did it end where the case expects it?

use super::check::{Check, Needs, Rule, Subject};
use super::{fate, words};
use crate::mail::filing;
use crate::model::{Arrival, CheckId, Finding, Placement, PlacementState, Probe, Verdict};

const ID: CheckId = CheckId::Placement;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "ends where it is expected",
    explain: "Where the message rests: inbox, tab, spam, other, missing, pending, rejected, suppressed. The case lists what it allows for each \
provider (`expect.placement`): a state, or `tab:NAME` for one Gmail tab. `inbox` does not cover tabs, because a receipt under Promotions is not read. \
Nothing is called missing before every selectable folder was swept after the end of `give_up`.\n\
Why it matters: a message in the junk folder or under a tab is accepted, delivered and not read; no log of the sending side tells it.\n\
What to do: about spam, look at the authentication checks first; then at content, links and the reputation of domain and address.",
    sources: &[
        "RFC 6154 (which folder is Junk)",
        "Gmail Help, \"Add or remove inbox categories & tabs in Gmail\"",
    ],
    reasons: &[
        ("ok", "it rests where the case allows"),
        ("inbox", "in the inbox, which the case does not allow"),
        ("tab", "under a tab that the case does not allow"),
        ("spam", "in the junk folder"),
        ("other", "in another folder"),
        (
            "missing",
            "every folder was swept after the end of the looking, and it is nowhere",
        ),
        ("rejected", "the route or the provider refused it"),
        (
            "suppressed",
            "the route dropped it: the recipient is on its suppression list",
        ),
        (
            "pending",
            "still under way, not sent, or its fate unknown, when the looking ended",
        ),
    ],
    needs: Needs::Delivery,
    follows: &[],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(placement) = Placement::of(subject.evidence) else {
        return vec![undecided("nothing is recorded of this delivery")];
    };
    let observed = match &subject.evidence.arrival {
        Probe::Seen(arrival) if placement.state == PlacementState::Pending => {
            seen(&placement, arrival)
                + "; the looking ended before all folders were looked at once more, and All Mail holds what any of them holds"
        }
        Probe::Seen(arrival) => seen(&placement, arrival) + &noted(subject),
        _ => fate::of(subject.evidence).1,
    };
    let allowed = &subject.policy.placement;
    if allowed.iter().any(|word| allows(word, &placement)) {
        let summary = format!("in the expected place: {}", told(&placement));
        return vec![Finding::new(ID, Verdict::Pass, "ok", summary).with(words::either(allowed), observed)];
    }
    let finding = match placement.state {
        PlacementState::Pending | PlacementState::MailboxError => undecided(&observed),
        state => {
            let summary = format!("{}, expected {}", told(&placement), words::either(allowed));
            Finding::new(ID, Verdict::Fail, &state.to_string(), summary).help(help(state))
        }
    };
    vec![finding.with(words::either(allowed), observed)]
}

fn undecided(observed: &str) -> Finding {
    Finding::new(ID, Verdict::Blind, "pending", "not decided when the looking ended")
        .with("", observed)
        .help("Nothing is known about its place. Give it more time (`give_up`), or ask the route's log.")
}

/// `inbox`, `tab`, `tab:updates`, `spam`…
fn allows(word: &str, placement: &Placement) -> bool {
    match word.split_once(':') {
        Some(("tab", name)) => {
            placement.state == PlacementState::Tab
                && placement
                    .tab
                    .as_deref()
                    .is_some_and(|tab| tab.eq_ignore_ascii_case(name))
        }
        _ => word == placement.state.to_string(),
    }
}

fn told(placement: &Placement) -> String {
    match (&placement.folder, &placement.tab) {
        (_, Some(tab)) if placement.state == PlacementState::Tab => format!("tab {tab}"),
        (Some(folder), _) => format!("{} ({folder})", placement.state),
        _ => placement.state.to_string(),
    }
}

/// Where it rests, and the folders it came through.
fn seen(placement: &Placement, arrival: &Arrival) -> String {
    let way: Vec<String> = arrival
        .sightings
        .iter()
        .map(|sighting| {
            format!(
                "{} UID {} at {}",
                sighting.folder,
                sighting.uid,
                words::duration(sighting.after_ms)
            )
        })
        .collect();
    format!("{}; seen in {}", told(placement), way.join(", "))
}

/// What the provider itself noted at delivery: it explains, and decides nothing.
fn noted(subject: &Subject<'_>) -> String {
    let Some(filing) = filing::of(subject.reading.headers()) else {
        return String::new();
    };
    let by = match filing.user_override {
        Some(reason) => format!(", by a setting of this account ({reason}): strangers' mail may go elsewhere"),
        None => String::new(),
    };
    format!("; the provider noted at delivery: {}{by}", filing.place)
}

fn help(state: PlacementState) -> &'static str {
    match state {
        PlacementState::Spam => {
            "Look at the authentication checks first, then at content and links. If junk is what you expect here, list `spam`."
        }
        PlacementState::Tab => "Gmail chose a tab. If that tab is right for this mail, list it as `tab:NAME`.",
        PlacementState::Missing => {
            "The route took the message and the mailbox does not have it: what the service's log tells is above, where the route states one (`[route.NAME.log]`)."
        }
        PlacementState::Rejected => {
            "The reply names the reason; its enhanced code (RFC 3463) tells whether address, policy or content is meant."
        }
        PlacementState::Suppressed => "Take the seed off the route's suppression list, or expect `suppressed`.",
        _ => "A rule of the mailbox may have moved it. If the place is right, list it in `expect.placement`.",
    }
}
