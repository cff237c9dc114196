//! `dmarc`: what does the published policy make of it?

use super::check::{Check, Needs, Rule, Subject};
use super::spoken_for::{self, Outcome};
use crate::model::{Authentication, CheckId, DmarcResult, Finding, Verdict};

const ID: CheckId = CheckId::Dmarc;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "passes DMARC",
    explain: "The DMARC record of the From domain, found as RFC 9989 says (the tree walk) and as RFC 7489 says (own domain, then the organisational \
domain), and its verdict: pass if DKIM or SPF verifies and aligns in the mode that the record asks for (adkim, aspf). It fails only if neither does. \
Without a usable record there is no policy to fail, but Gmail, Yahoo and Microsoft ask bulk senders for one, so the check warns.\n\
What to do: see `from-alignment`; publish a record at the organisational domain, first with p=none and reports (rua=).",
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
    let (verdict, code, summary, help) = verdict(subject, auth);
    let record = &auth.dmarc.detail;
    let differ = match (&auth.dmarc.record_domain, &auth.dmarc.record_domain_psl) {
        (Some(walk), Some(list)) if walk != list => format!("; by the public suffix list the record at {list} applies"),
        (Some(walk), None) => format!("; the record at {walk} is found by the tree walk alone"),
        _ => String::new(),
    };
    let mut observed = vec![format!("{record}{differ}")];
    if auth.from_domain.is_some() {
        observed.extend(spoken_for::ask(subject, auth).told);
    }
    vec![
        Finding::new(ID, verdict, code, summary)
            .with("a DMARC record, and DKIM or SPF aligned", observed.join("\n"))
            .help(help),
    ]
}

fn verdict(subject: &Subject<'_>, auth: &Authentication) -> (Verdict, &'static str, String, &'static str) {
    let Some(from) = &auth.from_domain else {
        let help = "Receivers reject or junk such mail (RFC 7489 §6.6.1).";
        return (
            Verdict::Fail,
            "not-evaluable",
            "there is not exactly one From address".to_owned(),
            help,
        );
    };
    let policy = auth.dmarc.policy.as_deref().unwrap_or("none");
    let outcome = spoken_for::ask(subject, auth).outcome;
    if auth.dmarc.result == DmarcResult::TempError {
        return (
            Verdict::Blind,
            "unknown",
            format!("the DMARC record of {from} could not be looked up"),
            BLIND,
        );
    }
    match (outcome, auth.dmarc.result) {
        (Outcome::Unknown, _) => (
            Verdict::Blind,
            "unknown",
            format!("it is not known whether {from} passes DMARC"),
            BLIND,
        ),
        (Outcome::NotAligned, DmarcResult::None) => (
            Verdict::Fail,
            "fail",
            format!("neither DKIM nor SPF speaks for {from}, and it has no DMARC record"),
            ALIGN,
        ),
        (Outcome::NotAligned, _) => (
            Verdict::Fail,
            "fail",
            format!("fails DMARC: p={policy} applies to {from}"),
            ALIGN,
        ),
        (_, DmarcResult::None) => (
            Verdict::Warn,
            "no-record",
            format!("{from} has no DMARC record"),
            PUBLISH,
        ),
        (_, DmarcResult::PermError) => (
            Verdict::Warn,
            "unusable-record",
            format!("receivers do not use the DMARC record of {from}"),
            PUBLISH,
        ),
        (Outcome::Differs, _) => (
            Verdict::Warn,
            "readings-differ",
            format!("{from} passes DMARC by one reading of two"),
            ALIGN,
        ),
        (Outcome::Aligned, _) => (Verdict::Pass, "ok", format!("passes DMARC, p={policy}"), ""),
    }
}

const BLIND: &str = "Nothing is known, neither good nor bad. Look at what failed, and run again.";
const ALIGN: &str = "Let the route sign with your own domain, or give it a return path below the From domain.";
const PUBLISH: &str = "Publish one record: _dmarc TXT \"v=DMARC1; p=none; rua=mailto:…\". Gmail, Yahoo and Microsoft ask bulk senders for it.";
