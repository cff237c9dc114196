//! `inbox-rate`: how much of the run reaches the inbox?

use super::check::{Check, Needs, Rule};
use super::sample::{self, Member};
use crate::model::report::RunFinding;
use crate::model::{CheckId, Finding, Gate, JudgedDelivery, Verdict};

const ID: CheckId = CheckId::InboxRate;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the run's share of inbox placements is within the gate",
    explain: "Acts only when the suite states a gate (`gate = { inbox_rate = 0.98 }`). The share of deliveries that rest in the inbox or under one of its tabs, \
over all deliveries of the suite that were to arrive; spam, other folders, missing and rejected count against it. Of a delivery that was tried again \
(`--retries`) the first attempt that the route took counts. What is unknown (a mailbox that could \
not be looked into, a message still under way) is judged both ways, and where the two differ the check is blind.\n\
Why it matters: single seeds scatter; the share over all of them is what a launch is decided by.\n\
What to do: the failed `placement` findings say which deliveries, by route and provider.",
    sources: &[
        "Inbox placement rate as seed tests of the field use it: a small sample of mailboxes, no forecast for all readers",
    ],
    reasons: &[
        ("ok", "the share reaches the gate"),
        ("below", "the share is below the gate"),
        ("unknown", "it hangs on deliveries of which nothing is known"),
        ("no-deliveries", "nothing was to arrive"),
    ],
    needs: Needs::Run,
    follows: &[],
    run: Rule::Run(judge),
};

fn judge(deliveries: &[JudgedDelivery], gate: &Gate) -> Vec<RunFinding> {
    let Some(wanted) = gate.inbox_rate else {
        return Vec::new();
    };
    vec![RunFinding {
        group: String::new(),
        finding: finding(wanted, &sample::of(deliveries)),
    }]
}

fn finding(wanted: f64, sample: &[Member]) -> Finding {
    if sample.is_empty() {
        return Finding::new(ID, Verdict::Skip, "no-deliveries", "nothing was to arrive");
    }
    let inbox = sample
        .iter()
        .filter(|member| matches!(member, Member::Arrived { inbox: true, .. }))
        .count();
    let unknown = sample::unknown(sample);
    let share = |count: usize| count as f64 / sample.len() as f64;
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let observed = format!(
        "{inbox} of {} in the inbox ({}), {unknown} unknown",
        sample.len(),
        percent(share(inbox))
    );
    let (verdict, code, help) = match () {
        () if share(inbox) >= wanted => (Verdict::Pass, "ok", ""),
        () if share(inbox + unknown) >= wanted => (
            Verdict::Blind,
            "unknown",
            "Find out why some could not be looked at (`inboxqa doctor`), and run again.",
        ),
        () => (
            Verdict::Fail,
            "below",
            "See the failed `placement` findings: is it one route, one provider, or one case?",
        ),
    };
    let summary = format!(
        "{} in the inbox, the gate is {}",
        percent(share(inbox)),
        percent(wanted)
    );
    Finding::new(ID, verdict, code, summary)
        .with(format!("at least {}", percent(wanted)), observed)
        .help(help)
}
