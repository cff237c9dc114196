//! What a signature and SPF count for at this mailbox. Our own verification decides, save where the provider rebuilt the body: a body
//! hash then proves nothing, and the provider's own Authentication-Results, written before the rebuilding, decides.

use super::check::Subject;
use crate::mail::alignment::{self, Aligned, Alignment, Both, Mode};
use crate::mail::authres::{Authres, MethodResult};
use crate::model::{Authentication, DkimFact, DkimResult, DmarcResult, SpfResult};

/// What one signature counts for. Texts say why, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Verified by us.
    Verified(String),
    /// The stored copy was rebuilt; the provider verified it on the way in.
    ByProvider(String),
    /// The stored copy was rebuilt; the provider says that it did not verify.
    ProviderFails(String),
    /// Does not verify: the fact's own reason.
    Broken(String),
    /// Nothing can be said: a reason code (`dns-failed`, `dns-timeout`, `blind`) and the words.
    Unknown(String, String),
}

impl Standing {
    /// Does it verify, by us or by the provider's word?
    pub fn passes(&self) -> bool {
        matches!(self, Standing::Verified(_) | Standing::ByProvider(_))
    }

    /// Why, in words.
    pub fn words(&self) -> &str {
        match self {
            Standing::Verified(words) | Standing::ByProvider(words) | Standing::ProviderFails(words) => words,
            Standing::Broken(words) | Standing::Unknown(_, words) => words,
        }
    }
}

/// The standing of a signature.
pub fn of(fact: &DkimFact, subject: &Subject<'_>) -> Standing {
    match fact.result {
        DkimResult::Pass => Standing::Verified(fact.detail.clone()),
        DkimResult::TempError => Standing::Unknown(fact.reason.clone(), fact.detail.clone()),
        _ if was_rebuilt(fact, subject) => by_provider(fact, subject),
        _ => Standing::Broken(fact.detail.clone()),
    }
}

/// Is a body that does not match no proof here? What is wrong apart from the body (no key, revoked, weak) is our own fact.
fn was_rebuilt(fact: &DkimFact, subject: &Subject<'_>) -> bool {
    !subject.policy.provider.byte_exact && fact.body_hash_ok == Some(false) && fact.headers_ok.is_some()
}

fn by_provider(fact: &DkimFact, subject: &Subject<'_>) -> Standing {
    let provider = &subject.policy.provider.provider;
    let blind = |why: &str| {
        let words = format!("{provider} rebuilt the body, so the stored copy proves nothing, and {why}");
        Standing::Unknown("blind".to_owned(), words)
    };
    let read = subject.reading.authentication_results(&subject.policy.provider.authres);
    let Some(trusted) = read.trusted else {
        return blind("it wrote no Authentication-Results");
    };
    let theirs: Vec<&MethodResult> = trusted
        .of("dkim")
        .filter(|result| result.signer().as_deref() == Some(fact.domain.as_str()))
        .collect();
    match best(&theirs) {
        Some(result) if result.result == "pass" => Standing::ByProvider(quote(provider, result)),
        Some(result) if ["temperror", "timeout"].contains(&result.result.as_str()) => {
            blind("it could not verify either")
        }
        Some(result) => Standing::ProviderFails(quote(provider, result)),
        None => by_dmarc(fact, subject, &trusted)
            .unwrap_or_else(|| blind("its Authentication-Results says nothing of this signature")),
    }
}

fn best<'r>(results: &[&'r MethodResult]) -> Option<&'r MethodResult> {
    results
        .iter()
        .find(|result| result.result == "pass")
        .or(results.first())
        .copied()
}

fn quote(provider: &str, result: &MethodResult) -> String {
    let reason = if result.reason.is_empty() {
        String::new()
    } else {
        format!(" ({})", result.reason)
    };
    format!(
        "the stored copy was rebuilt; {provider} says {}={}{reason}",
        result.method, result.result
    )
}

