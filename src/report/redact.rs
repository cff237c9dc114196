//! The only door to the writers: a sheet in which every known secret has been replaced.

use super::counts::Counts;
use super::sheet::{DkimLine, LinkLine, PixelLine, Row, Sheet, SpfLine, Timing, UrlHop, Verified};
use super::veil::Veil;
use crate::model::digest::HopRow;
use crate::model::{
    DoctorLine, Finding, Place, Placement, ProviderWord, Report, RunFinding, Secret, Waived, Waiver, WaiverUse,
};

/// A report that may be written. Has one constructor; holds no raw message.
#[derive(Debug, Clone)]
pub struct Redacted(Sheet);

impl Redacted {
    /// Replaces every known secret, in every shape that [`super::veil`] knows, in every text of the report by `***`.
    pub fn new(report: Report, secrets: &[Secret]) -> Redacted {
        let mut sheet = Sheet::of(&report);
        sheet.hide(&Veil::new(secrets));
        Redacted(sheet)
    }

    /// With the counts of rows that were shown before.
    pub(super) fn counting(mut self, counts: Counts) -> Redacted {
        self.0.counts(counts);
        self
    }

    /// What may be shown.
    pub fn sheet(&self) -> &Sheet {
        &self.0
    }
}

/// The doctor's lines, fit to be shown.
#[derive(Debug, Clone)]
pub struct RedactedLines(Vec<DoctorLine>);

impl RedactedLines {
    /// Replaces every known secret, as [`Redacted::new`] does.
    pub fn new(mut lines: Vec<DoctorLine>, secrets: &[Secret]) -> RedactedLines {
        lines.hide(&Veil::new(secrets));
        RedactedLines(lines)
    }

    /// What may be shown.
    pub fn lines(&self) -> &[DoctorLine] {
        &self.0
    }
}

trait Hide {
    fn hide(&mut self, veil: &Veil);
}

impl Hide for String {
    fn hide(&mut self, veil: &Veil) {
        if let Some(hidden) = veil.hide(self) {
            *self = hidden;
        }
    }
}

impl<T: Hide> Hide for Option<T> {
    fn hide(&mut self, veil: &Veil) {
        self.iter_mut().for_each(|value| value.hide(veil));
    }
}

impl<T: Hide> Hide for Vec<T> {
    fn hide(&mut self, veil: &Veil) {
        self.iter_mut().for_each(|value| value.hide(veil));
    }
}

/// Names every field of a type, so that a new field does not compile until someone has said whether it holds text.
macro_rules! hides {
    ($($type:ident { $($text:ident)* } keeps { $($kept:ident)* })*) => { $(
        impl Hide for $type {
            fn hide(&mut self, veil: &Veil) {
                let $type { $($text,)* $($kept: _,)* } = self;
                $($text.hide(veil);)*
            }
        }
    )* };
}

hides! {
    Sheet { id suite files mailboxes_file world notices rows run_findings waivers } keeps { started_at finished_at interrupted totals flaky checks waived worst }
    Row {
        id suite case route mailbox provider subject from sending placement timing authentication provider_word links pixels
        findings gaps faults headers
    } keeps { category attempt retry standing verdict matched_by }
    Timing { hops } keeps { accepted_at first_seen_at arrival_ms resolution_ms clock_skew_ms within_ms }
    HopRow { by } keeps { at delay_ms }
    Placement { folder tab } keeps { state }
    Verified { from_domain dkim spf dmarc_policy dmarc_domain } keeps { dmarc }
    DkimLine { domain selector algorithm reason detail } keeps { bits result aligned }
    SpfLine { domain client detail } keeps { result aligned }
    ProviderWord { dkim spf dmarc } keeps { trusted }
    LinkLine { text original delivered vendor hops end } keeps { kind }
    UrlHop { url } keeps { status elapsed_ms }
    PixelLine { url vendor } keeps { status }
    Finding { reason summary expected observed help waived } keeps { check verdict }
    Waived { until why } keeps { verdict }
    WaiverUse { waiver } keeps { waived well }
    Waiver { reason case route until why at } keeps { check }
    Place { file } keeps { line column span }
    RunFinding { group finding } keeps { }
    DoctorLine { area subject text remedy details } keeps { level blind }
}
