//! `suppression`: after unsubscribing, is the next marketing message held back, and does the receipt still arrive?

use super::check::{Check, Needs, Rule, Subject};
use super::{fate, words};
use crate::model::{
    CheckId, Drill, Evidence, Finding, Followed, Placement, PlacementState, Reactivation, Reason, Verdict,
};

const ID: CheckId = CheckId::Suppression;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "who unsubscribed gets no more campaigns, and still gets receipts",
    explain: "The second half of the unsubscribe drill. The case is sent once more by the same route: it must not arrive within the stated time, and the sending service's log must say \
that it was dropped because the reader is suppressed: that nothing arrives proves nothing by itself. Meanwhile the receipt that the drill names is sent by its own route to \
the same seed: it must arrive. Then the seed is taken off the list; where that is not possible, a warning says so. After a POST that was answered 2xx and changed nothing this check \
is the one that fails (`unsubscribe-drill` warns).\n\
Why it matters: mail after an unsubscribe is what gets senders blocked and fined; a receipt that is lost with it costs a customer.\n\
What to do: on `still-sent` look which list the URI writes to and which one the campaign asks; on `receipt-suppressed` keep receipts on a stream or list of their own.",
    sources: &[
        "Google, Email sender guidelines (unsubscribed within 48 hours)",
        "15 U.S.C. §7704(a)(4) (CAN-SPAM)",
        "Postmark, Suppressions API",
    ],
    reasons: &[
        ("ok", "the next message was held back, the receipt arrived"),
        ("not-asked", "the case asks for no drill"),
        (
            "not-unsubscribed",
            "the seed was not unsubscribed, so there is nothing to hold back",
        ),
        ("still-sent", "the next message arrived all the same"),
        (
            "unproven",
            "the next message did not arrive, and the log does not say that it was held back",
        ),
        ("not-tried", "a further message could not be handed to its route"),
        ("receipt-suppressed", "the receipt was held back as well"),
        ("receipt-lost", "the receipt did not arrive"),
        ("receipt-unknown", "whether the receipt arrived could not be found out"),
        ("left-suppressed", "the seed is still unsubscribed (warns)"),
    ],
    needs: Needs::Drill,
    follows: &[],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(drill) = &subject.evidence.drill else {
        return Vec::new();
    };
    let mut findings: Vec<Finding> = match drill.unsubscribed() {
        true => again(drill).into_iter().chain(receipt(drill)).collect(),
        false => vec![Finding::new(
            ID,
            Verdict::Skip,
            "not-unsubscribed",
            "not judged: the seed was not unsubscribed, see unsubscribe-drill",
        )],
    };
    findings.extend(left(drill));
    if findings.is_empty() {
        let summary = "the next message was held back, the receipt arrived, the seed is reactivated";
        findings.push(Finding::new(ID, Verdict::Pass, "ok", summary));
    }
    findings
}

fn again(drill: &Drill) -> Option<Finding> {
    let within = words::duration(drill.terms.within_ms);
    let expected = format!("not in the mailbox within {within}, and the log says that it was held back");
    let told = |verdict, code, summary: &str, observed: String, help: &str| {
        Some(
            Finding::new(ID, verdict, code, summary)
                .with(expected.clone(), observed)
                .help(help),
        )
    };
    let sent = match &drill.again {
        Followed::NotSent(reason) => return Some(not_tried("the next message", reason)),
        Followed::Sent(sent) => sent,
    };
    let observed = seen(sent);
    match state(sent) {
        Some(PlacementState::Suppressed) => None,
        Some(PlacementState::Inbox | PlacementState::Tab | PlacementState::Spam | PlacementState::Other) => told(
            Verdict::Fail,
            "still-sent",
            "the next message arrived after unsubscribing",
            observed,
            "The reader said no and was answered yes. Look which list the URI writes to, and which one this route asks before it sends.",
        ),
        _ => told(
            Verdict::Blind,
            "unproven",
            "the next message did not arrive, and nothing says that it was held back",
            observed,
            "Nothing is known: it may have been held back or lost. The log of the route must say it.",
        ),
    }
}

fn receipt(drill: &Drill) -> Option<Finding> {
    let expected = format!("{} by {} arrives", drill.terms.receipt, drill.terms.receipt_route);
    let sent = match &drill.receipt {
        Followed::NotSent(reason) => return Some(not_tried("the receipt", reason)),
        Followed::Sent(sent) => sent,
    };
    let (verdict, code, summary, help) = match state(sent) {
        Some(PlacementState::Inbox | PlacementState::Tab | PlacementState::Spam | PlacementState::Other) => {
            return None;
        }
        Some(PlacementState::Suppressed) => (
            Verdict::Fail,
            "receipt-suppressed",
            "the receipt was held back as well",
            "Unsubscribing from campaigns must not stop receipts: give them a stream or list of their own.",
        ),
        Some(PlacementState::Missing | PlacementState::Rejected) => (
            Verdict::Fail,
            "receipt-lost",
            "the receipt did not arrive after unsubscribing",
            "Where the same receipt arrives without a drill, unsubscribing stops it. A log of its route (`[route.NAME.log]`) would tell.",
        ),
        _ => (
            Verdict::Blind,
            "receipt-unknown",
            "whether the receipt arrived could not be found out",
            "Nothing is known of the receipt, neither good nor bad.",
        ),
    };
    Some(
        Finding::new(ID, verdict, code, summary)
            .with(expected, seen(sent))
            .help(help),
    )
}

fn left(drill: &Drill) -> Option<Finding> {
    let (why, help) = match &drill.reactivation {
        Reactivation::Done | Reactivation::NotNeeded => return None,
        Reactivation::Refused(why) => (
            why.clone(),
            "Nobody but the service can take it off: do it by hand, or replace the seed. Until then nothing of this stream reaches it.",
        ),
        Reactivation::Left(why) => (
            format!("{}: {}", why.code, why.detail),
            "The journal remembers it: the next `inboxqa run` or `inboxqa doctor` with this route tries again.",
        ),
    };
    let found = Finding::new(ID, Verdict::Warn, "left-suppressed", "the seed is still unsubscribed");
    Some(
        found
            .with(format!("{}: off the list at the end of the drill", drill.list), why)
            .help(help),
    )
}

fn not_tried(what: &str, reason: &Reason) -> Finding {
    Finding::new(ID, Verdict::Blind, "not-tried", format!("{what} could not be sent"))
        .with("handed to its route", format!("{}: {}", reason.code, reason.detail))
        .help("Nothing is known of what happens after unsubscribing.")
}

fn state(sent: &Evidence) -> Option<PlacementState> {
    Placement::of(sent).map(|placement| placement.state)
}

/// Where it is, and what log and route say.
fn seen(sent: &Evidence) -> String {
    let place = state(sent).map_or("not looked for".to_owned(), |state| state.to_string());
    let traces = sent.esp.iter().filter(|trace| trace.story().is_some());
    let logged: Vec<String> = traces.map(fate::logged).collect();
    match logged.is_empty() {
        true => format!("{place}; no log told anything"),
        false => format!("{place}; {}", logged.join("; ")),
    }
}