/// A provider that names one signature of several still tells of an aligned one by its DMARC verdict: passed while SPF does not align
/// means that DKIM aligned; failed means that it did not.
fn by_dmarc(fact: &DkimFact, subject: &Subject<'_>, trusted: &Authres) -> Option<Standing> {
    let auth = subject.evidence.authentication.as_ref()?;
    if aligned(subject, auth, &fact.domain, By::Dkim).sum() != Aligned::Yes {
        return None;
    }
    let provider = &subject.policy.provider.provider;
    let dmarc = trusted.of("dmarc").next()?;
    match dmarc.result.as_str() {
        "pass" if !spf_may_align(subject, auth) => Some(Standing::ByProvider(quote(provider, dmarc))),
        "fail" => Some(Standing::ProviderFails(quote(provider, dmarc))),
        _ => None,
    }
}

fn spf_may_align(subject: &Subject<'_>, auth: &Authentication) -> bool {
    let domain = spf_domain(subject, auth);
    domain.is_none_or(|domain| aligned(subject, auth, &domain, By::Spf).sum() != Aligned::No)
}

/// Which of the two ways to authenticate is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A signature; `adkim=` is its mode.
    Dkim,
    /// SPF; `aspf=` is its mode.
    Spf,
}

/// The modes that the records of the two readings ask for: by the list, by the walk.
pub fn modes(auth: &Authentication, by: By) -> (Mode, Mode) {
    let mode = |dkim, spf| match if by == By::Dkim { dkim } else { spf } {
        true => Mode::Strict,
        false => Mode::Relaxed,
    };
    let walk = mode(auth.dmarc.strict_dkim, auth.dmarc.strict_spf);
    let list = auth.dmarc.list.as_ref();
    (list.map_or(walk, |list| mode(list.strict_dkim, list.strict_spf)), walk)
}

/// The domain SPF speaks for: evaluated, or at least named in Return-Path.
pub fn spf_domain(subject: &Subject<'_>, auth: &Authentication) -> Option<String> {
    let evaluated = auth.spf.as_ref().map(|spf| spf.domain.clone());
    evaluated.or_else(|| {
        let path = subject.reading.header("Return-Path")?.unfolded();
        let (_, domain) = path.trim_matches(['<', '>', ' ']).rsplit_once('@')?;
        Some(domain.trim_end_matches('.').to_ascii_lowercase())
    })
}

/// Did SPF pass? `None` where that is not known.
pub fn spf_passes(auth: &Authentication) -> Option<bool> {
    match auth.spf.as_ref()?.result {
        SpfResult::Pass => Some(true),
        SpfResult::TempError => None,
        _ => Some(false),
    }
}

/// The comparison with the From domain; `None` where there is not one From address or DNS was not asked.
pub fn alignment(subject: &Subject<'_>, auth: &Authentication, domain: &str) -> Option<Alignment> {
    let from = auth.from_domain.as_deref()?;
    alignment::align(&subject.evidence.dns, from, domain).ok()
}

/// What the comparison comes to, by each reading in its own mode. Without a DMARC record no receiver walks the tree, so the suffix
/// list alone counts; where the record could not be looked up, its mode is not known and only equal domains are sure to align.
pub fn aligned(subject: &Subject<'_>, auth: &Authentication, domain: &str, by: By) -> Both {
    let Some(found) = alignment(subject, auth, domain) else {
        return Both::same(None);
    };
    let (list, walk) = modes(auth, by);
    let in_mode = found.in_modes(list, walk);
    let reading = |result, relaxed, in_mode| match result {
        DmarcResult::TempError if found.strict => Some(true),
        DmarcResult::TempError if relaxed == Some(false) => Some(false),
        DmarcResult::TempError => None,
        DmarcResult::None | DmarcResult::PermError => Some(found.by_list),
        DmarcResult::Pass | DmarcResult::Fail => in_mode,
    };
    let ours = auth.dmarc.result;
    let listed = auth.dmarc.list.as_ref().map_or(ours, |list| list.result);
    Both {
        list: reading(listed, Some(found.by_list), in_mode.list),
        walk: reading(ours, found.by_walk, in_mode.walk),
    }
}
