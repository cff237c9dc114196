//! Who speaks for the From domain: every signature and SPF, each with its standing and its alignment, and what they come to together.
//! `from-alignment` and `dmarc` ask the same question of it, so it is answered once.

use super::check::Subject;
use super::standing::{self, Standing};
use crate::mail::alignment::Aligned;
use crate::mail::reading::Reading;
use crate::model::digest::AlignmentRow;
use crate::model::{Authentication, DmarcResult, Evidence, Policy};

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Something that verifies aligns.
    Aligned,
    /// Something that verifies aligns by one reading of two: receivers differ.
    Differs,
    /// It is not known: DNS failed, or the stored copy proves nothing.
    Unknown,
    /// Nothing that verifies aligns.
    NotAligned,
}

/// The answer, with a line for every signature and for SPF.
pub struct SpokenFor {
    /// What it comes to: one of the two is enough.
    pub outcome: Outcome,
    /// What the signatures come to.
    pub dkim: Outcome,
    /// What SPF comes to.
    pub spf: Outcome,
    /// What each says, in words.
    pub told: Vec<String>,
}

/// Asks every signature and SPF.
pub fn ask(subject: &Subject<'_>, auth: &Authentication) -> SpokenFor {
    let dkim = standing::mode(auth.dmarc.strict_dkim);
    let mut outcome = Outcome::NotAligned;
    let mut told = Vec::new();
    for fact in &auth.dkim {
        let standing = standing::of(fact, subject);
        let aligned = standing::aligned(subject, auth, &fact.domain, dkim);
        outcome = better(outcome, together(known(&standing), aligned));
        let words =
            standing::alignment(subject, auth, &fact.domain).map(|found| found.told("signed by", "adkim", dkim));
        told.push(format!(
            "{}; {}",
            words.unwrap_or_else(|| format!("signed by {}", fact.domain)),
            standing.words()
        ));
    }
    if auth.dkim.is_empty() {
        told.push("not signed".to_owned());
    }
    let (spf, words) = spf(subject, auth);
    told.push(words);
    SpokenFor {
        outcome: better(outcome, spf),
        dkim: outcome,
        spf,
        told,
    }
}

fn spf(subject: &Subject<'_>, auth: &Authentication) -> (Outcome, String) {
    let mode = standing::mode(auth.dmarc.strict_spf);
    let Some(domain) = standing::spf_domain(subject, auth) else {
        return (
            Outcome::Unknown,
            "SPF was not evaluated: the envelope sender is not known".to_owned(),
        );
    };
    let aligned = standing::aligned(subject, auth, &domain, mode);
    let result = match &auth.spf {
        Some(fact) => format!("SPF {}", format!("{:?}", fact.result).to_lowercase()),
        None => "SPF not evaluated: the client's address is not known".to_owned(),
    };
    let words = standing::alignment(subject, auth, &domain).map(|found| found.told("sent for", "aspf", mode));
    let words = words.unwrap_or_else(|| format!("sent for {domain}"));
    (
        together(standing::spf_passes(auth), aligned),
        format!("{words}; {result}"),
    )
}

fn known(standing: &Standing) -> Option<bool> {
    match standing {
        Standing::Unknown(..) => None,
        standing => Some(standing.passes()),
    }
}

/// One voice: does it verify, and does it align?
fn together(passes: Option<bool>, aligned: Aligned) -> Outcome {
    match (passes, aligned) {
        (Some(false), _) | (_, Aligned::No) => Outcome::NotAligned,
        (Some(true), Aligned::Yes) => Outcome::Aligned,
        (Some(true), Aligned::Differs) => Outcome::Differs,
        (None, _) | (_, Aligned::Unknown) => Outcome::Unknown,
    }
}

fn better(left: Outcome, right: Outcome) -> Outcome {
    let rank = |outcome| match outcome {
        Outcome::Aligned => 3,
        Outcome::Differs => 2,
        Outcome::Unknown => 1,
        Outcome::NotAligned => 0,
    };
    if rank(left) >= rank(right) { left } else { right }
}

/// The rows that reports show of alignment, in the mode the DMARC record asks for.
pub fn row(evidence: &Evidence, policy: &Policy) -> AlignmentRow {
    let (Some(raw), Some(auth)) = (evidence.raw(), &evidence.authentication) else {
        return AlignmentRow::default();
    };
    let reading = Reading::new(raw);
    let subject = Subject {
        reading: &reading,
        original: None,
        evidence,
        policy,
    };
    let aligns =
        |domain: &str, strict| standing::aligned(&subject, auth, domain, standing::mode(strict)) == Aligned::Yes;
    let dmarc = match (auth.dmarc.result, ask(&subject, auth).outcome) {
        (_, _) if auth.from_domain.is_none() => DmarcResult::PermError,
        (DmarcResult::Pass, Outcome::Aligned | Outcome::Differs) => DmarcResult::Pass,
        (DmarcResult::Pass, Outcome::Unknown) => DmarcResult::TempError,
        (DmarcResult::Pass, Outcome::NotAligned) => DmarcResult::Fail,
        (other, _) => other,
    };
    AlignmentRow {
        dkim: auth
            .dkim
            .iter()
            .map(|fact| aligns(&fact.domain, auth.dmarc.strict_dkim))
            .collect(),
        spf: auth.spf.as_ref().map(|spf| aligns(&spf.domain, auth.dmarc.strict_spf)),
        dmarc,
    }
}
