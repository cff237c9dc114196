//! `provider-verdict`: does the mailbox provider judge the message as we do?

use super::check::{Check, Needs, Rule, Subject};
use super::spoken_for::{self, Outcome};
use super::standing::{self, Standing};
use crate::mail::authres::{Authres, MethodResult};
use crate::model::profile::AuthresTrust;
use crate::model::{Authentication, CheckId, DmarcResult, Finding, SpfResult, Verdict};

const ID: CheckId = CheckId::ProviderVerdict;

/// The row.
pub const CHECK: Check = Check {
    id: ID,
    title: "the provider's verdicts agree with ours",
    explain: "Compares the provider's own Authentication-Results (RFC 8601) with what we verified from the bytes and DNS: each DKIM signature by its \
domain, SPF by its envelope domain, DMARC. It fails on disagreement and on nothing else: where both say `fail`, `dkim-signature`, `spf` or `dmarc` \
says so. Only a field that the provider itself wrote is believed (RFC 8601 §5); others are counted and ignored. What one of the two could not \
judge (DNS trouble, a body the provider rebuilt) is not compared.\n\
Why it matters: the provider's verdict is the one that decides about the folder. Disagreement means that it saw other bytes or other DNS answers than we do: \
a change on the way, a key or record being rolled over, a split-horizon DNS.\n\
What to do: read both lines; look at DNS from outside; send again to see whether it stays.",
    sources: &["RFC 8601 §5 (whom to believe)"],
    reasons: &[
        ("ok", "nothing that both judged is judged differently"),
        ("dkim", "a signature is judged differently"),
        ("spf", "SPF is judged differently"),
        ("dmarc", "DMARC is judged differently"),
        (
            "not-stated",
            "the provider wrote no Authentication-Results that can be trusted",
        ),
        (
            "nobody-believed",
            "there are Authentication-Results, and it is not known whose mailbox this is",
        ),
        (
            "not-comparable",
            "what the provider judged we could not, or the other way round",
        ),
    ],
    needs: Needs::Verification,
    follows: &[],
    run: Rule::Each(judge),
};

/// One method, judged by both.
struct Pair {
    method: &'static str,
    /// `dkim of brand.example`.
    about: String,
    ours: bool,
    theirs: bool,
    /// The provider's words.
    quoted: String,
}

fn judge(subject: &Subject<'_>) -> Vec<Finding> {
    let Some(auth) = &subject.evidence.authentication else {
        return Vec::new();
    };
    let provider = &subject.policy.provider;
    let read = subject.reading.authentication_results(&provider.authres);
    let ignored = match read.untrusted.len() {
        0 => String::new(),
        count => format!("; {count} Authentication-Results of others ignored"),
    };
    if let (AuthresTrust::Nobody, false) = (&provider.authres, read.untrusted.is_empty()) {
        let mut by: Vec<&str> = read.untrusted.iter().filter_map(|one| one.serv_id.as_deref()).collect();
        by.dedup();
        let by = if by.is_empty() { "nobody named" } else { &by.join(", ") };
        let summary = format!(
            "whose Authentication-Results is to be believed is not known (`--provider` says whose mailbox it is); there are those of {by}"
        );
        return vec![Finding::new(ID, Verdict::Skip, "nobody-believed", summary)];
    }
    let Some(trusted) = &read.trusted else {
        let summary = format!(
            "{} wrote no Authentication-Results of its own{ignored}",
            provider.provider
        );
        return vec![Finding::new(ID, Verdict::Skip, "not-stated", summary)];
    };
    let pairs: Vec<Pair> = signatures(subject, auth, trusted)
        .into_iter()
        .chain(spf(auth, trusted))
        .chain(dmarc(subject, auth, trusted))
        .collect();
    if pairs.is_empty() {
        let summary = format!(
            "nothing that {} judged could be judged here too{ignored}",
            provider.provider
        );
        return vec![Finding::new(ID, Verdict::Skip, "not-comparable", summary)];
    }
    let differing: Vec<&Pair> = pairs.iter().filter(|pair| pair.ours != pair.theirs).collect();
    let Some(first) = differing.first() else {
        let told: Vec<&str> = pairs.iter().map(|pair| pair.quoted.as_str()).collect();
        let summary = format!("{} and we agree on {}{ignored}", provider.provider, methods(&pairs));
        let observed = told.join("; ") + &compauth(trusted);
        return vec![Finding::new(ID, Verdict::Pass, "ok", summary).with("the same verdicts", observed)];
    };
    let summary = format!(
        "{} says {}, we find that it {}{ignored}",
        provider.provider,
        first.quoted,
        if first.ours { "passes" } else { "does not pass" }
    );
    let tell = |ours: bool| {
        let words = differing.iter().map(|pair| match ours {
            true => format!("{}: {}", pair.about, if pair.ours { "pass" } else { "not pass" }),
            false => pair.quoted.clone(),
        });
        words.collect::<Vec<_>>().join("; ")
    };
    vec![
        Finding::new(ID, Verdict::Fail, first.method, summary)
            .with(format!("as we find: {}", tell(true)), tell(false) + &compauth(trusted))
            .help(
                "The provider saw other bytes or other DNS answers than we do. Ask the name servers from outside, and send once more: \
                 if it stays, something changes the message before it reaches the provider.",
            ),
    ]
}

