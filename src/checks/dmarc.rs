//! `dmarc`: what does the published policy make of it?

use super::check::{Check, Needs, Rule, Subject};
use super::dmarc_readings::{self, Readings};
use super::spoken_for;
use crate::mail::alignment::Aligned;
use crate::mail::arc;
use crate::model::{Authentication, CheckId, DmarcResult, Finding, Verdict};

const ID: CheckId = CheckId::Dmarc;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "passes DMARC",
    explain: "The DMARC record of the From domain, found as RFC 9989 says (the tree walk) and as RFC 7489 says (own domain, then the organisational \
domain): each reading has its own record, policy (p, sp, np), mode (adkim, aspf) and organisational domain, and its own verdict. It passes if DKIM or \
SPF verifies and aligns, and fails only if neither does; where the two verdicts differ the check warns and says how. A chain of ARC is shown and \
changes nothing. \
Without a usable record there is no policy to fail, but Gmail, Yahoo and Microsoft ask bulk senders for one, so the check warns.\n\
Why it matters: the policy says what receivers are asked to do with mail that fails, and Gmail, Yahoo and Microsoft ask bulk senders for a pass whatever it says.\n\
What to do: see `from-alignment`; publish a record at the organisational domain, first with p=none and reports (rua=).",
    sources: &["RFC 7489 §6.6", "RFC 9989 §4.10 (the tree walk)", "RFC 8617 (ARC)"],
    reasons: &[
        ("ok", "a record applies and something that verifies aligns"),
        ("readings-differ", "it passes by one of the two readings only"),
        ("fail", "neither DKIM nor SPF aligns: the record's policy applies"),
        ("no-record", "no DMARC record"),
        (
            "unusable-record",
            "records that receivers do not use: several, or without a policy",
        ),
        ("not-evaluable", "there is not exactly one From address"),
        (
            "unknown",
            "it hangs on DNS answers that failed, or on a signature that can not be judged here",
        ),
    ],
    needs: Needs::Verification,
    follows: &[
        CheckId::BulkSenderGmail,
        CheckId::BulkSenderYahoo,
        CheckId::BulkSenderMicrosoft,
    ],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(auth) = &subject.evidence.authentication else {
        return Vec::new();
    };
    let spoken = spoken_for::ask(subject, auth);
    let readings = dmarc_readings::of(auth, spoken.by);
    let (verdict, code, summary, help) = verdict(auth, &readings, spoken.by.sum());
    let help = if help == ALIGN {
        spoken.remedy()
    } else {
        help.to_owned()
    };
    let mut observed = match auth.from_domain {
        Some(_) => [readings.told(), spoken.told].concat(),
        None => vec![auth.dmarc.detail.clone()],
    };
    observed.extend(arc::told(subject.reading));
    vec![
        Finding::new(ID, verdict, code, summary)
            .with("a DMARC record, and DKIM or SPF aligned", observed.join("\n"))
            .help(help),
    ]
}

type Said = (Verdict, &'static str, String, &'static str);

fn verdict(auth: &Authentication, readings: &Readings, aligned: Aligned) -> Said {
    let Some(from) = &auth.from_domain else {
        let help = "Receivers reject or junk such mail (RFC 7489 §6.6.1).";
        let summary = "there is not exactly one From address".to_owned();
        return (Verdict::Fail, "not-evaluable", summary, help);
    };
    let (list, walk) = (readings.list.result, readings.walk.result);
    let either = |wanted| list == wanted || walk == wanted;
    if auth.dmarc.result == DmarcResult::TempError {
        let summary = format!("the DMARC record of {from} could not be looked up");
        return (Verdict::Blind, "unknown", summary, BLIND);
    }
    if either(DmarcResult::TempError) || aligned == Aligned::Unknown {
        let summary = format!("it is not known whether {from} passes DMARC");
        return (Verdict::Blind, "unknown", summary, BLIND);
    }
    if list == DmarcResult::Pass && walk == DmarcResult::Pass {
        return (
            Verdict::Pass,
            "ok",
            format!("passes DMARC, {}", readings.policies()),
            "",
        );
    }
    if either(DmarcResult::Pass) {
        let summary = format!("{from} passes DMARC by one reading of two");
        return (Verdict::Warn, "readings-differ", summary, ALIGN);
    }
    if either(DmarcResult::Fail) {
        let summary = format!("fails DMARC: {} applies to {from}", readings.policies());
        return (Verdict::Fail, "fail", summary, ALIGN);
    }
    without_policy(from, either(DmarcResult::PermError), aligned)
}

/// No receiver has a policy to apply.
fn without_policy(from: &str, unusable: bool, aligned: Aligned) -> Said {
    match (aligned, unusable) {
        (Aligned::No, false) => {
            let summary = format!("neither DKIM nor SPF speaks for {from}, and it has no DMARC record");
            (Verdict::Fail, "fail", summary, ALIGN)
        }
        (Aligned::No, true) => {
            let summary = format!("neither DKIM nor SPF speaks for {from}, and receivers do not use its DMARC record");
            (Verdict::Fail, "fail", summary, ALIGN)
        }
        (_, true) => {
            let summary = format!("receivers do not use the DMARC record of {from}");
            (Verdict::Warn, "unusable-record", summary, PUBLISH)
        }
        (_, false) => (
            Verdict::Warn,
            "no-record",
            format!("{from} has no DMARC record"),
            PUBLISH,
        ),
    }
}

const BLIND: &str = "Nothing is known, neither good nor bad. Look at what failed, and run again.";
const ALIGN: &str = "Let the route sign with your own domain, or give it a return path below the From domain.";
const PUBLISH: &str = "Publish one record: _dmarc TXT \"v=DMARC1; p=none; rua=mailto:…\". Gmail, Yahoo and Microsoft ask bulk senders for it.";
