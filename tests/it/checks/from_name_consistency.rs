//! `from-name-consistency`: one address, one name.

use super::scene::{Scene, delivered, over_run, run_golden};
use inboxqa::model::CheckId::FromNameConsistency;
use inboxqa::model::{Gate, Verdict};

fn from(from: &str) -> Scene {
    delivered(format!("From: {from}\r\nSubject: x\r\n\r\nHello\r\n").as_bytes())
}

fn judged(scenes: &[Scene]) -> Vec<(Verdict, String)> {
    let findings = over_run(FromNameConsistency, scenes, &Gate::default());
    findings
        .into_iter()
        .map(|finding| (finding.verdict, finding.reason))
        .collect()
}

const ONE: &str = "Brand <news@brand.example>";

#[test]
fn the_same_name_passes_and_other_addresses_may_have_other_names() {
    let ok = vec![(Verdict::Pass, "from-name-consistency.ok".to_owned())];
    assert_eq!(judged(&[from(ONE), from(ONE), from("Receipts <r@brand.example>")]), ok);
    assert_eq!(
        judged(&[from(ONE), from("=?utf-8?Q?Brand?= <NEWS@brand.example>")]),
        ok,
        "as a reader sees it"
    );
}

#[test]
fn two_names_of_one_address_fail_and_so_does_none() {
    let drift = vec![(Verdict::Fail, "from-name-consistency.drift".to_owned())];
    assert_eq!(judged(&[from(ONE), from("Brand Team <news@brand.example>")]), drift);
    assert_eq!(judged(&[from(ONE), from("news@brand.example")]), drift);
}

#[test]
fn without_two_messages_of_one_address_nothing_is_said_or_it_is_skipped() {
    assert!(judged(&[from(ONE)]).is_empty());
    assert!(judged(&[from(ONE), from(ONE).absent()]).is_empty());
    let skip = vec![(Verdict::Skip, "from-name-consistency.no-pair".to_owned())];
    assert_eq!(judged(&[from(ONE), from("A <a@brand.example>")]), skip);
}

#[test]
fn words() {
    run_golden(
        FromNameConsistency,
        &Gate::default(),
        &[
            ("same", &[from(ONE), from(ONE)]),
            ("drift", &[from(ONE), from("Brand Team <news@brand.example>")]),
        ],
    );
}
