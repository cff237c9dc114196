//! `from-alignment`: does somebody who authenticated speak for the From domain?

use super::check::{Check, Needs, Rule, Subject};
use super::spoken_for::{self, Outcome};
use crate::mail::idn;
use crate::model::{CheckId, Finding, Verdict};

const ID: CheckId = CheckId::FromAlignment;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "an authenticated domain speaks for the From domain",
    explain: "DMARC asks whether a domain that authenticated (a DKIM signature's d=, or the envelope sender by SPF) is of the From domain's \
organisation; one of the two is enough. Organisations are found in two ways: by the public suffix list (RFC 7489) and by the tree walk over DMARC \
records (RFC 9989). Receivers of both kinds are in the world, so where the two differ the check warns and says how. A domain under which anyone can \
register (co.uk) never aligns.\n\
It fails only if neither DKIM nor SPF aligns.\n\
Why it matters: without alignment DMARC fails, and the domain's own policy asks receivers to junk or refuse the message; Gmail, Yahoo and Microsoft ask bulk senders for it whatever the policy says.\n\
What to do: let the route sign with your own domain (d= equal to, or above, the From domain), or set a \
return path below it.",
    sources: &["RFC 7489 §3.1", "RFC 9989 §4.4"],
    reasons: &[
        ("ok", "something that verifies aligns"),
        (
            "readings-differ",
            "it aligns by one of the two readings only: receivers differ",
        ),
        ("not-aligned", "nothing that verifies aligns"),
        (
            "not-evaluable",
            "there is not exactly one From address, so there is no From domain",
        ),
        (
            "unknown",
            "it hangs on DNS answers that failed, or on a signature that can not be judged here",
        ),
    ],
    needs: Needs::Verification,
    follows: &[CheckId::Dmarc],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(auth) = &subject.evidence.authentication else {
        return Vec::new();
    };
    let Some(from) = &auth.from_domain else {
        let seen: Vec<String> = subject.reading.from().iter().map(ToString::to_string).collect();
        let observed = if seen.is_empty() {
            "no From address".to_owned()
        } else {
            format!("From: {}", seen.join(", "))
        };
        return vec![
            Finding::new(
                ID,
                Verdict::Fail,
                "not-evaluable",
                "there is not exactly one From address",
            )
            .with("one From field with one address", observed)
            .help("Receivers reject or junk such mail, because nobody can be held to it (RFC 7489 §6.6.1)."),
        ];
    };
    let from = &idn::told(from);
    let spoken = spoken_for::ask(subject, auth);
    let (verdict, code, summary, help) = match spoken.outcome {
        Outcome::Aligned => (Verdict::Pass, "ok", format!("{from} is spoken for"), String::new()),
        Outcome::Differs => (
            Verdict::Warn,
            "readings-differ",
            format!("{from} is spoken for by one reading of two"),
            "Sign with the From domain itself: equal domains align by every reading. Or publish a DMARC record at the organisational domain.".to_owned(),
        ),
        Outcome::Unknown => (
            Verdict::Blind,
            "unknown",
            format!("it is not known whether {from} is spoken for"),
            "Nothing is known, neither good nor bad. Look at what failed, and run again.".to_owned(),
        ),
        Outcome::NotAligned => (
            Verdict::Fail,
            "not-aligned",
            format!("nothing that verifies speaks for {from}"),
            spoken.remedy(),
        ),
    };
    vec![
        Finding::new(ID, verdict, code, summary)
            .with(format!("DKIM or SPF aligned with {from}"), spoken.told.join("\n"))
            .help(help),
    ]
}
