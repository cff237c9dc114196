//! `arrival-percentile`: how fast is the run as a whole?

use super::check::{Check, Needs, Rule};
use super::sample::{self, Member};
use super::words;
use crate::model::percentile::nearest_rank;
use crate::model::report::RunFinding;
use crate::model::{CheckId, Finding, Gate, JudgedDelivery, Verdict};

const ID: CheckId = CheckId::ArrivalPercentile;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the run's percentiles of arrival are within the gate",
    explain: "Acts only when the suite states a gate (`gate = { p50 = \"10s\", p95 = \"30s\" }`). Percentiles by nearest rank over all deliveries of the suite that \
were to arrive: the p95 of 18 deliveries is the 18th, so a small run's p95 is its slowest. What is lost counts as infinitely late. Of a delivery that was \
tried again (`--retries`) the first attempt that the route took counts, with its time or as lost: a reader gets no second try. What is unknown (a \
mailbox that could not be looked into, a message still under way) is judged both ways, and where the two differ the check is blind.\n\
Why it matters: one slow message is a story, the slowest in twenty is what every twentieth reader lives with.\n\
What to do: the hops of the slowest deliveries name the party that held them.",
    sources: &["The nearest-rank percentile: Hyndman and Fan, 1996, definition 1"],
    reasons: &[
        ("ok", "every stated percentile is within its gate"),
        ("p50", "the median is later than the gate"),
        ("p95", "the 95th percentile is later than the gate"),
        ("unknown", "it hangs on deliveries of which nothing is known"),
        ("no-deliveries", "nothing was to arrive"),
    ],
    needs: Needs::Run,
    follows: &[],
    run: Rule::Run(judge),
};

fn judge(deliveries: &[JudgedDelivery], gate: &Gate) -> Vec<RunFinding> {
    let gates: Vec<(usize, u64)> = [(50, gate.p50_ms), (95, gate.p95_ms)]
        .into_iter()
        .filter_map(|(rank, limit)| Some((rank, limit?)))
        .collect();
    if gates.is_empty() {
        return Vec::new();
    }
    let sample = sample::of(deliveries);
    vec![RunFinding {
        group: String::new(),
        finding: finding(&gates, &sample),
    }]
}

fn finding(gates: &[(usize, u64)], sample: &[Member]) -> Finding {
    if sample.is_empty() {
        return Finding::new(ID, Verdict::Skip, "no-deliveries", "nothing was to arrive");
    }
    let (best, worst) = (times(sample, 0), times(sample, u64::MAX));
    let over = |times: &[u64], (percent, limit): &(usize, u64)| rank(times, *percent) > *limit;
    let expected: Vec<String> = gates
        .iter()
        .map(|(rank, limit)| format!("p{rank} within {}", words::duration(*limit)))
        .collect();
    let told: Vec<String> = gates
        .iter()
        .map(|(percent, _)| format!("p{percent} {}", told(rank(&worst, *percent))))
        .collect();
    let observed = format!(
        "{} (nearest rank, n = {}, {} unknown)",
        told.join(", "),
        sample.len(),
        sample::unknown(sample)
    );
    let slow = "Look at the hops of the slowest deliveries: the longest gap names the party that held them.";
    let (verdict, code, summary, help) = match gates.iter().find(|gate| over(&best, gate)) {
        Some((rank, limit)) => {
            let code = if *rank == 50 { "p50" } else { "p95" };
            (
                Verdict::Fail,
                code,
                format!("{} is over the gate of {}", code, words::duration(*limit)),
                slow,
            )
        }
        None if gates.iter().any(|gate| over(&worst, gate)) => {
            let summary = "it hangs on deliveries of which nothing is known".to_owned();
            (
                Verdict::Blind,
                "unknown",
                summary,
                "Find out why those could not be looked at (`inboxqa doctor`), and run again.",
            )
        }
        None => (Verdict::Pass, "ok", told.join(", "), ""),
    };
    Finding::new(ID, verdict, code, summary)
        .with(expected.join(", "), observed)
        .help(help)
}

/// Arrival times in order; the lost are infinitely late, the unknown are taken as `unknown`.
fn times(sample: &[Member], unknown: u64) -> Vec<u64> {
    let time = |member: &Member| match member {
        Member::Arrived { after_ms, .. } => *after_ms,
        Member::Lost => u64::MAX,
        Member::Unknown => unknown,
    };
    let mut times: Vec<u64> = sample.iter().map(time).collect();
    times.sort_unstable();
    times
}

/// Of a non-empty list.
fn rank(sorted: &[u64], percent: usize) -> u64 {
    nearest_rank(sorted, percent).unwrap_or(u64::MAX)
}

fn told(ms: u64) -> String {
    if ms == u64::MAX {
        "never".to_owned()
    } else {
        words::duration(ms)
    }
}
