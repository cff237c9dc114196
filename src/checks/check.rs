//! What a check is: one row with its id, its words, what it needs to be judged at all, and its rule.

use crate::mail::reading::Reading;
use crate::model::report::RunFinding;
use crate::model::{CheckId, Evidence, Finding, Gate, JudgedDelivery, Policy, Probe};

/// What must be there before a rule is asked. [`super::judge`] turns what is not there into skip and blind, so a rule never does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// A delivery of a run, seen or not. A mailbox that could not be looked into is blind; a saved file is skipped.
    Delivery,
    /// A delivery that was handed over and whose route has a log; else the rule is skipped.
    Log,
    /// A delivery that was seen in its mailbox; a saved file is skipped.
    Sighting,
    /// The message's bytes: seen in a mailbox or read from a file.
    Message,
    /// The bytes and our own verification of them (`evidence.authentication`).
    Verification,
    /// A delivery with an unsubscribe drill; else the rule is skipped.
    Drill,
    /// All deliveries of a run.
    Run,
}

/// Everything a rule may look at. Where [`Needs::Delivery`] lets a rule run without bytes, `reading` is of an empty message.
pub struct Subject<'a> {
    /// The delivered message.
    pub reading: &'a Reading<'a>,
    /// The message as we composed it, where we did.
    pub original: Option<&'a Reading<'a>>,
    /// What was gathered.
    pub evidence: &'a Evidence,
    /// What is expected.
    pub policy: &'a Policy,
}

impl Subject<'_> {
    /// Is this an HTML file, which has no header section, and whose tags nobody has filled yet?
    pub fn is_template(&self) -> bool {
        matches!(&self.evidence.arrival, Probe::NotAsked(reason) if reason.code == Subject::TEMPLATE)
    }
}

impl Subject<'static> {
    /// The code of [`Evidence::arrival`] that says so.
    pub const TEMPLATE: &'static str = "template";
}

/// A check's rule: pure, synchronous, total. It answers with at least one finding.
#[derive(Clone, Copy)]
pub enum Rule {
    /// Judges one delivery.
    Each(fn(&Subject<'_>) -> Vec<Finding>),
    /// Judges a whole run, and says nothing unless the gate states what it judges.
    Run(fn(&[JudgedDelivery], &Gate) -> Vec<RunFinding>),
}

/// One check. Its file is called by its id, and so are its test file and its data folder.
pub struct Check {
    /// Stable identity.
    pub id: CheckId,
    /// One line.
    pub title: &'static str,
    /// What it looks at, why it matters and what to do: printed by `inboxqa explain`.
    pub explain: &'static str,
    /// What the rule stands on: RFC sections, providers' documents, or in plain words the practice of the field.
    pub sources: &'static [&'static str],
    /// Every reason code it may give (the part after the dot) with its meaning. The codes of skipping and blindness that
    /// [`super::judge`] gives are listed in [`super::COMMON_REASONS`].
    pub reasons: &'static [(&'static str, &'static str)],
    /// What must be there before the rule is asked.
    pub needs: Needs,
    /// Checks that must go red whenever this one does.
    pub follows: &'static [CheckId],
    /// The rule.
    pub run: Rule,
}
