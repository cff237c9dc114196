//! What all formats show of a run, joined once: the evidence's facts, the digest's rows and the findings, as flat plain data.
//! Built from a report by [`Sheet::of`], reached by writers only through [`super::redact::Redacted`].

use crate::model::digest::HopRow;
use crate::model::{
    Category, DkimResult, DmarcResult, Finding, LinkKind, MatchedBy, Placement, PlacementState, ProviderWord,
    RunFinding, SpfResult, Standing, Totals, Verdict, WaiverUse,
};
use time::OffsetDateTime;

/// A run.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Run id.
    pub id: String,
    /// Suites' slugs.
    pub suite: String,
    /// Suite files as the user named them.
    pub files: Vec<String>,
    /// The mailboxes file where the user named one.
    pub mailboxes_file: Option<String>,
    /// `lab` or `real`, or how the messages came about where there was no run.
    pub world: String,
    /// UTC.
    pub started_at: OffsetDateTime,
    /// UTC.
    pub finished_at: OffsetDateTime,
    /// Stopped by a signal.
    pub interrupted: bool,
    /// Exceptions from the safe defaults.
    pub notices: Vec<String>,
    /// Deliveries by verdict, each by the attempt that decides it.
    pub totals: Totals,
    /// Those of them that were well only after another try, by verdict.
    pub flaky: Totals,
    /// Findings by verdict, those about the run too, without what is waived.
    pub checks: Totals,
    /// Findings that are waived.
    pub waived: u32,
    /// The worst verdict of all.
    pub worst: Verdict,
    /// Attempts of deliveries, in plan order, a retry behind what it repeats. A report that is written as its rows come has counts of rows that are not here.
    pub rows: Vec<Row>,
    /// Findings about the whole run.
    pub run_findings: Vec<RunFinding>,
    /// What became of the suites' waivers.
    pub waivers: Vec<WaiverUse>,
}

/// One delivery, or one saved message.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// `suite/case/route/mailbox`, or the file's path.
    pub id: String,
    /// Suite slug; `None` for a saved message.
    pub suite: Option<String>,
    /// Case, or the file's path.
    pub case: String,
    /// Category.
    pub category: Category,
    /// Route; `None` for a saved message.
    pub route: Option<String>,
    /// Mailbox, or the file's path.
    pub mailbox: String,
    /// Provider key.
    pub provider: String,
    /// Attempt, from 1; `None` for a saved message.
    pub attempt: Option<u32>,
    /// Is it a retry of the attempt before it?
    pub retry: bool,
    /// Where it stands among the tries of its delivery.
    pub standing: Standing,
    /// The worst verdict of its findings.
    pub verdict: Verdict,
    /// Subject as it arrived.
    pub subject: Option<String>,
    /// From as it arrived.
    pub from: Option<String>,
    /// What the route answered, in words; `None` for a saved message.
    pub sending: Option<String>,
    /// What tied the message to the delivery.
    pub matched_by: Option<MatchedBy>,
    /// Where it ended up; `None` for a saved message.
    pub placement: Option<Placement>,
    /// When things happened.
    pub timing: Timing,
    /// What we verified; `None` where there are no bytes.
    pub authentication: Option<Verified>,
    /// What the provider says.
    pub provider_word: Option<ProviderWord>,
    /// Links.
    pub links: Vec<LinkLine>,
    /// Open pixels.
    pub pixels: Vec<PixelLine>,
    /// Findings, in catalogue order.
    pub findings: Vec<Finding>,
    /// Times in which the mailbox could not be looked at, in words.
    pub gaps: Vec<String>,
    /// Lab faults that were active.
    pub faults: Vec<String>,
    /// The header section as it came.
    pub headers: String,
}

/// Times; durations in milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Timing {
    /// When the route accepted, UTC.
    pub accepted_at: Option<OffsetDateTime>,
    /// First sighting, UTC.
    pub first_seen_at: Option<OffsetDateTime>,
    /// From acceptance to first sighting.
    pub arrival_ms: Option<u64>,
    /// How much earlier it may have arrived.
    pub resolution_ms: Option<u64>,
    /// The provider's clock minus ours.
    pub clock_skew_ms: Option<i64>,
    /// Budget.
    pub within_ms: u64,
    /// Received lines, oldest first.
    pub hops: Vec<HopRow>,
}

/// Our verification.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// Domain of the From address.
    pub from_domain: Option<String>,
    /// Signatures.
    pub dkim: Vec<DkimLine>,
    /// SPF, where it could be evaluated.
    pub spf: Option<SpfLine>,
    /// What DMARC comes to.
    pub dmarc: DmarcResult,
    /// Policy of the record.
    pub dmarc_policy: Option<String>,
    /// Domain of the record.
    pub dmarc_domain: Option<String>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq)]
pub struct DkimLine {
    /// `d=`.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// `a=`.
    pub algorithm: String,
    /// Key size.
    pub bits: Option<u32>,
    /// Verdict.
    pub result: DkimResult,
    /// Stable code.
    pub reason: String,
    /// In words.
    pub detail: String,
    /// Aligned with the From domain?
    pub aligned: bool,
}

/// SPF.
#[derive(Debug, Clone, PartialEq)]
pub struct SpfLine {
    /// Verdict.
    pub result: SpfResult,
    /// Domain checked.
    pub domain: String,
    /// Client address.
    pub client: String,
    /// In words.
    pub detail: String,
    /// Aligned with the From domain?
    pub aligned: bool,
}

/// One link and where it led.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkLine {
    /// Visible text.
    pub text: String,
    /// As composed.
    pub original: Option<String>,
    /// As delivered.
    pub delivered: String,
    /// Who wrapped it.
    pub vendor: Option<String>,
    /// What may be done with it.
    pub kind: LinkKind,
    /// Requests made.
    pub hops: Vec<UrlHop>,
    /// How the chain ended, in words, where it did not simply answer.
    pub end: Option<String>,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub struct UrlHop {
    /// URL asked for.
    pub url: String,
    /// HTTP status.
    pub status: Option<u16>,
    /// Milliseconds to the end of the answer's headers.
    pub elapsed_ms: u64,
}

/// One pixel.
#[derive(Debug, Clone, PartialEq)]
pub struct PixelLine {
    /// Its URL.
    pub url: String,
    /// Whose it is.
    pub vendor: Option<String>,
    /// HTTP status of the last answer.
    pub status: Option<u16>,
}

impl Row {
    /// Where the message is, in words: `spam (Bulk)`, `inbox, promotions`, `missing`; nothing for a saved message.
    pub fn placement_words(&self) -> String {
        let Some(placement) = &self.placement else {
            return String::new();
        };
        let words = match (placement.state, &placement.tab) {
            (PlacementState::Tab, Some(tab)) => format!("inbox, {tab}"),
            (state, _) => state.to_string(),
        };
        match &placement.folder {
            Some(folder) if !folder.eq_ignore_ascii_case("inbox") => format!("{words} ({folder})"),
            _ => words,
        }
    }

    /// `case / route / mailbox`, with the attempt where the plan has more than one.
    pub fn title(&self) -> String {
        let attempt = self
            .attempt
            .filter(|attempt| *attempt > 1 && !self.standing.is_one_of_several())
            .map(|attempt| format!(" #{attempt}"))
            .unwrap_or_default();
        match &self.route {
            Some(route) => format!("{} / {route} / {}{attempt}", self.case, self.mailbox),
            None => self.case.clone(),
        }
    }
}
