//! Who speaks for the From domain: every signature and SPF, each with its standing and its alignment, and what they come to together.
//! `from-alignment` and `dmarc` ask the same question of it, so it is answered once.

use super::check::Subject;
use super::standing::{self, By, Standing};
use crate::mail::alignment::{Aligned, Both};
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
    /// The same by each of the two readings.
    pub by: Both,
    /// What the signatures come to.
    pub dkim: Outcome,
    /// What SPF comes to.
    pub spf: Outcome,
    /// What each says, in words.
    pub told: Vec<String>,
    /// Domains whose signature would align, and does not verify.
    pub broken: Vec<String>,
}

impl SpokenFor {
    /// What to do where nothing aligns.
    pub fn remedy(&self) -> String {
        match self.broken.first() {
            Some(domain) => format!(
                "The signature of {domain} would align, and it does not verify: mend that first. Its line says what is wrong; where the message came by a list or a forwarder, that is who changed it."
            ),
            None => {
                "Let the route sign with your own domain, or give it a return path below the From domain.".to_owned()
            }
        }
    }
}

/// Asks every signature and SPF.
pub fn ask(subject: &Subject<'_>, auth: &Authentication) -> SpokenFor {
    let mut dkim = Both::same(Some(false));
    let (mut told, mut broken) = (Vec::new(), Vec::new());
    for fact in &auth.dkim {
        let standing = standing::of(fact, subject);
        let aligned = standing::aligned(subject, auth, &fact.domain, By::Dkim);
        dkim = dkim.or(Both::same(known(&standing)).and(aligned));
        if known(&standing) == Some(false) && aligned.sum() == Aligned::Yes {
            broken.push(fact.domain.clone());
        }
        told.push(format!(
            "{}; {}",
            compared(subject, auth, &fact.domain, By::Dkim),
            standing.words()
        ));
    }
    if auth.dkim.is_empty() {
        told.push("not signed".to_owned());
    }
    let (spf, words) = spf(subject, auth);
    told.push(words);
    let by = dkim.or(spf);
    SpokenFor {
        outcome: outcome(by),
        by,
        dkim: outcome(dkim),
        spf: outcome(spf),
        told,
        broken,
    }
}

fn compared(subject: &Subject<'_>, auth: &Authentication, domain: &str, by: By) -> String {
    let (verb, tag) = match by {
        By::Dkim => ("signed by", "adkim"),
        By::Spf => ("sent for", "aspf"),
    };
    let (list, walk) = standing::modes(auth, by);
    standing::alignment(subject, auth, domain)
        .map(|found| found.told(verb, tag, list, walk))
        .unwrap_or_else(|| format!("{verb} {domain}"))
}

fn spf(subject: &Subject<'_>, auth: &Authentication) -> (Both, String) {
    let Some(domain) = standing::spf_domain(subject, auth) else {
        return (
            Both::same(None),
            "SPF was not evaluated: the envelope sender is not known".to_owned(),
        );
    };
    let aligned = standing::aligned(subject, auth, &domain, By::Spf);
    let result = match &auth.spf {
        Some(fact) => format!("SPF {}", format!("{:?}", fact.result).to_lowercase()),
        None => "SPF not evaluated: the client's address is not known".to_owned(),
    };
    (
        Both::same(standing::spf_passes(auth)).and(aligned),
        format!("{}; {result}", compared(subject, auth, &domain, By::Spf)),
    )
}

fn known(standing: &Standing) -> Option<bool> {
    match standing {
        Standing::Unknown(..) => None,
        standing => Some(standing.passes()),
    }
}

fn outcome(by: Both) -> Outcome {
    match by.sum() {
        Aligned::Yes => Outcome::Aligned,
        Aligned::Differs => Outcome::Differs,
        Aligned::Unknown => Outcome::Unknown,
        Aligned::No => Outcome::NotAligned,
    }
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
    let aligns = |domain: &str, by| standing::aligned(&subject, auth, domain, by).sum() == Aligned::Yes;
    let dmarc = match (auth.dmarc.result, ask(&subject, auth).outcome) {
        (_, _) if auth.from_domain.is_none() => DmarcResult::PermError,
        (DmarcResult::Pass, Outcome::Aligned | Outcome::Differs) => DmarcResult::Pass,
        (DmarcResult::Pass, Outcome::Unknown) => DmarcResult::TempError,
        (DmarcResult::Pass, Outcome::NotAligned) => DmarcResult::Fail,
        (other, _) => other,
    };
    AlignmentRow {
        dkim: auth.dkim.iter().map(|fact| aligns(&fact.domain, By::Dkim)).collect(),
        spf: auth.spf.as_ref().map(|spf| aligns(&spf.domain, By::Spf)),
        dmarc,
    }
}
