//! `spf`: may the client that delivered it send for the envelope domain?

use super::check::{Check, Needs, Rule, Subject};
use super::spf_told;
use crate::model::{CheckId, Finding, SpfFact, SpfResult, Verdict};

const ID: CheckId = CheckId::Spf;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the sending host is permitted for the envelope domain",
    explain: "SPF (RFC 7208) of the envelope sender (Return-Path), evaluated by us for the client address that the provider itself noted in its Received \
line. It says nothing of the From domain: SPF that passes for the ESP's own domain passes here, and whether it aligns is `from-alignment`'s business. \
Of a bounce, which has no envelope sender, the HELO name is asked (§2.4). If the contract names a `return_path`, the envelope domain must be that one. The finding tells which term decided, what the evaluation cost (ten terms may \
ask DNS, two lookups may find nothing) and which records it went through.\n\
Why it matters: Gmail, Yahoo and Microsoft ask bulk senders for SPF that passes, and a record that goes beyond its limits counts as none.\n\
What to do: add the ESP's include to the record of the envelope domain, keep it to ten lookups, end it with -all or ~all; or let the ESP use its own \
return path. A forwarder that keeps the envelope sender, and a gateway before the mailbox, make SPF fail whatever you publish.",
    sources: &["RFC 7208 §4.6 (evaluation and its limits)"],
    reasons: &[
        ("ok", "permitted"),
        ("return-path", "the envelope domain is not the one of the contract"),
        ("fail", "not permitted (-)"),
        ("softfail", "probably not permitted (~)"),
        ("neutral", "the record says nothing about this address (?)"),
        ("none", "no SPF record"),
        (
            "permerror",
            "the record can not be evaluated: syntax, more than ten lookups, several records",
        ),
        ("dns-failed", "DNS failed on the way"),
        (
            "not-evaluated",
            "the client's address or the envelope sender is not known",
        ),
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let spf = subject
        .evidence
        .authentication
        .as_ref()
        .and_then(|auth| auth.spf.as_ref());
    let bounce = subject
        .reading
        .header("Return-Path")
        .is_some_and(|path| path.unfolded() == "<>");
    let Some(spf) = spf else {
        let why = "not evaluated: no Received line of the provider names the client, or there is no Return-Path";
        return vec![Finding::new(ID, Verdict::Skip, "not-evaluated", why)];
    };
    let wanted = subject.policy.contract.return_path.as_deref().map(domain_of);
    let mut observed = vec![format!("{} (client address from {})", spf.detail, spf.client_source)];
    observed.extend(spf.trace.iter().flat_map(spf_told::lines));
    let (verdict, code, summary, help) = match wanted {
        Some(wanted) if wanted != spf.domain => (
            Verdict::Fail,
            "return-path",
            format!("the envelope domain is {}, the contract says {wanted}", spf.domain),
            "The custom return path is not set up for this route, or the wrong stream was used: bounces go elsewhere and SPF does not align.",
        ),
        _ => by_result(spf, bounce),
    };
    let expected = match subject.policy.contract.return_path.as_deref().map(domain_of) {
        Some(wanted) => format!("SPF pass for {wanted}"),
        None if bounce => "SPF pass for the HELO name: a bounce has no envelope sender (RFC 7208 §2.4)".to_owned(),
        None => "SPF pass for the envelope domain".to_owned(),
    };
    vec![
        Finding::new(ID, verdict, code, summary)
            .with(expected, observed.join("\n"))
            .help(help),
    ]
}

const ADD: &str = "Add the address, or the ESP's include, to the SPF record of the envelope domain. Where the address is a forwarder's, or a gateway's of the receiving side, SPF can not pass and nothing is to be added: DKIM has to carry the message.";
const ADD_HELO: &str = "Publish a record at the HELO name of the server that sends bounces: v=spf1 a -all, where the name leads to its address.";

fn by_result(spf: &SpfFact, bounce: bool) -> (Verdict, &'static str, String, &'static str) {
    let SpfFact { client, domain, .. } = spf;
    let add = if bounce { ADD_HELO } else { ADD };
    match spf.result {
        SpfResult::Pass => (Verdict::Pass, "ok", format!("{client} may send for {domain}"), ""),
        SpfResult::Fail => (
            Verdict::Fail,
            "fail",
            format!("{client} may not send for {domain}"),
            add,
        ),
        SpfResult::SoftFail => (
            Verdict::Fail,
            "softfail",
            format!("{client} probably may not send for {domain}"),
            add,
        ),
        SpfResult::Neutral => (
            Verdict::Fail,
            "neutral",
            format!("{domain} says nothing about {client}"),
            add,
        ),
        SpfResult::None => (Verdict::Fail, "none", format!("{domain} has no SPF record"), add),
        SpfResult::PermError => (
            Verdict::Fail,
            "permerror",
            format!("the SPF record of {domain} can not be evaluated"),
            "Mend the record: one record, valid terms, at most ten lookups.",
        ),
        SpfResult::TempError => (
            Verdict::Blind,
            "dns-failed",
            format!("SPF of {domain} is not known: DNS failed"),
            "Nothing is known, neither good nor bad. Look at the domain's name servers, and run again.",
        ),
    }
}

/// A contract may write the address or the domain.
fn domain_of(path: &str) -> String {
    let domain = path.rsplit_once('@').map_or(path, |(_, domain)| domain);
    domain.trim_end_matches('.').to_ascii_lowercase()
}
