//! Messages that somebody made to hurt: none ends the program, each gets its answer in bounded time and memory, and a limit that
//! was met is told as blindness, never as a verdict.

mod corpus;
mod listed;
mod parsing;

use inboxqa::model::{CheckId, Finding, JudgedDelivery, Verdict, Zone};
use inboxqa::run::inspect::{Dns, Setup, Source, Stated, inspect};
use tokio_util::sync::CancellationToken;

/// The way of a saved message through the whole house, with DNS in which nothing exists.
pub fn judged(raw: &[u8]) -> JudgedDelivery {
    judged_with(raw, Zone::default())
}

/// The same with names that exist.
pub fn judged_with(raw: &[u8], zone: Zone) -> JudgedDelivery {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("message.eml");
    std::fs::write(&file, raw).unwrap();
    let setup = Setup {
        dns: Dns::Recorded(zone),
        net: None,
        probe: false,
        stated: Stated::default(),
    };
    let mut found = Vec::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    let judging = inspect(setup, vec![Source::File(file)], CancellationToken::new(), |judged| {
        found.push(judged.judged)
    });
    runtime.block_on(judging);
    assert_eq!(found.len(), 1);
    let judged = found.remove(0);
    assert!(
        !judged
            .findings
            .iter()
            .any(|finding| finding.observed.contains("broke down")),
        "{:?}",
        judged.findings
    );
    judged
}

/// The findings of one check.
pub fn of(judged: &JudgedDelivery, id: CheckId) -> Vec<&Finding> {
    judged.findings.iter().filter(|finding| finding.check == id).collect()
}

/// Asserts that a check could not look, for this reason.
#[track_caller]
pub fn blind(judged: &JudgedDelivery, id: CheckId, code: &str) {
    let found = of(judged, id);
    let is = |finding: &&Finding| finding.verdict == Verdict::Blind && finding.reason == format!("{id}.{code}");
    assert!(found.iter().any(is), "{found:?}");
}