/// Microsoft's composite verdict: told, because it decides about the folder; not compared, because nobody else has one.
fn compauth(trusted: &Authres) -> String {
    match trusted.compauth() {
        Some(found) => format!("; compauth={} {}: {}", found.result, found.code, found.meaning),
        None => String::new(),
    }
}

fn methods(pairs: &[Pair]) -> String {
    let mut names: Vec<&str> = pairs.iter().map(|pair| pair.method).collect();
    names.dedup();
    names.join(", ").to_uppercase()
}

/// Did it pass? `None` where the provider gives no verdict: it did not look, or could not.
fn passed(result: &str) -> Option<bool> {
    match result {
        "pass" => Some(true),
        // Yahoo writes `perm_fail`.
        "fail" | "softfail" | "neutral" | "permerror" | "perm_fail" | "hardfail" | "policy" => Some(false),
        _ => None,
    }
}

fn pair(method: &'static str, about: String, ours: bool, theirs: &MethodResult) -> Option<Pair> {
    let reason = match theirs.reason.as_str() {
        "" => String::new(),
        reason => format!(" ({reason})"),
    };
    Some(Pair {
        method,
        quoted: format!("{about}: {}={}{reason}", theirs.method, theirs.result),
        about,
        ours,
        theirs: passed(&theirs.result)?,
    })
}

/// Signatures by domain. A domain that signs more than once passes if one of its signatures does, on either side.
fn signatures(subject: &Subject<'_>, auth: &Authentication, trusted: &Authres) -> Vec<Pair> {
    let mut domains: Vec<&str> = auth.dkim.iter().map(|fact| fact.domain.as_str()).collect();
    domains.sort_unstable();
    domains.dedup();
    let by_domain = |domain: &str| {
        let standings = auth
            .dkim
            .iter()
            .filter(|fact| fact.domain == domain)
            .map(|fact| standing::of(fact, subject));
        let ours = verified(standings)?;
        let theirs: Vec<&MethodResult> = trusted
            .of("dkim")
            .filter(|one| one.signer().as_deref() == Some(domain))
            .collect();
        let best = theirs.iter().find(|one| one.result == "pass").or(theirs.first())?;
        pair("dkim", format!("DKIM of {domain}"), ours, best)
    };
    domains.into_iter().filter_map(by_domain).collect()
}

/// By us, and by us alone: what stands on the provider's word agrees with it by nature.
fn verified(standings: impl Iterator<Item = Standing>) -> Option<bool> {
    let mut broken = None;
    for standing in standings {
        match standing {
            Standing::Verified(_) => return Some(true),
            Standing::Broken(_) => broken = Some(false),
            Standing::ByProvider(_) | Standing::ProviderFails(_) | Standing::Unknown(..) => return None,
        }
    }
    broken
}

fn spf(auth: &Authentication, trusted: &Authres) -> Option<Pair> {
    let ours = auth.spf.as_ref()?;
    let passes = match ours.result {
        SpfResult::Pass => true,
        SpfResult::TempError | SpfResult::None => return None,
        _ => false,
    };
    let same = |one: &&MethodResult| {
        let sender = one.property("smtp.mailfrom").or(one.property("smtp.helo"));
        sender.is_none_or(|sender| {
            let domain = sender.rsplit_once('@').map_or(sender, |(_, domain)| domain);
            domain.trim_end_matches(['>', '.']).eq_ignore_ascii_case(&ours.domain)
        })
    };
    let theirs = trusted.of("spf").find(same)?;
    pair("spf", format!("SPF of {}", ours.domain), passes, theirs)
}

/// Compared only where both found a record: without one, providers differ in what they call it.
fn dmarc(subject: &Subject<'_>, auth: &Authentication, trusted: &Authres) -> Option<Pair> {
    let from = auth.from_domain.as_ref()?;
    if auth.dmarc.result != DmarcResult::Pass {
        return None;
    }
    let by_provider = auth.dkim.iter().any(|fact| {
        matches!(
            standing::of(fact, subject),
            Standing::ByProvider(_) | Standing::ProviderFails(_)
        )
    });
    let ours = match spoken_for::ask(subject, auth).outcome {
        _ if by_provider => return None,
        Outcome::Aligned => true,
        Outcome::NotAligned => false,
        Outcome::Differs | Outcome::Unknown => return None,
    };
    pair("dmarc", format!("DMARC of {from}"), ours, trusted.of("dmarc").next()?)
}
